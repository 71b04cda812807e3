//! Event streams as the server writes them, and how a caller reads them.

use crate::server::{Step, send, start};
use crate::{builder, operation};
use cometapi::runtime::{
    Call, Described, EventStream, FinishTracker, Operation, StreamEnd, StreamEvent,
};
use cometapi::{ClientBuilder, Error};
use serde::Deserialize;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

pub(crate) const SHORT: Duration = Duration::from_millis(100);

pub(crate) const SILENCE: Step = Step::Pause(Duration::from_secs(60));

pub(crate) static CHAT: Operation = operation("chat", true, false);

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Chunk {
    #[serde(default)]
    pub(crate) choices: Vec<Choice>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Choice {
    pub(crate) index: i64,
    pub(crate) text: Option<String>,
    pub(crate) finish_reason: Option<String>,
}

impl Described for Chunk {}

impl StreamEvent for Chunk {
    type Usage = ();

    const SENTINEL: Option<&'static str> = Some("[DONE]");

    fn track_finish(&self, tracker: &mut FinishTracker) {
        for choice in &self.choices {
            tracker.record(choice.index, choice.finish_reason.is_some());
        }
    }
}

pub(crate) const A: &str = "data: {\"choices\":[{\"index\":0,\"text\":\"a\"}]}\n\n";

pub(crate) const B: &str = "data: {\"choices\":[{\"index\":1,\"text\":\"b\"}]}\n\n";

pub(crate) const A_STOPS: &str =
    "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}\n\n";

pub(crate) const B_STOPS: &str =
    "data: {\"choices\":[{\"index\":1,\"finish_reason\":\"length\"}]}\n\n";

pub(crate) const USAGE: &str = "data: {\"usage\":{}}\n\n";

pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// How a body ends on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Complete,
    Truncated,
    Silent,
}

/// A chunked response, whose chunks the client receives one by one.
pub(crate) fn http_response<'b>(
    headers: &str,
    chunks: impl IntoIterator<Item = &'b [u8]>,
    ending: Ending,
) -> Vec<Step> {
    let headers = format!(
        "HTTP/1.1 200 OK\r\nx-request-id: r1\r\ntransfer-encoding: chunked\r\n{headers}\r\n"
    );
    let mut response = headers.into_bytes();
    for chunk in chunks.into_iter().filter(|chunk| !chunk.is_empty()) {
        response.extend(format!("{:x}\r\n", chunk.len()).bytes());
        response.extend(chunk);
        response.extend(b"\r\n");
    }
    match ending {
        Ending::Complete => vec![send([response, b"0\r\n\r\n".to_vec()].concat())],
        Ending::Truncated => vec![send(response)],
        Ending::Silent => vec![send(response), SILENCE],
    }
}

pub(crate) fn events<'b>(chunks: impl IntoIterator<Item = &'b [u8]>, ending: Ending) -> Vec<Step> {
    http_response("content-type: text/event-stream\r\n", chunks, ending)
}

pub(crate) async fn open(script: &[Step]) -> Result<EventStream<Chunk>, Error> {
    open_with(script, |client| client).await
}

pub(crate) async fn open_with(
    script: &[Step],
    configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<EventStream<Chunk>, Error> {
    let server = start(script).await;
    let client = configure(builder(&server.address)).build().unwrap();
    Call::new(&client, &CHAT).send_streaming().await
}

/// Reads a stream to its end. Returns its events, and how it ended or the error that ended it.
pub(crate) async fn drain(
    stream: &mut EventStream<Chunk>,
) -> (Vec<Chunk>, Result<Option<StreamEnd>, Error>) {
    let mut delivered = Vec::new();
    let end = loop {
        match stream.next().await {
            Some(Ok(event)) => delivered.push(event),
            Some(Err(error)) => break Err(error),
            None => break Ok(stream.end()),
        }
    };
    assert!(stream.next().await.is_none(), "after {end:?}");
    assert_eq!(stream.events_received(), delivered.len());
    if end.is_err() {
        assert_eq!(stream.end(), None);
    }
    (delivered, end)
}

/// The number of events of a stream, and how it ended.
pub(crate) async fn outcome(script: &[Step]) -> (usize, Result<Option<StreamEnd>, Error>) {
    match open(script).await {
        Ok(mut stream) => {
            let (delivered, end) = drain(&mut stream).await;
            (delivered.len(), end)
        }
        Err(error) => (0, Err(error)),
    }
}

/// The number of events of a stream, and the error that ended it.
pub(crate) async fn failure(script: &[Step]) -> (usize, Error) {
    let (delivered, end) = outcome(script).await;
    (delivered, end.unwrap_err())
}

pub(crate) async fn write(connection: &mut TcpStream, script: &[Step]) {
    for step in script {
        if let Step::Send(bytes) = step {
            connection.write_all(bytes).await.unwrap();
        }
    }
}

/// Splits a body at random positions.
pub(crate) fn split_randomly(body: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut chunks = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (chunk, after) = rest.split_at((1 + state as usize % 40).min(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}
