//! What the behaviours share: a server with expectations, cases from the contract, snapshots.

pub(crate) mod cases;
pub(crate) mod essence;
pub(crate) mod form;
pub(crate) mod scene;
pub(crate) mod sent;
pub(crate) mod snapshot;

use cometapi::runtime::Arguments;
use cometapi_contract::Operation;
use contract_tests::report::{Outcome, report};
use contract_tests::request;
use serde_json::{Value, json};

/// The key that every client here has; no snapshot may show it.
pub(crate) const KEY: &str = "sk-suite-9f86d081884c7d65";

/// The smallest valid request.
pub(crate) fn arguments(operation: &Operation<'_>) -> Arguments {
    Arguments::new(request::minimal(operation).unwrap()).unwrap()
}

/// All that a caller can learn from an outcome, but for headers and body.
pub(crate) fn caller_got(operation: &str, outcome: &Outcome) -> Value {
    let mut got = report(operation, outcome);
    if let Err(error) = outcome {
        got["type"] = json!(error.error_type());
        got["param"] = json!(error.param());
        got["documentation"] = json!(error.documentation());
        got["may_have_reached_server"] = json!(error.may_have_reached_server());
        got["display"] = json!(error.to_string());
    }
    got
}
