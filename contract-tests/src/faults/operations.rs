//! What meets the faults: every operation, in every way to call it.

use cometapi_contract::{Contract, Example, Operation};
use serde_json::Value;

use crate::request::{self, EVENT_STREAM};

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
