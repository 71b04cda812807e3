//! What the behaviours share: a server with expectations, cases from the contract, snapshots.

pub(crate) mod cases;
pub(crate) mod program;
pub(crate) mod snapshot;
pub(crate) mod stub_server;

use cometapi_contract::Operation;
use contract_tests::operation_input::OperationInput;
use contract_tests::request;

pub(crate) use contract_tests::test_client::KEY;

/// The smallest valid request.
pub(crate) fn arguments(operation: &Operation<'_>) -> OperationInput {
    OperationInput::new(request::minimal(operation).unwrap()).unwrap()
}
