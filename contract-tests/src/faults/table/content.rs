//! Faults of what a complete response says, under a success status.
//!
//! The server has done the work, and would respond the same again.

use cometapi::ErrorKind;

use crate::faults::fault::{Expectation, FINE, Fault, Retry, fails};
use crate::faults::operations::{DEPTH, HTML, JSON, head, page, response};
use crate::faults::operations::{Form, HealthyResponse};
use crate::server::Step;

const WRONG: Expectation = fails(200, ErrorKind::Decode, Retry::Never);
const TRUNCATED: Expectation = fails(200, ErrorKind::IncompleteStream, Retry::Never);
const SAID: Expectation = fails(200, ErrorKind::Server, Retry::Never);
const NOT_THE_API: Expectation = fails(200, ErrorKind::Gateway, Retry::Never);
const NO_TEXT: Expectation = Expectation::NotApplicable("bytes are no text, and have no fields");
const RIGHT: Expectation = Expectation::NotApplicable("that is its Content-Type");

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = vec![
        Fault::each(
            "empty body",
            |response| vec![response.with_body("")],
            [WRONG, WRONG, TRUNCATED],
        ),
        Fault::any(
            "compressed, although nothing was requested",
            |response| {
                let head = response.head("content-encoding: gzip\r\n");
                vec![Step::Write([&head, &response.body[..]].concat())]
            },
            WRONG,
        ),
        Fault::each(
            "204 without a body",
            |_| vec![Step::Write(head(204, ""))],
            [
                fails(204, ErrorKind::Decode, Retry::Never),
                fails(204, ErrorKind::Decode, Retry::Never),
                fails(204, ErrorKind::IncompleteStream, Retry::Never),
            ],
        ),
        Fault::each(
            "invalid UTF-8 in every text",
            |response| vec![response.with_body(with_invalid_texts(&response.body))],
            [WRONG, NO_TEXT, WRONG],
        ),
        Fault::each(
            "truncated JSON",
            |response| match response.form {
                Form::Events => {
                    let event = response.events()[1].as_bytes();
                    let half = &event[..event.len() / 2];
                    vec![response.with_body([half, b"\n\n"].concat())]
                }
                Form::Json | Form::Bytes => vec![response.with_body(response.half())],
            },
            [WRONG, NO_TEXT, WRONG],
        ),
        Fault::sends(
            "truncated error object",
            [response(200, JSON, r#"{"error":{"message":"no avail"#)],
            WRONG,
        ),
        Fault::each(
            "deep nesting in an unknown field",
            |response| {
                let text = String::from_utf8_lossy(&response.body);
                let field = format!("{{\"unknown\":{},", nested());
                vec![response.with_body(text.replacen('{', &field, 1))]
            },
            [FINE, NO_TEXT, FINE],
        ),
        Fault::each(
            "nothing but deep nesting",
            |response| vec![response.with_json(&nested())],
            // An event without any property of the schema is skipped.
            [WRONG, WRONG, TRUNCATED],
        ),
        Fault::any(
            "deep nesting without an end",
            |response| vec![response.with_json(&"[".repeat(DEPTH))],
            WRONG,
        ),
        Fault::any(
            "deep nesting in an error object",
            |response| vec![response.with_json(&format!("{{\"error\":{}}}", nested()))],
            // What can't be read as an error isn't called one.
            WRONG,
        ),
        Fault::sends("error object", [response(200, JSON, error_object())], SAID),
        Fault::any(
            "error object under the right Content-Type",
            |response| vec![response.with_body(error_object())],
            SAID,
        ),
        Fault::sends(
            "HTML under 200",
            [response(200, HTML, page(200))],
            NOT_THE_API,
        ),
        Fault::any(
            "HTML under the right Content-Type",
            |response| vec![response.with_body(page(200))],
            NOT_THE_API,
        ),
    ];
    for (media_type, cells) in [
        ("", [FINE; 3]),
        (";;;", [FINE; 3]),
        ("text/plain", [FINE; 3]),
        ("application/octet-stream", [FINE; 3]),
        (JSON, [RIGHT, WRONG, FINE]),
        ("text/event-stream", [FINE, FINE, RIGHT]),
        ("text/html", [FINE, NOT_THE_API, NOT_THE_API]),
    ] {
        let (name, header) = match media_type {
            "" => ("no Content-Type".to_owned(), String::new()),
            named => (
                format!("Content-Type: {named}"),
                format!("content-type: {named}\r\n"),
            ),
        };
        let wire = move |response: &HealthyResponse| vec![response.under(&header)];
        faults.push(Fault::each(name, wire, cells));
    }
    faults
}

fn nested() -> String {
    "[".repeat(DEPTH) + &"]".repeat(DEPTH)
}

fn error_object() -> &'static str {
    r#"{"error":{"message":"no luck (request id: 1)","type":"x","code":"x"}}"#
}

/// A byte that can't be in UTF-8 at the beginning of every text that is a value.
fn with_invalid_texts(json: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, byte) in json.iter().enumerate() {
        bytes.push(*byte);
        let before = json[..place].trim_ascii_end();
        if *byte == b'"' && before.ends_with(b":") {
            bytes.push(0xff);
        }
    }
    bytes
}
