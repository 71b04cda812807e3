//! `contract drift`, run as a program in front of services that have changed.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::support::stub_server::StubServer;
use crate::support::{KEY, cases};

fn drift(url: &str, arguments: &[&str]) -> Output {
    drift_with_key(Some(KEY), url, arguments)
}

fn drift_with_key(key: Option<&str>, url: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_contract"))
        .args(["drift", "--base-url", url])
        .args(arguments)
        .env_remove("COMETAPI_API_KEY")
        .env_remove("COMETAPI_BASE_URL")
        .env_remove("COMETAPI_KEY")
        .envs(key.map(|key| ("COMETAPI_KEY", key)))
        .output()
        .unwrap()
}

fn rendered(output: &Output) -> &str {
    let rendered = std::str::from_utf8(&output.stdout).unwrap();
    assert!(!rendered.contains(KEY), "{rendered}");
    rendered
}

/// What is said about the catalog if it responds this.
async fn catalog(response: ResponseTemplate) -> (String, Option<i32>) {
    let server = StubServer::expecting("GET", "/api/models", response).await;
    let url = server.url();
    let output =
        tokio::task::spawn_blocking(move || drift(&url, &["--operations", "list_catalog_models"]));
    let output = output.await.unwrap();
    (rendered(&output).to_owned(), output.status.code())
}

fn page(row: Value) -> ResponseTemplate {
    let row = [json!({"id": "a"}), row];
    ResponseTemplate::new(200).set_body_json(json!({"success": true, "data": row}))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sort_of_change_is_found_and_no_content_shown() {
    for (row, rule, pointer, proposal) in [
        (
            json!({"id": "b", "ratio": "secret"}),
            "undocumented-field",
            "/data/1/ratio",
            r#"{"ratio":{"type":"string"}}"#,
        ),
        (
            json!({"name": "secret"}),
            "missing-field",
            "/data/1/id",
            "nothing, 1 of 2",
        ),
        (
            json!({"id": "b", "created": "secret"}),
            "changed-type",
            "/data/1/created",
            "set type: string on",
        ),
        (
            json!({"id": "b", "name": null}),
            "changed-type",
            "/data/1/name",
            "set nullable: true on",
        ),
        (
            json!({"id": "b", "model_type": "smell"}),
            "new-value",
            "/data/1/model_type",
            "add `smell` to enum of",
        ),
        (
            json!({"id": "b", "features": ["ein secreter Satz"]}),
            "new-value",
            "/data/1/features/0",
            "add a string of 17 characters to enum of",
        ),
    ] {
        let (rendered, code) = catalog(page(row)).await;
        assert_eq!(code, Some(1), "{rendered}");
        let line = format!("{rule}: list_catalog_models at {pointer:?}: ");
        assert!(
            rendered.contains(&line) && rendered.contains(proposal),
            "{rendered}"
        );
        assert!(!rendered.contains("secret"), "{rendered}");
        let findings = rendered
            .lines()
            .filter(|line| line.contains(" at \""))
            .count();
        assert_eq!(findings, 1, "{rendered}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_fits_all_that_came() {
    let rows = |rows: Value| json!({"success": true, "data": rows});
    for (body, shown, proposal) in [
        // One of several is the service's deviation.
        (
            rows(json!([{"id": "a", "created": 1}, {"id": "b", "created": "secret"}])),
            "changed-type: list_catalog_models at \"/data/1/created\": a string of 6 characters, 1 of 2",
            None,
        ),
        (
            rows(json!([{"id": "a"}, {"id": "b"}, {"name": "secret"}])),
            "missing-field: list_catalog_models at \"/data/2/id\": nothing, 1 of 3",
            None,
        ),
        (
            rows(json!([{"id": "a", "created": "secret"}, {"id": "b", "created": "secret"}])),
            "a string of 6 characters, 2 of 2",
            Some("set type: string on"),
        ),
        (
            rows(json!([{"name": "secret"}, {"name": "secret"}])),
            "nothing, 2 of 2",
            Some("take id out of required of"),
        ),
        (
            rows(json!([{"id": "a", "name": null}, {"id": "b", "name": "x"}])),
            "null, 1 of 2",
            Some("set nullable: true on"),
        ),
    ] {
        let (rendered, code) = catalog(ResponseTemplate::new(200).set_body_json(body)).await;
        assert_eq!(code, Some(1), "{rendered}");
        assert!(rendered.contains(shown), "{shown}\n{rendered}");
        let has_proposal = ["set type", "set nullable", "take "]
            .iter()
            .any(|words| rendered.contains(words));
        assert_eq!(has_proposal, proposal.is_some(), "{rendered}");
        assert!(
            proposal.is_none_or(|proposal| rendered.contains(proposal)),
            "{rendered}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_under_200_is_the_services_and_another_success_no_change() {
    let error = json!({"error": {"message": "no such model", "code": "model_not_found"}});
    for body in [error, json!({"success": false, "message": "closed"})] {
        let (rendered, code) = catalog(ResponseTemplate::new(200).set_body_json(body)).await;
        assert!(
            rendered.contains("200, and the body reports an error"),
            "{rendered}"
        );
        assert!(!rendered.contains("required"), "{rendered}");
        assert_eq!(code, Some(4), "{rendered}");
    }
    let page = json!({"success": true, "data": [{"id": "a"}]});
    let (rendered, code) = catalog(ResponseTemplate::new(201).set_body_json(page)).await;
    assert_eq!(code, Some(0), "{rendered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_and_media_types_are_compared_too() {
    let (rendered, code) = catalog(ResponseTemplate::new(418)).await;
    assert!(
        rendered.contains("undocumented-status") && code == Some(1),
        "{rendered}"
    );
    let busy = r#"{"error":{"message":"busy","type":"comet_api_error","code":null}}"#;
    let busy = ResponseTemplate::new(503).set_body_raw(busy, "application/json");
    let (rendered, code) = catalog(busy).await;
    assert!(
        rendered.contains("nothing was compared") && code == Some(4),
        "{rendered}"
    );
    let csv = ResponseTemplate::new(200).set_body_raw("a,b", "text/csv");
    let (rendered, code) = catalog(csv).await;
    assert!(
        rendered.contains("add `text/csv` to the response 200"),
        "{rendered}"
    );
    assert_eq!(code, Some(1));
    let (rendered, code) = catalog(ResponseTemplate::new(401)).await;
    assert!(
        rendered.contains("the key is refused") && code == Some(4),
        "{rendered}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_change_in_many_rows_is_one() {
    let rows = vec![json!({"id": "a", "ratio": 1.5}); 300];
    let response = ResponseTemplate::new(200).set_body_json(json!({"success": true, "data": rows}));
    let (rendered, _) = catalog(response).await;
    assert!(rendered.contains("a number, 300 times"), "{rendered}");
    assert_eq!(rendered.matches("undocumented-field").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_keeps_to_the_contract_has_not_changed() {
    let server = cometapi_mock::Mock::start().await.unwrap();
    let operations = cases::operations();
    let asking = |id: &str| format!("{id}=your-model-id");
    let models: Vec<String> = operations
        .iter()
        .filter(|operation| operation.method() == "POST")
        .flat_map(|operation| ["--model".to_owned(), asking(operation.id())])
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["--paid", "--save", folder.path().to_str().unwrap()];
    arguments.extend(models.iter().map(String::as_str));
    let output = drift(&server.url(), &arguments);
    let rendered = rendered(&output);
    assert_eq!(output.status.code(), Some(0), "{rendered}");
    assert!(
        rendered.contains("7 responses compared, 0 of them"),
        "{rendered}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 7);
    let chat = folder.path().join("create_chat_completion.stream.http");
    replays(&chat, &["--stream"], "stream_ok");
    replays(&folder.path().join("list_catalog_models.http"), &[], "ok");
}

/// What was saved is without content, and still a response that the client takes.
fn replays(file: &Path, arguments: &[&str], outcome: &str) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_contract"))
        .args(["replay", name.split('.').next().unwrap()])
        .arg(file)
        .args(arguments)
        .output()
        .unwrap();
    let rendered = std::str::from_utf8(&output.stdout).unwrap();
    assert!(
        rendered.contains(&format!("\"outcome\":\"{outcome}\"")),
        "{rendered}"
    );
    let saved = std::fs::read_to_string(file).unwrap();
    assert!(
        saved.contains("xxxx") && !saved.contains("Hello"),
        "{saved}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_replays_to_the_same_outcome() {
    let page =
        json!({"success": true, "data": [{"id": "a", "created": "1767225600", "name": "Secret"}]});
    for media_type in ["application/json", "text/plain"] {
        let response = ResponseTemplate::new(200).set_body_raw(page.to_string(), media_type);
        let server = StubServer::expecting("GET", "/api/models", response).await;
        let folder = tempfile::tempdir().unwrap();
        let save = folder.path().to_str().unwrap();
        drift(
            &server.url(),
            &["--operations", "list_catalog_models", "--save", save],
        );
        let saved = folder.path().join("list_catalog_models.http");
        let original = folder.path().join("original.http");
        let head = format!("HTTP/1.1 200\r\ncontent-type: {media_type}\r\n\r\n");
        std::fs::write(&original, format!("{head}{page}")).unwrap();
        let outcome = |file: &Path| {
            let output = Command::new(env!("CARGO_BIN_EXE_contract"))
                .args(["replay", "list_catalog_models"])
                .arg(file)
                .output()
                .unwrap();
            let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
            let created = outcome["value"]["data"][0]["created"].is_u64();
            (
                outcome["outcome"].clone(),
                outcome["kind"].clone(),
                outcome["deviations"].clone(),
                created,
            )
        };
        assert_eq!(outcome(&saved), outcome(&original), "{media_type}");
        assert!(!std::fs::read_to_string(&saved).unwrap().contains("Secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_event_is_found() {
    let chunk =
        json!({"choices": [{"index": 0, "delta": {"content": "secret", "mood": "secret"}}]});
    for (end, expected) in [("data: [DONE]\n\n", None), ("", Some("no-end"))] {
        let body = format!("data: {chunk}\n\n{end}");
        let response = ResponseTemplate::new(200).set_body_raw(body, "text/event-stream");
        let path = "/v1/chat/completions";
        let server = StubServer::expecting_many("POST", path, 2, response).await;
        let url = server.url();
        let output = tokio::task::spawn_blocking(move || {
            let chat = "create_chat_completion=m";
            let only = ["--operations", "create_chat_completion"];
            drift(&url, &[&["--paid", "--model", chat][..], &only].concat())
        });
        let output = output.await.unwrap();
        let rendered = rendered(&output);
        assert!(
            rendered.contains("at \"/choices/0/delta/mood\""),
            "{rendered}"
        );
        assert!(!rendered.contains("secret"), "{rendered}");
        assert_eq!(
            rendered.contains("no-end"),
            expected.is_some(),
            "{rendered}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_learn_what_was_not_compared_and_why() {
    let refusal = ResponseTemplate::new(401);
    let refusing = StubServer::expecting_many("GET", "/api/models", 3, refusal).await;
    let url = refusing.url();
    let formats = ["junit", "github", "json"].map(|format| {
        let only = [
            "--operations",
            "list_catalog_models,create_speech",
            "--format",
            format,
        ];
        let output = drift(&url, &only);
        assert_eq!(output.status.code(), Some(4));
        rendered(&output).to_owned()
    });
    let [junit, github, json] = formats;
    for part in [
        r#"name="list_catalog_models" classname="drift.response""#,
        "<error message=\"401, the key is refused\"",
        r#"name="create_speech" classname="drift.response""#,
        "<skipped message=\"it costs money; --paid asks it anyway\"",
    ] {
        assert!(junit.contains(part), "{part}\n{junit}");
    }
    assert!(
        github.contains("::warning title=response::list_catalog_models: 401, the key is refused"),
        "{github}"
    );
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["errors"][0]["reason"], "401, the key is refused");
    assert_eq!(json["skipped"][0]["subject"], "create_speech");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_one_test_that_fails_under_the_name_it_passes_under() {
    let row =
        |row| ResponseTemplate::new(200).set_body_json(json!({"success": true, "data": [row]}));
    let test = r#"<testcase name="list_catalog_models" classname="drift.response""#;
    for (row, failures) in [
        (row(json!({"id": "a"})), 0),
        (row(json!({"id": "a", "ratio": 1, "rate": 2})), 1),
    ] {
        let server = StubServer::expecting("GET", "/api/models", row).await;
        let output = drift(
            &server.url(),
            &["--operations", "list_catalog_models", "--format", "junit"],
        );
        let junit = rendered(&output);
        assert_eq!(junit.matches(test).count(), 1, "{junit}");
        assert!(
            junit.contains(&format!("failures=\"{failures}\"")),
            "{junit}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_gateway_ends_at_the_timeout_and_has_its_header() {
    let page = ResponseTemplate::new(200).set_body_json(json!({"success": true, "data": []}));
    let silent = page.set_delay(std::time::Duration::from_secs(60));
    let server = StubServer::expecting("GET", "/api/models", silent).await;
    let header = ["--header", "X-Tenant: one", "--timeout", "1"];
    let output = drift(
        &server.url(),
        &[&["--operations", "list_catalog_models"], &header[..]].concat(),
    );
    let rendered = rendered(&output);
    assert!(
        rendered.contains("list_catalog_models: no response"),
        "{rendered}"
    );
    assert_eq!(output.status.code(), Some(4));
    let requests = server.requests().await;
    assert_eq!(requests[0].headers["x-tenant"], "one");
    let output = drift(&server.url(), &["--header", "X-Tenant"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn nothing_compared_is_no_success() {
    let output = drift("http://127.0.0.1:1", &["--operations", "list_models"]);
    assert_eq!(output.status.code(), Some(4));
    let output = drift("http://192.0.2.1", &[]);
    assert_eq!(output.status.code(), Some(2), "a key in clear text");
}

#[test]
fn without_a_key_what_requires_one_is_not_called() {
    let output = drift_with_key(None, "http://127.0.0.1:1", &["--operations", "list_models"]);
    let rendered = rendered(&output);
    assert!(rendered.contains("there is no key"), "{rendered}");
    assert_eq!(output.status.code(), Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_server_echoes_is_not_saved() {
    let echoed = format!("text/{KEY}");
    let response = ResponseTemplate::new(200).set_body_raw("a,b", &echoed);
    let server = StubServer::expecting("GET", "/api/models", response).await;
    let folder = tempfile::tempdir().unwrap();
    let (url, save) = (server.url(), folder.path().to_owned());
    let saved = tokio::task::spawn_blocking(move || {
        let save = save.to_str().unwrap();
        drift(
            &url,
            &["--operations", "list_catalog_models", "--save", save],
        )
    });
    saved.await.unwrap();
    let saved = folder.path().join("list_catalog_models.http");
    let saved = std::fs::read_to_string(saved).unwrap();
    assert!(saved.contains("[key]") && !saved.contains(KEY), "{saved}");
}
