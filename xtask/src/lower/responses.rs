//! Transforms of answers.

use serde_json::Value;

use super::walk;

/// Answers other than success leave the operations; the generated tables carry them.
///
/// progenitor panics where success and error have different schemas, and with one schema for all
/// it answers an error whose body doesn't match by one that has lost status and headers. Can go
/// when progenitor hands undecoded answers to the caller.
pub fn error_answers_leave(document: &mut Value) -> usize {
    walk::operations(document, &mut |operation| {
        let Some(Value::Object(responses)) = operation.get_mut("responses") else {
            return 0;
        };
        let before = responses.len();
        responses.retain(|status, _| status.starts_with('2'));
        before - responses.len()
    })
}
