//! Each rule of lint, on a contract that breaks that one.

mod document;
mod examples;
mod operations;
mod schemas;
#[path = "../support/mod.rs"]
mod support;

use crate::support::{Case, OPERATION, SCHEMAS, contract, with, with_response_property};
use serde_json::{Value, json};

pub(crate) fn finds(contract: &Value, rule: &str, message: &str) {
    let run = Case::new(contract).lint();
    assert_eq!(run.code, 1, "{run:?}");
    let finding = format!(": {rule}: ");
    let found = run
        .out
        .lines()
        .any(|line| line.contains(&finding) && line.contains(message));
    assert!(found, "{rule}: {message}\n{}", run.out);
}

pub(crate) fn error(rules: Value) -> Value {
    json!({"description": "No.", "x-error-rules": rules})
}

pub(crate) fn union(discriminator: Value) -> Value {
    let cat = json!({"type": "object", "required": ["type"], "properties": {
        "type": {"type": "string", "enum": ["cat"]},
    }});
    let union = json!({
        "oneOf": [{"$ref": "#/components/schemas/Cat"}],
        "discriminator": discriminator,
    });
    let contract = with_response_property(json!({"$ref": "#/components/schemas/Pet"}));
    with(with(contract, SCHEMAS, "Pet", union), SCHEMAS, "Cat", cat)
}

pub(crate) fn parameter(parameter: Value) -> Value {
    with(contract(), OPERATION, "parameters", json!([parameter]))
}
