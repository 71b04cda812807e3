//! Transforms of request bodies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::walk;

/// Turns a multipart form into JSON, without its files.
///
/// progenitor refuses the content type. The emitter gives the files setters of their own and the
/// runtime sends the fields as parts. Can go when progenitor knows forms.
pub fn multipart_to_json(document: &mut Value) -> usize {
    let mut forms = BTreeSet::new();
    let changed = walk::operations(document, &mut |operation| {
        let content = operation
            .get_mut("requestBody")
            .and_then(|body| body.get_mut("content"));
        let Some(Value::Object(content)) = content else {
            return 0;
        };
        let Some(mut form) = content.shift_remove("multipart/form-data") else {
            return 0;
        };
        // JSON has no encoding of fields, and progenitor panics on one.
        if let Value::Object(form) = &mut form {
            walk::remove_keys(form, &["encoding"]);
        }
        let schema = form.get("schema").and_then(walk::component_name);
        forms.extend(schema.map(str::to_owned));
        content.insert("application/json".to_owned(), form);
        1
    });
    for name in forms {
        let schema = format!("/components/schemas/{name}");
        let pointer = format!("{schema}/properties");
        if let Some(Value::Object(properties)) = document.pointer_mut(&pointer) {
            properties.retain(|_, property| {
                property.get("format").and_then(Value::as_str) != Some("binary")
            });
            let is_empty = properties.is_empty();
            // Of an object of no fields progenitor would make a map, unless it is closed.
            if let (true, Some(Value::Object(form))) = (is_empty, document.pointer_mut(&schema)) {
                form.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
    }
    changed
}

/// Makes every field of a request body optional.
///
/// Its builder fills it field by field, so its type has to exist without any of them; what is
/// missing when it is sent is found at the call. progenitor offers only all at once, or builders
/// of its own that fail with a text. Part of the design: it stays.
pub fn make_body_fields_optional(document: &mut Value) -> usize {
    let mut bodies = BTreeSet::new();
    walk::operations(document, &mut |operation| {
        let content = operation
            .get("requestBody")
            .and_then(|body| body.get("content"));
        for media_type in content
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|c| c.values())
        {
            let schema = media_type.get("schema");
            bodies.extend(schema.and_then(walk::component_name).map(str::to_owned));
        }
        0
    });
    let mut changed = 0;
    for name in bodies {
        let pointer = format!("/components/schemas/{name}");
        if let Some(Value::Object(body)) = document.pointer_mut(&pointer) {
            changed += walk::remove_keys(body, &["required"]);
        }
    }
    changed
}
