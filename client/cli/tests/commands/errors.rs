//! What is said when something is wrong, and the exit code.

use std::fs;

use snapbox::str;
use tempfile::tempdir;

use crate::{NOWHERE, cometapi_at, run, server};

#[test]
fn a_refusal_of_the_api_comes_with_advice_and_page() {
    let text = "a".repeat(4097);
    run(&["--mock", "speak", "m", &text, "-o", "-"])
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![[r#"
note: these are examples, from a mock in this process
error: create_speech: 400 invalid_value: /input: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa … aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is longer than 4096 characters
  Correct the text, file, model id, voice or format, and make sure that field names and formats are the documented ones and that an audio file contains speech.
  https://apidoc.cometapi.com/errors/error-codes-handling

"#]]);
}

#[test]
fn something_else_at_the_base_url() {
    let body = "<html>Nothing here</html>";
    let head = format!(
        "404 Not Found\r\ncontent-type: text/html\r\ncontent-length: {}",
        body.len()
    );
    let server = server::responding(&head, body);
    run(&["models", "--base-url", &server.url])
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: list_catalog_models: 404 Not Found: an HTML response
  Check the base URL, which is https://api.cometapi.com with /v1 for everything but the catalog, then the path and the model id.
  https://apidoc.cometapi.com/errors/error-codes-handling

"#]]);
}

#[test]
fn a_response_that_differs_from_the_schema_is_noted() {
    let body = r#"{"success":true,"data":[{"id":"a"},{"id":7}]}"#;
    let head = format!("200 OK\r\ncontent-length: {}", body.len());
    let server = server::responding(&head, body);
    run(&["models", "--base-url", &server.url])
        .assert()
        .code(0)
        .stdout_eq("a\t-\t-\t-\n7\t-\t-\t-\n")
        .stderr_eq(str![[r#"
note: list_catalog_models: expected a string at /data/*/id, found a number: converted

"#]]);
}

#[test]
fn settings_that_can_not_be_used() {
    run(&["chat", "m", "Hi"]).assert().code(2).stderr_eq(str![[r#"
error: create_chat_completion: no API key: set COMETAPI_KEY or COMETAPI_API_KEY or call `ClientBuilder::api_key`
  Configure an API key on the client.
  To try it without a key, add --mock.
  https://apidoc.cometapi.com/api/text/chat

"#]]);
    run(&["models", "--base-url", "nonsense"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: the base URL must begin with https:// or http:// (relative URL without a base)
  Correct the client's configuration. No request was sent.

"#]]);
    run(&["--mock", "models", "--base-url", "http://127.0.0.1"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: --mock and --base-url exclude each other

"#]]);
    run(&["--mock", "transcribe", "m", "a.mp3", "--format", "doc"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: invalid value 'doc' for '--format <FORMAT>'
  [possible values: srt, vtt, json, verbose_json, text]

For more information, try '--help'.

"#]]);
    run(&["--mock", "speak", "m", "Hello."])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: the following required arguments were not provided:
  --output <FILE>

Usage: cometapi speak --output <FILE> <MODEL> <TEXT>

For more information, try '--help'.

"#]]);
}

#[test]
fn files_that_can_not_be_used() {
    let folder = tempdir().unwrap();
    let command = |arguments: &[&str]| {
        let command = cometapi_at(NOWHERE, arguments, folder.path());
        command.assert().stdout_eq("")
    };
    command(&["transcribe", "m", "missing.mp3"])
        .code(3)
        .stderr_eq(str![[r#"
error: create_transcription: `missing.mp3` can't be read: [..]
  Check the path, its permissions and the free disk space.
  https://apidoc.cometapi.com/api/audio/create-transcription

"#]]);
    command(&["speak", "m", "Hello.", "-o", "missing/a.mp3"])
        .code(3)
        .stderr_eq(str![[r#"
error: there is no directory missing

"#]]);
    command(&["speak", "m", "Hello.", "-o", "."])
        .code(3)
        .stderr_eq(str![[r#"
error: . is a directory

"#]]);
    fs::write(folder.path().join("a.mp3"), "").unwrap();
    command(&["translate", "m", "a.mp3"])
        .code(2)
        .stderr_eq(str![[r#"
error: create_translation: `a.mp3` is empty
  Correct what the message names. No request was sent.
  https://apidoc.cometapi.com/api/audio/create-translation

"#]]);
}
