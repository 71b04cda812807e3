//! What a caller got, as JSON.

use cometapi::{Deviation, DeviationAction, Error, ErrorKind};
use serde_json::{Map, Value, json};

use crate::collect::CallResponse;
use crate::stream_text::{Shape, Streamed};

/// What a call came to.
pub type Outcome = Result<CallResponse, Error>;

/// One JSON object: the same keys in the same order every time.
pub fn call_summary(operation: &str, outcome: &Outcome) -> Value {
    match outcome {
        Ok(response) => json!({
            "operation": operation,
            "outcome": "ok",
            "status": response.status.as_u16(),
            "request_id": response.request_id,
            "value": response.value,
            "deviations": deviations(&response.deviations),
        }),
        Err(error) => failure(operation, error),
    }
}

/// The same for a stream. One that didn't open is an error like any other.
pub fn stream_summary(operation: &str, shape: &Shape, streamed: &Streamed) -> Value {
    let (drained, events) = match streamed {
        Ok(opened) => opened,
        Err(error) => return failure(operation, error),
    };
    let text = shape.summarize(events);
    json!({
        "operation": operation,
        "outcome": stream_outcome(drained.outcome.as_ref().err()),
        "status": drained.status,
        "events": events.len(),
        "text": text.text,
        "finish_reasons": text.finish_reasons,
        "error": drained.outcome.as_ref().err().map(fields),
        "deviations": deviations(&drained.deviations),
    })
}

/// All that a caller can learn from an outcome, but for headers and body.
pub fn call_snapshot(operation: &str, outcome: &Outcome) -> Value {
    let mut got = call_summary(operation, outcome);
    remove_empty_deviations(&mut got);
    if let Err(error) = outcome {
        got["type"] = json!(error.error_type());
        got["param"] = json!(error.param());
        got["docs_url"] = json!(error.docs_url());
        got["request_may_have_been_sent"] = json!(error.request_may_have_been_sent());
        got["display"] = json!(error.to_string());
    }
    got
}

/// The same for a stream, event by event.
pub fn stream_snapshot(operation: &str, streamed: &Streamed) -> Value {
    let (drained, events) = match streamed {
        Ok(opened) => opened,
        Err(error) => return failure(operation, error),
    };
    let mut got = json!({
        "operation": operation,
        "outcome": stream_outcome(drained.outcome.as_ref().err()),
        "status": drained.status,
        "ended_by": drained.outcome.as_ref().ok().map(|marker| format!("{marker:?}")),
        "events": events,
        "error": drained.outcome.as_ref().err().map(fields),
        "deviations": deviations(&drained.deviations),
    });
    remove_empty_deviations(&mut got);
    got
}

/// The snapshot of a valid response is free of what it lacks.
fn remove_empty_deviations(got: &mut Value) {
    if got["deviations"] == json!([])
        && let Some(got) = got.as_object_mut()
    {
        got.shift_remove("deviations");
    }
}

/// Deviations without the values that differ.
fn deviations(deviations: &[Deviation]) -> Vec<Value> {
    let fields = |deviation: &Deviation| {
        let mut fields = json!({
            "pointer": deviation.pointer(),
            "expected": deviation.expected(),
            "found": deviation.found().as_str(),
            "action": deviation.action().as_str(),
            "count": deviation.count(),
        });
        if let DeviationAction::LeftOut(place) | DeviationAction::Emptied(place) =
            deviation.action()
        {
            fields["place"] = json!(place);
        }
        fields
    };
    deviations.iter().map(fields).collect()
}

/// How an opened stream ended, in a word.
pub fn stream_outcome(error: Option<&Error>) -> &'static str {
    match error.map(Error::kind) {
        None => "stream_ok",
        Some(ErrorKind::IncompleteStream) => "stream_truncated",
        Some(_) => "stream_error",
    }
}

/// What the server asks to wait.
pub fn retry_after_ms(error: &Error) -> Option<u64> {
    let wait = error.retry_after()?.as_millis();
    Some(u64::try_from(wait).unwrap_or(u64::MAX))
}

fn failure(operation: &str, error: &Error) -> Value {
    let mut failure = Map::new();
    failure.insert("operation".to_owned(), json!(operation));
    failure.insert("outcome".to_owned(), json!("error"));
    failure.extend(fields(error));
    Value::Object(failure)
}

fn fields(error: &Error) -> Map<String, Value> {
    let fields = [
        (
            "status",
            json!(error.status().map(|status| status.as_u16())),
        ),
        ("kind", json!(error.kind().as_str())),
        ("code", json!(error.code())),
        ("message", json!(error.message())),
        ("request_id", json!(error.request_id())),
        ("retryable", json!(error.is_retryable())),
        ("retry_after_ms", json!(retry_after_ms(error))),
        ("body_bytes", json!(error.body().map(|body| body.len()))),
        ("advice", json!(error.help())),
    ];
    let named = fields.into_iter();
    named
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
