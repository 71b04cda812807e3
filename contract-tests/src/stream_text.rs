//! What the events of a stream come to, found as the contract's `x-event-stream` says.

use std::collections::BTreeMap;

use crate::collect::StreamSummary;
use crate::request::EVENT_STREAM;
use cometapi::Error;
use cometapi_contract::{Node, Operation};
use serde_json::Value;

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
