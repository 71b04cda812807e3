//! The client's example, run as a program.

use std::process::{Command, Output};

use wiremock::ResponseTemplate;

use crate::support::scene::Scene;
use crate::support::{KEY, cases};

const VARIABLES: [&str; 3] = ["COMETAPI_KEY", "COMETAPI_API_KEY", "COMETAPI_BASE_URL"];

fn quickstart(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    for variable in VARIABLES {
        process.env_remove(variable);
    }
    process
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap()
}

fn live(scene: &Scene, arguments: &[&str]) -> Output {
    let url = scene.url();
    quickstart(
        &[("COMETAPI_KEY", KEY), ("COMETAPI_BASE_URL", &url)],
        arguments,
    )
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A server of the catalog, and of as many replies as are expected.
async fn service(replies: u64) -> Scene {
    let catalog = r#"{"success":true,"data":[
        {"id":"picture-1","model_type":"image"},
        {"id":"later-1","model_type":"text","upcoming":true},
        {"id":"text-1","model_type":"text"}
    ]}"#;
    let scene = Scene::new().await;
    let answer = ResponseTemplate::new(200).set_body_raw(catalog, "application/json");
    scene.expect("GET", "/api/models", 1, answer).await;
    if replies > 0 {
        let reply = cases::success("create_chat_completion");
        scene
            .expect("POST", "/v1/chat/completions", replies, reply)
            .await;
    }
    scene
}

async fn asked_model(scene: &Scene) -> String {
    let requests = scene.requests().await;
    let body: serde_json::Value = requests.last().unwrap().body_json().unwrap();
    body["model"].as_str().unwrap().to_owned()
}

#[test]
fn without_a_key_the_mock_answers() {
    for blank in [&[][..], &[("COMETAPI_KEY", " ")]] {
        let output = quickstart(blank, &[]);
        let shown = text(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        assert!(shown.starts_with("MODEL "), "{shown}");
        assert!(shown.contains("\nexample-chat "), "{shown}");
        assert!(shown.contains("says: Hello."), "{shown}");
        let last = shown.lines().last().unwrap();
        assert!(
            last.contains("mock") && last.contains("COMETAPI_KEY"),
            "{last}"
        );
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "{line:?} is too wide");
        }
    }
}

#[tokio::test]
async fn with_a_key_nothing_that_costs_money_runs_unasked() {
    let scene = service(0).await;
    let output = live(&scene, &[]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(shown.contains("\npicture-1 "), "{shown}");
    assert!(
        shown.ends_with(
            "With --paid it would also ask text-1 to say hello, which costs a little.\n"
        )
    );
    assert!(!shown.contains(KEY));
}

#[tokio::test]
async fn paid_asks_a_model_that_can_be_talked_to() {
    let scene = service(1).await;
    let output = live(&scene, &["--paid"]);
    assert!(output.status.success(), "{output:?}");
    let shown = text(&output.stdout);
    let (before, after) = shown
        .split_once("Asking text-1, which costs a little.")
        .unwrap();
    assert!(
        !before.contains("Hello.") && after.contains("text-1 says: Hello."),
        "{shown}"
    );
    assert!(!shown.contains("mock"), "{shown}");
    assert_eq!(asked_model(&scene).await, "text-1");
}

#[tokio::test]
async fn the_model_can_be_given() {
    let scene = service(1).await;
    let output = live(&scene, &["picture-1", "--paid"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(asked_model(&scene).await, "picture-1");
}

#[tokio::test]
async fn an_error_is_told_with_advice() {
    let answer = ResponseTemplate::new(404).set_body_string(r#"{"error":{"message":"gone"}}"#);
    let scene = Scene::expecting("GET", "/api/models", answer).await;
    let output = live(&scene, &["--paid"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.starts_with("error: list_catalog_models: 404 Not Found: gone\n"),
        "{said}"
    );
    assert!(said.contains("\n  Check the base URL"), "{said}");
    assert!(said.contains("\n  https://apidoc.cometapi.com/"), "{said}");
}

#[test]
fn an_unknown_option_is_refused() {
    let output = quickstart(&[], &["--pay"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("unknown option --pay"));
}
