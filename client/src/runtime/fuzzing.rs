//! Openings for the fuzz targets in `client/fuzz`, which can't reach what is private.
//!
//! Compiled into the tests too, so that a change of the runtime can't break them unseen.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::chunks::Chunks;
use super::concurrency::Place;
use super::deadline::Deadline;
use super::decode::Decoded;
use super::framing::{Framer, TooLong};
use super::head::Head;
use super::key::Key;
use super::transport::Opened;
use super::{Client, Error, EventStream, Operation, StreamEvent};

/// What the framing makes of a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Framed {
    /// The name and the data of each event.
    pub events: Vec<(Bytes, Bytes)>,
    /// Why there are no more.
    pub end: End,
}

/// How the framing of a body ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// With the body, which may leave an event unfinished.
    Body { unfinished: Option<Bytes> },
    /// With an event larger than the limit.
    TooLong,
}

/// Why a body has no value.
#[derive(Debug, PartialEq, Eq)]
pub enum NoValue {
    ErrorObject,
    Undecodable,
}

/// Frames a body that comes in these pieces.
pub fn frame(limit: usize, pieces: impl IntoIterator<Item = Bytes>) -> Framed {
    let mut framer = Framer::new(limit);
    let mut events = Vec::new();
    for piece in pieces {
        framer.push(piece);
        loop {
            match framer.next() {
                Ok(Some(event)) => events.push((event.name, event.data)),
                Ok(None) => break,
                Err(TooLong) => {
                    return Framed {
                        events,
                        end: End::TooLong,
                    };
                }
            }
        }
    }
    let unfinished = framer.unfinished();
    Framed {
        events,
        end: End::Body { unfinished },
    }
}

/// The name and the data of each event of a body: the standard's algorithm, a line at a time over
/// the whole of it.
pub fn standard_events(body: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Each byte as the character of its number, to have the tools for text.
    let body: String = body.iter().map(|byte| *byte as char).collect();
    let bytes = |text: &str| text.chars().map(|c| c as u8).collect();
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    let (mut name, mut data, mut events) = (String::new(), String::new(), Vec::new());
    for line in body.split_inclusive('\n') {
        let Some(line) = line.strip_suffix('\n') else {
            break;
        };
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (line, field) {
            ("", _) => {
                let name = std::mem::take(&mut name);
                if let Some(data) = std::mem::take(&mut data).strip_suffix('\n') {
                    events.push((bytes(&name), bytes(data)));
                }
            }
            (_, "data") => {
                data.push_str(value);
                data.push('\n');
            }
            (_, "event") => value.clone_into(&mut name),
            _ => {}
        }
    }
    events
}

/// Decodes a body as answers and events are decoded.
pub fn watched<T: DeserializeOwned>(body: &[u8]) -> Result<T, NoValue> {
    match super::decode::decoded(body, "the body") {
        Decoded::Value(value) => Ok(value),
        Decoded::ErrorObject => Err(NoValue::ErrorObject),
        Decoded::Nothing(..) => Err(NoValue::Undecodable),
    }
}

/// Decodes a body in the pass that tells what is wrong with it.
pub fn tracked<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    super::decode::tracked(body, "the body").map_err(|(message, _)| message)
}

/// The error for an answer to a client with this key.
pub fn answer_error(
    operation: &'static Operation,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    key: &str,
) -> Error {
    let key = Key::parse(key, "the key").expect("a key");
    super::answer_error::answer_error(operation, Head::new(status, headers), body)
        .without_key(Some(&key))
}

/// The events of an answer that didn't come over a network.
pub async fn events<T: StreamEvent>(
    client: &Client,
    operation: &'static Operation,
    mut response: Response,
) -> Result<EventStream<T>, Error> {
    let headers = std::mem::take(response.headers_mut());
    EventStream::open(Opened {
        operation,
        deadline: Deadline::after(Duration::MAX),
        head: Head::new(response.status(), headers),
        chunks: Chunks::new(operation, response, Duration::MAX, Place::uncounted()),
        client: client.clone(),
    })
    .await
}
