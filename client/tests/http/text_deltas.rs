//! Event streams read as text deltas: status, headers, usage and the end.

use cometapi::ErrorKind;
use cometapi::runtime::{Call, Operation, StreamEnd, TextDeltaStream};
use cometapi::types::ChatCompletionChunk;
use futures_core::stream::FusedStream;

use crate::server::{http_response, start};
use crate::{builder, operation};

static CHAT: Operation = operation("chat", true, false);

const ROLE: &str = r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;
const HELLO: &str = r#"data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}"#;
const OTHER_CHOICE: &str = r#"data: {"choices":[{"index":1,"delta":{"content":"Hi"}}]}"#;
const STOP: &str = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
const DONE: &str = "data: [DONE]";

async fn open(events: &[&str]) -> TextDeltaStream<ChatCompletionChunk> {
    let body: String = events.iter().flat_map(|event| [*event, "\n\n"]).collect();
    let headers = "200 OK\r\nx-request-id: r1\r\ncontent-type: text/event-stream";
    let server = start(&http_response(headers, &body)).await;
    let client = builder(&server.address).build().unwrap();
    let events = Call::new(&client, &CHAT).send_streaming().await.unwrap();
    events.into_text_deltas()
}

#[tokio::test]
async fn text_deltas_keep_status_headers_usage_and_end() {
    let mut text = open(&[ROLE, HELLO, OTHER_CHOICE, STOP, USAGE, DONE]).await;
    assert_eq!(text.next().await.unwrap().unwrap(), "Hello");
    assert_eq!(
        (text.status().as_u16(), text.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(text.headers()["x-request-id"], "r1");
    assert!(text.usage().is_none());
    assert_eq!((text.end(), text.is_terminated()), (None, false));

    assert!(text.next().await.is_none());
    let usage = text.usage().unwrap();
    assert_eq!(
        (usage.prompt_tokens, usage.completion_tokens),
        (Some(3), Some(1))
    );
    assert_eq!(
        (text.end(), text.is_terminated()),
        (Some(StreamEnd::Sentinel), true)
    );
    assert_eq!(text.events_received(), 5);
    assert!(text.next().await.is_none());
}

#[tokio::test]
async fn an_incomplete_text_ends_with_an_error_and_keeps_the_usage() {
    let mut text = open(&[HELLO, USAGE]).await;
    assert_eq!(text.next().await.unwrap().unwrap(), "Hello");
    let error = text.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteStream);
    assert_eq!(text.usage().unwrap().prompt_tokens, Some(3));
    assert_eq!((text.end(), text.is_terminated()), (None, true));
    assert!(text.next().await.is_none());
}
