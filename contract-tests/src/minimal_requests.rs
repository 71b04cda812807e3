//! The smallest request to each operation, in every way to call it.

use cometapi_contract::{Operation, Response};
use serde_json::{Value, json};

/// The media type of a stream of events.
pub const EVENTS: &str = "text/event-stream";

/// A request to one operation.
#[derive(Clone, Debug)]
pub struct MinimalRequest<'c> {
    /// The operation.
    pub operation: Operation<'c>,
    /// What is sent, as [`request`](crate::request) describes it.
    pub request: Value,
    /// Whether it requests a stream of events.
    pub is_stream: bool,
}

impl<'c> MinimalRequest<'c> {
    /// The smallest request of an operation, and the same for its stream if it has one.
    pub fn all(operation: &Operation<'c>) -> std::io::Result<Vec<Self>> {
        let probe = Self {
            operation: operation.clone(),
            request: crate::request::minimal(operation)?,
            is_stream: false,
        };
        let success = operation.success();
        let mut media_types = success.iter().flat_map(Response::media_types);
        let flag = operation.node().str("x-stream-parameter");
        let has_events = media_types.any(|kind| kind.name == EVENTS);
        let stream = flag.filter(|_| has_events).map(|flag| {
            let mut stream = probe.clone();
            stream.request["body"][flag] = json!(true);
            stream.is_stream = true;
            stream
        });
        Ok(std::iter::once(probe).chain(stream).collect())
    }

    /// Its name: the operation, and `.stream` if it requests events.
    pub fn name(&self) -> String {
        let suffix = if self.is_stream { ".stream" } else { "" };
        format!("{}{suffix}", self.operation.id())
    }
}
