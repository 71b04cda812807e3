//! The document as a whole: keys, references, descriptions, and how findings are reported.

use crate::finds;
use crate::support::{
    Case, OPERATION, RESPONSE_CONTENT, SCHEMAS, contract, with, with_response_property,
};
use serde_json::json;
use std::fs;

#[test]
fn a_good_contract_is_clean() {
    let run = Case::new(&contract()).lint();
    assert_eq!(
        (run.code, run.out.contains("no findings")),
        (0, true),
        "{run:?}"
    );
}

#[test]
fn our_own_contract_is_clean() {
    let run = crate::support::run(&["lint"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn keys() {
    finds(
        &with(contract(), OPERATION, "sumary", json!("x")),
        "unknown-key",
        "`sumary`",
    );
    finds(
        &with(contract(), OPERATION, "callbacks", json!({})),
        "unknown-key",
        "an operation",
    );
    finds(
        &with_response_property(json!({"allOf": []})),
        "unknown-key",
        "`allOf`",
    );
    finds(
        &with(contract(), "", "openapi", json!("3.1.0")),
        "openapi-version",
        "3.0.x",
    );
    finds(
        &with(contract(), SCHEMAS, "Reply", json!("text")),
        "shape",
        "a mapping",
    );
}

#[test]
fn a_cut_description_is_an_unknown_key() {
    let text = serde_json::to_string_pretty(&contract()).unwrap();
    let cut = text.replacen(
        "\"description\": \"It.\"",
        "\"description\": It is cut, at the comma: really",
        1,
    );
    let run = Case::of_text(&cut).lint();
    assert!(run.out.contains("unknown-key: `at the comma`"), "{run:?}");
}

#[test]
fn references() {
    let nowhere = json!({"$ref": "#/components/schemas/Nothing"});
    finds(
        &with_response_property(nowhere),
        "reference",
        "leads nowhere",
    );
    let beside = json!({"$ref": "#/components/schemas/Request", "minimum": 1});
    finds(
        &with_response_property(beside),
        "reference",
        "`minimum` beside `$ref`",
    );
    let value = json!({"$ref": "a field of this name", "minimum": 1});
    let examples = json!({"one": {"summary": "One.", "value": {"more": value}}});
    let of_json = format!("{RESPONSE_CONTENT}/application~1json");
    let run = Case::new(&with(contract(), &of_json, "examples", examples)).lint();
    assert!(!run.out.contains(": reference: "), "{run:?}");
}

#[test]
fn a_list_in_place_of_an_object_is_a_finding() {
    let contract = with(contract(), OPERATION, "externalDocs", json!([]));
    finds(&contract, "shape", "has to be a mapping");
}

#[test]
fn findings_name_file_and_line() {
    let case = Case::new(&with(contract(), OPERATION, "sumary", json!("x")));
    let text = fs::read_to_string(case.contract()).unwrap();
    let line = 1 + text
        .lines()
        .position(|line| line.contains("sumary"))
        .unwrap();
    let run = case.lint();
    assert!(
        run.out
            .contains(&format!("contract.yaml:{line}: unknown-key: ")),
        "{run:?}"
    );
}

#[test]
fn flags_and_texts() {
    let closed = json!({"type": "string", "enum": ["a"], "x-closed-enum": "yes"});
    finds(
        &with(contract(), SCHEMAS, "Sort", closed),
        "shape",
        "`x-closed-enum` has to be true or false",
    );
    finds(
        &with_response_property(json!({"type": ["string"]})),
        "shape",
        "`type` has to be a text",
    );
    finds(
        &with(contract(), OPERATION, "parameters", json!({})),
        "shape",
        "has to be a list",
    );
}

#[test]
fn a_description_says_more_than_the_name() {
    let described = |name: &str, text: &str| {
        let schema = json!({"type": "string", "description": text});
        with(
            contract(),
            "/components/schemas/Reply/properties",
            name,
            schema,
        )
    };
    for (name, text) in [
        ("voice", "The voice."),
        ("voice", "Sound."),
        ("image_url", "URL of the image."),
        ("id", "Its id."),
        ("token", ""),
    ] {
        finds(
            &described(name, text),
            "empty-description",
            "only repeats the name",
        );
    }
    for (name, text) in [
        ("voice", "Voice that speaks the audio."),
        ("image_url", "Location of the cover, as a data URL."),
    ] {
        assert_eq!(Case::new(&described(name, text)).lint().code, 0, "{text}");
    }
}
