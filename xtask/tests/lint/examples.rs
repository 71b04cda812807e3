//! Examples: valid by their schema, and what their names say.

use crate::support::{
    Case, REQUEST, RESPONSE_CONTENT, RESPONSES, SCHEMAS, contract, with, with_response_property,
    without,
};
use crate::{error, finds};
use serde_json::{Value, json};
use std::fs;

#[test]
fn examples() {
    let response = format!("{RESPONSE_CONTENT}/application~1json");
    finds(
        &without(contract(), &response, "examples"),
        "example-missing",
        "make_thing 200",
    );
    let wrong = json!({"one": {"summary": "One.", "value": {"name": 7}}});
    finds(
        &with(contract(), &response, "examples", wrong),
        "example-invalid",
        "/name",
    );
    let nameless = json!({"one": {"value": {}}});
    finds(
        &with(contract(), &response, "examples", nameless),
        "example-summary",
        "`one`",
    );
    let gone = json!({"one": {"summary": "One.", "externalValue": "nowhere.json"}});
    finds(
        &with(contract(), &response, "examples", gone),
        "example-missing",
        "nowhere.json",
    );
    let request = format!("{REQUEST}/application~1json");
    let wrong = json!({"minimal": {"summary": "One.", "value": {"name": 7}}});
    finds(
        &with(contract(), &request, "examples", wrong),
        "example-invalid",
        "/name",
    );
    finds(
        &without(contract(), &request, "examples"),
        "example-missing",
        "of the request",
    );
}

#[test]
fn an_unlisted_value_is_a_typing_error_unless_the_example_says_otherwise() {
    let size = json!({"type": "string", "description": "A size.", "enum": ["small", "large"]});
    let sized = with_response_property(json!({"$ref": "#/components/schemas/Size"}));
    let sized = with(sized, SCHEMAS, "Size", size);
    let response = format!("{RESPONSE_CONTENT}/application~1json");
    let mut one = json!({"summary": "One.", "value": {"name": "x", "value": "huge"}});
    let example = |one: &Value| with(sized.clone(), &response, "examples", json!({"one": one}));
    finds(&example(&one), "example-invalid", "/value");
    one["x-unknown-values"] = json!(true);
    let run = Case::new(&example(&one)).lint();
    assert!(!run.out.contains("example-invalid"), "{}", run.out);
}

#[test]
fn an_example_has_to_be_what_it_is_called() {
    let page = |file: &str, media_type: &str| {
        let examples = json!({"one": {"summary": "One.", "externalValue": file}});
        let body = json!({"schema": {"type": "string", "format": "binary"}, "examples": examples});
        let rules = json!([{"kind": "gateway", "retryable": true, "help": "Wait."}]);
        let mut error = error(rules);
        error["content"] = json!({media_type: body});
        with(contract(), RESPONSES, "502", error)
    };
    for (file, media_type, bytes, message) in [
        ("a.mp3", "audio/mpeg", &b"hello"[..], "isn't audio/mpeg"),
        (
            "a.srt",
            "application/x-subrip",
            b"hello",
            "cue 1 hasn't its number",
        ),
        ("a.vtt", "text/vtt", b"hello", "WEBVTT"),
        ("a.html", "text/html", b"hello", "is no page"),
        ("a.txt", "text/plain", b"", "is empty"),
    ] {
        let case = Case::new(&page(file, media_type));
        fs::write(case.folder.path().join(file), bytes).unwrap();
        let run = case.lint();
        assert!(run.out.contains(message), "{run:?}");
    }
}
