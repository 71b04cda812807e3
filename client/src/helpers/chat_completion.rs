//! The text, JSON and tool calls of a chat completion.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::types::{ChatCompletion, ToolCall};

impl ChatCompletion {
    /// Returns the text of the first choice, or `None` if it has no text: the model called tools,
    /// refused, or returned no content.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.choices.first()?.message.content.as_ref()?.text()
    }

    /// Decodes the text of the first choice as JSON. Request JSON with a
    /// [`ResponseFormat`](crate::types::ResponseFormat).
    ///
    /// # Errors
    ///
    /// The text is not JSON or does not match the type: the model refused, reached the token limit,
    /// or does not follow schemas.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.text().unwrap_or_default())
    }

    /// Returns the tool calls of the first choice.
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
    fn text_returns_the_text_of_the_first_choice() {
        assert_eq!(
            completion(json!("Hello.")).text().as_deref(),
            Some("Hello.")
        );
        let parts = json!([{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo."}]);
        assert_eq!(completion(parts).text().as_deref(), Some("Hello."));
    }

    #[test]
    fn the_text_is_decoded_as_json() {
        let colour = completion(json!(" {\"colour\": \"blue\"}\n"));
        assert_eq!(colour.json::<Value>().unwrap(), json!({ "colour": "blue" }));
        let refused = completion(Value::Null);
        assert!(refused.json::<Value>().unwrap_err().is_eof());
    }

    #[test]
    fn tool_calls_are_those_of_the_first_choice() {
        let call = json!({"id": "call_1", "function": {"name": "f", "arguments": "{}"}});
        let calling = json!({"message": {"role": "assistant", "tool_calls": [call]}});
        let without_calls = json!({"message": {"role": "assistant"}});
        let ids = |choices: Value| {
            let completion = json!({ "choices": choices });
            let completion: ChatCompletion = serde_json::from_value(completion).unwrap();
            let ids = completion.tool_calls().iter().map(|call| call.id.clone());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(
            ids(json!([calling, without_calls])),
            [Some("call_1".to_owned())]
        );
        assert_eq!(ids(json!([without_calls, calling])), []);
        assert_eq!(ids(json!([])), []);
    }

    #[test]
    fn a_completion_may_have_no_text() {
        assert_eq!(completion(Value::Null).text(), None);
        let empty: ChatCompletion = serde_json::from_value(json!({"choices": []})).unwrap();
        assert_eq!(empty.text(), None);
    }
}
