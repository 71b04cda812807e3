//! Cases that the contract's examples make: a new example is a new case.

use std::borrow::Cow;
use std::sync::LazyLock;

use cometapi::{Client, Error};
use cometapi_contract::{Contract, Example, Node, Operation, Response};
use contract_tests::cases::{CallMode, Case, CaseKind};
use contract_tests::dispatch;
use contract_tests::operation_input::OperationInput;
use contract_tests::request;
use serde_json::Value;
use wiremock::ResponseTemplate;

pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::bundled().unwrap());
static CASES: LazyLock<Vec<Case<'static>>> = LazyLock::new(|| Case::all(&CONTRACT).unwrap());

/// A response that the contract documents.
pub(crate) struct ExampleResponse {
    /// Operation, status and example.
    pub(crate) name: String,
    pub(crate) example: Example<'static>,
    /// The schema of its JSON.
    pub(crate) schema: Option<Node<'static>>,
    /// The request that it responds to.
    pub(crate) request: Value,
}

/// A request that the contract gives as an example, or the smallest where it gives none.
pub(crate) struct ExampleRequest {
    /// Operation and example.
    pub(crate) name: String,
    pub(crate) operation: Operation<'static>,
    pub(crate) request: Value,
    /// Whether it requests a stream.
    pub(crate) is_streamed: bool,
}

pub(crate) fn operations() -> Vec<Operation<'static>> {
    CONTRACT.operations()
}

/// Every documented response of an operation that isn't a stream.
pub(crate) fn responses_of(operation: &Operation<'static>) -> Vec<ExampleResponse> {
    examples_of(operation, CallMode::Buffered)
}

/// Every stream of events that the contract gives as an example.
pub(crate) fn streams_of(operation: &Operation<'static>) -> Vec<ExampleResponse> {
    examples_of(operation, CallMode::Streaming)
}

fn examples_of(operation: &Operation<'static>, mode: CallMode) -> Vec<ExampleResponse> {
    let examples = CASES.iter().filter_map(|case| match &case.purpose {
        CaseKind::Response(example) => Some((case, example)),
        CaseKind::Request | CaseKind::Unauthorized => None,
    });
    let own =
        examples.filter(|(case, _)| case.operation.id() == operation.id() && case.reading == mode);
    own.map(|(case, example)| ExampleResponse {
        name: case.name.clone(),
        example: example.clone(),
        request: case.request.clone(),
        schema: case.schema(),
    })
    .collect()
}

/// Every documented request of an operation.
pub(crate) fn requests_of(operation: &Operation<'static>) -> Vec<ExampleRequest> {
    let is_own = |case: &&Case<'_>| {
        matches!(case.purpose, CaseKind::Request) && case.operation.id() == operation.id()
    };
    let own = CASES.iter().filter(is_own);
    own.map(|case| ExampleRequest {
        name: case.name.clone(),
        operation: case.operation.clone(),
        request: case.request.clone(),
        is_streamed: case.reading == CallMode::Streaming,
    })
    .collect()
}

impl ExampleRequest {
    /// Sends it, and reads what comes back to its end.
    pub(crate) async fn send(&self, client: &Client) -> Result<(), Error> {
        let (id, arguments) = (
            self.operation.id(),
            OperationInput::new(self.request.clone())?,
        );
        if !self.is_streamed {
            let outcome = dispatch::call(client, id, &arguments).await;
            return outcome.unwrap().map(drop);
        }
        let drained = dispatch::stream(client, id, &arguments, &mut drop).await;
        drained.unwrap()?.outcome.map(drop)
    }

    /// The first success that the contract documents for what it requests.
    pub(crate) fn success(&self) -> ResponseTemplate {
        let operation = &self.operation;
        if self.is_streamed {
            return streams_of(operation)[0].template();
        }
        let success = operation.success();
        let choice = success.as_ref().and_then(Response::response_selector);
        let responses = responses_of(operation);
        let Some(choice) = choice else {
            return first_success(responses.iter());
        };
        let asked = self.request["body"][choice.field]
            .as_str()
            .or(choice.default);
        let asked_for =
            |response: &&ExampleResponse| response.request["body"][choice.field].as_str() == asked;
        match responses.iter().find(asked_for) {
            Some(response) => response.template(),
            // A newer form than the contract knows.
            None => first_success(responses.iter()),
        }
    }
}

impl ExampleResponse {
    pub(crate) fn status(&self) -> u16 {
        self.example.status.parse().unwrap()
    }

    pub(crate) fn arguments(&self) -> OperationInput {
        OperationInput::new(self.request.clone()).unwrap()
    }

    pub(crate) fn bytes(&self) -> Cow<'static, [u8]> {
        self.example.bytes().unwrap()
    }

    /// What a server sends.
    pub(crate) fn template(&self) -> ResponseTemplate {
        let bytes = self.bytes();
        ResponseTemplate::new(self.status()).set_body_raw(bytes, self.example.media_type)
    }
}

/// Where an operation's smallest request goes.
pub(crate) fn path(operation: &Operation<'_>) -> String {
    let request = request::minimal(operation).unwrap();
    request::path(operation, &request)
}

/// The first success that the contract documents for an operation.
pub(crate) fn success(id: &str) -> ResponseTemplate {
    let responses = responses_of(&CONTRACT.operation(id).unwrap());
    first_success(responses.iter())
}

fn first_success<'a>(mut responses: impl Iterator<Item = &'a ExampleResponse>) -> ResponseTemplate {
    let first = responses.find(|response| response.status() < 300);
    first.unwrap().template()
}
