//! What meets the faults: every operation, in every way to call it, with the bytes of its response.

use std::time::Duration;

use cometapi_contract::{Contract, Example, Operation};
use serde_json::Value;

use crate::request::{self, EVENT_STREAM};
use crate::server::Step;
use crate::server::framing::chunk;

/// A way to call an operation, and the response that a healthy server gives.
#[derive(Debug)]
pub struct Target {
    /// The contract's `operationId`.
    pub operation: String,
    /// What the contract says of sending it again.
    pub idempotent: bool,
    pub(super) request: Value,
    pub(super) response: HealthyResponse,
    /// What a caller gets for that response.
    pub(super) value: Value,
}

/// The form of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON document.
    Json,
    /// Bytes, such as sound.
    Bytes,
    /// A stream of events.
    Events,
}

/// A documented response.
#[derive(Debug)]
pub(super) struct HealthyResponse {
    pub(super) form: Form,
    pub(super) media_type: String,
    pub(super) body: Vec<u8>,
}

impl Target {
    /// Every operation of the contract, once as a whole and once as a stream where it has both.
    pub(super) fn all(contract: &Contract) -> Result<Vec<Self>, String> {
        let mut subjects = Vec::new();
        for operation in contract.operations() {
            let examples = [whole_example(&operation), stream_example(&operation)];
            let before = subjects.len();
            for example in examples.into_iter().flatten() {
                let subject = Self::new(&operation, &example);
                subjects.push(subject.map_err(|error| format!("{}: {error}", operation.id()))?);
            }
            if subjects.len() == before {
                return Err(format!("{} has no example of a response", operation.id()));
            }
        }
        match subjects.is_empty() {
            true => Err("the contract has no operation".to_owned()),
            false => Ok(subjects),
        }
    }

    fn new(operation: &Operation<'_>, example: &Example<'_>) -> std::io::Result<Self> {
        Ok(Self {
            operation: operation.id().to_owned(),
            idempotent: operation.node().bool("x-idempotent"),
            request: request::minimal(operation)?,
            response: HealthyResponse {
                form: match example.media_type {
                    EVENT_STREAM => Form::Events,
                    _ if example.is_json() => Form::Json,
                    _ => Form::Bytes,
                },
                media_type: example.media_type.to_owned(),
                body: example.bytes()?.into_owned(),
            },
            value: Value::Null,
        })
    }

    /// What it responds.
    pub fn form(&self) -> Form {
        self.response.form
    }

    /// The operation, and how it is called if there are several ways.
    pub fn name(&self) -> String {
        match self.form() {
            Form::Events => format!("{} (stream)", self.operation),
            Form::Json | Form::Bytes => self.operation.clone(),
        }
    }
}

/// The first response that is no stream, in the form that a request gets without asking for one.
fn whole_example<'c>(operation: &Operation<'c>) -> Option<Example<'c>> {
    let choice = operation.success()?.response_selector();
    let fits = |example: &Example<'_>| match &choice {
        None => true,
        Some(choice) => {
            let option = choice.variant_for(example);
            option.map(|option| option.value) == choice.default
        }
    };
    let mut examples = successes(operation);
    examples.find(|example| example.media_type != EVENT_STREAM && fits(example))
}

fn stream_example<'c>(operation: &Operation<'c>) -> Option<Example<'c>> {
    successes(operation).find(|example| example.media_type == EVENT_STREAM)
}

fn successes<'c>(operation: &Operation<'c>) -> impl Iterator<Item = Example<'c>> + use<'c> {
    let examples = operation.examples().into_iter();
    examples.filter(|example| example.status.starts_with('2'))
}

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
