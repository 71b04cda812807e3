//! What a caller got, as JSON; of a stream also what its events come to, found as the contract's `x-event-stream` says.

use std::collections::BTreeMap;

use cometapi::{Deviation, DeviationAction, Error, ErrorKind};
use cometapi_contract::{Node, Operation};
use serde_json::{Map, Value, json};

use crate::collect::{CallResponse, StreamSummary};
use crate::request::EVENT_STREAM;

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

/// A stream that was opened, with what it delivered. The error is that of one that didn't open.
pub type Streamed = Result<(StreamSummary, Vec<Value>), Error>;

/// Where in an event its parts, their texts and their ends are.
#[derive(Clone, Debug)]
pub struct Shape {
    parts: Option<String>,
    index: Option<String>,
    finished: Option<String>,
    /// From the part inwards.
    text: Vec<String>,
}

/// What events come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamText {
    /// The text of the first part.
    pub text: String,
    /// How each finished part says that it is, in the order of the parts.
    pub finish_reasons: Vec<Value>,
}

impl Shape {
    /// The shape of the events that an operation responds, if it does.
    pub fn of(operation: &Operation<'_>) -> Option<Self> {
        let success = operation.success()?;
        let media_types = success.media_types();
        let events = media_types
            .iter()
            .find(|media_type| media_type.name == EVENT_STREAM)?;
        let stream = events.node.get("x-event-stream");
        let text = |key| {
            stream
                .as_ref()
                .and_then(|stream: &Node<'_>| stream.str(key))
        };
        let path = text("text").unwrap_or_default().split('.');
        Some(Self {
            parts: text("choices").map(str::to_owned),
            index: text("index").map(str::to_owned),
            finished: text("finish").map(str::to_owned),
            text: path.map(str::to_owned).collect(),
        })
    }

    /// What these events come to.
    pub fn summarize(&self, events: &[Value]) -> StreamText {
        let mut texts: BTreeMap<i64, String> = BTreeMap::new();
        let mut reasons: BTreeMap<i64, Value> = BTreeMap::new();
        for part in events.iter().flat_map(|event| self.parts_of(event)) {
            let index = self.index.as_ref().and_then(|index| part[index].as_i64());
            // One that is alone may go without a number.
            let index = index.unwrap_or(0);
            let mut names = self.text.iter();
            let text = names.try_fold(part, |value, name| value.get(name));
            let text = text.and_then(Value::as_str).unwrap_or_default();
            texts.entry(index).or_default().push_str(text);
            let finished = self.finished.as_ref().map(|finished| &part[finished]);
            if let Some(reason) = finished.filter(|reason| !reason.is_null()) {
                reasons.insert(index, reason.clone());
            }
        }
        StreamText {
            text: texts.into_values().next().unwrap_or_default(),
            finish_reasons: reasons.into_values().collect(),
        }
    }

    /// Without parts the event is the only one.
    fn parts_of<'e>(&self, event: &'e Value) -> &'e [Value] {
        match &self.parts {
            None => std::slice::from_ref(event),
            Some(parts) => event[parts].as_array().map_or(&[], Vec::as_slice),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use cometapi_contract::Contract;
    use serde_json::{Value, json};

    use super::{Shape, StreamText};

    fn summarize(stream: &str, events: &[Value]) -> StreamText {
        let text = format!(
            "paths: {{/x: {{post: {{operationId: x, responses: {{'200': {{content: {{
               text/event-stream: {{x-event-stream: {stream}}}}}}}}}}}}}}}"
        );
        let contract = Contract::parse(Path::new("x.yaml"), text).unwrap();
        let shape = Shape::of(&contract.operation("x").unwrap());
        shape.unwrap().summarize(events)
    }

    #[test]
    fn parts_are_told_apart() {
        let stream = "{choices: voices, index: no, finish: end, text: said.words}";
        let says = |no: i64, words: &str| json!({ "no": no, "said": { "words": words } });
        let events = [
            json!({ "voices": [says(1, "x"), says(0, "a")] }),
            json!({ "voices": [{ "no": 1, "end": "tired" }] }),
            json!({ "voices": [{ "said": { "words": "b" }, "end": null }] }),
            json!({ "voices": [] }),
            json!({ "other": 1 }),
        ];
        let expected = StreamText {
            text: "ab".to_owned(),
            finish_reasons: vec![json!("tired")],
        };
        assert_eq!(summarize(stream, &events), expected);
    }

    #[test]
    fn an_event_may_be_a_part_itself() {
        let events = [json!({ "delta": "a" }), json!({ "delta": "b" })];
        assert_eq!(summarize("{text: delta}", &events).text, "ab");
        assert_eq!(summarize("{sentinel: end}", &events), StreamText::default());
    }
}
