//! Media types that can be generated, and the list of those that can't yet.

use cometapi_contract::{Contract, Operation};

use crate::finding::Findings;
use crate::pending::{self, Pending};

const JSON: &str = "application/json";

/// Everything but JSON stands on the list of what is pending.
pub fn generated(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let success = operation.success();
        let answers = success.iter().flat_map(|success| success.media_types());
        for media_type in operation.request_bodies().into_iter().chain(answers) {
            if media_type.name == JSON
                || pending::whole(&operation)
                || pending::covers(&operation, media_type.name)
            {
                continue;
            }
            let message = format!(
                "{}: `{}` can't be generated yet",
                operation.id(),
                media_type.name
            );
            findings.add("media-type", &media_type.node, message);
        }
    }
}

/// An entry that is no longer about anything goes.
pub fn pending_is_exact(contract: &Contract, findings: &mut Findings) {
    for entry in pending::PENDING {
        let operation = contract.operation(entry.operation);
        let is_needed = operation.is_some_and(|operation| needs(&operation, entry));
        if !is_needed {
            let message = format!(
                "the pending entry for {} {} is about nothing in the contract",
                entry.operation, entry.media_type
            );
            findings.add("pending", &contract.root(), message);
        }
    }
}

fn needs(operation: &Operation<'_>, entry: &Pending) -> bool {
    let success = operation.success();
    let answers = success.iter().flat_map(|success| success.media_types());
    let mut all = operation.request_bodies().into_iter().chain(answers);
    all.any(|media_type| entry.matches(media_type.name))
}
