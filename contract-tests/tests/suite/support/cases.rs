//! Cases that the contract's examples make: a new example is a new case.

use std::sync::LazyLock;

use cometapi_contract::{Contract, Example, Operation};
use contract_tests::cases::{CallMode, Case, CaseKind};
use contract_tests::request;
use wiremock::ResponseTemplate;

pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::bundled().unwrap());
pub(crate) static CASES: LazyLock<Vec<Case<'static>>> =
    LazyLock::new(|| Case::all(&CONTRACT).unwrap());

/// A case with the response that the contract documents for it.
pub(crate) type ResponseCase = (&'static Case<'static>, &'static Example<'static>);

pub(crate) fn operations() -> Vec<Operation<'static>> {
    CONTRACT.operations()
}

/// Every documented response that is read at once, or every documented stream of events.
pub(crate) fn responses(mode: CallMode) -> impl Iterator<Item = ResponseCase> {
    CASES.iter().filter_map(move |case| match &case.purpose {
        CaseKind::Response(example) if case.reading == mode => Some((case, example)),
        _ => None,
    })
}

/// The first documented stream of an operation, if it has any.
pub(crate) fn first_stream(id: &str) -> Option<ResponseCase> {
    responses(CallMode::Streaming).find(|(case, _)| case.operation.id() == id)
}

/// What a server sends for an example.
pub(crate) fn template(example: &Example<'_>) -> ResponseTemplate {
    let status: u16 = example.status.parse().unwrap();
    ResponseTemplate::new(status).set_body_raw(example.bytes().unwrap(), example.media_type)
}

/// The first success that the contract documents for an operation.
pub(crate) fn success(id: &str) -> ResponseTemplate {
    let own = |(case, example): &ResponseCase| {
        case.operation.id() == id && example.status.starts_with('2')
    };
    let mut responses = responses(CallMode::Buffered);
    template(responses.find(own).unwrap().1)
}

/// Where an operation's smallest request goes.
pub(crate) fn path(operation: &Operation<'_>) -> String {
    request::path(operation, &request::minimal(operation).unwrap())
}
