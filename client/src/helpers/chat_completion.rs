//! What a completion says.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::types::{ChatCompletion, ToolCall};

impl ChatCompletion {
    /// The text of the first choice; none if it calls tools, refuses, or says nothing.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.choices.first()?.message.content.as_ref()?.text()
    }

    /// The text of the first choice as a type of yours, for a
    /// [`ResponseFormat`](crate::types::ResponseFormat) of JSON.
    ///
    /// # Errors
    ///
    /// The text isn't JSON, or not of this type: the model refused, was cut off at the limit of
    /// tokens, or doesn't keep to schemas.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.text().unwrap_or_default())
    }

    /// The calls that the first choice requests.
    pub fn tool_calls(&self) -> &[ToolCall] {
        let first = self.choices.first();
        first.map_or(&[], |choice| &choice.message.tool_calls)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn completion(content: Value) -> ChatCompletion {
        let choice = json!({"message": {"role": "assistant", "content": content}});
        serde_json::from_value(json!({"choices": [choice]})).unwrap()
    }

    #[test]
    fn the_text_is_that_of_the_first_choice() {
        assert_eq!(
            completion(json!("Hello.")).text().as_deref(),
            Some("Hello.")
        );
        let parts = json!([{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo."}]);
        assert_eq!(completion(parts).text().as_deref(), Some("Hello."));
    }

    #[test]
    fn the_text_may_be_json() {
        let colour = completion(json!(" {\"colour\": \"blue\"}\n"));
        assert_eq!(colour.json::<Value>().unwrap(), json!({ "colour": "blue" }));
        let refused = completion(Value::Null);
        assert!(refused.json::<Value>().unwrap_err().is_eof());
    }

    #[test]
    fn calls_are_those_of_the_first_choice() {
        let call = json!({"id": "call_1", "function": {"name": "f", "arguments": "{}"}});
        let calling = json!({"message": {"role": "assistant", "tool_calls": [call]}});
        let silent = json!({"message": {"role": "assistant"}});
        let ids = |choices: Value| {
            let completion = json!({ "choices": choices });
            let completion: ChatCompletion = serde_json::from_value(completion).unwrap();
            let ids = completion.tool_calls().iter().map(|call| call.id.clone());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(ids(json!([calling, silent])), [Some("call_1".to_owned())]);
        assert_eq!(ids(json!([silent, calling])), []);
        assert_eq!(ids(json!([])), []);
    }

    #[test]
    fn a_completion_may_say_nothing() {
        assert_eq!(completion(Value::Null).text(), None);
        let empty: ChatCompletion = serde_json::from_value(json!({"choices": []})).unwrap();
        assert_eq!(empty.text(), None);
    }
}
