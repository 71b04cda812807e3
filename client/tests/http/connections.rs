//! Connections and permits of finished and of dropped streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use cometapi::runtime::{Call, Operation};
use cometapi::types::ChatCompletionChunk;
use cometapi::{Client, StreamEnd, defaults};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};

use crate::server::read_headers;
use crate::{builder, operation};

static CHAT: Operation = operation("chat", true, false);

const HEADERS: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const STOP: &str =
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"completion_tokens\":1}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// A server of event streams on connections that stay open.
struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
    /// Each permit ends one stream.
    ends: Arc<Semaphore>,
    /// Receives a message for each terminator that was sent, and for each connection that was closed.
    sent: mpsc::UnboundedReceiver<Sent>,
}

#[derive(Debug, PartialEq, Eq)]
enum Sent {
    Terminator,
    Closed,
}

fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

async fn serve(events: &'static [&'static str]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let ends = Arc::new(Semaphore::new(0));
    let (notify, sent) = mpsc::unbounded_channel();
    let (counter, permits) = (connections.clone(), ends.clone());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, SeqCst);
            // Nagle's algorithm would delay the terminator until the events are acknowledged.
            stream.set_nodelay(true).unwrap();
            let (permits, notify) = (permits.clone(), notify.clone());
            tokio::spawn(async move {
                while read_headers(&mut stream).await.is_ok() {
                    let events: String = events.iter().map(|event| chunk(event)).collect();
                    let response = format!("{HEADERS}{events}");
                    stream.write_all(response.as_bytes()).await.unwrap();
                    tokio::select! {
                        permit = permits.acquire() => permit.unwrap().forget(),
                        _ = stream.read_u8() => break,
                    }
                    let _ = stream.write_all(b"0\r\n\r\n").await;
                    let _ = notify.send(Sent::Terminator);
                }
                let _ = notify.send(Sent::Closed);
            });
        }
    });
    Server {
        url,
        connections,
        ends,
        sent,
    }
}

/// Reads a stream to its end.
async fn read(client: &Client) -> (usize, Option<StreamEnd>) {
    let call = Call::new(client, &CHAT);
    let mut stream = call.send_streaming::<ChatCompletionChunk>().await.unwrap();
    while let Some(event) = stream.next().await {
        event.unwrap();
    }
    (stream.events_received(), stream.end())
}

#[tokio::test]
async fn a_finished_stream_returns_its_connection_to_the_pool() {
    let mut server = serve(&[STOP, DONE]).await;
    let client = builder(&server.url).build().unwrap();
    for _ in 0..1_000 {
        // The caller receives the end of the stream before the server ends the body.
        assert_eq!(read(&client).await, (1, Some(StreamEnd::Sentinel)));
        server.ends.add_permits(1);
        assert_eq!(server.sent.recv().await, Some(Sent::Terminator));
    }
    // A call may start before the client has read the end of the previous body.
    assert!(
        server.connections.load(SeqCst) <= 2,
        "{:?}",
        server.connections
    );
}

#[tokio::test]
async fn a_finished_stream_releases_its_permit_immediately() {
    let server = serve(&[STOP, DONE]).await;
    let client = builder(&server.url);
    let client = client.concurrency_limit(cometapi::ConcurrencyLimit::fixed(1));
    // Shorter than a stream is drained, so that a call that waits for this times out.
    let client = client.timeout(defaults::DRAIN_TIMEOUT / 2).build().unwrap();
    for _ in 0..3 {
        assert_eq!(read(&client).await, (1, Some(StreamEnd::Sentinel)));
    }
    assert_eq!(server.connections.load(SeqCst), 3);
}

#[tokio::test]
async fn a_dropped_stream_closes_its_connection() {
    let mut server = serve(&[STOP]).await;
    let client = builder(&server.url).build().unwrap();
    let call = Call::new(&client, &CHAT);
    let mut stream = call.send_streaming::<ChatCompletionChunk>().await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(server.sent.recv().await, Some(Sent::Closed));
}

#[tokio::test]
async fn a_stream_whose_choices_have_finished_ends_after_the_grace_period() {
    let server = serve(&[STOP, ": ping\n\n", USAGE, ": ping\n\n"]).await;
    let client = builder(&server.url).finish_grace(Duration::from_millis(50));
    let client = client.read_timeout(Duration::MAX).build().unwrap();
    assert_eq!(
        read(&client).await,
        (2, Some(StreamEnd::AllChoicesFinished))
    );
    drop(server);
}
