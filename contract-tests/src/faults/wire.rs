//! The bytes that a faulty server sends.

use std::time::Duration;

use super::operations::{Form, HealthyResponse};
use crate::server::Step;
use crate::server::framing::chunk;

/// How deep nesting is: a parser that calls itself for each level has no stack left.
pub(super) const DEPTH: usize = 20_000;

pub(super) const JSON: &str = "application/json";
pub(super) const HTML: &str = "text/html; charset=utf-8";

/// Much shorter than the pause that an impatient client puts up with; a dozen of them are longer.
const PAUSE: Duration = Duration::from_millis(20);

impl HealthyResponse {
    /// The head of a success with these headers, and with what stands behind the head.
    pub(super) fn head(&self, headers: &str) -> Vec<u8> {
        let media_type = &self.media_type;
        head(200, &format!("content-type: {media_type}\r\n{headers}"))
    }

    /// The head of a success that announces so many bytes.
    pub(super) fn head_of(&self, length: impl std::fmt::Display) -> Vec<u8> {
        self.head(&format!("content-length: {length}\r\n"))
    }

    /// The complete response under the headers given.
    pub(super) fn under(&self, headers: &str) -> Step {
        let length = format!("content-length: {}\r\n", self.body.len());
        let head = head(200, &format!("{headers}{length}"));
        Step::Write([&head, &self.body[..]].concat())
    }

    /// The complete response.
    pub(super) fn whole(&self) -> Step {
        self.under(&format!("content-type: {}\r\n", self.media_type))
    }

    /// A response as documented, but with another body.
    pub(super) fn with_body(&self, body: impl AsRef<[u8]>) -> Step {
        let body = body.as_ref();
        Step::Write([&self.head_of(body.len()), body].concat())
    }

    /// A JSON document in place of the body: of events the only one.
    pub(super) fn with_json(&self, json: &str) -> Step {
        match self.form {
            Form::Events => self.with_body(format!("data: {json}\n\n")),
            Form::Json => self.with_body(json),
            Form::Bytes => response(200, JSON, json),
        }
    }

    /// A body that ends with the connection.
    pub(super) fn with_head(&self, body: &str) -> Step {
        Step::Write([self.head("").as_slice(), body.as_bytes()].concat())
    }

    /// The first half of the body.
    pub(super) fn half(&self) -> &[u8] {
        &self.body[..self.body.len() / 2]
    }

    /// Half of the body as one chunk, behind its head.
    pub(super) fn half_chunked(&self) -> Vec<u8> {
        let head = self.head("transfer-encoding: chunked\r\n");
        [head, chunk(self.half())].concat()
    }

    /// The events of a stream, each with the blank line behind it.
    pub(super) fn events(&self) -> Vec<&str> {
        let text = str::from_utf8(&self.body).unwrap_or_default();
        text.split_inclusive("\n\n").collect()
    }
}

/// A complete response.
pub(super) fn response(status: u16, media_type: &str, body: impl AsRef<[u8]>) -> Step {
    let body = body.as_ref();
    let length = body.len();
    let headers = format!("content-type: {media_type}\r\ncontent-length: {length}\r\n");
    Step::Write([&head(status, &headers), body].concat())
}

/// A head, whole. Connections aren't kept: a case can't get in the way of the next.
pub(super) fn head(status: u16, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} \r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

/// A HTML response such as a proxy sends.
pub(super) fn page(status: u16) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
    )
}

/// Bytes in so many writes, with a pause before each.
pub(super) fn trickle(bytes: &[u8], writes: usize) -> impl Iterator<Item = Step> {
    let chunks = bytes.chunks(bytes.len().div_ceil(writes));
    chunks.flat_map(|chunk| [Step::Pause(PAUSE), Step::Write(chunk.to_vec())])
}
