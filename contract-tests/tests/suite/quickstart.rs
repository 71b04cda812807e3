//! The client's example, run as a program.

use std::process::{Command, Output};

use contract_tests::request::Form;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::ResponseTemplate;

use crate::support::stub_server::StubServer;
use crate::support::{KEY, cases};

const VARIABLES: [&str; 3] = ["COMETAPI_KEY", "COMETAPI_API_KEY", "COMETAPI_BASE_URL"];

fn quickstart(variables: &[(&str, &str)], arguments: &[&str], folder: &TempDir) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    for variable in VARIABLES {
        process.env_remove(variable);
    }
    process
        .envs(variables.iter().copied())
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn live(scene: &StubServer, arguments: &[&str]) -> Output {
    let (url, folder) = (scene.url(), TempDir::new().unwrap());
    let variables = [("COMETAPI_KEY", KEY), ("COMETAPI_BASE_URL", &url)];
    quickstart(&variables, arguments, &folder)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const CATALOG: &str = r#"{"success":true,"data":[
    {"id":"picture-1","model_type":"image"},
    {"id":"later-1","model_type":"text","upcoming":true},
    {"id":"text-1","model_type":"text"},
    {"id":"later-2","features":["text-to-speech","speech-to-text"],"upcoming":true},
    {"id":"voice-1","features":["text-to-speech"]},
    {"id":"ears-1","features":["speech-to-text"]}
]}"#;

/// A server of a catalog and a list of models.
async fn service(catalog: &str) -> StubServer {
    let scene = StubServer::new().await;
    let response = ResponseTemplate::new(200).set_body_raw(catalog, "application/json");
    scene.expect("GET", "/api/models", 1, response).await;
    let models = cases::success("list_models");
    scene.expect("GET", "/v1/models", 1, models).await;
    scene
}

/// Expects what is asked of a chat model.
async fn expect_chat(scene: &StubServer) {
    let chat = cases::CONTRACT.operation("create_chat_completion").unwrap();
    let stream = cases::template(cases::first_stream(chat.id()).unwrap().1);
    for response in [cases::success(chat.id()), stream] {
        scene.expect("POST", chat.path(), 1, response).await;
    }
}

/// Expects what is asked of the models that speak and listen.
async fn expect_audio(scene: &StubServer) {
    for id in [
        "create_speech",
        "create_transcription",
        "create_translation",
    ] {
        let operation = cases::CONTRACT.operation(id).unwrap();
        let response = cases::success(id);
        scene.expect("POST", operation.path(), 1, response).await;
    }
}

#[test]
fn without_a_key_the_mock_responses() {
    for blank in [&[][..], &[("COMETAPI_KEY", " ")]] {
        let folder = TempDir::new().unwrap();
        let output = quickstart(blank, &[], &folder);
        let shown = text(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        assert!(shown.starts_with("MODEL "), "{shown}");
        for expected in [
            "\nexample-chat ",
            "\nThis key may use 3 models.\n",
            "\nexample-4.5 says: Hello.\n",
            "\nWord by word: Hello, wörld. 👋\n",
            "\nexample-voice-1 speaks: 1728 bytes, saved here as speech.mp3\n",
            "\nexample-ears-1 hears: Hello, wörld. 👋\n",
            "\nexample-ears-1 says in English: Hello, wörld. 👋\n",
        ] {
            assert!(
                shown.contains(expected),
                "{expected:?} is missing in\n{shown}"
            );
        }
        let last = shown.lines().last().unwrap();
        assert!(
            last.contains("mock") && last.contains("COMETAPI_KEY"),
            "{last}"
        );
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "{line:?} is too wide");
        }
        let audio = cases::CONTRACT.file().with_file_name("examples/audio");
        let (saved, spoken) = (folder.path().join("speech.mp3"), audio.join("speech.mp3"));
        assert_eq!(
            std::fs::read(saved).unwrap(),
            std::fs::read(spoken).unwrap()
        );
    }
}

#[tokio::test]
async fn with_a_key_nothing_that_costs_money_runs_unasked() {
    let scene = service(CATALOG).await;
    let output = live(&scene, &[]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(shown.contains("\npicture-1 "), "{shown}");
    let (_, last) = shown
        .split_once("With --paid it would also ask text-1 ")
        .unwrap();
    assert!(last.ends_with("which costs a little.\n"), "{shown}");
    assert!(!shown.contains(KEY));
}

#[tokio::test]
async fn paid_asks_models_that_can_do_it() {
    let scene = service(CATALOG).await;
    expect_chat(&scene).await;
    expect_audio(&scene).await;
    let output = live(&scene, &["--paid"]);
    assert!(output.status.success(), "{output:?}");
    let shown = text(&output.stdout);
    let announced = "Asking text-1, which costs a little.";
    let (before, after) = shown.split_once(announced).unwrap();
    assert!(!before.contains("Hello."), "{shown}");
    assert!(after.contains("text-1 says: Hello."), "{shown}");
    assert!(after.contains("ears-1 hears: Hello."), "{shown}");
    assert!(!shown.contains("mock"), "{shown}");
    let requests = scene.requests().await;
    let asked = |at: usize| requests[at].body_json::<Value>().unwrap();
    assert_eq!(
        (&asked(2)["model"], &asked(3)["model"]),
        (&json!("text-1"), &json!("text-1"))
    );
    assert_eq!(asked(4)["model"], "voice-1");
    assert_eq!(asked(4)["input"], "Hello, wörld. 👋", "what was streamed");
    for request in &requests[5..] {
        let media_type = request.headers["content-type"].to_str().unwrap();
        let fields = Form::parse(media_type, &request.body).unwrap().fields();
        assert_eq!(fields["model"], [b"ears-1"]);
        let saved = cases::CONTRACT
            .file()
            .with_file_name("examples/audio/speech.mp3");
        assert_eq!(fields["file"], [std::fs::read(saved).unwrap()]);
    }
}

#[tokio::test]
async fn a_catalog_without_audio_ends_with_the_chat() {
    let catalog = r#"{"success":true,"data":[{"id":"voice-1","features":["text-to-speech"]}]}"#;
    let scene = service(catalog).await;
    expect_chat(&scene).await;
    let output = live(&scene, &["picture-1", "--paid"]);
    assert!(output.status.success(), "{output:?}");
    let shown = text(&output.stdout);
    assert!(
        shown.ends_with("The catalog has no models that speak and listen.\n"),
        "{shown}"
    );
    let requests = scene.requests().await;
    let asked: Value = requests.last().unwrap().body_json().unwrap();
    assert_eq!(asked["model"], "picture-1", "the model can be given");
}

#[tokio::test]
async fn an_error_is_told_with_advice() {
    let response = ResponseTemplate::new(404).set_body_string(r#"{"error":{"message":"gone"}}"#);
    let scene = StubServer::expecting("GET", "/api/models", response).await;
    let output = live(&scene, &["--paid"]);
    let reported = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        reported.starts_with("error: list_catalog_models: 404 Not Found: gone\n"),
        "{reported}"
    );
    assert!(reported.contains("\n  Check the base URL"), "{reported}");
    assert!(
        reported.contains("\n  https://apidoc.cometapi.com/"),
        "{reported}"
    );
}

#[test]
fn an_unknown_option_is_refused() {
    let output = quickstart(&[], &["--pay"], &TempDir::new().unwrap());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("unknown option --pay"));
}
