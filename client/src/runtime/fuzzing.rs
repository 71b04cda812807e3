//! Entry points for the fuzz targets in `client/fuzz`, which can't reach private items.
//!
//! Compiled into the tests too, so that a change of the runtime can't break them unnoticed.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::runtime::api::api_key::ApiKey;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::http::parts::ResponseParts;
use crate::runtime::limit::deadline::Deadline;
use crate::runtime::limit::limiter::Permit;
use crate::runtime::response::json;
use crate::runtime::serde::error_detector::{self, Detected};
use crate::runtime::stream::completion::StreamEvent;
use crate::runtime::stream::sse::{EventTooLarge, SseParser};
use crate::runtime::stream::typed::EventStream;
use crate::runtime::tolerance::deviation::Deviation;
use crate::runtime::tolerance::reader::{self, Outcome, Root};
use crate::runtime::tolerance::schema::Described;
use crate::runtime::transport::RawResponse;
use crate::runtime::transport::body::ResponseBody;

/// The events that the SSE parser finds in a body.
#[derive(Debug, PartialEq, Eq)]
pub struct ParsedEvents {
    /// Name and data of each event.
    pub events: Vec<(Bytes, Bytes)>,
    /// Why there are no more.
    pub end: ParsedEnd,
}

/// How parsing a body ended.
#[derive(Debug, PartialEq, Eq)]
pub enum ParsedEnd {
    /// With the body, which may end within an event.
    Body { incomplete: Option<Bytes> },
    /// With an event larger than the limit.
    EventTooLarge,
}

/// Why a body has no value.
#[derive(Debug, PartialEq, Eq)]
pub enum DecodeFailure {
    ErrorObject,
    Invalid,
}

/// Parses the events of a body that arrives in these chunks.
pub fn parse_events(limit: usize, chunks: impl IntoIterator<Item = Bytes>) -> ParsedEvents {
    let mut parser = SseParser::new(limit);
    let mut events = Vec::new();
    for chunk in chunks {
        parser.feed(chunk);
        loop {
            match parser.next_event() {
                Ok(Some(event)) => events.push((event.name, event.data)),
                Ok(None) => break,
                Err(EventTooLarge) => {
                    return ParsedEvents {
                        events,
                        end: ParsedEnd::EventTooLarge,
                    };
                }
            }
        }
    }
    let incomplete = parser.into_incomplete();
    ParsedEvents {
        events,
        end: ParsedEnd::Body { incomplete },
    }
}

/// Parses the events of a complete body by the standard's algorithm, line by line: a reference for the parser.
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

/// Decodes a body as responses and events are decoded.
pub fn decode_detecting_errors<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeFailure> {
    match error_detector::decode_detecting_errors(body) {
        Detected::Value(value) => Ok(value),
        Detected::ErrorObject => Err(DecodeFailure::ErrorObject),
        Detected::Invalid => decode_with_path(body).map_err(|_| DecodeFailure::Invalid),
    }
}

/// Decodes a body in the pass that tracks the path of the failing field.
pub fn decode_with_path<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    json::decode_with_path(body, "response body").map_err(|(message, _)| message)
}

/// Reads a body that the strict decoder rejects, tolerantly, as an event or as a response.
pub fn read_tolerantly<T: DeserializeOwned + Described>(
    body: &str,
    is_event: bool,
) -> Option<(T, Vec<Deviation>)> {
    let root = if is_event {
        Root::Event
    } else {
        Root::Response
    };
    match reader::read("fuzzed", body, root) {
        Outcome::Value(value, deviations) => Some((value, deviations)),
        Outcome::Unrelated(_) | Outcome::TooMany | Outcome::Unusable => None,
    }
}

/// Returns the error of a response to a client with this API key.
pub fn response_error(
    operation: &'static Operation,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    key: &str,
) -> Error {
    let key = ApiKey::parse(key, "the API key").expect("a valid key");
    let parts = ResponseParts::new(operation.api, status, headers);
    Error::from_response(operation, parts, body).redact(Some(&key))
}

/// Opens the event stream of a response that didn't come over a network.
pub async fn open_stream<T: StreamEvent>(
    client: &Client,
    operation: &'static Operation,
    mut response: Response,
) -> Result<EventStream<T>, Error> {
    let headers = std::mem::take(response.headers_mut());
    EventStream::open(RawResponse {
        operation,
        deadline: Deadline::from_timeout(Duration::MAX),
        parts: ResponseParts::new(operation.api, response.status(), headers),
        body: ResponseBody::new(
            operation,
            response,
            Duration::MAX,
            Deadline::never(),
            Permit::unlimited(),
        ),
        client: client.clone(),
    })
    .await
}
