//! Properties that hold for any body: random bytes, and examples with random changes.

use cometapi::runtime::{Call, StreamEnd};
use cometapi::types::ChatCompletionChunk;
use cometapi::{Client, Error, ErrorKind};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::random::Random;
use crate::{CREATE, KEY, builder};

const ROUNDS: u64 = 150;

/// Limits that some examples exceed.
const MAX_ERROR_BODY_BYTES: usize = 120;
const MAX_EVENT_BYTES: usize = 350;
const MAX_JSON_BYTES: usize = 700;

const ERRORS: &[&[u8]] = &[
    br#"{"error":{"message":"no channel (request id: 2026Abc)","type":"comet_api_error","param":"","code":"model_not_found"}}"#,
    br#"{"error":{"message":"bad key sk-secret","code":1002}}"#,
    br#"{"success":false,"message":"the catalog is being rebuilt"}"#,
    br#"[{"error":["first",{"message":"\u0007second\u202e"}]}]"#,
    b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head></html>",
    b"upstream timed out\n",
];

const STREAMS: &[&[u8]] = &[
    include_bytes!("../../../openapi/examples/chat/simple.sse"),
    include_bytes!("../../../openapi/examples/chat/tool_calls.sse"),
    include_bytes!("../../../openapi/examples/chat/two_choices.sse"),
    include_bytes!("../../../openapi/examples/chat/usage.sse"),
    b"\xef\xbb\xbf: PING\r\n\r\ndata: {\"choices\":\r\ndata: []}\r\n\r\ndata: [DONE]\r\n\r\n",
    br#"{"error":{"message":"no channel","type":"comet_api_error","code":"model_not_found"}}"#,
    b"<html><title>Welcome</title></html>",
];

/// Insertions into the examples.
const INSERTIONS: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b" \n\n",
    b"\xef\xbb\xbf",
    b"\xef",
    b"\0",
    b"data: ",
    b"data: [DONE]\n\n",
    b"event: error\n",
    b"event: x.done\n",
    b": PING\n\n",
    b"{",
    b"[",
    b"\"error\":{},",
    b"\"error\":\"x\",",
    b"-1e999",
    b"\\ud800",
];

/// The bytes after the chunks of a body.
const TERMINATOR: &[u8] = b"0\r\n\r\n";
const NO_TERMINATOR: &[u8] = b"";

const MEDIA_TYPES: &[&str] = &[
    "text/event-stream",
    "application/json",
    "application/problem+json",
    "TEXT/HTML; charset=latin1",
    "audio/mpeg",
    ";;",
    "",
];

#[tokio::test]
async fn any_error_response_is_an_error_with_its_status_and_body() {
    let harness = Harness::start().await;
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let status = 300 + random.below(300);
        let sent = random_body(random, ERRORS);
        let response = RandomResponse::new(random, status);
        let method = random.below(3);
        let error = harness.failure(&response.encode(&[&sent]), method).await;

        assert_eq!(error.status().unwrap().as_u16() as usize, status);
        // A 304 response has no body.
        let kept = if status == 304 { b"" } else { &sent[..] };
        let kept = &kept[..kept.len().min(MAX_ERROR_BODY_BYTES)];
        assert_eq!(&error.body().unwrap()[..], kept);
        assert!(is_reported_by_server(error.kind()), "{error:?}");
        let line = error.to_string();
        assert!(
            !line.contains(KEY) && !line.contains(char::is_control),
            "{line:?}"
        );
        let response = response.encode(&split(random, &sent, 80));
        assert_eq!(
            summary(&harness.failure(&response, method).await),
            summary(&error)
        );
    }
}

#[tokio::test]
async fn any_stream_is_complete_or_an_error_regardless_of_its_chunks() {
    let harness = Harness::start().await;
    let (mut complete, mut failed) = (0, 0);
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let sent = random_body(random, STREAMS);
        let response = RandomResponse::new(random, 200);
        let outcome = harness.read(&response.encode(&[&sent])).await;
        for largest in [4, 80] {
            let chunks = split(random, &sent, largest);
            let again = harness.read(&response.encode(&chunks)).await;
            assert_eq!(again, outcome, "{response:?} {}", sent.escape_ascii());
        }
        match &outcome.1 {
            Ok(_) => complete += 1,
            Err((kind, ..)) => {
                failed += 1;
                let is_body_error = matches!(
                    kind,
                    ErrorKind::IncompleteBody
                        | ErrorKind::IncompleteStream
                        | ErrorKind::Decode
                        | ErrorKind::ResponseTooLarge
                );
                assert!(is_body_error || is_reported_by_server(*kind), "{kind:?}");
            }
        }
    }
    // Otherwise the random bodies don't cover both outcomes.
    assert!(complete > 10 && failed > 10, "{complete} and {failed}");
}

#[tokio::test]
async fn the_kind_of_a_body_does_not_depend_on_its_chunks() {
    let harness = Harness::start().await;
    let error = r#"{"error":{"message":"no channel"}}"#;
    let event = r#"data: {"choices":[]}"#;
    for (body, events, kind) in [
        // As many blanks as are skipped before JSON, and one less.
        (
            " ".repeat(MAX_ERROR_BODY_BYTES) + error,
            0,
            Some(ErrorKind::IncompleteStream),
        ),
        (
            " ".repeat(MAX_ERROR_BODY_BYTES - 1) + error,
            0,
            Some(ErrorKind::Server),
        ),
        // The first byte is that of a BOM.
        (format!("\u{ff01}\n{event}\n\ndata: [DONE]\n\n"), 1, None),
        (format!("\u{feff}{event}\n\ndata: [DONE]\n\n"), 1, None),
    ] {
        let response = RandomResponse {
            status: 200,
            media_type: "text/event-stream",
            ending: TERMINATOR,
        };
        for size in [1, 2, body.len()] {
            let chunks: Vec<_> = body.as_bytes().chunks(size).collect();
            let (delivered, end) = harness.read(&response.encode(&chunks)).await;
            let outcome = (delivered.len(), end.err().map(|(kind, ..)| kind));
            assert_eq!(outcome, (events, kind), "{body:?} by {size}");
        }
    }
}

/// A client and its server, with a connection for each call.
struct Harness {
    listener: TcpListener,
    client: Client,
}

impl Harness {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = builder(&format!("http://{}", listener.local_addr().unwrap()))
            .max_error_body_bytes(MAX_ERROR_BODY_BYTES)
            .max_event_bytes(MAX_EVENT_BYTES)
            .max_json_bytes(MAX_JSON_BYTES)
            .build()
            .unwrap();
        Self { listener, client }
    }

    /// The result of a call to which the server sends these bytes.
    async fn play<T>(&self, response: &[u8], call: impl Future<Output = T>) -> T {
        let server = async {
            let (mut connection, _) = self.listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                assert_ne!(connection.read_buf(&mut request).await.unwrap(), 0);
            }
            // The client closes the connection if the response is too large.
            drop(connection.write_all(response).await);
        };
        tokio::join!(server, call).1
    }

    /// The error of a call by one of the methods for JSON, streams and downloads.
    async fn failure(&self, response: &[u8], method: usize) -> Error {
        let call = Call::new(&self.client, &CREATE);
        let call = async {
            match method {
                0 => call.send_json::<Value>().await.map(drop),
                1 => call.send_streaming::<ChatCompletionChunk>().await.map(drop),
                _ => call.send_download().await.map(drop),
            }
        };
        self.play(response, call).await.unwrap_err()
    }

    /// The events of a stream, and how it ended.
    async fn read(
        &self,
        response: &[u8],
    ) -> (Vec<ChatCompletionChunk>, Result<StreamEnd, ErrorSummary>) {
        let mut events = Vec::new();
        let read = async {
            let opened = Call::new(&self.client, &CREATE).send_streaming().await;
            let mut stream = opened.map_err(|error| summary(&error))?;
            while let Some(event) = stream.next().await {
                match event {
                    Ok(event) => events.push(event),
                    Err(error) => {
                        assert!(stream.next().await.is_none(), "after {error}");
                        return Err(summary(&error));
                    }
                }
            }
            Ok(stream.end().expect("a complete stream"))
        };
        let end = self.play(response, read).await;
        (events, end)
    }
}

#[derive(Debug)]
struct RandomResponse {
    status: usize,
    media_type: &'static str,
    ending: &'static [u8],
}

impl RandomResponse {
    fn new(random: &mut Random, status: usize) -> Self {
        Self {
            status,
            // At least every second one has the media type of an event stream.
            media_type: MEDIA_TYPES[random.below(2) * random.below(MEDIA_TYPES.len())],
            ending: [TERMINATOR, NO_TERMINATOR][random.below(2)],
        }
    }

    /// The bytes of the response, whose chunks the client receives one by one.
    fn encode(&self, chunks: &[&[u8]]) -> Vec<u8> {
        let (status, media_type) = (self.status, self.media_type);
        let headers = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\nconnection: close\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        let mut bytes = headers.into_bytes();
        for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(*chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(self.ending);
        bytes
    }
}

/// Splits a body into chunks of at most this length.
fn split<'b>(random: &mut Random, body: &'b [u8], largest: usize) -> Vec<&'b [u8]> {
    let (mut rest, mut chunks) = (body, Vec::new());
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(1 + random.below(rest.len().min(largest)));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

/// The parts of an error that distinguish it from others.
type ErrorSummary = (ErrorKind, String, Vec<u8>);

fn summary(error: &Error) -> ErrorSummary {
    let body = error
        .body()
        .expect("the status and headers of the response arrived");
    (error.kind(), error.to_string(), body.to_vec())
}

fn is_reported_by_server(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BadRequest
            | ErrorKind::Authentication
            | ErrorKind::PermissionDenied
            | ErrorKind::NotFound
            | ErrorKind::ModelNotFound
            | ErrorKind::PayloadTooLarge
            | ErrorKind::RateLimited
            | ErrorKind::QuotaExceeded
            | ErrorKind::Server
            | ErrorKind::Gateway
    )
}

/// Random bytes, or one of the examples with a few random changes.
fn random_body(random: &mut Random, examples: &[&[u8]]) -> Vec<u8> {
    if random.below(8) == 0 {
        return (0..random.below(300))
            .map(|_| random.below(256) as u8)
            .collect();
    }
    let mut bytes = examples[random.below(examples.len())].to_vec();
    for _ in 0..random.below(4) {
        let start = random.below(bytes.len() + 1);
        let end = start + random.below(bytes.len() - start + 1);
        match random.below(5) {
            0 if start < end => bytes[start] ^= 1 << random.below(8),
            1 => bytes.truncate(start),
            2 => drop(bytes.drain(start..end)),
            3 => {
                let other = examples[random.below(examples.len())];
                let from = random.below(other.len());
                drop(bytes.splice(start..end, other[from..].iter().copied()));
            }
            _ => {
                let insertion = INSERTIONS[random.below(INSERTIONS.len())];
                drop(bytes.splice(start..start, insertion.iter().copied()));
            }
        }
    }
    bytes
}
