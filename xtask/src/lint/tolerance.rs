//! Extensions for tolerant reading, where they mean something.

use cometapi_contract::{Contract, Node};

use super::schemas;
use crate::finding::Findings;

pub fn tolerance(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let properties = schema.get("properties");
        if schema.bool("x-keep-unknown") {
            keep_unknown(&schema, properties.as_ref(), findings);
        }
        for (name, property) in properties.iter().flat_map(Node::entries) {
            if property.bool("x-null-is-empty")
                && !(is_required(&schema, name)
                    && matches!(property.resolved().str("type"), Some("array" | "object")))
            {
                let message = "only a required list or object can be empty where it is null";
                findings.add("x-null-is-empty", &property, message);
            }
            if property.bool("x-reported-error") && is_required(&schema, name) {
                let message = "an error that a good response has not can't be `required`";
                findings.add("x-reported-error", &property, message);
            }
            if let Some(parts) = property.get("x-text-parts") {
                text_parts(&schema, &property, &parts, findings);
            }
        }
    }
}

fn keep_unknown(schema: &Node<'_>, properties: Option<&Node<'_>>, findings: &mut Findings) {
    let Some(properties) = properties else {
        let message = "only an object with properties has others that it keeps";
        findings.add("x-keep-unknown", schema, message);
        return;
    };
    if let Some(property) = properties.get("unknown") {
        let message = "`unknown` is the field for the properties that aren't listed";
        findings.add("x-keep-unknown", &property, message);
    }
}

/// A string may come as a list of parts, whose texts belong to strings of the same object.
fn text_parts(schema: &Node<'_>, property: &Node<'_>, parts: &Node<'_>, findings: &mut Findings) {
    let is_string = |property: &Node<'_>| property.str("type") == Some("string");
    if !is_string(property) {
        findings.add("x-text-parts", property, "only a string can come as parts");
    }
    for (kind, target) in parts.entries() {
        let name = target.value().as_str().unwrap_or_default();
        let known = schema.get_path(&["properties", name]);
        if !known.as_ref().is_some_and(is_string) {
            let message = format!("`{kind}: {name}` is no string of the object");
            findings.add("x-text-parts", &target, message);
        }
    }
}

fn is_required(schema: &Node<'_>, name: &str) -> bool {
    let required = schema.get("required");
    let names = required.iter().flat_map(Node::items);
    names
        .into_iter()
        .any(|one| one.value().as_str() == Some(name))
}
