//! Names that would clash in Rust.

use std::collections::BTreeMap;

use cometapi_contract::{Contract, Node};

use super::schemas;
use crate::finding::Findings;
use crate::names;

/// Names that every builder has already.
const OF_BUILDERS: [&str; 8] = [
    "send",
    "stream",
    "call",
    "extra",
    "body",
    "client",
    "with_header",
    "with_timeout",
];

/// Names that the client has already.
const OF_CLIENT: [&str; 4] = ["new", "from_env", "builder", "clone"];

/// Names that generated code uses for something else.
const OF_TYPES: [&str; 14] = [
    "Option", "Vec", "String", "Box", "Value", "Map", "BTreeMap", "Call", "Client", "Error",
    "Response", "Duration", "Self", "Result",
];

/// A component has the name that its type will have.
pub fn components(contract: &Contract, findings: &mut Findings) {
    for (name, schema) in super::components(contract) {
        let in_rust = names::variant(name);
        if in_rust != name {
            findings.add(
                "component-name",
                &schema,
                format!("`{name}` is to be written `{in_rust}`"),
            );
        } else if OF_TYPES.contains(&name) {
            findings.add(
                "component-name",
                &schema,
                format!("`{name}` is the name of something else"),
            );
        }
    }
}

/// `a-b` and `a_b` are two fields in JSON and one in Rust.
pub fn fields(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let properties = schema.get("properties");
        duplicates(
            properties.iter().flat_map(Node::entries),
            names::field,
            findings,
        );
    }
    for operation in contract.operations() {
        let parameters = operation.parameters();
        let body = operation.request_bodies().into_iter().next();
        let schema = body
            .and_then(|body| body.schema())
            .map(|schema| schema.resolved());
        let properties = schema.and_then(|schema| schema.get("properties"));
        let named = parameters
            .iter()
            .filter_map(|one| Some((one.text("name")?, one.clone())));
        let all = named.chain(properties.iter().flat_map(Node::entries));
        duplicates(all, names::field, findings);
    }
}

/// So are two values of an enum whose variants would have one name.
pub fn variants(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let values = schema.get("enum");
        let values = values.iter().flat_map(Node::items);
        let values: Vec<_> = values
            .filter_map(|one| Some((one.value().as_str()?, one)))
            .collect();
        for (value, node) in &values {
            if names::variant(value) == "Other" && !schema.flag("x-closed") {
                let message = format!("`{value}` would be a second variant `Other`");
                findings.add("variant-name", node, message);
            }
        }
        duplicates(values.into_iter(), names::variant, findings);
    }
}

fn duplicates<'c>(
    entries: impl Iterator<Item = (&'c str, Node<'c>)>,
    rust: fn(&str) -> String,
    findings: &mut Findings,
) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, node) in entries {
        let in_rust = rust(name);
        if let Some(other) = seen.insert(in_rust.clone(), name) {
            let message = format!("`{other}` and `{name}` would both be `{in_rust}` in Rust");
            findings.add("duplicate-name", &node, message);
        }
    }
}

/// Neither an operation nor a field of a request may be called like a method that is there.
pub fn reserved(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        if OF_CLIENT.contains(&operation.id()) || OF_BUILDERS.contains(&operation.id()) {
            let message = format!("`{}` is the name of something else", operation.id());
            findings.add("reserved-name", operation.node(), message);
        }
        let flag = operation.node().text("x-stream-flag");
        let body = operation.request_bodies().into_iter().next();
        let schema = body
            .and_then(|body| body.schema())
            .map(|schema| schema.resolved());
        let properties = schema.and_then(|schema| schema.get("properties"));
        let properties = properties.iter().flat_map(Node::entries);
        let parameters = operation.parameters();
        let named = parameters
            .iter()
            .filter_map(|one| Some((one.text("name")?, one.clone())));
        for (name, node) in properties.chain(named) {
            if OF_BUILDERS.contains(&names::field(name).as_str()) && Some(name) != flag {
                let message = format!("`{name}` is the name of a method that every builder has");
                findings.add("reserved-name", &node, message);
            }
        }
    }
}
