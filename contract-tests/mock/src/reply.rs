//! What goes back: an example of the contract.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use cometapi_contract::Example;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;

use crate::Unusable;

pub(crate) const EVENT_STREAM: &str = "text/event-stream";

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) media_type: HeaderValue,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn of(example: &Example<'_>) -> Result<Self, Unusable> {
        let unusable = |reason: &dyn std::fmt::Display| {
            let (file, line) = (example.node.contract().file(), example.node.line());
            Unusable::new(format!("{}:{line}: {reason}", file.display()))
        };
        let body = example.bytes().map_err(|error| unusable(&error))?;
        let media_type = HeaderValue::from_str(example.media_type);
        Ok(Self {
            // `2XX` stands for any of them.
            status: example.status.parse().unwrap_or(StatusCode::OK),
            media_type: media_type.map_err(|error| unusable(&error))?,
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

    /// The answer as it is sent: events one by one, anything else at once.
    pub(crate) fn paced(self, pause: Duration) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
        let body = match self.media_type == EVENT_STREAM {
            false => Full::new(self.body).boxed_unsync(),
            true => {
                let events = stream::iter(events(&self.body)).then(move |event| async move {
                    tokio::time::sleep(pause).await;
                    Ok(Frame::data(event))
                });
                StreamBody::new(events).boxed_unsync()
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.media_type);
        response
    }
}

/// A stream in pieces that each end in a blank line.
fn events(stream: &Bytes) -> Vec<Bytes> {
    let (mut pieces, mut start, mut end) = (Vec::new(), 0, 0);
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() || end == stream.len() {
            pieces.push(stream.slice(start..end));
            start = end;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::events;

    #[test]
    fn a_piece_is_an_event() {
        let stream = Bytes::from(": hi\n\ndata: 1\ndata: 2\n\ndata: [DONE]\r\n\r\nrest");
        let pieces = [
            ": hi\n\n",
            "data: 1\ndata: 2\n\n",
            "data: [DONE]\r\n\r\n",
            "rest",
        ];
        assert_eq!(events(&stream), pieces);
        assert_eq!(events(&Bytes::from("a\n\n")), ["a\n\n"]);
        assert_eq!(events(&Bytes::new()).len(), 0);
    }
}
