//! What an HTTP/2 server can do to calls without making them fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use cometapi::{ChatMessage, Client, RetryPolicy};
use h2::Reason;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client;
use crate::http2_faults::reset;
use crate::server::{Http2, Server, begin, json, read};

const MODELS: &str = r#"{"object":"list","data":[{"id":"a"}]}"#;
const COMPLETION: &str = r#"{"choices":[{"message":{"content":"Hello."}}]}"#;
pub(crate) const CHUNK: &[u8] =
    b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n";

pub(crate) async fn server() -> Arc<Server> {
    Arc::new(Server::start(&["h2"]).await)
}

pub(crate) async fn connection(server: &Server) -> Http2 {
    server.accept_http2(&h2::server::Builder::new()).await
}

/// Drives a connection until the client closes it.
pub(crate) async fn drive(mut connection: Http2) {
    while let Some(next) = connection.accept().await {
        if next.is_err() {
            return;
        }
    }
}

pub(crate) fn twice() -> RetryPolicy {
    let none = Duration::ZERO;
    RetryPolicy::default()
        .unprocessed_only()
        .with_max_attempts(2)
        .with_backoff(none, none)
}

pub(crate) fn chat(client: &Client) -> cometapi::operations::CreateChatCompletion {
    let call = client.create_chat_completion().model("your-model-id");
    call.messages([ChatMessage::user("Hi")])
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
async fn the_error_of_a_refused_stream_says_that_it_was_not_processed() {
    let error = reset(Reason::REFUSED_STREAM).await;
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
