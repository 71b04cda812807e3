//! `contract replay`: what the client makes of saved responses. Run as a program, but for what many responses show.

use std::io::Write;

use contract_tests::cases::{CallMode, Snapshots};
use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::call_snapshot;
use contract_tests::replay::{Recording, Replayer};
use contract_tests::request;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::cases;
use crate::support::program::{assert_cannot_run, contract, text};

const CHAT: &str = "create_chat_completion";
const HELLO: &str =
    r#"{"model":"m","choices":[{"message":{"role":"assistant","content":"Hello."}}]}"#;
const UNKNOWN_MODEL: &str = r#"{"error":{"code":"model_not_found","message":"no available channel for group default and model sora-2-all (distributor) (request id: 20260205132859798638387SIHCnxzJ)","type":"comet_api_error"}}"#;
const STREAM: &str = "HTTP/2 200\ncontent-type: text/event-stream\nx-request-id: r1\n\n";
const EVENTS: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n\
     data: {\"choices\":[{\"delta\":{\"content\":\"lo.\"},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// Replays a response from standard input: the one line that is printed, and the exit code.
#[track_caller]
fn replayed(arguments: &[&str], response: &[u8]) -> (String, Option<i32>) {
    let (operation, options) = arguments.split_first().unwrap();
    let output = contract(&[&["replay", operation, "-"], options].concat(), response);
    let line = text(&output.stdout).strip_suffix('\n').unwrap_or_default();
    assert!(!line.is_empty() && !line.contains('\n'), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    (line.to_owned(), output.status.code())
}

/// Replays a response, in one chunk and byte by byte; `expected` are some of the outcome's fields.
#[track_caller]
fn assert_replayed(arguments: &[&str], response: impl AsRef<[u8]>, expected: &Value) {
    for options in [&[][..], &["--split", "bytes"]] {
        let arguments = [arguments, options].concat();
        let (line, code) = replayed(&arguments, response.as_ref());
        let outcome: Value = serde_json::from_str(&line).unwrap();
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&outcome[name], value, "{name} of {outcome}: {arguments:?}");
        }
        let is_ok = outcome["outcome"] == "ok";
        assert_eq!(code, Some(i32::from(!is_ok)), "{outcome}");
        let advice = outcome["advice"].as_str().unwrap_or_default();
        assert!(is_ok || !advice.is_empty(), "{outcome}");
    }
}

#[test]
fn an_outcome_is_one_line() {
    let success = format!("HTTP/2 200 \r\ncontent-type: application/json\r\n\r\n{HELLO}");
    let expected = format!(
        r#"{{"operation":"create_chat_completion","outcome":"ok","status":200,"request_id":null,"value":{HELLO},"deviations":[]}}"#
    );
    assert_eq!(
        replayed(&[CHAT], success.as_bytes()),
        (expected.clone(), Some(0))
    );
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(success.as_bytes()).unwrap();
    let output = contract(&["replay", CHAT, file.path().to_str().unwrap()], b"");
    assert_eq!(text(&output.stdout), expected + "\n");

    let error = format!("HTTP/2 503 \r\ncontent-type: application/json\r\n\r\n{UNKNOWN_MODEL}");
    let expected = concat!(
        r#"{"operation":"create_chat_completion","outcome":"error","status":503,"#,
        r#""kind":"model_not_found","code":"model_not_found","#,
        r#""message":"no available channel for group default and model sora-2-all (distributor) (request id: 20260205132859798638387SIHCnxzJ)","#,
        r#""request_id":"20260205132859798638387SIHCnxzJ","retryable":false,"retry_after_ms":null,"#,
        r#""body_bytes":193,"advice":"Use a current model id from the catalog: this one is unknown."}"#,
    );
    assert_eq!(
        replayed(&[CHAT], error.as_bytes()),
        (expected.to_owned(), Some(1))
    );

    let stream = format!("{STREAM}{EVENTS}{DONE}");
    let expected = concat!(
        r#"{"operation":"create_chat_completion","outcome":"stream_ok","status":200,"events":2,"#,
        r#""text":"Hello.","finish_reasons":["stop"],"error":null,"deviations":[]}"#,
    );
    for options in [
        &[][..],
        &["--split", "whole"],
        &["--split", "bytes"],
        &["--split", "random"],
        &["--split=random", "--seed", "7"],
        &["--seed", "18446744073709551615", "--split", "random"],
    ] {
        let replayed = replayed(&[&[CHAT, "--stream"], options].concat(), stream.as_bytes());
        assert_eq!(replayed, (expected.to_owned(), Some(0)), "{options:?}");
    }
}

#[test]
fn headers_bodies_and_lengths_reach_the_client() {
    let page = "<!DOCTYPE html><html><title>502 Bad Gateway</title></html>";
    let error = r#"{"error":{"message":"m","code":"model_not_found"}}"#;
    let decode = r#"{"success":true,"data":[{"id":"a"}],"success":7}"#;
    for (operation, head, body, expected) in [
        (
            CHAT,
            "429 \r\nRetry-After: 2\r\nX-Request-Id: abc",
            "",
            json!({ "outcome": "error", "status": 429, "kind": "rate_limited", "code": null, "request_id": "abc",
                "retryable": true, "retry_after_ms": 2000, "body_bytes": 0 }),
        ),
        (
            CHAT,
            "200 \r\nX-Request-Id: abc",
            HELLO,
            json!({ "outcome": "ok", "request_id": "abc" }),
        ),
        (
            CHAT,
            "502\r\ncontent-type: text/html",
            page,
            json!({ "kind": "gateway", "status": 502, "retryable": true }),
        ),
        (
            CHAT,
            "200\r\ncontent-type: text/html",
            page,
            json!({ "kind": "gateway", "status": 200 }),
        ),
        (
            CHAT,
            "200",
            "",
            json!({ "kind": "decode", "status": 200, "body_bytes": 0 }),
        ),
        (
            CHAT,
            "503",
            "",
            json!({ "kind": "server", "status": 503, "body_bytes": 0 }),
        ),
        (
            CHAT,
            "200",
            error,
            json!({ "kind": "model_not_found", "status": 200, "retryable": false }),
        ),
        (
            CHAT,
            "200",
            r#"{"choices":[{"message":7}]}"#,
            json!({ "kind": "decode", "retryable": false }),
        ),
        (
            CHAT,
            "500",
            &UNKNOWN_MODEL[..60],
            json!({ "kind": "server", "code": null }),
        ),
        (
            CHAT,
            "200 OK\r\nContent-Length: 9000",
            HELLO,
            json!({ "kind": "incomplete_body", "status": 200, "body_bytes": HELLO.len() }),
        ),
        (
            CHAT,
            "503 No\r\nContent-Length: 9000",
            UNKNOWN_MODEL,
            json!({ "kind": "model_not_found", "status": 503 }),
        ),
        (
            "list_catalog_models",
            "200",
            r#"{"success":false,"message":"m"}"#,
            json!({ "kind": "server", "message": "m" }),
        ),
        (
            "list_catalog_models",
            "200",
            decode,
            json!({ "kind": "decode" }),
        ),
        (
            "list_models",
            "301\r\nlocation: /b",
            "",
            json!({ "kind": "gateway", "status": 301 }),
        ),
    ] {
        let response = format!("HTTP/1.1 {head}\r\n\r\n{body}");
        assert_replayed(&[operation], response, &expected);
    }
    let (line, _) = replayed(
        &["list_catalog_models"],
        format!("HTTP/2 200\n\n{decode}").as_bytes(),
    );
    let outcome: Value = serde_json::from_str(&line).unwrap();
    assert!(
        outcome["message"].as_str().unwrap().contains("success"),
        "{line}"
    );
}

#[test]
fn what_was_asked_for_decides() {
    let json_text = &br#"{"text":"Hello."}"#[..];
    let ok = |value: Value| json!({ "outcome": "ok", "status": 200, "value": value });
    let sound =
        |bytes: usize, media_type: &str| ok(json!({ "bytes": bytes, "content_type": media_type }));
    let empty = json!({ "outcome": "error", "kind": "decode", "status": 200, "body_bytes": 0 });
    let reported = json!({ "outcome": "error", "message": "m", "status": 200 });
    let deviation = json!({ "pointer": "", "expected": "text", "found": "object",
        "action": "converted", "count": 1 });
    let read = json!({ "outcome": "ok", "value": { "text": "Hello." }, "deviations": [deviation] });
    let wrong = json!({ "outcome": "error", "kind": "decode" });
    let (mpeg, bytes, json) = ("audio/mpeg", "application/octet-stream", "application/json");
    let replay = |arguments: &[&str], media_type: &str, body: &[u8], expected: &Value| {
        let head = format!("HTTP/2 200\ncontent-type: {media_type}\n\n");
        assert_replayed(arguments, [head.as_bytes(), body].concat(), expected);
    };
    let speech = ["create_speech"];
    replay(&speech, mpeg, b"ID3\xff\0\r\n", &sound(7, mpeg));
    replay(&speech, mpeg, b"", &empty);
    replay(&speech, mpeg, br#"{"error":{"message":"m"}}"#, &reported);
    let unknown = ["create_speech", "--ask-format", "unheard_of"];
    replay(&unknown, bytes, b"\xff", &sound(1, bytes));
    for operation in ["create_transcription", "create_translation"] {
        let transcript = ok(json!({ "text": "Hello." }));
        replay(&[operation], json, json_text, &transcript);
        for form in ["json", "verbose_json"] {
            let asked = [operation, "--ask-format", form];
            replay(&asked, "text/plain", json_text, &transcript);
        }
        for form in ["text", "srt", "vtt"] {
            let asked = [operation, "--ask-format", form];
            let text = ok(json!("{Hello}\n"));
            replay(&asked, "text/plain", b"{Hello}\n", &text);
            replay(&asked, bytes, b"{Hello}\n", &text);
            replay(&asked, json, json_text, &read);
            replay(
                &[&asked[..], &["--strict"]].concat(),
                json,
                json_text,
                &wrong,
            );
        }
        let unlisted = [operation, "--ask-format", "csv"];
        replay(&unlisted, "text/csv", b"a,b", &ok(json!("a,b")));
    }
}

#[test]
fn a_deviation_is_printed_unless_the_reading_is_strict() {
    let response = "HTTP/2 200\r\n\r\n{\"success\":true,\"data\":[{\"id\":\"a\"},{\"id\":7}]}";
    let deviation = json!({ "pointer": "/data/*/id", "expected": "a string", "found": "number",
        "action": "converted", "count": 1 });
    let expected = json!({ "outcome": "ok", "deviations": [deviation] });
    assert_replayed(&["list_catalog_models"], response, &expected);
    let (strict, code) = replayed(&["list_catalog_models", "--strict"], response.as_bytes());
    assert_eq!(code, Some(1));
    for expected in [r#""kind":"decode""#, "data[1].id"] {
        assert!(strict.contains(expected), "{strict}");
    }
}

#[test]
fn the_end_of_a_stream_decides() {
    let cut = format!("{STREAM}{}", &EVENTS[..60]);
    let expected = concat!(
        r#"{"operation":"create_chat_completion","outcome":"stream_truncated","status":200,"#,
        r#""events":1,"text":"Hel","finish_reasons":[],"error":{"status":200,"#,
        r#""kind":"incomplete_stream","code":null,"message":"the stream ended within event 2","#,
        r#""request_id":"r1","retryable":false,"retry_after_ms":null,"body_bytes":5,"advice":"#,
    );
    let (line, code) = replayed(&[CHAT, "--stream"], cut.as_bytes());
    assert!(line.starts_with(expected), "{line}");
    assert_eq!(code, Some(1));

    let failing = format!("{STREAM}{EVENTS}data: {UNKNOWN_MODEL}\n\n");
    let (line, code) = replayed(&[CHAT, "--stream"], failing.as_bytes());
    let outcome: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(outcome["outcome"], "stream_error");
    assert_eq!(
        (&outcome["events"], &outcome["text"]),
        (&json!(2), &json!("Hello."))
    );
    assert_eq!(outcome["error"]["kind"], "model_not_found");
    assert_eq!(code, Some(1));

    // What is no stream is an error like any other.
    let error = format!("HTTP/2 503\ncontent-type: application/json\n\n{UNKNOWN_MODEL}");
    let page = "HTTP/2 200\ncontent-type: text/html\n\n<html><title>502</title></html>";
    for (response, kind) in [(&*error, "model_not_found"), (page, "gateway")] {
        let plain = replayed(&[CHAT], response.as_bytes());
        assert_eq!(
            plain,
            replayed(&[CHAT, "--stream"], response.as_bytes()),
            "{kind}"
        );
        let kind = format!(r#""kind":"{kind}""#);
        assert!(plain.0.contains(&kind) && plain.1 == Some(1), "{plain:?}");
    }
}

#[test]
fn text_is_for_people() {
    let body = UNKNOWN_MODEL.replace("no available", r"\u001b[2J no available");
    let error = format!("HTTP/2 503\ncontent-type: application/json\n\n{body}");
    let rows = "HTTP/2 200\n\n{\"success\":true,\"data\":[{\"id\":\"a\"},{\"id\":7}]}";
    for (arguments, response, code, expected) in [
        (
            &[CHAT][..],
            error,
            1,
            &[
                "operation   create_chat_completion\n",
                "response    503, application/json, 203 bytes\n",
                "outcome     error: model_not_found\n",
                "request id  20260205132859798638387SIHCnxzJ\n",
                "retry       no\n",
                "advice      Use a current model id from the catalog",
                "see         https://apidoc.cometapi.com/overview/models\n",
            ][..],
        ),
        (
            &[CHAT],
            format!("HTTP/2 200\n\n{HELLO}"),
            0,
            &["outcome     ok: the client takes it\n"],
        ),
        (
            &["list_catalog_models"],
            rows.to_owned(),
            0,
            &["expected a string at /data/*/id, found a number: converted"],
        ),
        (
            &[CHAT, "--stream"],
            format!("{STREAM}{EVENTS}{DONE}"),
            0,
            &[
                "response    200, text/event-stream, 135 bytes\n",
                "outcome     stream_ok: the stream is complete, its end was marked\n",
                "request id  r1\n",
                "events      2\n",
                "finished    [\"stop\"]\n",
                "text\n  Hello.\n",
            ],
        ),
        (
            &[CHAT, "--stream"],
            format!("{STREAM}{EVENTS}"),
            0,
            &["stream_ok: the stream is complete, nothing marked its end, but all of its parts"],
        ),
        (
            &[CHAT, "--stream"],
            format!("{STREAM}{}", &EVENTS[..60]),
            1,
            &[
                "outcome     stream_truncated: incomplete_stream\n",
                "message     the stream ended within event 2\n",
                "events      1\n",
            ],
        ),
    ] {
        for format in [&["--format", "text"][..], &["--format=text"]] {
            let arguments = [&["replay"], format, arguments, &["-"]].concat();
            let output = contract(&arguments, response.as_bytes());
            let shown = text(&output.stdout);
            for expected in expected {
                assert!(
                    shown.contains(expected),
                    "{expected:?} is missing in\n{shown}"
                );
            }
            assert!(!shown.contains('\u{1b}'), "{shown:?}");
            assert_eq!(output.status.code(), Some(code), "{shown}");
        }
    }
}

#[test]
fn what_can_not_be_replayed_is_told() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let good = &b"HTTP/2 200\n\n{}"[..];
    for (arguments, input, reason) in [
        (
            &["list_models", "-", "--stream"][..],
            good,
            "list_models has no event stream: it returns application/json",
        ),
        (
            &["create_speech", "-", "--stream"],
            good,
            "create_speech has no event stream: it returns audio/mpeg, ",
        ),
        (
            &[CHAT, "-", "--ask-format", "srt"],
            good,
            "create_chat_completion responds in one format only",
        ),
        (
            &["create_chat", "-"],
            good,
            "no operation \"create_chat\"; there are: list_catalog_models, list_models, create_chat_completion",
        ),
        (
            &[CHAT, "/no/such/file"],
            b"",
            "/no/such/file can't be replayed: ",
        ),
        (&[CHAT, folder], b"", "can't be replayed: "),
        (
            &[CHAT, "-"],
            b"",
            "standard input can't be replayed: it is empty",
        ),
        (
            &[CHAT, "-"],
            HELLO.as_bytes(),
            "and not with a status line; save the response with `curl -i`",
        ),
        (
            &[CHAT, "-"],
            b"HTTP/1.1 100 Continue\r\n\r\n",
            "it ends after the interim status 100",
        ),
        (&[CHAT, "-"], b"\xff\xfeH\0T\0T\0P\0", "it is UTF-16 text"),
    ] {
        assert_cannot_run(&[&["replay"], arguments].concat(), input, reason);
    }
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
