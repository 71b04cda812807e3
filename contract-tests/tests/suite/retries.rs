//! How often a call is sent, and what its caller learns of it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cometapi::types::ChatMessage;
use cometapi::{Client, Error, ErrorKind, NotRetried, RetryPolicy, Upload};
use wiremock::ResponseTemplate;

use crate::support::KEY;
use crate::support::cases;
use crate::support::stub_server::StubServer;

const CHAT: &str = "/v1/chat/completions";
const TRANSCRIBE: &str = "/v1/audio/transcriptions";
const FAR: Duration = Duration::from_secs(3600);

fn quick() -> RetryPolicy {
    let pause = Duration::from_millis(1);
    RetryPolicy::default().with_backoff(pause, pause)
}

fn client(scene: &StubServer) -> Client {
    let builder = scene.builder().api_key(KEY);
    builder.retry_policy(quick()).build().unwrap()
}

/// Fails to list the catalog, which the server is asked for once.
async fn catalog_error(response: ResponseTemplate, deadline: Duration) -> Error {
    let scene = StubServer::expecting("GET", "/api/models", response).await;
    let call = client(&scene).list_catalog_models();
    let call = call.with_deadline(Instant::now() + deadline);
    call.send().await.unwrap_err()
}

fn busy() -> ResponseTemplate {
    ResponseTemplate::new(503).set_body_string("{\"error\":{\"message\":\"busy\"}}")
}

async fn chat(client: &Client) -> Result<String, Error> {
    let call = client.create_chat_completion().model("m-1");
    let response = call.messages([ChatMessage::user("Hello")]).send().await?;
    Ok(response.text().unwrap_or_default().into_owned())
}

#[tokio::test]
async fn what_is_transient_is_tried_until_it_works() {
    let scene = StubServer::expecting_many("POST", CHAT, 4, busy()).await;
    scene
        .expect("POST", CHAT, 1, cases::success("create_chat_completion"))
        .await;
    chat(&client(&scene)).await.unwrap();
    let requests = scene.requests().await;
    assert_eq!(requests.len(), 5);
    for request in &requests {
        assert_eq!(request.body, requests[0].body);
        assert_eq!(request.headers, requests[0].headers);
    }
}

#[tokio::test]
async fn the_last_error_says_how_often_it_was_tried() {
    let scene = StubServer::expecting_many("POST", CHAT, 5, busy()).await;
    let error = chat(&client(&scene)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(
        (error.attempts(), error.not_retried()),
        (5, Some(NotRetried::AttemptsExhausted))
    );
    assert!(
        error.to_string().ends_with("busy (after 5 attempts)"),
        "{error}"
    );
}

#[tokio::test]
async fn a_call_can_have_its_own_retries() {
    let scene = StubServer::expecting("GET", "/api/models", busy()).await;
    let client = client(&scene);
    let call = client
        .list_catalog_models()
        .with_retry_policy(RetryPolicy::never());
    assert_eq!(call.send().await.unwrap_err().attempts(), 1);

    let scene = StubServer::expecting_many("GET", "/api/models", 2, busy()).await;
    let client = scene.client();
    let call = client
        .list_catalog_models()
        .with_retry_policy(quick().with_max_attempts(2));
    assert_eq!(call.send().await.unwrap_err().attempts(), 2);
}

#[tokio::test]
async fn what_may_be_billed_twice_can_be_left_alone() {
    let scene = StubServer::expecting("POST", CHAT, busy()).await;
    let careful = scene
        .builder()
        .api_key(KEY)
        .retry_policy(quick().unprocessed_only());
    let error = chat(&careful.build().unwrap()).await.unwrap_err();
    assert_eq!(error.not_retried(), Some(NotRetried::NotRetryable));
}

#[tokio::test]
async fn a_file_is_opened_again_and_a_reader_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("talk.mp3");
    std::fs::write(&path, vec![7; 600_000]).unwrap();
    let scene = StubServer::expecting_many("POST", TRANSCRIBE, 2, busy()).await;
    scene
        .expect(
            "POST",
            TRANSCRIBE,
            1,
            cases::success("create_transcription"),
        )
        .await;
    let client = client(&scene);
    let call = client
        .create_transcription()
        .model("m-1")
        .file(Upload::path(&path));
    call.send().await.unwrap();
    let requests = scene.requests().await;
    let files = requests.iter().map(|request| {
        let sevens = request.body.iter().filter(|byte| **byte == 7);
        sevens.count()
    });
    assert_eq!(files.collect::<Vec<_>>(), [600_000; 3]);

    scene.expect("POST", TRANSCRIBE, 1, busy()).await;
    let once = Upload::reader("talk.mp3", &b"sound"[..]);
    let call = client.create_transcription().model("m-1").file(once);
    let error = call.send().await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.not_retried()),
        (1, Some(NotRetried::BodyNotReplayable))
    );
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_stream_is_tried_until_it_opens_and_not_after() {
    let scene = StubServer::expecting_many("POST", CHAT, 2, ResponseTemplate::new(429)).await;
    let cut = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n";
    let cut = ResponseTemplate::new(200).set_body_raw(cut, "text/event-stream");
    scene.expect("POST", CHAT, 1, cut).await;
    let client = client(&scene);
    let call = client.create_chat_completion().model("m-1");
    let mut stream = call
        .messages([ChatMessage::user("Hi")])
        .stream()
        .await
        .unwrap();
    stream.next().await.unwrap().unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteStream);
    assert_eq!(error.not_retried(), None);
    assert_eq!(scene.requests().await.len(), 3);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_left_to_the_caller() {
    let later = ResponseTemplate::new(429).insert_header("retry-after", "61");
    let error = catalog_error(later, FAR).await;
    assert_eq!(error.not_retried(), Some(NotRetried::RetryAfterTooLong));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(error.is_retryable());
    assert!(error.to_string().contains("not retried"), "{error}");
}

#[tokio::test]
async fn no_pause_goes_past_the_deadline() {
    let later = ResponseTemplate::new(503).insert_header("retry-after", "50");
    let error = catalog_error(later, Duration::from_secs(40)).await;
    assert_eq!(
        (error.kind(), error.not_retried()),
        (ErrorKind::Server, Some(NotRetried::DeadlineExceeded))
    );
}

#[tokio::test]
async fn a_deadline_that_has_passed_lets_nothing_out() {
    let scene = StubServer::new().await;
    let client = client(&scene);
    let call = client.list_catalog_models().with_deadline(Instant::now());
    let error = call.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.attempts(), 0);
    assert!(!error.request_may_have_been_sent());
    // A later one doesn't lengthen the total timeout.
    let call = client.list_catalog_models().with_timeout(Duration::ZERO);
    let error = call
        .with_deadline(Instant::now() + FAR)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn attempts_are_told_as_they_end() {
    let scene = StubServer::expecting("GET", "/api/models", busy()).await;
    scene
        .expect(
            "GET",
            "/api/models",
            1,
            cases::success("list_catalog_models"),
        )
        .await;
    let rendered = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&rendered);
    let builder = scene.builder().retry_policy(quick());
    let builder = builder.on_attempt(move |attempt| {
        let kind = attempt.error().map(Error::kind);
        let is_retried = attempt.retry_in().is_some();
        let line = (attempt.operation(), attempt.number(), kind, is_retried);
        lines.lock().unwrap().push(line);
    });
    let client = builder.build().unwrap();
    client.list_catalog_models().send().await.unwrap();
    assert_eq!(
        *rendered.lock().unwrap(),
        [
            ("list_catalog_models", 1, Some(ErrorKind::Server), true),
            ("list_catalog_models", 2, None, false)
        ]
    );
}

#[tokio::test]
async fn a_call_without_a_place_waits_no_longer_than_it_may() {
    let scene = StubServer::new().await;
    let events = cases::success("list_catalog_models").set_delay(FAR);
    scene.expect("GET", "/api/models", 1, events).await;
    let limit = cometapi::ConcurrencyLimit::fixed(1);
    let client = scene.builder().concurrency_limit(limit).build().unwrap();
    let other = client.clone();
    let mut held = Box::pin(async move { other.list_catalog_models().send().await.map(drop) });
    let waiting = client.list_catalog_models();
    let waiting = waiting.with_timeout(Duration::from_millis(100));
    let waits = async { waiting.send().await.unwrap_err() };
    let error = tokio::select! {
        biased;
        _ = &mut held => unreachable!("the server is silent"),
        error = waits => error,
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("1 concurrency permit"), "{error}");
    assert_eq!(
        (error.attempts(), error.request_may_have_been_sent()),
        (0, false)
    );
}
