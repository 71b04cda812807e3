//! Lowers the true contract to what progenitor can express.
//!
//! Each transform is one function in its own place in [`TRANSFORMS`]. It says what it does to
//! the contract, what progenitor would make of it otherwise, and when it can go. One that
//! changes nothing in the shipped contract has become needless and is an error there.

mod bodies;
mod objects;
mod responses;
mod schemas;
mod unions;
mod walk;

pub use schemas::unused_components_leave as without_unused_components;

use cometapi_contract::Contract;
use serde_json::Value;

use crate::Scope;

/// A named step from the contract towards progenitor; it counts what it changed.
struct Transform {
    name: &'static str,
    apply: fn(&mut Value) -> usize,
}

/// In the order in which they are applied.
const TRANSFORMS: &[Transform] = &[
    transform("error_responses_leave", responses::error_responses_leave),
    transform(
        "responses_are_json_or_nothing",
        responses::responses_are_json_or_nothing,
    ),
    transform("forms_become_json", bodies::forms_become_json),
    transform(
        "validation_leaves_schemas",
        schemas::validation_leaves_schemas,
    ),
    transform("defaults_leave_schemas", schemas::defaults_leave_schemas),
    transform("tags_leave_variants", unions::tags_leave_variants),
    transform("bodies_become_partial", bodies::bodies_become_partial),
    transform(
        "containers_are_never_null",
        objects::containers_are_never_null,
    ),
    transform("unused_components_leave", schemas::unused_components_leave),
];

const fn transform(name: &'static str, apply: fn(&mut Value) -> usize) -> Transform {
    Transform { name, apply }
}

/// The contract as progenitor is to read it.
pub fn run(contract: &Contract, scope: Scope) -> Result<Value, String> {
    let mut document = contract.root().value().clone();
    for transform in TRANSFORMS {
        let changed = (transform.apply)(&mut document);
        if changed == 0 && scope == Scope::Shipped {
            return Err(format!(
                "the transform {} changes nothing any more: delete it, with what it is for",
                transform.name
            ));
        }
    }
    Ok(document)
}
