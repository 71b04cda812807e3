//! What holds for any bytes: noise, and real responses with something changed.

use cometapi::runtime::{Call, StreamEnd};
use cometapi::types::ChatCompletionChunk;
use cometapi::{Client, Error, ErrorKind};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::random::Random;
use crate::{CREATE, KEY, builder};

const ROUNDS: u64 = 150;

/// Limits so small that the examples reach them.
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

/// What a change puts in.
const WORDS: &[&[u8]] = &[
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

/// What is behind the chunks of a body.
const WHOLE: &[u8] = b"0\r\n\r\n";
const BROKEN: &[u8] = b"";

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
async fn any_error_body_gives_an_error_with_its_status_and_bytes() {
    let wire = Wire::open().await;
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let status = 300 + random.below(300);
        let sent = any_bytes(random, ERRORS);
        let response = AnyResponse::any(random, status);
        let asked = random.below(3);
        let error = wire.fail(&response.in_chunks(&[&sent]), asked).await;

        assert_eq!(error.status().unwrap().as_u16() as usize, status);
        // The one error status whose response has no body.
        let kept = if status == 304 { b"" } else { &sent[..] };
        let kept = &kept[..kept.len().min(MAX_ERROR_BODY_BYTES)];
        assert_eq!(&error.body().unwrap()[..], kept);
        assert!(is_said_by_server(error.kind()), "{error:?}");
        let line = error.to_string();
        assert!(
            !line.contains(KEY) && !line.contains(char::is_control),
            "{line:?}"
        );
        let response = response.in_chunks(&cut(random, &sent, 80));
        assert_eq!(seen(&wire.fail(&response, asked).await), seen(&error));
    }
}

#[tokio::test]
async fn any_stream_ends_cleanly_or_in_a_typed_error_however_it_is_cut() {
    let wire = Wire::open().await;
    let (mut clean, mut failed) = (0, 0);
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let sent = any_bytes(random, STREAMS);
        let response = AnyResponse::any(random, 200);
        let outcome = wire.read(&response.in_chunks(&[&sent])).await;
        for largest in [4, 80] {
            let chunks = cut(random, &sent, largest);
            let again = wire.read(&response.in_chunks(&chunks)).await;
            assert_eq!(again, outcome, "{response:?} {}", sent.escape_ascii());
        }
        match &outcome.1 {
            Ok(_) => clean += 1,
            Err((kind, ..)) => {
                failed += 1;
                let is_of_the_body = matches!(
                    kind,
                    ErrorKind::IncompleteBody
                        | ErrorKind::IncompleteStream
                        | ErrorKind::Decode
                        | ErrorKind::ResponseTooLarge
                );
                assert!(is_of_the_body || is_said_by_server(*kind), "{kind:?}");
            }
        }
    }
    // Else the changes leave nothing of one of the sorts.
    assert!(clean > 10 && failed > 10, "{clean} and {failed}");
}

#[tokio::test]
async fn what_a_body_is_does_not_depend_on_its_cuts() {
    let wire = Wire::open().await;
    let error = r#"{"error":{"message":"no channel"}}"#;
    let event = r#"data: {"choices":[]}"#;
    for (body, events, kind) in [
        // As many blanks as are looked at for JSON, and one less.
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
        // Begins like a byte order mark.
        (format!("\u{ff01}\n{event}\n\ndata: [DONE]\n\n"), 1, None),
        (format!("\u{feff}{event}\n\ndata: [DONE]\n\n"), 1, None),
    ] {
        let response = AnyResponse {
            status: 200,
            media_type: "text/event-stream",
            ending: WHOLE,
        };
        for size in [1, 2, body.len()] {
            let chunks: Vec<_> = body.as_bytes().chunks(size).collect();
            let (delivered, end) = wire.read(&response.in_chunks(&chunks)).await;
            let found = (delivered.len(), end.err().map(|(kind, ..)| kind));
            assert_eq!(found, (events, kind), "{body:?} by {size}");
        }
    }
}

/// A connection for each call, and the client that calls.
struct Wire {
    listener: TcpListener,
    client: Client,
}

impl Wire {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = builder(&format!("http://{}", listener.local_addr().unwrap()))
            .max_error_body_bytes(MAX_ERROR_BODY_BYTES)
            .max_event_bytes(MAX_EVENT_BYTES)
            .max_json_bytes(MAX_JSON_BYTES)
            .build()
            .unwrap();
        Self { listener, client }
    }

    /// What a call gives when this is all that the server sends.
    async fn play<T>(&self, response: &[u8], call: impl Future<Output = T>) -> T {
        let server = async {
            let (mut connection, _) = self.listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                assert_ne!(connection.read_buf(&mut request).await.unwrap(), 0);
            }
            // The client hangs up on what is too long.
            drop(connection.write_all(response).await);
        };
        tokio::join!(server, call).1
    }

    /// The error of a call, whatever it requests.
    async fn fail(&self, response: &[u8], asked: usize) -> Error {
        let call = Call::new(&self.client, &CREATE);
        let call = async {
            match asked {
                0 => call.send_json::<Value>().await.map(drop),
                1 => call.send_streaming::<ChatCompletionChunk>().await.map(drop),
                _ => call.send_download().await.map(drop),
            }
        };
        self.play(response, call).await.unwrap_err()
    }

    /// The events of a stream, and how it ended.
    async fn read(&self, response: &[u8]) -> (Vec<ChatCompletionChunk>, Result<StreamEnd, Seen>) {
        let mut events = Vec::new();
        let read = async {
            let opened = Call::new(&self.client, &CREATE).send_streaming().await;
            let mut stream = opened.map_err(|error| seen(&error))?;
            while let Some(event) = stream.next().await {
                match event {
                    Ok(event) => events.push(event),
                    Err(error) => {
                        assert!(stream.next().await.is_none(), "after {error}");
                        return Err(seen(&error));
                    }
                }
            }
            Ok(stream.end().expect("a clean end"))
        };
        let end = self.play(response, read).await;
        (events, end)
    }
}

#[derive(Debug)]
struct AnyResponse {
    status: usize,
    media_type: &'static str,
    ending: &'static [u8],
}

impl AnyResponse {
    fn any(random: &mut Random, status: usize) -> Self {
        Self {
            status,
            // Every other one is what its body may be.
            media_type: MEDIA_TYPES[random.below(2) * random.below(MEDIA_TYPES.len())],
            ending: [WHOLE, BROKEN][random.below(2)],
        }
    }

    /// Its bytes. Each chunk reaches the reader as one chunk.
    fn in_chunks(&self, chunks: &[&[u8]]) -> Vec<u8> {
        let (status, media_type) = (self.status, self.media_type);
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\nconnection: close\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        let mut bytes = head.into_bytes();
        for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(*chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(self.ending);
        bytes
    }
}

/// The body in chunks that are no longer than this.
fn cut<'b>(random: &mut Random, body: &'b [u8], largest: usize) -> Vec<&'b [u8]> {
    let (mut rest, mut chunks) = (body, Vec::new());
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(1 + random.below(rest.len().min(largest)));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

/// What a caller can tell one error from another by.
type Seen = (ErrorKind, String, Vec<u8>);

fn seen(error: &Error) -> Seen {
    let body = error
        .body()
        .expect("the status and headers of the response arrived");
    (error.kind(), error.to_string(), body.to_vec())
}

fn is_said_by_server(kind: ErrorKind) -> bool {
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

/// Noise, or one of these with a few changes.
fn any_bytes(random: &mut Random, examples: &[&[u8]]) -> Vec<u8> {
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
                let word = WORDS[random.below(WORDS.len())];
                drop(bytes.splice(start..start, word.iter().copied()));
            }
        }
    }
    bytes
}
