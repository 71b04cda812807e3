//! What a completion says.

use std::borrow::Cow;

use crate::types::ChatCompletion;

impl ChatCompletion {
    /// The text of the first choice; none if it calls tools, refuses, or says nothing.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.choices.first()?.message.content.as_ref()?.text()
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
    fn a_completion_may_say_nothing() {
        assert_eq!(completion(Value::Null).text(), None);
        let empty: ChatCompletion = serde_json::from_value(json!({"choices": []})).unwrap();
        assert_eq!(empty.text(), None);
    }
}
