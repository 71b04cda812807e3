//! Messages by who speaks.

use crate::types::{AssistantMessage, AudioReference, ChatMessage, MessageContent, Role};

impl ChatMessage {
    /// Instructions that stand above the conversation.
    ///
    /// Newer reasoning models of OpenAI's call this role [`developer`](Self::developer).
    pub fn system(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::System).content(content)
    }

    /// Instructions that stand above the conversation, as newer models of OpenAI's call them.
    pub fn developer(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::Developer).content(content)
    }

    /// What the user says: a text, or [parts](crate::types::ContentPart) such as a text and an
    /// image.
    pub fn user(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::User).content(content)
    }

    /// What the model said earlier in the conversation.
    ///
    /// An [`AssistantMessage`] of a response turns into one of these by itself, with its tool calls.
    pub fn assistant(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::Assistant).content(content)
    }

    /// What a tool returned: the response to the call of that id.
    pub fn tool(tool_call_id: impl Into<String>, content: impl Into<MessageContent>) -> Self {
        Self::new(Role::Tool)
            .content(content)
            .tool_call_id(tool_call_id)
    }
}

/// The model's message, to be sent back as part of the conversation.
///
/// Its reasoning stays behind: some providers refuse a request that repeats it. Set
/// [`ChatMessage::reasoning_content`] for those that ask for it.
impl From<AssistantMessage> for ChatMessage {
    fn from(message: AssistantMessage) -> Self {
        let mut sent = Self::new(message.role.unwrap_or(Role::Assistant));
        sent.content = message.content;
        sent.refusal = message.refusal;
        sent.tool_calls = message.tool_calls;
        sent.audio = message
            .audio
            .and_then(|audio| audio.id)
            .map(AudioReference::new);
        sent
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::types::{ContentPart, ImagePart, ImageUrl, TextPart};

    fn sent(message: ChatMessage) -> Value {
        serde_json::to_value(message).unwrap()
    }

    #[test]
    fn each_role_is_sent_under_its_name() {
        assert_eq!(
            sent(ChatMessage::system("a")),
            json!({"role": "system", "content": "a"})
        );
        assert_eq!(
            sent(ChatMessage::developer("a")),
            json!({"role": "developer", "content": "a"})
        );
        assert_eq!(
            sent(ChatMessage::user("a")),
            json!({"role": "user", "content": "a"})
        );
        assert_eq!(
            sent(ChatMessage::assistant("a")),
            json!({"role": "assistant", "content": "a"})
        );
        assert_eq!(
            sent(ChatMessage::tool("call_1", "a")),
            json!({"role": "tool", "content": "a", "tool_call_id": "call_1"})
        );
    }

    #[test]
    fn a_user_speaks_in_parts_too() {
        let parts = [
            ContentPart::from(TextPart::new("What is this?")),
            ContentPart::from(ImagePart::new(ImageUrl::new(
                "https://images.example/1.png",
            ))),
        ];
        assert_eq!(
            sent(ChatMessage::user(parts)),
            json!({"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://images.example/1.png"}},
            ]})
        );
    }

    #[test]
    fn a_response_goes_back_without_its_reasoning() {
        let response = json!({
            "role": "assistant",
            "content": null,
            "reasoning_content": "hm",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ],
        });
        let response: AssistantMessage = serde_json::from_value(response).unwrap();
        assert_eq!(
            sent(response.into()),
            json!({"role": "assistant", "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]})
        );
    }
}
