//! What the client makes of saved responses that aren't JSON, and of the format that was requested.

use serde_json::{Value, json};

use super::{contract, line};

#[track_caller]
fn assert_replayed(arguments: &[&str], head: &str, body: &[u8], expected: Value) {
    let arguments = [&["replay", arguments[0], "-"], &arguments[1..]].concat();
    let response = [
        format!("HTTP/2 200\ncontent-type: {head}\n\n").as_bytes(),
        body,
    ]
    .concat();
    let arguments = [&*arguments, &["--split", "bytes"]].concat();
    let output = contract(&arguments, &response);
    let outcome: Value = serde_json::from_str(line(&output)).unwrap();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&outcome[name], value, "{arguments:?} {outcome}");
    }
    let code = i32::from(outcome["outcome"] != "ok");
    assert_eq!(output.status.code(), Some(code), "{outcome}");
}

#[test]
fn bytes_are_counted() {
    let value = json!({ "bytes": 7, "content_type": "audio/mpeg" });
    let ok = json!({ "outcome": "ok", "status": 200, "value": value });
    assert_replayed(&["create_speech"], "audio/mpeg", b"ID3\xff\0\r\n", ok);
    let value = json!({ "bytes": 1, "content_type": "application/octet-stream" });
    let ok = json!({ "outcome": "ok", "value": value });
    let asked = ["create_speech", "--ask-format", "unheard_of"];
    assert_replayed(&asked, "application/octet-stream", b"\xff", ok);
    let empty = json!({ "outcome": "error", "kind": "decode", "status": 200, "body_bytes": 0 });
    assert_replayed(&["create_speech"], "audio/mpeg", b"", empty);
    let error = br#"{"error":{"message":"m"}}"#;
    let reported = json!({ "outcome": "error", "message": "m", "status": 200 });
    assert_replayed(&["create_speech"], "audio/mpeg", error, reported);
}

#[test]
fn what_was_asked_for_decides() {
    let json_text = br#"{"text":"Hello."}"#;
    for operation in ["create_transcription", "create_translation"] {
        let ok = |value: Value| json!({ "outcome": "ok", "status": 200, "value": value });
        let transcript = ok(json!({ "text": "Hello." }));
        assert_replayed(
            &[operation],
            "application/json",
            json_text,
            transcript.clone(),
        );
        for form in ["json", "verbose_json"] {
            let asked = [operation, "--ask-format", form];
            assert_replayed(&asked, "text/plain", json_text, transcript.clone());
        }
        for form in ["text", "srt", "vtt"] {
            let asked = [operation, "--ask-format", form];
            let text = ok(json!("{Hello}\n"));
            assert_replayed(&asked, "text/plain", b"{Hello}\n", text.clone());
            assert_replayed(&asked, "application/octet-stream", b"{Hello}\n", text);
            let deviation = json!({ "pointer": "", "expected": "text", "found": "object",
                "action": "converted", "count": 1 });
            let read = json!({ "outcome": "ok", "value": { "text": "Hello." },
                "deviations": [deviation] });
            assert_replayed(&asked, "application/json", json_text, read);
            let strict = [&asked[..], &["--strict"]].concat();
            let wrong = json!({ "outcome": "error", "kind": "decode" });
            assert_replayed(&strict, "application/json", json_text, wrong);
        }
        let unlisted = [operation, "--ask-format", "csv"];
        assert_replayed(&unlisted, "text/csv", b"a,b", ok(json!("a,b")));
    }
}
