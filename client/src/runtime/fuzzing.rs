//! Entry points for the fuzz targets in `client/fuzz`, which can't reach private items.
//!
//! Unit tests compile them too, so that a change of the runtime can't break them unnoticed.

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
use crate::runtime::response::decode::{self, Decoded};
use crate::runtime::stream::completion::StreamEvent;
use crate::runtime::stream::sse::{EventTooLarge, SseParser};
use crate::runtime::stream::typed::EventStream;
use crate::runtime::transport::RawResponse;
use crate::runtime::transport::body::ResponseBody;

/// The events of a body, as the SSE parser returns them.
#[derive(Debug, PartialEq, Eq)]
pub struct ParsedEvents {
    /// Name and data of each event.
    pub events: Vec<(Bytes, Bytes)>,
    /// How parsing ended after these events.
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

/// The reason why a body was not decoded.
#[derive(Debug, PartialEq, Eq)]
pub enum DecodeFailure {
    /// The body is an error object.
    ErrorObject,
    /// The body is not JSON or does not match the type.
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

/// Parses a complete body line by line, by the algorithm of WHATWG HTML, 9.2.6. Reference implementation for
/// the SSE parser.
pub fn standard_events(body: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Every byte becomes the character with its value, so that string methods can be used.
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

/// Decodes a body in the same way as responses and events, with detection of error objects.
pub fn decode_detecting_errors<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeFailure> {
    match decode::decode_json(body, "response body") {
        Decoded::Value(value) => Ok(value),
        Decoded::ErrorObject => Err(DecodeFailure::ErrorObject),
        Decoded::Invalid(..) => Err(DecodeFailure::Invalid),
    }
}

/// Decodes a body in the pass that tracks the path of the failing field.
pub fn decode_with_path<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    decode::decode_with_path(body, "response body").map_err(|(message, _)| message)
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

/// Opens the event stream of a response that was built in memory.
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
        body: ResponseBody::new(operation, response, Duration::MAX, Permit::unlimited()),
        client: client.clone(),
    })
    .await
}
