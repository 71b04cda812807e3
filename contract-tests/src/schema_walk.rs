//! Schemas and the values beside them.

use std::collections::BTreeSet;

use cometapi_contract::Node;
use serde_json::Value;

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
            let properties = schema.get("properties");
            let others = schema.get("additionalProperties");
            for (name, field) in fields {
                let own = properties.as_ref().and_then(|all| all.get(name));
                if let Some(schema) = own.or_else(|| others.clone()) {
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
    let properties = schema.get("properties");
    let properties = properties.iter().flat_map(Node::entries);
    let variants = ["oneOf", "anyOf"].map(|key| schema.get(key));
    let variants = variants.iter().flatten().flat_map(Node::items);
    let one = ["items", "additionalProperties"].map(|key| schema.get(key));
    let inside = properties.map(|(_, property)| property).chain(variants);
    for schema in inside.chain(one.into_iter().flatten()) {
        reach_new(&schema, reached, visit);
    }
}

/// Which variant of a union a value is: by its tag, else by its type.
pub fn variant<'c>(union: &Node<'c>, value: &Value) -> Option<Node<'c>> {
    if let Some(discriminator) = union.get("discriminator") {
        let tag = value.get(discriminator.str("propertyName")?)?.as_str()?;
        let target = discriminator.get("mapping")?.str(tag)?;
        return union.contract().pointer(target.strip_prefix('#')?);
    }
    let variants = union.get("oneOf").or_else(|| union.get("anyOf"))?;
    let fits = |variant: &Node<'_>| is_of(&variant.resolved(), value);
    variants.items().into_iter().find(fits)
}

fn is_of(schema: &Node<'_>, value: &Value) -> bool {
    match schema.str("type") {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
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
