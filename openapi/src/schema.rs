//! OpenAPI 3.0 schemas as JSON Schema, for validators that know nothing of OpenAPI.

use serde_json::{Map, Value, json};

use crate::Node;

/// What to make of string enums that are open sets (all that aren't marked `x-closed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenSets {
    /// Only the values the contract lists.
    Listed,
    /// Any string.
    Any,
}

/// A JSON Schema (draft 4) that stands alone: `schema`, and the document's components beside it.
///
/// Validators ignore OpenAPI's `nullable`, so it becomes a type `null`; what only OpenAPI knows
/// (`discriminator`, `example`, extensions) goes.
pub fn json_schema(schema: &Node<'_>, open_sets: OpenSets) -> Value {
    let components = schema.contract().at("/components/schemas");
    let components: Map<String, Value> = components
        .iter()
        .flat_map(Node::entries)
        .map(|(name, node)| (name.to_owned(), convert(node.value(), open_sets)))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "allOf": [convert(schema.value(), open_sets)],
        "components": { "schemas": components },
    })
}

fn convert(schema: &Value, open_sets: OpenSets) -> Value {
    let Value::Object(object) = schema else {
        return schema.clone();
    };
    let mut converted = Map::new();
    let closed = object.get("x-closed") == Some(&Value::Bool(true));
    for (key, value) in object {
        let value = match key.as_str() {
            "nullable" | "discriminator" | "example" | "externalDocs" | "xml" | "deprecated"
            | "readOnly" | "writeOnly" | "title" | "description" | "default" => continue,
            key if key.starts_with("x-") => continue,
            "enum" if open_sets == OpenSets::Any && !closed && !is_tag(object) => continue,
            "properties" => match value {
                Value::Object(properties) => properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), convert(schema, open_sets)))
                    .collect(),
                other => other.clone(),
            },
            "items" | "additionalProperties" | "not" => convert(value, open_sets),
            "oneOf" | "anyOf" | "allOf" => match value {
                Value::Array(schemas) => schemas
                    .iter()
                    .map(|schema| convert(schema, open_sets))
                    .collect(),
                other => other.clone(),
            },
            _ => value.clone(),
        };
        converted.insert(key.clone(), value);
    }
    if object.get("nullable") == Some(&Value::Bool(true)) {
        return json!({ "anyOf": [converted, { "type": "null" }] });
    }
    Value::Object(converted)
}

/// The one value of a tag is what tells the variants of a union apart: no open set.
fn is_tag(schema: &Map<String, Value>) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    values.is_some_and(|values| values.len() == 1)
}
