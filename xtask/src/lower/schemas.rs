//! Transforms of schemas in general.

use std::collections::BTreeSet;

use serde_json::Value;

use super::walk;

/// Drops the limits of values; rustdoc still lists them.
///
/// progenitor makes a newtype of each limited string, with a regular expression library for
/// patterns, and `NonZeroU64` of `minimum: 1`; all the API's limits may change without notice,
/// and it is the API's business to refuse. Can go when progenitor can be told to leave them.
pub fn drop_validation_keywords(document: &mut Value) -> usize {
    walk::schemas(document, &mut |schema| {
        walk::remove_keys(
            schema,
            &[
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "multipleOf",
                "minLength",
                "maxLength",
                "pattern",
                "minItems",
                "maxItems",
                "uniqueItems",
                "minProperties",
                "maxProperties",
            ],
        )
    })
}

/// Drops the defaults of missing fields; rustdoc still lists them.
///
/// progenitor makes a default of ours out of it and sends it with every request, so that a
/// change of the API's default would never reach the user. Can go when it doesn't.
pub fn drop_defaults(document: &mut Value) -> usize {
    walk::schemas(document, &mut |schema| {
        walk::remove_keys(schema, &["default"])
    })
}

/// Drops the components that no operation uses.
///
/// progenitor makes types of all components, also of those that only stood in error responses.
/// Can go when it makes only those that its operations use.
pub fn drop_unused_components(document: &mut Value) -> usize {
    let mut used = BTreeSet::new();
    let mut open = Vec::new();
    if let Some(paths) = document.get("paths") {
        collect_references(paths, &mut open);
    }
    while let Some(reference) = open.pop() {
        let target = document.pointer(reference.trim_start_matches('#'));
        if used.insert(reference)
            && let Some(target) = target
        {
            collect_references(target, &mut open);
        }
    }
    let Some(Value::Object(components)) = document.pointer_mut("/components/schemas") else {
        return 0;
    };
    let before = components.len();
    components.retain(|name, _| used.contains(&format!("#/components/schemas/{name}")));
    before - components.len()
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("$ref", Value::String(reference)) => found.push(reference.clone()),
                    ("properties", Value::Object(properties)) => {
                        properties
                            .values()
                            .for_each(|value| collect_references(value, found));
                    }
                    ("example" | "examples" | "default" | "enum", _) => {}
                    // The types of what the emitter makes without progenitor.
                    ("x-content" | "x-event-schema" | "x-response-selector", _) => {
                        collect_references(value, found);
                    }
                    (key, _) if key.starts_with("x-") => {}
                    _ => collect_references(value, found),
                }
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, found)),
        _ => {}
    }
}
