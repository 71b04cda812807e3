//! OpenAPI 3.0 schemas as JSON Schema, for validators that know nothing of OpenAPI.

use serde_json::{Map, Value, json};

use crate::Node;

/// What to make of open sets: string enums that aren't marked `x-closed-enum`, and the variants of a
/// union that a tag distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnumMode {
    /// Only the values the contract lists.
    Closed,
    /// Any string, and any object with a tag that the contract doesn't list.
    Open,
}

/// A JSON Schema (draft 4) that stands alone: `schema`, and the document's components beside it.
///
/// Validators ignore OpenAPI's `nullable`, so it becomes a type `null`; what only OpenAPI knows
/// (`discriminator`, `example`, extensions) goes.
pub fn json_schema(schema: &Node<'_>, mode: EnumMode) -> Value {
    let components = schema.contract().pointer("/components/schemas");
    let components: Map<String, Value> = components
        .iter()
        .flat_map(Node::entries)
        .map(|(name, node)| (name.to_owned(), component(node.value(), mode)))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "allOf": [convert(schema.value(), mode)],
        "components": { "schemas": components },
    })
}

/// A component with one value is a set that may grow; only a property of one value is a tag.
fn component(schema: &Value, mode: EnumMode) -> Value {
    let mut schema = schema.clone();
    if let (EnumMode::Open, Value::Object(object)) = (mode, &mut schema)
        && !is_closed(object)
    {
        object.shift_remove("enum");
    }
    convert(&schema, mode)
}

fn convert(schema: &Value, mode: EnumMode) -> Value {
    let Value::Object(object) = schema else {
        return schema.clone();
    };
    let mut converted = Map::new();
    for (key, value) in object {
        let value = match key.as_str() {
            "nullable" | "discriminator" | "example" | "externalDocs" | "xml" | "deprecated"
            | "readOnly" | "writeOnly" | "title" | "description" | "default" => continue,
            key if key.starts_with("x-") => continue,
            "enum" if mode == EnumMode::Open && !is_closed(object) && !is_tag(object) => {
                continue;
            }
            "properties" => match value {
                Value::Object(properties) => properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), convert(schema, mode)))
                    .collect(),
                other => other.clone(),
            },
            "items" | "additionalProperties" | "not" => convert(value, mode),
            "oneOf" | "anyOf" | "allOf" => match value {
                Value::Array(schemas) => {
                    schemas.iter().map(|schema| convert(schema, mode)).collect()
                }
                other => other.clone(),
            },
            _ => value.clone(),
        };
        converted.insert(key.clone(), value);
    }
    if let (EnumMode::Open, Some(other), Some(Value::Array(variants))) =
        (mode, unlisted(object), converted.get_mut("oneOf"))
    {
        variants.push(other);
    }
    if object.get("nullable") == Some(&Value::Bool(true)) {
        return json!({ "anyOf": [converted, { "type": "null" }] });
    }
    Value::Object(converted)
}

fn is_closed(schema: &Map<String, Value>) -> bool {
    schema.get("x-closed-enum") == Some(&Value::Bool(true))
}

/// Of a union that a tag distinguishes, the variants that the contract doesn't list.
fn unlisted(union: &Map<String, Value>) -> Option<Value> {
    let discriminator = union.get("discriminator")?;
    let tag = discriminator.get("propertyName")?.as_str()?;
    let listed: Vec<&String> = discriminator.get("mapping")?.as_object()?.keys().collect();
    Some(json!({
        "type": "object",
        "required": [tag],
        "properties": { tag: { "type": "string", "not": { "enum": listed } } },
    }))
}

/// The one value of a tag is what tells the variants of a union apart: no open set.
fn is_tag(schema: &Map<String, Value>) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    values.is_some_and(|values| values.len() == 1)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{EnumMode, json_schema};
    use crate::Contract;

    #[test]
    fn open_sets_lose_their_values_and_tags_keep_theirs() {
        let text = "
            components: {schemas: {
              Colour: {type: string, enum: [red]},
              Size: {type: string, enum: [small, large], x-closed-enum: true},
              Part: {oneOf: [{$ref: '#/components/schemas/Text'}], discriminator:
                {propertyName: type, mapping: {text: '#/components/schemas/Text'}}},
              Text: {type: object, properties: {type: {type: string, enum: [text]}}}}}";
        let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
        let part = contract.pointer("/components/schemas/Part").unwrap();
        let text = json!({
            "type": "object",
            "properties": { "type": { "type": "string", "enum": ["text"] } },
        });
        let size = json!({ "type": "string", "enum": ["small", "large"] });
        let reference = json!({ "$ref": "#/components/schemas/Text" });
        let listed = json_schema(&part, EnumMode::Closed);
        assert_eq!(
            listed["components"]["schemas"],
            json!({
                "Colour": { "type": "string", "enum": ["red"] },
                "Size": size,
                "Part": { "oneOf": [reference] },
                "Text": text,
            })
        );
        let any = json_schema(&part, EnumMode::Open);
        let other = json!({
            "type": "object",
            "required": ["type"],
            "properties": { "type": { "type": "string", "not": { "enum": ["text"] } } },
        });
        assert_eq!(
            any["components"]["schemas"],
            json!({
                "Colour": { "type": "string" },
                "Size": size,
                "Part": { "oneOf": [reference, other] },
                "Text": text,
            })
        );
    }
}
