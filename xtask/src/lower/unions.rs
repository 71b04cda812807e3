//! Transforms of alternatives.

use std::collections::BTreeMap;

use serde_json::Value;

use super::walk;

/// Drops the discriminator of a union, and the tag of its variants.
///
/// progenitor ignores the discriminator and tries the variants in turn, each with its tag as a
/// type of one value. The emitter makes an enum that is discriminated by the tag, so the variants
/// no longer need it. Can go when progenitor knows discriminators.
pub fn drop_discriminator_tags(document: &mut Value) -> usize {
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    let changed = walk::schemas(document, &mut |schema| {
        let Some(discriminator) = schema.shift_remove("discriminator") else {
            return 0;
        };
        let tag = discriminator.get("propertyName").and_then(Value::as_str);
        let variants = schema.get("oneOf").and_then(Value::as_array);
        for variant in variants.into_iter().flatten() {
            if let (Some(tag), Some(name)) = (tag, walk::component_name(variant)) {
                tags.insert(name.to_owned(), tag.to_owned());
            }
        }
        1
    });
    for (name, tag) in tags {
        let pointer = format!("/components/schemas/{name}");
        let Some(Value::Object(variant)) = document.pointer_mut(&pointer) else {
            continue;
        };
        if let Some(Value::Object(properties)) = variant.get_mut("properties") {
            properties.shift_remove(&tag);
            // Of an object of no fields progenitor would make a map, unless it is closed.
            if properties.is_empty() {
                variant.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        if let Some(Value::Array(required)) = variant.get_mut("required") {
            required.retain(|name| name.as_str() != Some(&tag));
        }
    }
    changed
}
