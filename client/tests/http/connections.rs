//! Connections of finished and of dropped streams, counted by the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use cometapi::runtime::{Call, Operation};
use cometapi::types::ChatCompletionChunk;
use cometapi::{Client, StreamEnd, defaults};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

use crate::{builder, operation};

static TALK: Operation = operation("talk", true, false);

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const STOP: &str =
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"completion_tokens\":1}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// A server of event streams on connections that stay open.
struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
    /// A permit lets one stream end.
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
    let (counted, permits) = (connections.clone(), ends.clone());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, SeqCst);
            // The end of a body isn't to wait for the acknowledgement of what came before.
            stream.set_nodelay(true).unwrap();
            let (permits, notify) = (permits.clone(), notify.clone());
            tokio::spawn(async move {
                while read_request(&mut stream).await {
                    let events: String = events.iter().map(|event| chunk(event)).collect();
                    let response = format!("{HEAD}{events}");
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

/// Reads one request with an empty body; false if the connection was closed.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    true
}

async fn read(client: &Client) -> (usize, Option<StreamEnd>) {
    let call = Call::new(client, &TALK);
    let mut stream = call.send_streaming::<ChatCompletionChunk>().await.unwrap();
    while let Some(event) = stream.next().await {
        event.unwrap();
    }
    (stream.events_received(), stream.end())
}

#[tokio::test]
async fn a_finished_stream_gives_its_connection_back() {
    let mut server = serve(&[STOP, DONE]).await;
    let client = builder(&server.url).build().unwrap();
    for _ in 0..1_000 {
        // The stream is over for the caller before the server has ended the body.
        assert_eq!(read(&client).await, (1, Some(StreamEnd::Sentinel)));
        server.ends.add_permits(1);
        assert_eq!(server.sent.recv().await, Some(Sent::Terminator));
    }
    // A call may begin before the client has seen the end of the body before it.
    assert!(
        server.connections.load(SeqCst) <= 2,
        "{:?}",
        server.connections
    );
}

#[tokio::test]
async fn a_finished_stream_frees_its_permit_at_once() {
    let server = serve(&[STOP, DONE]).await;
    let client = builder(&server.url);
    let client = client.concurrency_limit(cometapi::ConcurrencyLimit::fixed(1));
    // Less than the rest of a stream is read for: a call that waits for it fails.
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
    let call = Call::new(&client, &TALK);
    let mut stream = call.send_streaming::<ChatCompletionChunk>().await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(server.sent.recv().await, Some(Sent::Closed));
}

#[tokio::test]
async fn a_stream_whose_choices_have_finished_ends_within_the_grace() {
    let server = serve(&[STOP, ": ping\n\n", USAGE, ": ping\n\n"]).await;
    let client = builder(&server.url).finish_grace(Duration::from_millis(50));
    let client = client.read_timeout(Duration::MAX).build().unwrap();
    assert_eq!(
        read(&client).await,
        (2, Some(StreamEnd::AllChoicesFinished))
    );
    drop(server);
}
