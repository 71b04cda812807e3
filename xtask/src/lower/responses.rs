//! Transforms of responses.

use serde_json::Value;

use super::walk;

/// Drops the responses other than success; the generated tables carry them.
///
/// progenitor panics where success and error have different schemas, and with one schema for all
/// it responds an error whose body doesn't match by one that has lost status and headers. Can go
/// when progenitor hands undecoded responses to the caller.
pub fn drop_error_responses(document: &mut Value) -> usize {
    walk::operations(document, &mut |operation| {
        let Some(Value::Object(responses)) = operation.get_mut("responses") else {
            return 0;
        };
        let before = responses.len();
        responses.retain(|status, _| status.starts_with('2'));
        before - responses.len()
    })
}

/// Keeps of a response with several media types its JSON, or nothing.
///
/// Beside JSON progenitor drops events and texts silently; of events and audio alone it
/// makes a stream of bytes without an `Accept` header. The emitter makes all of these from the
/// contract. The types that they need stay known through `x-content`. Can go when progenitor
/// offers a choice of media types.
pub fn keep_json_responses_only(document: &mut Value) -> usize {
    walk::operations(document, &mut |operation| {
        let Some(Value::Object(responses)) = operation.get_mut("responses") else {
            return 0;
        };
        let mut changed = 0;
        for response in responses.values_mut().filter_map(Value::as_object_mut) {
            let Some(Value::Object(content)) = response.get("content") else {
                continue;
            };
            let only_json = content
                .keys()
                .all(|media_type| media_type == "application/json");
            if only_json && !response.contains_key("x-response-selector") {
                continue;
            }
            let json = content.get("application/json").cloned();
            let Some(content) = response.shift_remove("content") else {
                continue;
            };
            response.insert("x-content".to_owned(), content);
            if let Some(json) = json.filter(|_| !response.contains_key("x-response-selector")) {
                let content = serde_json::json!({ "application/json": json });
                response.insert("content".to_owned(), content);
            }
            changed += 1;
        }
        changed
    })
}
