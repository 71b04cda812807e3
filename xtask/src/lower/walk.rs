//! Ways through a document that is being lowered.

use serde_json::{Map, Value};

pub type Object = Map<String, Value>;

/// Calls `change` for each schema object, the inner ones first, and adds up what it counts.
pub fn schemas(document: &mut Value, change: &mut dyn FnMut(&mut Object) -> usize) -> usize {
    let mut changed = 0;
    if let Some(Value::Object(components)) = document.pointer_mut("/components/schemas") {
        for schema in components.values_mut() {
            changed += schema_and_inner(schema, change);
        }
    }
    if let Some(paths) = document.get_mut("paths") {
        changed += schemas_in_paths(paths, change);
    }
    changed
}

/// Whatever stands under a key `schema`, outside examples.
fn schemas_in_paths(value: &mut Value, change: &mut dyn FnMut(&mut Object) -> usize) -> usize {
    match value {
        Value::Object(object) => {
            let mut changed = 0;
            for (key, value) in object {
                changed += match key.as_str() {
                    "schema" => schema_and_inner(value, change),
                    "example" | "examples" => 0,
                    key if key.starts_with("x-") => 0,
                    _ => schemas_in_paths(value, change),
                };
            }
            changed
        }
        Value::Array(items) => items
            .iter_mut()
            .map(|item| schemas_in_paths(item, change))
            .sum(),
        _ => 0,
    }
}

fn schema_and_inner(schema: &mut Value, change: &mut dyn FnMut(&mut Object) -> usize) -> usize {
    let Value::Object(object) = schema else {
        return 0;
    };
    let mut changed = 0;
    for (key, value) in object.iter_mut() {
        changed += match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties
                .values_mut()
                .map(|property| schema_and_inner(property, change))
                .sum(),
            ("items" | "additionalProperties", inner) => schema_and_inner(inner, change),
            ("oneOf" | "anyOf" | "allOf", Value::Array(inner)) => inner
                .iter_mut()
                .map(|inner| schema_and_inner(inner, change))
                .sum(),
            _ => 0,
        };
    }
    changed + change(object)
}

/// Calls `change` for each operation object.
pub fn operations(document: &mut Value, change: &mut dyn FnMut(&mut Object) -> usize) -> usize {
    let Some(Value::Object(paths)) = document.get_mut("paths") else {
        return 0;
    };
    let items = paths.values_mut().filter_map(Value::as_object_mut);
    items
        .flat_map(|item| item.values_mut().filter_map(Value::as_object_mut))
        .filter(|operation| operation.contains_key("responses"))
        .map(change)
        .sum()
}

/// The component schema a `$ref` names.
pub fn component_name(schema: &Value) -> Option<&str> {
    schema
        .get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

/// Removes keys and counts those that were there.
pub fn remove_keys(object: &mut Object, keys: &[&str]) -> usize {
    keys.iter()
        .filter(|key| object.shift_remove(**key).is_some())
        .count()
}
