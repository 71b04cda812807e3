//! What the behaviours share: a server with expectations, cases from the contract, snapshots.

pub(crate) mod cases;
pub(crate) mod form;
pub(crate) mod scene;
pub(crate) mod sent;
pub(crate) mod snapshot;

use cometapi::runtime::Arguments;
use cometapi_contract::Operation;
use contract_tests::request;

/// The key that every client here has; no snapshot may show it.
pub(crate) const KEY: &str = "sk-suite-9f86d081884c7d65";

/// The smallest valid request.
pub(crate) fn arguments(operation: &Operation<'_>) -> Arguments {
    Arguments::new(request::minimal(operation).unwrap()).unwrap()
}
