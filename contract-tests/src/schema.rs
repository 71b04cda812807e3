//! Schemas of the contract, and the values beside them. Everything here looks behind `$ref`s.

use std::collections::BTreeSet;

use cometapi_contract::{MediaType, Node, Response, ResponseSelector, ResponseVariant};
use serde_json::Value;

/// What values of a schema look like.
#[derive(Debug)]
pub enum Shape<'c> {
    /// With the listed values, of an enum.
    Text {
        listed: Vec<Node<'c>>,
    },
    Integer,
    Number,
    Boolean,
    List(Node<'c>),
    Object(Vec<(&'c str, Node<'c>)>),
    /// An object with the same schema for each of its properties.
    Map(Node<'c>),
    /// With the property by which its variants are told apart, if there is one.
    Union(Vec<Node<'c>>, Option<&'c str>),
    Untyped,
}

impl<'c> Shape<'c> {
    pub fn of(schema: &Node<'c>) -> Self {
        let schema = schema.resolved();
        let variants = variants(&schema);
        if !variants.is_empty() {
            return Self::Union(variants, tag(&schema));
        }
        let part = |key| schema.get(key);
        match (
            schema.str("type"),
            part("items"),
            part("additionalProperties"),
        ) {
            (Some("string"), ..) => Self::Text {
                listed: part("enum")
                    .map(|listed| listed.items())
                    .unwrap_or_default(),
            },
            (Some("integer"), ..) => Self::Integer,
            (Some("number"), ..) => Self::Number,
            (Some("boolean"), ..) => Self::Boolean,
            (Some("array"), Some(items), _) => Self::List(items),
            (Some("object"), ..) if part("properties").is_some() => {
                Self::Object(properties(&schema))
            }
            (Some("object"), _, Some(entry)) => Self::Map(entry),
            _ => Self::Untyped,
        }
    }
}

/// The schema of a media type's JSON, or of the JSON in its events.
pub fn of_media_type<'c>(media_type: &MediaType<'c>) -> Option<Node<'c>> {
    let events = media_type.node.get("x-event-schema");
    events.or_else(|| media_type.schema())
}

/// The schema of a response's body that is requested as this variant, where the media type stands for several.
pub fn of_body<'c>(
    response: &Response<'c>,
    media_type: &str,
    variant: impl FnOnce(&ResponseSelector<'c>) -> Option<ResponseVariant<'c>>,
) -> Option<Node<'c>> {
    let media_types = response.media_types();
    let own = media_types.iter().find(|own| own.name == media_type)?;
    let selector = response.response_selector();
    let variant = selector.as_ref().and_then(variant);
    let selected = variant.and_then(|variant| variant.schema);
    selected.or_else(|| of_media_type(own))
}

/// Whether a value may be null; beside a `$ref` that belongs to the property.
pub fn is_nullable(schema: &Node<'_>) -> bool {
    schema.bool("nullable") || schema.resolved().bool("nullable")
}

/// The properties of an object.
pub fn properties<'c>(schema: &Node<'c>) -> Vec<(&'c str, Node<'c>)> {
    let properties = schema.resolved().get("properties");
    properties.map(|all| all.entries()).unwrap_or_default()
}

/// One property of an object.
pub fn property<'c>(schema: &Node<'c>, name: &str) -> Option<Node<'c>> {
    schema.resolved().get_path(&["properties", name])
}

pub fn is_required(schema: &Node<'_>, name: &str) -> bool {
    required(schema).contains(&name)
}

/// The properties that an object can't do without.
pub fn required<'c>(schema: &Node<'c>) -> Vec<&'c str> {
    let required = schema.resolved().get("required");
    let names = required.iter().flat_map(Node::items);
    names.filter_map(|name| name.value().as_str()).collect()
}

/// The variants of a union; none of anything else.
pub fn variants<'c>(schema: &Node<'c>) -> Vec<Node<'c>> {
    let union = schema.resolved();
    let variants = union.get("oneOf").or_else(|| union.get("anyOf"));
    variants.map(|all| all.items()).unwrap_or_default()
}

/// The property by which the variants of a union are told apart.
pub fn tag<'c>(union: &Node<'c>) -> Option<&'c str> {
    union.resolved().get("discriminator")?.str("propertyName")
}

/// Which variant of a union a value is: by its tag, else by its type.
pub fn variant<'c>(union: &Node<'c>, value: &Value) -> Option<Node<'c>> {
    if let Some(tag) = tag(union) {
        let mapping = union.resolved().get_path(&["discriminator", "mapping"])?;
        let target = mapping.str(value.get(tag)?.as_str()?)?;
        return union.contract().pointer(target.strip_prefix('#')?);
    }
    let fits = |variant: &Node<'_>| {
        let expected = variant.resolved().str("type");
        expected.is_none_or(|expected| is_of(value, expected))
    };
    variants(union).into_iter().find(fits)
}

/// Whether a value is of a type of JSON Schema.
pub fn is_of(value: &Value, expected: &str) -> bool {
    type_of(value) == expected || expected == "number" && value.is_number()
}

/// The type of a value, as JSON Schema names it.
pub fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Visits every value that is in `value` with its schema, behind its `$ref`; what is inside comes
/// before what it is in. A `null` has no schema.
///
/// Of a union the variant is visited too that the value is.
pub fn walk(schema: &Node<'_>, value: &mut Value, visit: &mut dyn FnMut(&Node<'_>, &mut Value)) {
    if value.is_null() {
        return;
    }
    let schema = schema.resolved();
    if let Some(variant) = variant(&schema, value) {
        walk(&variant, value, visit);
    }
    match value {
        Value::Object(fields) => {
            let others = schema.get("additionalProperties");
            for (name, field) in fields {
                if let Some(schema) = property(&schema, name).or_else(|| others.clone()) {
                    walk(&schema, field, visit);
                }
            }
        }
        Value::Array(values) => {
            if let Some(items) = schema.get("items") {
                for item in values {
                    walk(&items, item, visit);
                }
            }
        }
        _ => {}
    }
    visit(&schema, value);
}

/// Visits every schema that a value of `schema` can be made of, once, behind its `$ref`.
pub fn reach<'c>(schema: &Node<'c>, visit: &mut dyn FnMut(&Node<'c>)) {
    reach_new(schema, &mut BTreeSet::new(), visit);
}

fn reach_new<'c>(
    schema: &Node<'c>,
    reached: &mut BTreeSet<String>,
    visit: &mut dyn FnMut(&Node<'c>),
) {
    let schema = schema.resolved();
    if !reached.insert(schema.pointer().to_owned()) {
        return;
    }
    visit(&schema);
    let properties = properties(&schema).into_iter();
    let inside = properties.map(|(_, property)| property);
    let one = ["items", "additionalProperties"].map(|key| schema.get(key));
    let inside = inside.chain(variants(&schema));
    for schema in inside.chain(one.into_iter().flatten()) {
        reach_new(&schema, reached, visit);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use cometapi_contract::Contract;
    use serde_json::json;

    use super::walk;

    const SCHEMAS: &str = "
        Thing: {type: object, properties: {
          parts: {type: array, items: {$ref: '#/Part'}},
          size: {oneOf: [{type: integer}, {type: string}]},
          others: {type: object, additionalProperties: {$ref: '#/Leaf'}}}}
        Part: {oneOf: [{$ref: '#/Leaf'}], discriminator: {
          propertyName: kind, mapping: {leaf: '#/Leaf'}}}
        Leaf: {type: object, properties: {kind: {type: string}}}";

    #[test]
    fn every_value_has_its_schema() {
        let contract = Contract::parse(Path::new("x.yaml"), SCHEMAS.to_owned()).unwrap();
        let mut value = json!({
            "parts": [{ "kind": "leaf", "unknown": 1 }, { "kind": "other" }],
            "size": "9",
            "others": { "a": {}, "b": null },
        });
        let mut seen = Vec::new();
        walk(
            &contract.pointer("/Thing").unwrap(),
            &mut value,
            &mut |schema, _| {
                seen.push(schema.pointer().to_owned());
            },
        );
        let expected = [
            "/Leaf/properties/kind",
            "/Leaf",
            "/Part",
            "/Part",
            "/Thing/properties/parts",
            "/Thing/properties/size/oneOf/1",
            "/Thing/properties/size",
            "/Leaf",
            "/Thing/properties/others",
            "/Thing",
        ];
        assert_eq!(seen, expected);
    }
}
