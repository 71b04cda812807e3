//! A streamed response, from its bytes to its events and its end: however it is split, and whether its
//! connection closes or breaks.

#![no_main]

use std::io;
use std::sync::LazyLock;

use bytes::Bytes;
use cometapi::OPERATIONS;
use cometapi::runtime::Operation;
use cometapi::runtime::fuzzing;
use cometapi::types::ChatCompletionChunk;
use cometapi::{ChatCompletionAccumulator, Client, Error, ErrorKind, StreamEnd};
use cometapi_fuzz::{FuzzResponse, splits};
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

/// Limits so small that short inputs reach them.
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
    shown: String,
    body: Option<Bytes>,
}

fuzz_target!(|input: &[u8]| {
    let response = FuzzResponse::parse(input);
    let ways = splits(&Bytes::copy_from_slice(response.body));
    for end in [Ok(Bytes::new()), Err(())] {
        let mut outcomes = ways.iter().map(|chunks| {
            let end = end.clone().map_err(|()| io::Error::other("broken"));
            let chunks = chunks.iter().cloned().map(Ok);
            RUNTIME.block_on(read(&response, chunks.chain([end]).collect()))
        });
        let whole = outcomes.next().unwrap();
        for (outcome, chunks) in outcomes.zip(&ways[1..]) {
            assert_eq!(outcome, whole, "{chunks:?}");
        }
        if let Err(failure) = &whole.end {
            assert!(!matches!(
                failure.kind,
                ErrorKind::ReadTimeout | ErrorKind::Timeout
            ));
        }
        let mut fold = ChatCompletionAccumulator::new();
        fold.extend(whole.events);
        serde_json::to_string(&fold.finish()).unwrap();
    }
});

async fn read(input: &FuzzResponse<'_>, chunks: Vec<io::Result<Bytes>>) -> Outcome {
    let body = reqwest::Body::wrap_stream(stream::iter(chunks));
    let mut response = http::Response::new(body);
    *response.headers_mut() = input.headers.clone();
    let opened =
        fuzzing::open_stream::<ChatCompletionChunk>(&CLIENT, *OPERATION, response.into()).await;
    let mut events = Vec::new();
    let mut opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
            let end = Err(Failure::of(error));
            return Outcome { events, end };
        }
    };
    let end = loop {
        match opened.next().await {
            Some(Ok(event)) => events.push(event),
            Some(Err(error)) => {
                assert_eq!(opened.end(), None);
                break Err(Failure::of(error));
            }
            None => break Ok(opened.end().expect("a clean end")),
        }
    };
    assert!(opened.next().await.is_none());
    assert_eq!(opened.events_received(), events.len());
    Outcome { events, end }
}

impl Failure {
    fn of(error: Error) -> Self {
        assert!(error.status().is_some() && error.headers().is_some());
        Self {
            kind: error.kind(),
            shown: error.to_string(),
            body: error.body().cloned(),
        }
    }
}
