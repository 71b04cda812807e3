//! Fuzz target for event streams: events, end and errors are independent of the chunks, whether the
//! connection closes or fails.

#![no_main]

use std::io;
use std::sync::LazyLock;

use bytes::Bytes;
use cometapi::dispatch::OPERATIONS;
use cometapi::runtime::Operation;
use cometapi::runtime::fuzzing;
use cometapi::types::ChatCompletionChunk;
use cometapi::{ChatCompletionAccumulator, Client, Error, ErrorKind, StreamEnd};
use cometapi_fuzz::{EncodedResponse, chunkings};
use futures_util::stream;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().unwrap()
});

static OPERATION: LazyLock<&Operation> = LazyLock::new(|| {
    let mut operations = OPERATIONS.iter();
    operations
        .find(|operation| operation.id == "create_chat_completion")
        .unwrap()
});

/// A client with small limits, so that short inputs reach them.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::builder().api_key("sk-0123456789");
    let client = client
        .max_event_bytes(600)
        .max_error_body_bytes(30)
        .max_json_bytes(200);
    client.build().unwrap()
});

#[derive(Debug, PartialEq)]
struct Outcome {
    events: Vec<ChatCompletionChunk>,
    end: Result<StreamEnd, Failure>,
}

#[derive(Debug, PartialEq)]
struct Failure {
    kind: ErrorKind,
    display: String,
    body: Option<Bytes>,
}

fuzz_target!(|input: &[u8]| {
    let response = EncodedResponse::parse(input);
    let chunkings = chunkings(&Bytes::copy_from_slice(response.body));
    for end in [Ok(Bytes::new()), Err(())] {
        let mut outcomes = chunkings.iter().map(|chunks| {
            let end = end
                .clone()
                .map_err(|()| io::Error::other("connection lost"));
            let chunks = chunks.iter().cloned().map(Ok);
            RUNTIME.block_on(read(&response, chunks.chain([end]).collect()))
        });
        let expected = outcomes.next().unwrap();
        for (outcome, chunks) in outcomes.zip(&chunkings[1..]) {
            assert_eq!(outcome, expected, "{chunks:?}");
        }
        if let Err(failure) = &expected.end {
            assert!(!matches!(
                failure.kind,
                ErrorKind::ReadTimeout | ErrorKind::Timeout
            ));
        }
        let mut accumulator = ChatCompletionAccumulator::new();
        accumulator.extend(expected.events);
        serde_json::to_string(&accumulator.finish()).unwrap();
    }
});

async fn read(encoded: &EncodedResponse<'_>, chunks: Vec<io::Result<Bytes>>) -> Outcome {
    let body = reqwest::Body::wrap_stream(stream::iter(chunks));
    let mut response = http::Response::new(body);
    *response.headers_mut() = encoded.headers.clone();
    let opened =
        fuzzing::open_stream::<ChatCompletionChunk>(&CLIENT, *OPERATION, response.into()).await;
    let mut events = Vec::new();
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) => {
            let end = Err(Failure::of(error));
            return Outcome { events, end };
        }
    };
    let end = loop {
        match stream.next().await {
            Some(Ok(event)) => events.push(event),
            Some(Err(error)) => {
                assert_eq!(stream.end(), None);
                break Err(Failure::of(error));
            }
            None => break Ok(stream.end().expect("the end of a complete stream")),
        }
    };
    assert!(stream.next().await.is_none());
    assert_eq!(stream.events_received(), events.len());
    Outcome { events, end }
}

impl Failure {
    fn of(error: Error) -> Self {
        assert!(error.status().is_some() && error.headers().is_some());
        Self {
            kind: error.kind(),
            display: error.to_string(),
            body: error.body().cloned(),
        }
    }
}
