//! What the client makes of saved responses.

use std::io::Write;

use contract_tests::cases::{CallMode, Snapshots};
use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::call_snapshot;
use contract_tests::replay::{Recording, Replayer};
use contract_tests::request;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{CHAT, HELLO, UNKNOWN_MODEL, contract, line};
use crate::support::cases;

fn saved(response: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(response).unwrap();
    file
}

/// Replays a saved response; `expected` are some of the outcome's fields.
#[track_caller]
fn assert_replayed(operation: &str, response: &str, expected: Value) -> Value {
    let file = saved(response.as_bytes());
    let output = contract(&["replay", operation, file.path().to_str().unwrap()], b"");
    let outcome: Value = serde_json::from_str(line(&output)).unwrap();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(
            &outcome[name], value,
            "{name} of {outcome} for {response:?}"
        );
    }
    let code = i32::from(outcome["outcome"] != "ok");
    assert_eq!(output.status.code(), Some(code), "{outcome}");
    outcome
}

#[test]
fn the_outcome_of_a_success_is_one_line() {
    let file =
        saved(format!("HTTP/2 200 \r\ncontent-type: application/json\r\n\r\n{HELLO}").as_bytes());
    let output = contract(&["replay", CHAT, file.path().to_str().unwrap()], b"");
    let expected = format!(
        r#"{{"operation":"create_chat_completion","outcome":"ok","status":200,"request_id":null,"value":{HELLO},"deviations":[]}}"#
    );
    assert_eq!(line(&output), expected);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_outcome_of_an_error_is_one_line() {
    let file = saved(
        format!("HTTP/2 503 \r\ncontent-type: application/json\r\n\r\n{UNKNOWN_MODEL}").as_bytes(),
    );
    let output = contract(&["replay", CHAT, file.path().to_str().unwrap()], b"");
    let expected = concat!(
        r#"{"operation":"create_chat_completion","outcome":"error","status":503,"#,
        r#""kind":"model_not_found","code":"model_not_found","#,
        r#""message":"no available channel for group default and model sora-2-all (distributor) (request id: 20260205132859798638387SIHCnxzJ)","#,
        r#""request_id":"20260205132859798638387SIHCnxzJ","retryable":false,"retry_after_ms":null,"#,
        r#""body_bytes":193,"advice":"Use a current model id from the catalog: this one is unknown."}"#,
    );
    assert_eq!(line(&output), expected);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn headers_reach_the_client() {
    let head = "HTTP/1.1 429 \r\nRetry-After: 2\r\nX-Request-Id: abc\r\n\r\n";
    let expected = json!({
        "outcome": "error", "status": 429, "kind": "rate_limited", "code": null,
        "request_id": "abc", "retryable": true, "retry_after_ms": 2000, "body_bytes": 0,
    });
    assert_replayed(CHAT, head, expected);
    let head = "HTTP/1.1 200 \r\nX-Request-Id: abc\r\n\r\n";
    assert_replayed(
        CHAT,
        &format!("{head}{HELLO}"),
        json!({ "outcome": "ok", "request_id": "abc" }),
    );
}

#[test]
fn bodies_that_nobody_wants() {
    let page = "<!DOCTYPE html><html><title>502 Bad Gateway</title></html>";
    let error = r#"{"error":{"message":"m","code":"model_not_found"}}"#;
    for (operation, response, expected) in [
        (
            CHAT,
            format!("HTTP/2 502\r\ncontent-type: text/html\r\n\r\n{page}"),
            json!({ "kind": "gateway", "status": 502, "retryable": true }),
        ),
        (
            CHAT,
            format!("HTTP/2 200\r\ncontent-type: text/html\r\n\r\n{page}"),
            json!({ "kind": "gateway", "status": 200 }),
        ),
        (
            CHAT,
            "HTTP/2 200\r\n\r\n".to_owned(),
            json!({ "kind": "decode", "status": 200, "body_bytes": 0 }),
        ),
        (
            CHAT,
            "HTTP/2 503\r\n\r\n".to_owned(),
            json!({ "kind": "server", "status": 503, "body_bytes": 0 }),
        ),
        (
            CHAT,
            format!("HTTP/2 200\r\n\r\n{error}"),
            json!({ "kind": "model_not_found", "status": 200, "retryable": false }),
        ),
        (
            CHAT,
            "HTTP/2 200\r\n\r\n{\"choices\":[{\"message\":7}]}".to_owned(),
            json!({ "kind": "decode", "retryable": false }),
        ),
        (
            CHAT,
            format!("HTTP/2 500\r\n\r\n{}", &UNKNOWN_MODEL[..60]),
            json!({ "kind": "server", "code": null }),
        ),
        (
            "list_catalog_models",
            "HTTP/2 200\r\n\r\n{\"success\":false,\"message\":\"m\"}".to_owned(),
            json!({ "kind": "server", "message": "m" }),
        ),
        (
            "list_models",
            "HTTP/2 301\r\nlocation: /b\r\n\r\n".to_owned(),
            json!({ "kind": "gateway", "status": 301 }),
        ),
    ] {
        let outcome = assert_replayed(operation, &response, expected);
        assert_eq!(outcome["outcome"], "error");
        assert!(
            outcome["advice"]
                .as_str()
                .is_some_and(|advice| !advice.is_empty()),
            "{outcome}"
        );
    }
}

#[test]
fn a_decode_error_names_the_field() {
    let response = "HTTP/2 200\r\n\r\n{\"success\":true,\"data\":[{\"id\":\"a\"}],\"success\":7}";
    let outcome = assert_replayed("list_catalog_models", response, json!({ "kind": "decode" }));
    assert!(
        outcome["message"].as_str().unwrap().contains("success"),
        "{outcome}"
    );
}

#[test]
fn a_deviation_is_printed_unless_the_reading_is_strict() {
    let response = "HTTP/2 200\r\n\r\n{\"success\":true,\"data\":[{\"id\":\"a\"},{\"id\":7}]}";
    let deviation = json!({ "pointer": "/data/*/id", "expected": "a string", "found": "number",
        "action": "converted", "count": 1 });
    let expected = json!({ "outcome": "ok", "deviations": [deviation] });
    assert_replayed("list_catalog_models", response, expected);
    let arguments = ["replay", "list_catalog_models", "-"];
    let strict = contract(
        &[&arguments[..], &["--strict"]].concat(),
        response.as_bytes(),
    );
    assert_eq!(strict.status.code(), Some(1));
    assert!(
        line(&strict).contains(r#""kind":"decode""#) && line(&strict).contains("data[1].id"),
        "{}",
        line(&strict)
    );
    let text = contract(
        &[&arguments[..], &["--format", "text"]].concat(),
        response.as_bytes(),
    );
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("expected a string at /data/*/id, found a number: converted"),
        "{text}"
    );
}

#[test]
fn a_length_beyond_the_body_is_a_cut_connection() {
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{HELLO}");
    let expected = json!({ "kind": "incomplete_body", "status": 200, "body_bytes": HELLO.len() });
    assert_replayed(CHAT, &cut, expected);
    let cut = format!("HTTP/1.1 503 No\r\nContent-Length: 9000\r\n\r\n{UNKNOWN_MODEL}");
    assert_replayed(
        CHAT,
        &cut,
        json!({ "kind": "model_not_found", "status": 503 }),
    );
}

/// Saved and replayed, a response comes to the same as over the wire, in any chunks.
#[tokio::test]
async fn every_documented_status_can_be_replayed() {
    let player = Replayer::start().await.unwrap();
    let accepted = Snapshots::read(&cases::operations()).unwrap();
    let mut last = "";
    for (case, example) in cases::responses(CallMode::Buffered) {
        // Responses under the same status differ in their bodies only.
        if std::mem::replace(&mut last, example.status) == example.status {
            continue;
        }
        let (id, status) = (case.operation.id(), example.status.parse().unwrap());
        let body = example.bytes().unwrap();
        let recording = Recording::new(status, example.media_type, body);
        let random = Chunking::Random(status.into());
        for split in [Chunking::Whole, Chunking::Bytes, random] {
            let played = player.call(id, &case.request, &recording, split).await;
            let played = call_snapshot(id, &played.unwrap());
            assert_eq!(Some(&played), accepted.get(&case.name), "{}", case.name);
        }
    }
}

/// Whatever is in a head, the client comes to an end with it, and not by waiting.
#[tokio::test]
async fn odd_heads_come_to_an_outcome() {
    let operation = cases::CONTRACT.operation(CHAT).unwrap();
    let request = request::minimal(&operation).unwrap();
    let player = Replayer::start().await.unwrap();
    let many = "x-many: 1\r\n".repeat(500);
    let long = format!("x-long: {}\r\n", "a".repeat(1 << 20));
    for (status, headers) in [
        (204, "content-length: 900\r\n"),
        (205, ""),
        (304, "content-length: 900\r\n"),
        (407, "proxy-authenticate: Basic\r\n"),
        (999, ""),
        (200, "x-nul: a\0b\r\n"),
        (200, "x-bytes: \u{80}\u{ff}\r\n"),
        (200, "content-length: 18446744073709551615\r\n"),
        (200, "content-length: 99999999999999999999999\r\n"),
        (200, "connection: upgrade\r\nupgrade: h2c\r\n"),
        (
            200,
            "content-encoding: gzip\r\ntransfer-encoding: gzip, chunked\r\n",
        ),
        (200, &many),
        (200, &long),
    ] {
        let response = format!("HTTP/1.1 {status} \r\n{headers}\r\n{HELLO}");
        let recording = Recording::parse(response.as_bytes()).unwrap();
        let outcome = player.call(CHAT, &request, &recording, Chunking::Whole);
        let outcome = outcome.await.unwrap();
        if let Err(error) = outcome {
            assert!(!error.is_timeout(), "{status} {error}");
        }
    }
}
