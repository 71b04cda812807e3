//! Transforms of objects and their properties.

use serde_json::Value;

use super::walk;

/// Makes optional lists and maps non-nullable.
///
/// progenitor makes `Option<Vec<T>>` of one that may be null, and of one that may not, a list
/// that fails when null comes after all. The emitter's lists take both absence and null for
/// empty. Can go when progenitor's do.
pub fn make_containers_non_null(document: &mut Value) -> usize {
    walk::schemas(document, &mut |schema| {
        let required: Vec<String> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        let Some(Value::Object(properties)) = schema.get_mut("properties") else {
            return 0;
        };
        let mut changed = 0;
        for (name, property) in properties {
            if let Value::Object(property) = property
                && is_container(property)
                && !required.contains(name)
            {
                changed += walk::remove_keys(property, &["nullable"]);
            }
        }
        changed
    })
}

fn is_container(schema: &walk::Object) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => true,
        Some("object") => schema.contains_key("additionalProperties"),
        _ => false,
    }
}
