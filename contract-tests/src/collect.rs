//! Results of calls, read to their end: responses, downloads and streams of operations that are known by id only.

use bytes::Bytes;
use cometapi::runtime::StreamEvent;
use cometapi::{Deviation, Download, Error, ErrorKind, EventStream, Response, StreamEnd};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::{Value, json};

/// A successful response with its value as JSON.
#[derive(Clone, Debug)]
pub struct CallResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The server's id of the request, if a header contains one.
    pub request_id: Option<String>,
    /// The decoded value, encoded again. For a download its length and media type.
    pub value: Value,
    /// The body as it arrived.
    pub raw: Bytes,
    /// The places where the body differs from the schema.
    pub deviations: Vec<Deviation>,
}

/// A stream of events that was opened and has ended.
#[derive(Debug)]
pub struct StreamSummary {
    pub status: u16,
    /// The server's id of the request, if a header contains one.
    pub request_id: Option<String>,
    /// The places where events differ from the schema.
    pub deviations: Vec<Deviation>,
    /// How the stream ended, or why it is incomplete.
    pub outcome: Result<StreamEnd, Error>,
}

/// Encodes the value of a response.
pub fn response<T: Serialize>(response: Result<Response<T>, Error>) -> Result<CallResponse, Error> {
    let response = response?;
    Ok(CallResponse {
        status: response.status(),
        headers: response.headers().clone(),
        request_id: response.request_id().map(str::to_owned),
        raw: response.raw().clone(),
        deviations: response.deviations().to_vec(),
        value: to_json(&*response)?,
    })
}

/// Reads a download into memory.
pub async fn download(download: Result<Download, Error>) -> Result<CallResponse, Error> {
    let mut download = download?;
    let mut bytes = Vec::new();
    while let Some(chunk) = download.next().await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(CallResponse {
        status: download.status(),
        headers: download.headers().clone(),
        request_id: download.request_id().map(str::to_owned),
        value: json!({ "bytes": bytes.len(), "content_type": download.content_type() }),
        raw: bytes.into(),
        deviations: Vec::new(),
    })
}

/// Passes each event to `on_event` as JSON. The error is that of a stream that didn't open.
pub async fn events<T: StreamEvent + Serialize>(
    stream: Result<EventStream<T>, Error>,
    on_event: &mut (dyn FnMut(Value) + Send),
) -> Result<StreamSummary, Error> {
    let mut stream = stream?;
    let mut failed = None;
    while let Some(event) = stream.next().await {
        match event.and_then(to_json) {
            Ok(event) => on_event(event),
            Err(error) => failed = Some(error),
        }
    }
    Ok(StreamSummary {
        status: stream.status().as_u16(),
        request_id: stream.request_id().map(str::to_owned),
        deviations: stream.deviations().to_vec(),
        outcome: match (failed, stream.end()) {
            (Some(error), _) => Err(error),
            (None, Some(end)) => Ok(end),
            (None, None) => Err(Error::new(
                ErrorKind::IncompleteStream,
                "the stream ended early",
            )),
        },
    })
}

fn to_json(value: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::Decode, error.to_string()))
}
