//! A streamed completion put together from its chunks.

#[cfg(feature = "blocking")]
use crate::blocking;
use crate::types::{
    AssistantMessage, ChatCompletion, ChatCompletionChunk, ChatDelta, Choice, ChoiceLogprobs,
    ChunkChoice, FunctionCall, MessageContent, ToolCall, ToolCallDelta,
};
use crate::{Error, EventStream};

impl EventStream<ChatCompletionChunk> {
    /// The whole completion, once the stream has ended.
    ///
    /// # Errors
    ///
    /// The stream's own: an answer that was cut is no completion. To keep what has come until
    /// then, hand the chunks to a [`ChatCompletionFold`] one by one.
    pub async fn completion(mut self) -> Result<ChatCompletion, Error> {
        let mut fold = ChatCompletionFold::new();
        while let Some(chunk) = self.next().await {
            fold.push(chunk?);
        }
        Ok(fold.finish())
    }
}

#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
impl blocking::EventStream<ChatCompletionChunk> {
    /// The whole completion, once the stream has ended.
    ///
    /// # Errors
    ///
    /// The stream's own: an answer that was cut is no completion.
    pub fn completion(self) -> Result<ChatCompletion, Error> {
        let mut fold = ChatCompletionFold::new();
        for chunk in self {
            fold.push(chunk?);
        }
        Ok(fold.finish())
    }
}

/// Puts the chunks of a stream together to the completion that the same request would have given
/// without streaming.
///
/// Texts are joined, the arguments of tool calls by the call's index; several choices may be
/// interleaved. What a chunk says of the whole (id, model, creation) counts from the first that
/// says it, `usage` from the last.
#[derive(Clone, Debug, Default)]
pub struct ChatCompletionFold {
    /// The whole so far; its choices stand in the order of their index.
    completion: Option<ChatCompletion>,
}

impl ChatCompletionFold {
    /// With no chunk yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk.
    pub fn push(&mut self, chunk: ChatCompletionChunk) {
        let whole = self.completion.get_or_insert_with(empty);
        whole.id = whole.id.take().or(chunk.id);
        whole.created = whole.created.or(chunk.created);
        whole.model = whole.model.take().or(chunk.model);
        whole.service_tier = whole.service_tier.take().or(chunk.service_tier);
        whole.system_fingerprint = whole.system_fingerprint.take().or(chunk.system_fingerprint);
        whole.usage = chunk.usage.or(whole.usage.take());
        for piece in chunk.choices {
            add_choice(&mut whole.choices, piece);
        }
    }

    /// What the chunks so far come to.
    pub fn finish(self) -> ChatCompletion {
        let mut whole = self.completion.unwrap_or_else(empty);
        for choice in &mut whole.choices {
            for call in &mut choice.message.tool_calls {
                // Only a stream has to say which call a piece belongs to.
                call.index = None;
            }
        }
        whole
    }
}

impl Extend<ChatCompletionChunk> for ChatCompletionFold {
    fn extend<I: IntoIterator<Item = ChatCompletionChunk>>(&mut self, chunks: I) {
        chunks.into_iter().for_each(|chunk| self.push(chunk));
    }
}

fn empty() -> ChatCompletion {
    ChatCompletion {
        id: None,
        object: Some("chat.completion".to_owned()),
        created: None,
        model: None,
        choices: Vec::new(),
        usage: None,
        service_tier: None,
        system_fingerprint: None,
    }
}

fn add_choice(choices: &mut Vec<Choice>, piece: ChunkChoice) {
    // With a single choice some providers leave the index out.
    let index = Some(piece.index.unwrap_or(0));
    let place = choices.partition_point(|choice| choice.index < index);
    if choices
        .get(place)
        .is_none_or(|choice| choice.index != index)
    {
        let choice = Choice {
            index,
            message: AssistantMessage::default(),
            finish_reason: None,
            logprobs: None,
        };
        choices.insert(place, choice);
    }
    let choice = &mut choices[place];
    if let Some(delta) = piece.delta {
        add_delta(&mut choice.message, delta);
    }
    choice.finish_reason = piece.finish_reason.or(choice.finish_reason.take());
    if let Some(logprobs) = piece.logprobs {
        let whole = choice.logprobs.get_or_insert_with(ChoiceLogprobs::default);
        whole.content.extend(logprobs.content);
        whole.refusal.extend(logprobs.refusal);
    }
}

fn add_delta(message: &mut AssistantMessage, delta: ChatDelta) {
    message.role = message.role.take().or(delta.role);
    if let Some(text) = delta.content {
        match &mut message.content {
            Some(MessageContent::Text(whole)) => whole.push_str(&text),
            content => *content = Some(MessageContent::Text(text)),
        }
    }
    append(&mut message.refusal, delta.refusal);
    append(&mut message.reasoning_content, delta.reasoning_content);
    append(&mut message.reasoning, delta.reasoning);
    for piece in delta.tool_calls {
        add_tool_call(&mut message.tool_calls, piece);
    }
}

fn add_tool_call(calls: &mut Vec<ToolCall>, piece: ToolCallDelta) {
    let index = Some(piece.index.unwrap_or(0));
    // Some gateways send whole calls that all say index 0: another id is another call.
    let continues = |call: &&mut ToolCall| {
        call.index == index && (piece.id.is_none() || call.id.is_none() || call.id == piece.id)
    };
    let function = piece.function.unwrap_or_default();
    match calls.iter_mut().rev().find(continues) {
        Some(call) => {
            call.id = call.id.take().or(piece.id);
            call.type_ = call.type_.take().or(piece.type_);
            if let Some(name) = function.name
                && call.function.name.is_empty()
            {
                call.function.name = name;
            }
            append(&mut call.function.arguments, function.arguments);
        }
        None => {
            let call = ToolCall {
                id: piece.id,
                type_: piece.type_,
                function: FunctionCall {
                    name: function.name.unwrap_or_default(),
                    arguments: function.arguments,
                },
                index,
            };
            let place = calls.partition_point(|call| call.index <= index);
            calls.insert(place, call);
        }
    }
}

fn append(whole: &mut Option<String>, piece: Option<String>) {
    match (whole, piece) {
        (Some(whole), Some(piece)) => whole.push_str(&piece),
        (whole @ None, piece) => *whole = piece,
        (Some(_), None) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn folded(deltas: impl IntoIterator<Item = Value>) -> Value {
        let mut fold = ChatCompletionFold::new();
        fold.extend(deltas.into_iter().map(|delta| {
            let chunk = json!({"choices": [{"delta": delta}]});
            serde_json::from_value::<ChatCompletionChunk>(chunk).unwrap()
        }));
        serde_json::to_value(&fold.finish().choices[0].message).unwrap()
    }

    #[test]
    fn calls_that_share_an_index_are_told_apart_by_id() {
        let call = |id: &str| json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": id, "arguments": "{"}}]});
        let rest = json!({"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]});
        assert_eq!(
            folded([call("a"), call("b"), rest]),
            json!({"tool_calls": [
                {"id": "a", "function": {"name": "a", "arguments": "{"}},
                {"id": "b", "function": {"name": "b", "arguments": "{}"}},
            ]})
        );
    }

    #[test]
    fn an_id_may_be_repeated() {
        let piece = |arguments: &str| json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": arguments}}]});
        assert_eq!(
            folded([piece("{"), piece("}")]),
            json!({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]})
        );
    }

    #[test]
    fn no_chunk_is_no_choice() {
        assert_eq!(ChatCompletionFold::new().finish().choices, []);
    }
}
