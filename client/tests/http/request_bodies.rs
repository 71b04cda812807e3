//! Calls that are built from a complete request.

use cometapi::types::{
    ChatMessage, CreateChatCompletionRequest, CreateTranscriptionRequest, TranscriptFormat,
};
use cometapi::{Client, Error, Upload};
use serde_json::{Value, json};

use crate::builder;
use crate::server::{CapturedRequest, capture};

fn chat_request() -> CreateChatCompletionRequest {
    let mut request = CreateChatCompletionRequest::default();
    request.model = Some("m-1".to_owned());
    request.messages = Some(vec![ChatMessage::user("Say hello.")]);
    request.temperature = Some(0.5);
    request.stream = Some(true);
    request
}

/// Makes a call and returns the request that the server received. The response is `{}`, which may be an error.
async fn captured<T>(send: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> CapturedRequest {
    let (address, server) = capture(1).await;
    let client = builder(&address).build().unwrap();
    if let Err(error) = send(&client).await {
        assert!(error.request_may_have_been_sent(), "{error}");
    }
    server.await.unwrap().remove(0)
}

fn json_body(request: &CapturedRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[tokio::test]
async fn a_complete_request_replaces_the_fields_before_it() {
    let request = captured(async |client| {
        let call = client.create_chat_completion().model("m-2").max_tokens(9);
        call.body(chat_request()).send().await
    });
    let messages = json!([{"role": "user", "content": "Say hello."}]);
    assert_eq!(
        json_body(&request.await),
        json!({"model": "m-1", "messages": messages, "temperature": 0.5})
    );
}

#[tokio::test]
async fn a_setter_after_a_complete_request_overrides_its_field() {
    let request = captured(async |client| {
        let call = client.create_chat_completion().body(chat_request());
        call.temperature(1.0).max_tokens(9).send().await
    });
    let messages = json!([{"role": "user", "content": "Say hello."}]);
    assert_eq!(
        json_body(&request.await),
        json!({"model": "m-1", "messages": messages, "temperature": 1.0, "max_tokens": 9})
    );
}

#[tokio::test]
async fn the_method_decides_whether_a_complete_request_is_streamed() {
    for is_requested in [None, Some(false), Some(true)] {
        let mut request = chat_request();
        request.stream = is_requested;
        let sent = captured(async |client| {
            let call = client.create_chat_completion().body(request.clone());
            call.send().await
        });
        assert_ne!(json_body(&sent.await)["stream"], true, "{is_requested:?}");
        let streamed = captured(async |client| {
            let call = client.create_chat_completion().body(request.clone());
            call.stream().await
        });
        assert_eq!(json_body(&streamed.await)["stream"], true);
    }
}

#[tokio::test]
async fn a_complete_request_of_a_form_keeps_the_file() {
    let mut request = CreateTranscriptionRequest::default();
    request.model = Some("m-1".to_owned());
    request.language = Some("en".to_owned());
    request.response_format = Some(TranscriptFormat::Srt);
    let request = captured(async |client| {
        let call = client
            .create_transcription()
            .file(Upload::bytes("a.mp3", "audio"));
        call.prompt("Hello.")
            .body(request)
            .language("de")
            .send()
            .await
    });
    let request = request.await;
    assert_eq!(request.file(), b"audio");
    assert_eq!(request.header("accept"), ["application/x-subrip"]);
    let part = |name: &str, value: &str| format!("name=\"{name}\"\r\n\r\n{value}\r\n");
    let text = request.text();
    for (name, value) in [
        ("model", "m-1"),
        ("language", "de"),
        ("response_format", "srt"),
    ] {
        assert!(text.contains(&part(name, value)), "{text}");
    }
    assert!(!text.contains("name=\"prompt\""), "{text}");
}
