//! Cases that the contract's examples make: a new example is a new case.

use std::sync::LazyLock;

use cometapi::runtime::Arguments;
use cometapi::{Client, dispatch};
use cometapi_contract::{Contract, Example, Operation};
use contract_tests::request;
use serde_json::Value;
use wiremock::ResponseTemplate;

pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::shipped().unwrap());

/// An answer that the contract documents.
pub(crate) struct Answer {
    /// Operation, status and example.
    pub(crate) name: String,
    pub(crate) example: Example<'static>,
}

/// A request that the contract gives as an example, or the smallest where it gives none.
pub(crate) struct Asked {
    /// Operation and example.
    pub(crate) name: String,
    pub(crate) request: Value,
}

/// The operations that the client has.
static OPERATIONS: LazyLock<Vec<Operation<'static>>> = LazyLock::new(|| {
    // Its dispatcher alone knows, and asking it may need a runtime: not that of a test.
    let asked = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.unwrap();
        let nowhere = Client::builder()
            .base_url("http://127.0.0.1:1")
            .build()
            .unwrap();
        let known = |operation: &Operation<'_>| {
            let nothing = Arguments::default();
            let call = dispatch::call(&nowhere, operation.id(), &nothing);
            runtime.block_on(call).is_some()
        };
        CONTRACT.operations().into_iter().filter(known).collect()
    });
    asked.join().unwrap()
});

pub(crate) fn operations() -> Vec<Operation<'static>> {
    OPERATIONS.clone()
}

/// Every documented answer of an operation that isn't a stream.
pub(crate) fn answers_of(operation: &Operation<'static>) -> Vec<Answer> {
    let examples = operation.examples().into_iter();
    let whole = examples.filter(|example| example.media_type != "text/event-stream");
    let case = |example: Example<'static>| Answer {
        name: format!("{}.{}.{}", operation.id(), example.status, example.name),
        example,
    };
    whole.map(case).collect()
}

/// Every documented request of an operation that doesn't ask for a stream.
pub(crate) fn requests_of(operation: &Operation<'static>) -> Vec<Asked> {
    let examples = request::examples(operation);
    if examples.is_empty() {
        return vec![Asked {
            name: format!("wire.{}", operation.id()),
            request: request::minimal(operation).unwrap(),
        }];
    }
    let flag = operation.node().text("x-stream-flag");
    let case = |example: &Example<'static>| {
        let request = request::with_body(operation, example).unwrap();
        let streamed = flag.is_some_and(|flag| request["body"][flag] == true);
        (!streamed).then(|| Asked {
            name: format!("wire.{}.{}", operation.id(), example.name),
            request,
        })
    };
    examples.iter().filter_map(case).collect()
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.example.status.parse().unwrap()
    }

    /// What a server sends.
    pub(crate) fn template(&self) -> ResponseTemplate {
        let bytes = self.example.bytes().unwrap();
        ResponseTemplate::new(self.status()).set_body_raw(bytes, self.example.media_type)
    }
}

/// Where an operation's smallest request goes.
pub(crate) fn path(operation: &Operation<'_>) -> String {
    let request = request::minimal(operation).unwrap();
    let mut path = operation.path().to_owned();
    for (name, value) in request["parameters"].as_object().into_iter().flatten() {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        path = path.replace(&format!("{{{name}}}"), &text);
    }
    path
}

/// The first success that the contract documents for an operation.
pub(crate) fn success(id: &str) -> ResponseTemplate {
    let mut answers = answers_of(&CONTRACT.operation(id).unwrap()).into_iter();
    let first = answers.find(|answer| answer.status() < 300);
    first.unwrap().template()
}
