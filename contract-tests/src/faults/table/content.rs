//! Faults of what a whole answer says, under a success status.
//!
//! The server has done the work, and would answer the same again.

use cometapi::ErrorKind;

use crate::faults::fault::{Again, Cell, FINE, Fault, fails};
use crate::faults::operations::{Answer, Form};
use crate::faults::wire::{DEPTH, HTML, JSON, Step, answer, head, page};

const WRONG: Cell = fails(200, ErrorKind::Decode, Again::Never);
const TRUNCATED: Cell = fails(200, ErrorKind::IncompleteStream, Again::Never);
const SAID: Cell = fails(200, ErrorKind::Server, Again::Never);
const NOT_THE_API: Cell = fails(200, ErrorKind::Gateway, Again::Never);
const NO_TEXT: Cell = Cell::Meaningless("bytes are no text, and have no fields");
const RIGHT: Cell = Cell::Meaningless("that is its Content-Type");

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = vec![
        Fault::each(
            "empty body",
            |answer| vec![answer.with_body("")],
            [WRONG, WRONG, TRUNCATED],
        ),
        Fault::each(
            "204 without a body",
            |_| vec![Step::Write(head(204, ""))],
            [
                fails(204, ErrorKind::Decode, Again::Never),
                fails(204, ErrorKind::Decode, Again::Never),
                fails(204, ErrorKind::IncompleteStream, Again::Never),
            ],
        ),
        Fault::each(
            "invalid UTF-8 in every text",
            |answer| vec![answer.with_body(with_invalid_texts(&answer.body))],
            [WRONG, NO_TEXT, WRONG],
        ),
        Fault::each(
            "truncated JSON",
            |answer| match answer.form {
                Form::Events => {
                    let event = answer.events()[1].as_bytes();
                    let half = &event[..event.len() / 2];
                    vec![answer.with_body([half, b"\n\n"].concat())]
                }
                Form::Json | Form::Bytes => vec![answer.with_body(answer.half())],
            },
            [WRONG, NO_TEXT, WRONG],
        ),
        Fault::any(
            "truncated error object",
            |_| vec![answer(200, JSON, r#"{"error":{"message":"no avail"#)],
            WRONG,
        ),
        Fault::each(
            "deep nesting in an unknown field",
            |answer| {
                let text = String::from_utf8_lossy(&answer.body);
                let field = format!("{{\"unknown\":{},", nested());
                vec![answer.with_body(text.replacen('{', &field, 1))]
            },
            [FINE, NO_TEXT, FINE],
        ),
        Fault::any(
            "nothing but deep nesting",
            |answer| vec![answer.with_json(&nested())],
            WRONG,
        ),
        Fault::any(
            "deep nesting without an end",
            |answer| vec![answer.with_json(&"[".repeat(DEPTH))],
            WRONG,
        ),
        Fault::any(
            "deep nesting in an error object",
            |answer| vec![answer.with_json(&format!("{{\"error\":{}}}", nested()))],
            // What can't be read as an error isn't called one.
            WRONG,
        ),
        Fault::any(
            "error object",
            |_| vec![answer(200, JSON, error_object())],
            SAID,
        ),
        Fault::any(
            "error object under the right Content-Type",
            |answer| vec![answer.with_body(error_object())],
            SAID,
        ),
        Fault::any(
            "HTML under 200",
            |_| vec![answer(200, HTML, page(200))],
            NOT_THE_API,
        ),
        Fault::any(
            "HTML under the right Content-Type",
            |answer| vec![answer.with_body(page(200))],
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
        let wire = move |answer: &Answer| vec![answer.under(&header)];
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
