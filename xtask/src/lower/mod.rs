//! Lowers the true contract to what progenitor can express.
//!
//! Each transform is one function in its own place in [`TRANSFORMS`]. It says what it does to
//! the contract, what progenitor would make of it otherwise, and when it can go. One that
//! changes nothing in the bundled contract has become needless and is an error there.

mod bodies;
mod objects;
mod responses;
mod schemas;
mod unions;
mod walk;

pub use schemas::drop_unused_components;

use cometapi_contract::Contract;
use serde_json::Value;

use crate::origin::ContractOrigin;

/// A named step from the contract towards progenitor; it counts what it changed.
struct Transform {
    name: &'static str,
    apply: fn(&mut Value) -> usize,
}

/// In the order in which they are applied.
const TRANSFORMS: &[Transform] = &[
    transform("drop_error_responses", responses::drop_error_responses),
    transform(
        "keep_json_responses_only",
        responses::keep_json_responses_only,
    ),
    transform("multipart_to_json", bodies::multipart_to_json),
    transform(
        "drop_validation_keywords",
        schemas::drop_validation_keywords,
    ),
    transform("drop_defaults", schemas::drop_defaults),
    transform("drop_discriminator_tags", unions::drop_discriminator_tags),
    transform(
        "make_body_fields_optional",
        bodies::make_body_fields_optional,
    ),
    transform(
        "make_containers_non_null",
        objects::make_containers_non_null,
    ),
    transform("drop_unused_components", schemas::drop_unused_components),
];

const fn transform(name: &'static str, apply: fn(&mut Value) -> usize) -> Transform {
    Transform { name, apply }
}

/// The contract as progenitor is to read it.
pub fn run(contract: &Contract, origin: ContractOrigin) -> Result<Value, String> {
    let mut document = contract.root().value().clone();
    for transform in TRANSFORMS {
        let changed = (transform.apply)(&mut document);
        if changed == 0 && origin == ContractOrigin::Bundled {
            return Err(format!(
                "the transform {} changes nothing any more: delete it, with what it is for",
                transform.name
            ));
        }
    }
    Ok(document)
}
