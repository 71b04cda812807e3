//! Cases: what the client does against a server that responds from a contract.
//!
//! Each example of the contract is a case, so that a new example is a new case. What a caller has to get is in
//! the approved snapshots, and what has to go over the wire in the contract that the cases were made from;
//! the server may respond from another.
//!
//! In reading order: `mod.rs` (the cases), `snapshots.rs`, `recording_proxy.rs` (between client and server),
//! `runner.rs`.

mod recording_proxy;
mod runner;
mod snapshots;

use std::io;

use cometapi_contract::{Contract, Example, Node, Operation, Response};
use serde_json::Value;

use crate::request::{self, EVENT_STREAM};
use crate::schema;

pub use recording_proxy::{Exchange, ForwardOptions, RecordingProxy};
pub use runner::{CallResult, CaseRunner, Failure, Observation};
pub use snapshots::{Snapshots, request_snapshot};

/// One call, and what it is for.
#[derive(Clone, Debug)]
pub struct Case<'c> {
    /// Operation, status and example; or `wire`, operation and example.
    pub name: String,
    /// What is called.
    pub operation: Operation<'c>,
    /// What it is called with, as the client's dispatcher takes it.
    pub request: Value,
    /// How the response is read.
    pub reading: CallMode,
    /// What is looked at.
    pub purpose: CaseKind<'c>,
}

/// How a response is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallMode {
    /// At once.
    Buffered,
    /// Event by event.
    Streaming,
}

/// What a case looks at.
#[derive(Clone, Debug)]
pub enum CaseKind<'c> {
    /// What a caller gets for this response.
    Response(Example<'c>),
    /// That this request is sent as it is, and taken.
    Request,
    /// That the server refuses a request without a key.
    Unauthorized,
}

impl<'c> Case<'c> {
    /// All cases of a contract, operation by operation.
    pub fn all(contract: &'c Contract) -> io::Result<Vec<Self>> {
        let mut cases = Vec::new();
        for operation in contract.operations() {
            cases.extend(responses(&operation)?);
            cases.extend(requests(&operation)?);
            if operation.requires_auth() {
                cases.push(Case {
                    name: format!("{}.without_a_key", operation.id()),
                    request: request::minimal(&operation)?,
                    operation,
                    reading: CallMode::Buffered,
                    purpose: CaseKind::Unauthorized,
                });
            }
        }
        Ok(cases)
    }

    /// Whether its response is read event by event.
    pub fn is_stream(&self) -> bool {
        self.reading == CallMode::Streaming
    }

    /// The schema of the JSON response that the case plays, if it plays one.
    pub fn schema(&self) -> Option<Node<'c>> {
        let CaseKind::Response(example) = &self.purpose else {
            return None;
        };
        schema::of_body(&self.operation.success()?, example.media_type, |selector| {
            selector.variant_for(example).cloned()
        })
    }

    /// The media type that the contract specifies for what is asked, if it specifies one.
    pub fn media_type(&self) -> Option<&'c str> {
        if let CaseKind::Response(example) = &self.purpose {
            return Some(example.media_type);
        }
        if self.reading == CallMode::Streaming {
            return Some(EVENT_STREAM);
        }
        let success = self.operation.success()?;
        let Some(choice) = success.response_selector() else {
            return success.media_types().first().map(|first| first.name);
        };
        let asked = self.request["body"][choice.field].as_str();
        let asked = asked.or(choice.default)?;
        let option = choice.variants.iter().find(|option| option.value == asked);
        option.map(|option| option.media_type)
    }
}

/// A case for each response that the contract gives as an example.
fn responses<'c>(operation: &Operation<'c>) -> io::Result<Vec<Case<'c>>> {
    let success = operation.success();
    let choice = success.as_ref().and_then(Response::response_selector);
    let minimal = request::minimal(operation)?;
    let case = |example: Example<'c>| {
        let mut request = minimal.clone();
        if let Some(choice) = &choice
            && example.status.starts_with('2')
            && let Some(option) = choice.variant_for(&example)
        {
            request::ask_for(operation, &mut request, option.value);
        }
        let (reading, ending) = match example.media_type == EVENT_STREAM {
            true => (CallMode::Streaming, ".stream"),
            false => (CallMode::Buffered, ""),
        };
        let (id, status) = (operation.id(), example.status);
        Case {
            name: format!("{id}.{status}.{}{ending}", example.name),
            operation: operation.clone(),
            request,
            reading,
            purpose: CaseKind::Response(example),
        }
    };
    Ok(operation.examples().into_iter().map(case).collect())
}

/// A case for each request that the contract gives as an example, or for the only one there is.
fn requests<'c>(operation: &Operation<'c>) -> io::Result<Vec<Case<'c>>> {
    let case = |name: String, request: Value| Case {
        name,
        operation: operation.clone(),
        reading: match request::is_streamed(operation, &request) {
            true => CallMode::Streaming,
            false => CallMode::Buffered,
        },
        request,
        purpose: CaseKind::Request,
    };
    let id = operation.id();
    let examples = request::examples(operation);
    if examples.is_empty() {
        let request = request::minimal(operation)?;
        return Ok(vec![case(format!("wire.{id}"), request)]);
    }
    let named = |example: &Example<'c>| {
        let request = request::with_body(operation, example)?;
        Ok(case(format!("wire.{id}.{}", example.name), request))
    };
    examples.iter().map(named).collect()
}
