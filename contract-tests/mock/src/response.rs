//! Responses from the contract's examples, and their delivery.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use cometapi_contract::Example;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::Value;

use crate::StartError;

pub(crate) const EVENT_STREAM: &str = "text/event-stream";

/// A response of hyper, whose body may abort the connection.
pub(crate) type HttpResponse = Response<UnsyncBoxBody<Bytes, Aborted>>;

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct MockResponse {
    pub(crate) status: StatusCode,
    pub(crate) media_type: HeaderValue,
    pub(crate) body: Bytes,
}

/// A response and how much of it is sent.
#[derive(Debug)]
pub(crate) enum Delivery {
    Complete(MockResponse),
    /// The connection closes after that number of bytes of the body.
    Truncated(MockResponse, usize),
    /// The connection closes in place of a response.
    Disconnect,
}

/// Error that makes hyper close the connection.
#[derive(Debug)]
pub(crate) struct Aborted;

impl MockResponse {
    pub(crate) fn from_example(example: &Example<'_>) -> Result<Self, StartError> {
        let start_error = |reason: &dyn fmt::Display| {
            let (file, line) = (example.node.contract().file(), example.node.line());
            StartError::contract(format!("{}:{line}: {reason}", file.display()))
        };
        let body = example.bytes().map_err(|error| start_error(&error))?;
        let media_type = HeaderValue::from_str(example.media_type);
        // The first status of a range, such as `2XX`.
        let status = example.status.replace("XX", "00");
        Ok(Self {
            status: status.parse().unwrap_or_default(),
            media_type: media_type.map_err(|error| start_error(&error))?,
            body: Bytes::from(body.into_owned()),
        })
    }

    pub(crate) fn json(status: StatusCode, value: &Value) -> Self {
        Self {
            status,
            media_type: HeaderValue::from_static("application/json"),
            body: Bytes::from(value.to_string()),
        }
    }

    /// Events are sent one by one, any other body at once, up to the length that it is truncated to.
    fn into_http(self, truncated: Option<usize>, pause: Duration) -> HttpResponse {
        let is_stream = self.media_type == EVENT_STREAM;
        let bytes = self.body.slice(..truncated.unwrap_or(self.body.len()));
        let chunks = match is_stream {
            true => events(&bytes),
            false => vec![bytes],
        };
        let chunks = stream::iter(chunks).then(move |chunk| async move {
            if is_stream && !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            Ok(Frame::data(chunk))
        });
        let end = stream::iter(truncated).then(|_| async {
            // hyper drops what it hasn't flushed when a body fails, and flushes when it has to wait.
            tokio::task::yield_now().await;
            Err(Aborted)
        });
        let mut response = Response::new(StreamBody::new(chunks.chain(end)).boxed_unsync());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.media_type);
        if !is_stream {
            headers.insert(header::CONTENT_LENGTH, self.body.len().into());
        }
        response
    }
}

impl Delivery {
    pub(crate) fn into_http(self, pause: Duration) -> Result<HttpResponse, Aborted> {
        match self {
            Self::Complete(response) => Ok(response.into_http(None, pause)),
            Self::Truncated(response, length) => Ok(response.into_http(Some(length), pause)),
            Self::Disconnect => Err(Aborted),
        }
    }
}

/// The result of a request, for the log.
impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete(response) => write!(f, "{}", response.status.as_u16()),
            Self::Truncated(response, length) => {
                let (status, complete) = (response.status.as_u16(), response.body.len());
                write!(f, "{status}, truncated after {length} of {complete} bytes")
            }
            Self::Disconnect => f.write_str("disconnected"),
        }
    }
}

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Aborted {}

/// A stream in chunks that each end in a blank line.
fn events(stream: &Bytes) -> Vec<Bytes> {
    let (mut chunks, mut start, mut end) = (Vec::new(), 0, 0);
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() || end == stream.len() {
            chunks.push(stream.slice(start..end));
            start = end;
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::events;

    #[test]
    fn a_chunk_is_an_event() {
        let stream = Bytes::from(": hi\n\ndata: 1\ndata: 2\n\ndata: [DONE]\r\n\r\nrest");
        let chunks = [
            ": hi\n\n",
            "data: 1\ndata: 2\n\n",
            "data: [DONE]\r\n\r\n",
            "rest",
        ];
        assert_eq!(events(&stream), chunks);
        assert_eq!(events(&Bytes::from("a\n\n")), ["a\n\n"]);
        assert_eq!(events(&Bytes::new()).len(), 0);
    }
}
