//! Media types that something can be made of.

use cometapi_contract::Contract;

use crate::finding::Findings;
use crate::ir::payload::OperationPayloads;

pub fn media_types(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        if let Err(objection) = OperationPayloads::read(&operation) {
            findings.add("media-type", &objection.node, objection.message);
        }
    }
}
