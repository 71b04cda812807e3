//! Constructors of chat messages, one for each role.

use serde_json::Value;

use crate::types::{AssistantMessage, AudioReference, ChatMessage, MessageContent, Role};

impl ChatMessage {
    /// Creates a system message: instructions for the whole conversation.
    ///
    /// OpenAI's newer reasoning models call this role [`developer`](Self::developer).
    pub fn system(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::System).content(content)
    }

    /// Creates a developer message, which replaces the [`system`](Self::system) message in newer
    /// OpenAI models.
    pub fn developer(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::Developer).content(content)
    }

    /// Creates a user message from a text or from [parts](crate::types::ContentPart), such as a text
    /// and an image.
    pub fn user(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::User).content(content)
    }

    /// Creates an assistant message: an earlier reply of the model in the conversation.
    ///
    /// To send back the [`AssistantMessage`] of a response, with its tool calls, convert it with
    /// `into()`.
    pub fn assistant(content: impl Into<MessageContent>) -> Self {
        Self::new(Role::Assistant).content(content)
    }

    /// Creates a tool message: the result of the tool call with this id.
    pub fn tool(tool_call_id: impl Into<String>, content: impl Into<MessageContent>) -> Self {
        Self::new(Role::Tool)
            .content(content)
            .tool_call_id(tool_call_id)
    }
}

/// Converts the model's message of a response into a message of the next request.
///
/// Properties that the API schema doesn't list are sent back, such as the signature of a thought. The
/// reasoning is removed, because some providers reject a request that repeats it. Set
/// [`ChatMessage::reasoning_content`] for providers that require it.
impl From<AssistantMessage> for ChatMessage {
    fn from(message: AssistantMessage) -> Self {
        let mut sent = Self::new(message.role.unwrap_or(Role::Assistant));
        sent.content = message.content;
        sent.refusal = message.refusal;
        sent.tool_calls = message.tool_calls;
        sent.unknown = message.unknown;
        // These have fields of their own in a request.
        if let Some(Value::String(name)) = sent.unknown.remove("name") {
            sent.name = Some(name);
        }
        sent.unknown.remove("tool_call_id");
        sent.audio = message
            .audio
            .and_then(|audio| audio.id)
            .map(AudioReference::new);
        sent
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::{ContentPart, ImagePart, ImageUrl, TextPart};

    fn sent(message: ChatMessage) -> Value {
        serde_json::to_value(message).unwrap()
    }

    #[test]
    fn each_role_is_sent_with_its_name() {
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
    fn a_user_message_may_have_parts() {
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
    fn a_reply_is_sent_back_without_its_reasoning() {
        let reply = json!({
            "role": "assistant",
            "content": null,
            "reasoning_content": "hm",
            "reasoning_details": [{"signature": "s"}],
            "name": "n",
            "tool_call_id": "t",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}", "x": 1},
                 "extra_content": {"google": {"thought_signature": "s"}}},
            ],
        });
        let reply: AssistantMessage = serde_json::from_value(reply).unwrap();
        assert_eq!(
            sent(reply.into()),
            json!({"role": "assistant", "name": "n", "reasoning_details": [{"signature": "s"}], "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}", "x": 1},
                 "extra_content": {"google": {"thought_signature": "s"}}},
            ]})
        );
    }
}
