//! What the client makes of saved streams.

use serde_json::{Value, json};

use super::{CHAT, UNKNOWN_MODEL, contract, line, text};

const HEAD: &str = "HTTP/2 200\ncontent-type: text/event-stream\nx-request-id: r1\n\n";
const HELLO: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n\
     data: {\"choices\":[{\"delta\":{\"content\":\"lo.\"},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

#[track_caller]
fn replayed(response: &str, options: &[&str]) -> (String, Option<i32>) {
    let arguments = [&["replay", CHAT, "-", "--stream"], options].concat();
    let output = contract(&arguments, response.as_bytes());
    (line(&output).to_owned(), output.status.code())
}

#[test]
fn the_outcome_of_a_whole_stream_is_one_line() {
    let response = format!("{HEAD}{HELLO}{DONE}");
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
        let replayed = replayed(&response, options);
        assert_eq!(replayed, (expected.to_owned(), Some(0)), "{options:?}");
    }
}

#[test]
fn a_stream_without_its_end_is_truncated() {
    let response = format!("{HEAD}{}", &HELLO[..60]);
    let (line, code) = replayed(&response, &[]);
    let expected = concat!(
        r#"{"operation":"create_chat_completion","outcome":"stream_truncated","status":200,"#,
        r#""events":1,"text":"Hel","finish_reasons":[],"error":{"status":200,"#,
        r#""kind":"incomplete_stream","code":null,"message":"the stream ended within event 2","#,
        r#""request_id":"r1","retryable":false,"retry_after_ms":null,"body_bytes":5,"advice":"#,
    );
    assert!(line.starts_with(expected), "{line}");
    assert_eq!(code, Some(1));
}

#[test]
fn an_error_in_a_stream_is_the_api_s() {
    let response = format!("{HEAD}{HELLO}data: {UNKNOWN_MODEL}\n\n");
    let (line, code) = replayed(&response, &[]);
    let outcome: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(outcome["outcome"], "stream_error");
    assert_eq!(
        (&outcome["events"], &outcome["text"]),
        (&json!(2), &json!("Hello."))
    );
    assert_eq!(outcome["error"]["kind"], "model_not_found");
    assert_eq!(code, Some(1));
}

#[test]
fn a_response_that_is_no_stream_is_an_error_like_any_other() {
    let json = "content-type: application/json\n\n";
    let rendered = |response: &str, options: &[&str]| {
        let arguments = [&["replay", CHAT, "-"], options].concat();
        let output = contract(&arguments, response.as_bytes());
        assert_eq!(output.status.code(), Some(1));
        line(&output).to_owned()
    };
    let error = format!("HTTP/2 503\n{json}{UNKNOWN_MODEL}");
    assert_eq!(rendered(&error, &["--stream"]), rendered(&error, &[]));
    let page = "HTTP/2 200\ncontent-type: text/html\n\n<html><title>502</title></html>";
    assert_eq!(rendered(page, &["--stream"]), rendered(page, &[]));
    assert!(
        rendered(page, &["--stream"])
            .contains(r#""outcome":"error","status":200,"kind":"gateway""#)
    );
}

#[test]
fn text_is_for_people() {
    let shown = |response: String| {
        let arguments = ["replay", CHAT, "-", "--stream", "--format", "text"];
        text(&contract(&arguments, response.as_bytes()).stdout).to_owned()
    };
    let whole = shown(format!("{HEAD}{HELLO}{DONE}"));
    for expected in [
        "response    200, text/event-stream, 135 bytes\n",
        "outcome     stream_ok: the stream is complete, its end was marked\n",
        "request id  r1\n",
        "events      2\n",
        "finished    [\"stop\"]\n",
        "text\n  Hello.\n",
    ] {
        assert!(
            whole.contains(expected),
            "{expected:?} is missing in\n{whole}"
        );
    }
    let unmarked = shown(format!("{HEAD}{HELLO}"));
    let end = "stream_ok: the stream is complete, nothing marked its end, but all of its parts";
    assert!(unmarked.contains(end), "{unmarked}");
    let cut = shown(format!("{HEAD}{}", &HELLO[..60]));
    assert!(
        cut.contains("outcome     stream_truncated: incomplete_stream\n"),
        "{cut}"
    );
    assert!(
        cut.contains("message     the stream ended within event 2\n"),
        "{cut}"
    );
    assert!(cut.contains("events      1\n"), "{cut}");
}
