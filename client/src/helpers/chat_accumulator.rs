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
    /// The stream's own: a response that was cut is no completion. To keep what has come until
    /// then, hand the chunks to a [`ChatCompletionAccumulator`] one by one.
    pub async fn collect_completion(mut self) -> Result<ChatCompletion, Error> {
        let mut fold = ChatCompletionAccumulator::new();
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
    /// The stream's own: a response that was cut is no completion.
    pub fn collect_completion(self) -> Result<ChatCompletion, Error> {
        let mut fold = ChatCompletionAccumulator::new();
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
pub struct ChatCompletionAccumulator {
    /// The whole so far; its choices stand in the order of their index.
    completion: Option<ChatCompletion>,
}

impl ChatCompletionAccumulator {
    /// With no chunk yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk.
    pub fn push(&mut self, chunk: ChatCompletionChunk) {
        let whole = self.completion.get_or_insert_with(empty);
        whole.id = whole.id.take().or(said(chunk.id));
        whole.created = whole.created.or(chunk.created.filter(|time| *time != 0));
        whole.model = whole.model.take().or(said(chunk.model));
        whole.service_tier = whole.service_tier.take().or(chunk.service_tier);
        whole.system_fingerprint = whole.system_fingerprint.take().or(chunk.system_fingerprint);
        whole.usage = chunk.usage.map(|usage| *usage).or(whole.usage.take());
        for piece in chunk.choices {
            add_choice(&mut whole.choices, piece);
        }
    }

    /// What the chunks so far come to.
    pub fn finish(self) -> ChatCompletion {
        let mut whole = self.completion.unwrap_or_else(empty);
        for choice in &mut whole.choices {
            for call in &mut choice.message.tool_calls {
                // Only a stream has to say which call a chunk belongs to.
                call.index = None;
            }
        }
        whole
    }
}

impl Extend<ChatCompletionChunk> for ChatCompletionAccumulator {
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
    let reason = piece.finish_reason;
    let reason = reason.filter(|reason| !reason.as_str().is_empty());
    choice.finish_reason = reason.or(choice.finish_reason.take());
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
    let id = said(piece.id);
    // Some gateways send whole calls that all say index 0: another id is another call.
    let continues = |call: &&mut ToolCall| {
        call.index == index && (id.is_none() || call.id.is_none() || call.id == id)
    };
    let function = piece.function.unwrap_or_default();
    match calls.iter_mut().rev().find(continues) {
        Some(call) => {
            call.id = call.id.take().or(id);
            call.type_ = call.type_.take().or(said(piece.type_));
            if let Some(name) = function.name
                && call.function.name.is_empty()
            {
                call.function.name = name;
            }
            append(&mut call.function.arguments, function.arguments);
        }
        None => {
            let call = ToolCall {
                id,
                type_: said(piece.type_),
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

/// Some providers repeat each field in each chunk, blank where they have nothing to say.
fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
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
        let mut fold = ChatCompletionAccumulator::new();
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
    fn a_blank_id_goes_on_with_the_call() {
        let piece = |id: &str, name: &str, arguments: &str| {
            let function = json!({"name": name, "arguments": arguments});
            json!({"tool_calls": [{"index": 0, "id": id, "type": "function", "function": function}]})
        };
        assert_eq!(
            folded([piece("a", "f", "{"), piece("", "", "}")]),
            json!({"tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]})
        );
    }

    #[test]
    fn what_is_blank_says_nothing_of_the_whole() {
        let mut fold = ChatCompletionAccumulator::new();
        for chunk in [
            json!({"id": "", "created": 0, "model": "", "choices": []}),
            json!({"id": "a", "created": 7, "model": "m", "choices": [{"finish_reason": "stop"}]}),
            json!({"id": "", "created": 0, "model": "", "choices": [{"finish_reason": ""}]}),
        ] {
            fold.push(serde_json::from_value(chunk).unwrap());
        }
        let whole = fold.finish();
        assert_eq!((whole.id, whole.created), (Some("a".into()), Some(7)));
        assert_eq!(whole.model.as_deref(), Some("m"));
        let reason = whole.choices[0].finish_reason.as_ref().unwrap();
        assert_eq!(reason.as_str(), "stop");
    }

    #[test]
    fn no_chunk_is_no_choice() {
        assert_eq!(ChatCompletionAccumulator::new().finish().choices, []);
    }
}
