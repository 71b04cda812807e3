//! What a caller got, as JSON.

use cometapi::{Error, Response};
use serde_json::{Value, json};

/// What a call came to.
pub type Outcome = Result<Response<Value>, Error>;

/// One JSON object: the same keys in the same order every time.
pub fn report(operation: &str, outcome: &Outcome) -> Value {
    match outcome {
        Ok(response) => json!({
            "operation": operation,
            "outcome": "ok",
            "status": response.status().as_u16(),
            "request_id": response.request_id(),
            "value": **response,
        }),
        Err(error) => json!({
            "operation": operation,
            "outcome": "error",
            "status": error.status().map(|status| status.as_u16()),
            "kind": error.kind().as_str(),
            "code": error.code(),
            "message": error.message(),
            "request_id": error.request_id(),
            "retryable": error.is_retryable(),
            "retry_after_ms": retry_after_ms(error),
            "body_bytes": error.body().map(|body| body.len()),
            "advice": error.advice(),
        }),
    }
}

/// What the server asks to wait.
pub fn retry_after_ms(error: &Error) -> Option<u64> {
    let wait = error.retry_after()?.as_millis();
    Some(u64::try_from(wait).unwrap_or(u64::MAX))
}
