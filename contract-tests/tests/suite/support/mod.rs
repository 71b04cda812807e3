//! What the behaviours share: a server with expectations, cases from the contract, snapshots.

pub(crate) mod cases;
pub(crate) mod form;
pub(crate) mod program;
pub(crate) mod request_snapshot;
pub(crate) mod snapshot;
pub(crate) mod stub_server;

use cometapi_contract::Operation;
use contract_tests::operation_input::OperationInput;
use contract_tests::request;

/// The key that every client here has; no snapshot may show it.
pub(crate) const KEY: &str = "sk-suite-9f86d081884c7d65";

/// The smallest valid request.
pub(crate) fn arguments(operation: &Operation<'_>) -> OperationInput {
    OperationInput::new(request::minimal(operation).unwrap()).unwrap()
}
