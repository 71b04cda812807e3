//! Accumulator that builds a chat completion from the chunks of a stream.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

#[cfg(feature = "blocking")]
use crate::blocking;
use crate::types::{
    AssistantMessage, ChatAudio, ChatCompletion, ChatCompletionChunk, ChatDelta, Choice,
    ChoiceLogprobs, ChunkChoice, FunctionCall, MessageContent, ToolCall, ToolCallDelta,
};
use crate::{Error, EventStream};

impl EventStream<ChatCompletionChunk> {
    /// Reads the stream to its end and returns the complete chat completion.
    ///
    /// # Errors
    ///
    /// Returns the error of the stream, also if the stream is incomplete. To keep the chunks that
    /// were received before an error, push them to a [`ChatCompletionAccumulator`] one by one.
    pub async fn collect_completion(mut self) -> Result<ChatCompletion, Error> {
        let mut accumulator = ChatCompletionAccumulator::new();
        while let Some(chunk) = self.next().await {
            accumulator.push(chunk?);
        }
        Ok(accumulator.finish())
    }
}

#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
impl blocking::EventStream<ChatCompletionChunk> {
    /// Reads the stream to its end and returns the complete chat completion.
    ///
    /// # Errors
    ///
    /// Returns the error of the stream, also if the stream is incomplete. To keep the chunks that
    /// were received before an error, push them to a [`ChatCompletionAccumulator`] one by one.
    pub fn collect_completion(self) -> Result<ChatCompletion, Error> {
        let mut accumulator = ChatCompletionAccumulator::new();
        for chunk in self {
            accumulator.push(chunk?);
        }
        Ok(accumulator.finish())
    }
}

/// Builds a completion from the chunks of a stream, as the same request would have returned it without streaming.
///
/// Text deltas are concatenated, and the arguments of tool calls are concatenated by the index of
/// the call. Chunks of several choices may be interleaved. Fields of the completion, such as `id`,
/// `model` and `created`, are taken from the first chunk that has them, `usage` from the last. Of
/// properties that the API schema doesn't list, lists are concatenated, and the last of other values
/// is kept.
#[derive(Clone, Debug, Default)]
pub struct ChatCompletionAccumulator {
    /// The completion so far, with its choices in the order of their index. `None` before the first
    /// chunk.
    completion: Option<ChatCompletion>,
}

impl ChatCompletionAccumulator {
    /// Creates an accumulator without chunks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk.
    pub fn push(&mut self, chunk: ChatCompletionChunk) {
        let completion = self.completion.get_or_insert_with(empty);
        completion.id = completion.id.take().or(non_empty(chunk.id));
        completion.created = completion
            .created
            .or(chunk.created.filter(|time| *time != 0));
        completion.model = completion.model.take().or(non_empty(chunk.model));
        completion.service_tier = completion.service_tier.take().or(chunk.service_tier);
        completion.system_fingerprint = completion
            .system_fingerprint
            .take()
            .or(chunk.system_fingerprint);
        completion.usage = chunk.usage.map(|usage| *usage).or(completion.usage.take());
        for delta in chunk.choices {
            add_choice(&mut completion.choices, delta);
        }
    }

    /// Returns the completion of the chunks so far, without choices if there were none.
    pub fn finish(self) -> ChatCompletion {
        let mut completion = self.completion.unwrap_or_else(empty);
        for choice in &mut completion.choices {
            for call in &mut choice.message.tool_calls {
                // Only the deltas of a stream have an index.
                call.index = None;
            }
        }
        completion
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

fn add_choice(choices: &mut Vec<Choice>, chunk: ChunkChoice) {
    // Some providers omit the index if there is a single choice.
    let index = Some(chunk.index.unwrap_or(0));
    let position = choices.partition_point(|choice| choice.index < index);
    if choices
        .get(position)
        .is_none_or(|choice| choice.index != index)
    {
        let choice = Choice {
            error: None,
            index,
            message: AssistantMessage::default(),
            finish_reason: None,
            logprobs: None,
        };
        choices.insert(position, choice);
    }
    let choice = &mut choices[position];
    if let Some(delta) = chunk.delta {
        add_delta(&mut choice.message, delta);
    }
    let reason = chunk.finish_reason;
    let reason = reason.filter(|reason| !reason.as_str().is_empty());
    choice.finish_reason = reason.or(choice.finish_reason.take());
    if let Some(logprobs) = chunk.logprobs {
        let all = choice.logprobs.get_or_insert_with(ChoiceLogprobs::default);
        all.content.extend(logprobs.content);
        all.refusal.extend(logprobs.refusal);
    }
}

fn add_delta(message: &mut AssistantMessage, delta: ChatDelta) {
    message.role = message.role.take().or(delta.role);
    if let Some(text) = delta.content {
        match &mut message.content {
            Some(MessageContent::Text(content)) => content.push_str(&text),
            content => *content = Some(MessageContent::Text(text)),
        }
    }
    append(&mut message.refusal, delta.refusal);
    append(&mut message.reasoning_content, delta.reasoning_content);
    append(&mut message.reasoning, delta.reasoning);
    message.annotations.extend(delta.annotations);
    if let Some(audio) = delta.audio {
        add_audio(&mut message.audio, *audio);
    }
    add_unknown(&mut message.unknown, delta.unknown);
    for call in delta.tool_calls {
        add_tool_call(&mut message.tool_calls, call);
    }
}

fn add_tool_call(calls: &mut Vec<ToolCall>, delta: ToolCallDelta) {
    let index = Some(delta.index.unwrap_or(0));
    let id = non_empty(delta.id);
    let function = delta.function.unwrap_or_default();
    let name = function.name.as_deref().filter(|name| !name.is_empty());
    let has_arguments = function
        .arguments
        .as_deref()
        .is_some_and(|text| !text.is_empty());
    // Without ids, the name of another function begins a call, and so do arguments after complete ones.
    let is_next = |call: &ToolCall| {
        let known = &call.function.name;
        name.is_some_and(|name| {
            !known.is_empty() && (name != known || has_arguments && is_complete(call))
        })
    };
    // Some gateways send complete calls that all have index 0. A different id is a different call.
    let continues = |call: &&mut ToolCall| {
        call.index == index
            && match (&id, &call.id) {
                (Some(id), Some(known)) => id == known,
                _ => !is_next(call),
            }
    };
    match calls.iter_mut().rev().find(continues) {
        Some(call) => {
            call.id = call.id.take().or(id);
            call.type_ = call.type_.take().or(non_empty(delta.type_));
            if let Some(name) = function.name
                && call.function.name.is_empty()
            {
                call.function.name = name;
            }
            append(&mut call.function.arguments, function.arguments);
            add_unknown(&mut call.function.unknown, function.unknown);
            add_unknown(&mut call.unknown, delta.unknown);
        }
        None => {
            let call = ToolCall {
                id,
                type_: non_empty(delta.type_),
                function: FunctionCall {
                    name: function.name.unwrap_or_default(),
                    arguments: function.arguments,
                    unknown: function.unknown,
                },
                index,
                unknown: delta.unknown,
            };
            let position = calls.partition_point(|call| call.index <= index);
            calls.insert(position, call);
        }
    }
}

/// Appends an audio delta, whose data and transcript continue those of the previous one.
fn add_audio(audio: &mut Option<ChatAudio>, delta: ChatAudio) {
    let audio = audio.get_or_insert_with(ChatAudio::default);
    audio.id = audio.id.take().or(delta.id);
    audio.expires_at = delta.expires_at.or(audio.expires_at);
    append(&mut audio.data, delta.data);
    append(&mut audio.transcript, delta.transcript);
}

fn is_complete(call: &ToolCall) -> bool {
    let arguments = call.function.arguments.as_deref().unwrap_or_default();
    serde_json::from_str::<IgnoredAny>(arguments).is_ok()
}

/// Adds properties that the contract doesn't list. Lists are concatenated; of other values the last is kept, because
/// it is unknown whether a string continues the previous one.
fn add_unknown(all: &mut Map<String, Value>, delta: Map<String, Value>) {
    for (name, value) in delta {
        match (all.get_mut(&name), value) {
            (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
            (Some(Value::Null) | None, value) => drop(all.insert(name, value)),
            (Some(_), Value::Null) => {}
            (Some(known), value) => *known = value,
        }
    }
}

/// Some providers send every field in every chunk and leave those without a value blank.
fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn append(text: &mut Option<String>, delta: Option<String>) {
    match (text, delta) {
        (Some(text), Some(delta)) => text.push_str(&delta),
        (text @ None, delta) => *text = delta,
        (Some(_), None) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accumulated(deltas: impl IntoIterator<Item = Value>) -> Value {
        let mut accumulator = ChatCompletionAccumulator::new();
        accumulator.extend(deltas.into_iter().map(|delta| {
            let chunk = json!({"choices": [{"delta": delta}]});
            serde_json::from_value::<ChatCompletionChunk>(chunk).unwrap()
        }));
        serde_json::to_value(&accumulator.finish().choices[0].message).unwrap()
    }

    #[test]
    fn calls_with_the_same_index_are_distinguished_by_id() {
        let call = |id: &str| json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": id, "arguments": "{"}}]});
        let rest = json!({"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]});
        assert_eq!(
            accumulated([call("a"), call("b"), rest]),
            json!({"tool_calls": [
                {"id": "a", "function": {"name": "a", "arguments": "{"}},
                {"id": "b", "function": {"name": "b", "arguments": "{}"}},
            ]})
        );
    }

    #[test]
    fn complete_calls_without_ids_are_distinguished_by_name_and_arguments() {
        let function = |name: &str, city: &str| json!({"name": name, "arguments": format!("{{\"city\":\"{city}\"}}")});
        let call = |name: &str, city: &str| json!({"tool_calls": [{"id": "", "function": function(name, city)}]});
        let expected = |name: &str, city: &str| json!({"function": function(name, city)});
        assert_eq!(
            accumulated([call("f", "Oslo"), call("g", "Oslo"), call("g", "Rome")]),
            json!({"tool_calls": [expected("f", "Oslo"), expected("g", "Oslo"), expected("g", "Rome")]})
        );
        let delta = |arguments: &str| json!({"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]});
        assert_eq!(
            accumulated([delta("{"), delta("}")]),
            json!({"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]})
        );
    }

    #[test]
    fn citations_and_unknown_properties_are_kept() {
        let citation = |url: &str| json!({"url_citation": {"url": url}});
        let call = |rest: Value| {
            let mut call = json!({"index": 0, "function": {"name": "f"}});
            call.as_object_mut()
                .unwrap()
                .extend(rest.as_object().unwrap().clone());
            json!({"tool_calls": [call]})
        };
        assert_eq!(
            accumulated([
                json!({"annotations": [citation("a")], "steps": [1], "thought": "a", "mode": "x", "n": 1}),
                json!({"annotations": [citation("b")], "steps": [2], "thought": "b", "mode": "x", "n": 2}),
                json!({"audio": {"id": "x", "data": "AA", "transcript": "He"}}),
                json!({"audio": {"data": "BB", "transcript": "y", "expires_at": 7}}),
                call(json!({"extra_content": {"signature": "s"}})),
                call(json!({"extra_content": null})),
            ]),
            json!({
                "annotations": [citation("a"), citation("b")], "steps": [1, 2], "thought": "b", "mode": "x",
                "audio": {"id": "x", "data": "AABB", "transcript": "Hey", "expires_at": 7},
                "n": 2, "tool_calls": [{"function": {"name": "f"}, "extra_content": {"signature": "s"}}],
            })
        );
    }

    #[test]
    fn a_delta_that_repeats_the_id_continues_the_call() {
        let delta = |arguments: &str| json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": arguments}}]});
        assert_eq!(
            accumulated([delta("{"), delta("}")]),
            json!({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]})
        );
    }

    #[test]
    fn a_delta_with_another_id_is_another_call_even_of_the_same_function() {
        let delta = |id: &str, arguments: &str| json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": "f", "arguments": arguments}}]});
        let expected = |id: &str, arguments: &str| json!({"id": id, "function": {"name": "f", "arguments": arguments}});
        assert_eq!(
            accumulated([delta("a", "{"), delta("b", "{}"), delta("a", "}")]),
            json!({"tool_calls": [expected("a", "{}"), expected("b", "{}")]})
        );
    }

    #[test]
    fn a_delta_with_a_blank_id_continues_the_call() {
        let delta = |id: &str, name: &str, arguments: &str| {
            let function = json!({"name": name, "arguments": arguments});
            json!({"tool_calls": [{"index": 0, "id": id, "type": "function", "function": function}]})
        };
        assert_eq!(
            accumulated([delta("a", "f", "{"), delta("", "", "}")]),
            json!({"tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]})
        );
    }

    #[test]
    fn blank_fields_of_chunks_are_ignored() {
        let mut accumulator = ChatCompletionAccumulator::new();
        for chunk in [
            json!({"id": "", "created": 0, "model": "", "choices": []}),
            json!({"id": "a", "created": 7, "model": "m", "choices": [{"finish_reason": "stop"}]}),
            json!({"id": "", "created": 0, "model": "", "choices": [{"finish_reason": ""}]}),
        ] {
            accumulator.push(serde_json::from_value(chunk).unwrap());
        }
        let completion = accumulator.finish();
        assert_eq!(
            (completion.id, completion.created),
            (Some("a".into()), Some(7))
        );
        assert_eq!(completion.model.as_deref(), Some("m"));
        let reason = completion.choices[0].finish_reason.as_ref().unwrap();
        assert_eq!(reason.as_str(), "stop");
    }

    #[test]
    fn no_chunks_result_in_no_choices() {
        assert_eq!(ChatCompletionAccumulator::new().finish().choices, []);
    }
}
