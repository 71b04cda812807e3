//! Events that differ from the API schema: what a stream delivers, skips and reports.

use crate::deviations::{EVENTS, READ, formatted, serve};
use cometapi::runtime::{Call, StreamEvent};
use cometapi::types::ChatCompletionChunk;
use cometapi::{ChatCompletionAccumulator, Error, ErrorKind, EventStream, StreamEnd};
use serde_json::{Value, json};

async fn open(headers: &str, body: &str) -> EventStream<ChatCompletionChunk> {
    let (_server, client) = serve(headers, body).await;
    Call::new(&client, &READ).send_streaming().await.unwrap()
}

/// The text and completion tokens of a stream or its error, and its deviations.
async fn stream(events: &[&str]) -> (Result<(String, Option<u64>), Error>, Vec<String>) {
    let body: String = events.iter().flat_map(|event| [*event, "\n\n"]).collect();
    let mut stream = open(EVENTS, &body).await;
    let (mut text, mut usage) = (String::new(), None);
    let outcome = loop {
        match stream.next().await {
            None => break Ok((text, usage)),
            Some(Err(error)) => break Err(error),
            Some(Ok(chunk)) => {
                text.extend(chunk.text_delta());
                if let Some(tokens) = &chunk.usage {
                    usage = serde_json::to_value(tokens.completion_tokens)
                        .unwrap()
                        .as_u64();
                }
            }
        }
    };
    let deviations = formatted(stream.deviations());
    if outcome.is_ok() {
        assert_eq!(stream.end(), Some(StreamEnd::Sentinel));
    }
    (outcome, deviations)
}

const O: &str = r#"data: {"choices":[{"index":0,"delta":{"content":"O"}}]}"#;

const K: &str = r#"data: {"choices":[{"index":0,"delta":{"content":"K"},"finish_reason":"stop"}]}"#;

const DONE: &str = "data: [DONE]";

#[tokio::test]
async fn events_that_do_not_match_the_schema_are_skipped() {
    for (event, found) in [
        ("event: ping\ndata: {\"type\":\"ping\"}", "an object"),
        ("event: ping\ndata: 2026-04-27 01:35:43", "a string"),
        ("data: null", "null"),
        ("data: {\"type\":\"ping\"}", "an object"),
        ("data: {}", "an object"),
        ("data: 7", "a number"),
    ] {
        let (outcome, deviations) = stream(&[O, event, K, event, DONE]).await;
        assert_eq!(outcome.unwrap().0, "OK", "{event}");
        let skipped = format!(
            "read: expected an event of the API, found {found}: skipped the event (2 times)"
        );
        assert_eq!(deviations, [skipped], "{event}");
    }
    let mut events = open(EVENTS, &format!("{O}\n\n{DONE}\n\n")).await;
    assert_eq!(events.raw(), None);
    events.next().await.unwrap().unwrap();
    let raw = events.raw().unwrap();
    assert_eq!(&raw[..], O.strip_prefix("data: ").unwrap().as_bytes());
    // An event with an unknown name is delivered if its data matches.
    let named = format!("event: chunk\n{K}");
    let (outcome, deviations) = stream(&[O, &named, DONE]).await;
    assert_eq!(outcome.unwrap().0, "OK");
    assert_eq!(deviations, [""; 0]);
    // The data of an event without a name must be JSON.
    let (outcome, _) = stream(&[O, "data: ping", DONE]).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn usage_is_delivered_without_choices() {
    for (choices, found) in [
        (r#""choices":null,"#, "null"),
        ("", "nothing"),
        (r#""choices":7,"#, "a number"),
    ] {
        let event = format!(r#"data: {{{choices}"usage":{{"completion_tokens":2}}}}"#);
        let (outcome, deviations) = stream(&[O, K, &event, DONE]).await;
        assert_eq!(outcome.unwrap(), ("OK".to_owned(), Some(2)), "{event}");
        assert_eq!(
            deviations,
            [format!(
                "read: expected a list at /choices, found {found}: read as empty"
            )]
        );
    }
}

#[tokio::test]
async fn an_error_within_a_stream_ends_it() {
    for (event, code, message) in [
        (
            r#"data: {"choices":null,"error_type":"BadRequestError","error_message":"Too long"}"#,
            "BadRequestError",
            "Too long",
        ),
        (
            r#"data: {"choices":[{"delta":{},"error":{"code":502,"message":"Gone"}}]}"#,
            "502",
            "Gone",
        ),
        (
            r#"data: {"code":1008,"message":"no balance"}"#,
            "1008",
            "no balance",
        ),
    ] {
        let (outcome, _) = stream(&[O, event, DONE]).await;
        let error = outcome.unwrap_err();
        assert_eq!(
            (error.code(), error.message()),
            (Some(code), message),
            "{event}"
        );
    }
    let blank =
        r#"data: {"choices":[{"delta":{"content":"O"}}],"error":{"message":"","code":null}}"#;
    let (outcome, deviations) = stream(&[blank, K, DONE]).await;
    assert_eq!(outcome.unwrap().0, "OK");
    assert_eq!(deviations, [""; 0]);
    let flat = r#"{"code":429,"message":"Exhausted","details":"x"}"#;
    let error = open(EVENTS, flat).await.next().await.unwrap().unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("429"), "Exhausted"));
}

#[tokio::test]
async fn a_list_of_parts_in_a_delta_is_text_and_reasoning() {
    let event = |delta: Value| {
        let chunk = json!({"choices": [{"index": 0, "delta": delta}]});
        format!("data: {chunk}\n\n")
    };
    let thinking = json!([{"type": "text", "text": "Two "}, {"type": "text", "text": "and two."}]);
    let body = [
        event(
            json!({"role": "assistant", "content": [{"type": "thinking", "thinking": thinking}]}),
        ),
        event(
            json!({"content": [{"type": "thinking", "thinking": "So"}, {"type": "text", "text": "Fo"}]}),
        ),
        event(
            json!({"content": [{"type": "reference", "ids": [1]}, {"type": "text", "text": "ur."}]}),
        ),
        "data: [DONE]\n\n".to_owned(),
    ];
    let (_server, client) = serve(EVENTS, &body.concat()).await;
    let call = Call::new(&client, &READ);
    let mut stream = call.send_streaming::<ChatCompletionChunk>().await.unwrap();
    let mut accumulator = ChatCompletionAccumulator::new();
    while let Some(chunk) = stream.next().await {
        accumulator.push(chunk.unwrap());
    }
    let completion = accumulator.finish();
    let message = &completion.choices[0].message;
    assert_eq!(completion.text().as_deref(), Some("Four."));
    assert_eq!(message.reasoning_content.as_deref(), Some("Two and two.So"));
    assert_eq!(
        formatted(stream.deviations()),
        [
            "read: expected a string at /choices/*/delta/content, found a list: converted (3 times)",
            "read: expected a string at /choices/*/delta/content/*, found an object: left out",
        ]
    );
}

#[tokio::test]
async fn parts_without_texts_are_kept_as_json() {
    let delta = json!({"content": [{"type": "image", "url": "u"}]});
    let body = format!(
        "data: {}\n\ndata: [DONE]\n\n",
        json!({"choices": [{"delta": delta}]})
    );
    let (_server, client) = serve(EVENTS, &body).await;
    let call = Call::new(&client, &READ);
    let mut stream = call.send_streaming::<ChatCompletionChunk>().await.unwrap();
    let chunk = stream.next().await.unwrap().unwrap();
    let content = chunk.choices[0].delta.as_ref().unwrap().content.as_deref();
    assert_eq!(content, Some(r#"[{"type":"image","url":"u"}]"#));
}
