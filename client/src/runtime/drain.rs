//! Answers that come piece by piece, read to their end: for the contract suite, which knows
//! operations by name only.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::error::Error;
use crate::runtime::response::Response;
use crate::runtime::response::download::Download;
use crate::runtime::stream::completion::{StreamEnd, StreamEvent};
use crate::runtime::stream::typed::EventStream;

/// A stream of events that was opened, and has ended.
#[derive(Debug)]
pub struct Drained {
    /// The status of the answer.
    pub status: u16,
    /// The server's id of the request, if a header holds one.
    pub request_id: Option<String>,
    /// What made the stream whole, or why it isn't.
    pub outcome: Result<StreamEnd, Error>,
}

/// Hands each event to `each` as JSON. The error is that of a stream that didn't open.
pub async fn events<T: StreamEvent + Serialize>(
    opened: Result<EventStream<T>, Error>,
    each: &mut (dyn FnMut(Value) + Send),
) -> Result<Drained, Error> {
    let mut stream = opened?;
    let mut failed = None;
    while let Some(event) = stream.next().await {
        match event.and_then(as_json) {
            Ok(event) => each(event),
            Err(error) => failed = Some(error),
        }
    }
    Ok(Drained {
        status: stream.status().as_u16(),
        request_id: stream.request_id().map(str::to_owned),
        outcome: match (failed, stream.end()) {
            (Some(error), _) => Err(error),
            (None, Some(marker)) => Ok(marker),
            (None, None) => Err(Error::new(
                ErrorKind::IncompleteStream,
                "the stream ended early",
            )),
        },
    })
}

/// How many bytes came, and of what type, as JSON; the bytes themselves are the raw body.
pub async fn download(opened: Result<Download, Error>) -> Result<Response<Value>, Error> {
    let mut download = opened?;
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await {
        bytes.extend_from_slice(&piece?);
    }
    let value = json!({ "bytes": bytes.len(), "content_type": download.content_type() });
    let head = download.parts().clone();
    Ok(Response::new(value, head, Bytes::from(bytes)))
}

fn as_json(value: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::new(ErrorKind::Decode, error.to_string()))
}
