//! Transforms of request bodies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::walk;

/// Nothing is required in the body of a request.
///
/// Its builder fills it field by field, so its type has to exist without any of them; what is
/// missing when it is sent is found at the call. progenitor offers only all at once, or builders
/// of its own that fail with a text. Part of the design: it stays.
pub fn bodies_become_partial(document: &mut Value) -> usize {
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
