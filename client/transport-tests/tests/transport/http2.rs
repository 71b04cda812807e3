//! What an HTTP/2 server can do to a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use cometapi::{ChatMessage, Client, Error, ErrorKind, RetryPolicy, Upload};
use h2::Reason;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::server::{Http2, Server, begin, json, read};
use crate::{SHORT, client};

const MODELS: &str = r#"{"object":"list","data":[{"id":"a"}]}"#;
const COMPLETION: &str = r#"{"choices":[{"message":{"content":"Hello."}}]}"#;
const CHUNK: &[u8] = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n";

async fn server() -> Arc<Server> {
    Arc::new(Server::start(&["h2"]).await)
}

async fn connection(server: &Server) -> Http2 {
    server.accept_http2(&h2::server::Builder::new()).await
}

/// Drives a connection until the client closes it.
async fn drive(mut connection: Http2) {
    while let Some(next) = connection.accept().await {
        if next.is_err() {
            return;
        }
    }
}

fn twice() -> RetryPolicy {
    let none = Duration::ZERO;
    RetryPolicy::default()
        .unprocessed_only()
        .with_max_attempts(2)
        .with_backoff(none, none)
}

fn chat(client: &Client) -> cometapi::operations::CreateChatCompletion {
    let call = client.create_chat_completion().model("your-model-id");
    call.messages([ChatMessage::user("Hi")])
}

/// The kind of an error, whether it may be retried, and the attempts that were made.
fn outcome(error: &Error) -> (ErrorKind, bool, u32) {
    (error.kind(), error.is_retryable(), error.attempts())
}

/// A request that a server says it has not processed is sent again, though it isn't idempotent.
#[tokio::test]
async fn a_refused_stream_is_sent_again() {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        respond.send_reset(Reason::REFUSED_STREAM);
        let (request, mut respond) = connection.accept().await.unwrap().unwrap();
        let drive = tokio::spawn(drive(connection));
        read(request).await;
        json(&mut respond, COMPLETION);
        drive.await.unwrap();
    });
    let client = client(&server).retry_policy(twice()).build().unwrap();
    let reply = chat(&client).send().await.unwrap();
    assert_eq!(reply.text().as_deref(), Some("Hello."));
}

#[tokio::test]
async fn a_refused_stream_without_retries_is_retryable() {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        respond.send_reset(Reason::REFUSED_STREAM);
        drive(connection).await;
    });
    let client = client(&server).build().unwrap();
    let error = chat(&client).send().await.unwrap_err();
    assert_eq!(
        outcome(&error),
        (ErrorKind::ConnectionClosed, true, 1),
        "{error}"
    );
    assert!(error.request_may_have_been_sent());
    assert!(
        error.help().contains("has not processed"),
        "{}",
        error.help()
    );
}

/// The server closes the connection before it has taken the request, then serves the next connection.
#[tokio::test]
async fn a_request_beyond_goaway_is_sent_again() {
    let server = server().await;
    let serving = server.clone();
    let (took, mut taken) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut first = connection(&serving).await;
        let (request, mut respond) = first.accept().await.unwrap().unwrap();
        took.send(()).unwrap();
        first.graceful_shutdown();
        let first = tokio::spawn(drive(first));
        read(request).await;
        json(&mut respond, MODELS);
        let mut second = connection(&serving).await;
        let (_, mut respond) = second.accept().await.unwrap().unwrap();
        json(&mut respond, COMPLETION);
        let _ = tokio::join!(first, drive(second));
    });
    let client = client(&server).retry_policy(twice()).build().unwrap();
    let first = client.list_models().send();
    let second = async {
        taken.recv().await.unwrap();
        chat(&client).send().await
    };
    // The first was taken, and is completed on the connection that closes.
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap().data.len(), 1);
    assert_eq!(second.unwrap().text().as_deref(), Some("Hello."));
}

/// The server has taken the request, and closes the connection for an error of its own.
#[tokio::test]
async fn goaway_after_the_request_was_taken() {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let _request = connection.accept().await.unwrap().unwrap();
        connection.abrupt_shutdown(Reason::INTERNAL_ERROR);
        drive(connection).await;
    });
    let client = client(&server).build().unwrap();
    let error = chat(&client).send().await.unwrap_err();
    assert_eq!(
        outcome(&error),
        (ErrorKind::ConnectionClosed, false, 1),
        "{error}"
    );
    assert!(error.request_may_have_been_sent());
}

#[tokio::test]
async fn a_reset_within_the_body() {
    let server = server().await;
    let serving = server.clone();
    let (reset, mut resets) = mpsc::unbounded_channel::<()>();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        for media_type in ["audio/mpeg", "text/event-stream"] {
            let (_, mut respond) = connection.accept().await.unwrap().unwrap();
            let mut stream = begin(&mut respond, media_type);
            stream.send_data(Bytes::from_static(CHUNK), false).unwrap();
            // Driving the connection writes what was sent.
            tokio::select! {
                _ = resets.recv() => stream.send_reset(Reason::INTERNAL_ERROR),
                _ = connection.accept() => unreachable!("the next request follows the reset"),
            }
        }
        drive(connection).await;
    });
    let client = client(&server).build().unwrap();
    let speech = client.create_speech().model("your-model-id").voice("alloy");
    let download = speech.input("Hi").send().await.unwrap();
    reset.send(()).unwrap();
    let error = download.bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteBody, "{error}");
    let mut stream = chat(&client).stream().await.unwrap();
    let first = stream.next().await.unwrap();
    assert!(first.is_ok(), "{first:?}");
    reset.send(()).unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteStream, "{error}");
}

/// The server never gives the upload a larger window.
#[tokio::test]
async fn an_upload_without_a_window() {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let _unread = connection.accept().await.unwrap().unwrap();
        drive(connection).await;
    });
    let client = client(&server).write_timeout(SHORT).build().unwrap();
    let call = client.create_transcription().model("your-model-id");
    let call = call.file(Upload::bytes("a.mp3", vec![0; 4 * 1024 * 1024]));
    let error = call.send().await.unwrap_err();
    assert_eq!(
        outcome(&error),
        (ErrorKind::WriteTimeout, false, 1),
        "{error}"
    );
}

/// Calls beyond the server's limit of concurrent streams wait for those before them.
#[tokio::test]
async fn three_hundred_calls_within_a_limit_of_one_hundred_streams() {
    let server = server().await;
    let serving = server.clone();
    let open = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, largest) = (open.clone(), most.clone());
    tokio::spawn(async move {
        let mut settings = h2::server::Builder::new();
        settings.max_concurrent_streams(100);
        let mut connection = serving.accept_http2(&settings).await;
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            let counted = counted.clone();
            largest.fetch_max(counted.fetch_add(1, SeqCst) + 1, SeqCst);
            tokio::spawn(async move {
                read(request).await;
                tokio::task::yield_now().await;
                counted.fetch_sub(1, SeqCst);
                json(&mut respond, MODELS);
            });
        }
    });
    let client = client(&server).build().unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..300 {
        let client = client.clone();
        calls.spawn(async move { client.list_models().send().await });
    }
    let outcomes = calls.join_all().await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let most = most.load(SeqCst);
    assert!((1..=100).contains(&most), "{most} at once");
}

/// Each dropped stream is reset, so that none stays open on the server.
#[tokio::test]
async fn a_thousand_dropped_streams() {
    const STREAMS: usize = 1000;
    let server = server().await;
    let serving = server.clone();
    let (closed, mut resets) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            let closed = closed.clone();
            tokio::spawn(async move {
                read(request).await;
                let mut stream = begin(&mut respond, "text/event-stream");
                stream.send_data(Bytes::from_static(CHUNK), false).unwrap();
                let reason = std::future::poll_fn(|cx| stream.poll_reset(cx)).await;
                let _ = closed.send(reason.unwrap());
            });
        }
    });
    let client = client(&server).build().unwrap();
    for _ in 0..STREAMS {
        let mut stream = chat(&client).stream().await.unwrap();
        stream.next().await.unwrap().unwrap();
        drop(stream);
    }
    for _ in 0..STREAMS {
        assert_eq!(resets.recv().await, Some(Reason::CANCEL));
    }
}
