//! Names that would clash in Rust.

use std::collections::BTreeMap;

use cometapi_contract::{Contract, Node};

use super::schemas;
use crate::finding::Findings;
use crate::ir::names;

/// Names that every builder has already.
const OF_BUILDERS: [&str; 11] = [
    "send",
    "stream",
    "call",
    "extra",
    "body",
    "client",
    "warnings",
    "with_deadline",
    "with_header",
    "with_retry_policy",
    "with_timeout",
];

/// Names that the client has already, or may want one day.
const OF_CLIENT: [&str; 11] = [
    "new",
    "from_env",
    "builder",
    "clone",
    "base_url",
    "has_api_key",
    "http",
    "inner",
    "key",
    "api_key_for",
    "settings",
];

/// Names that generated code uses for something else.
const OF_TYPES: [&str; 39] = [
    "ApiMetadata",
    "Arguments",
    "BTreeMap",
    "Box",
    "Call",
    "Client",
    "Clone",
    "Debug",
    "Decoder",
    "Default",
    "Deserialize",
    "StatusErrors",
    "Download",
    "Duration",
    "Err",
    "Error",
    "ErrorRule",
    "EventStream",
    "From",
    "Instant",
    "Into",
    "ErrorKind",
    "Map",
    "Method",
    "None",
    "Ok",
    "Operation",
    "PhantomData",
    "Option",
    "Response",
    "Result",
    "RetryPolicy",
    "Self",
    "Serialize",
    "Some",
    "String",
    "Upload",
    "Value",
    "Vec",
];

/// Files, modules and crates that every generated client has.
const OF_FILES: [&str; 12] = [
    "alloc",
    "core",
    "crate_",
    "dispatch",
    "mod_",
    "operations",
    "runtime",
    "serde",
    "serde_json",
    "shared",
    "tables",
    "types",
];

/// A tag names a file.
pub fn tags(contract: &Contract, findings: &mut Findings) {
    let tags = contract.root().get("tags");
    let tags: Vec<_> = tags.iter().flat_map(Node::items).collect();
    let named = tags
        .iter()
        .filter_map(|tag| Some((tag.str("name")?, tag.clone())));
    for (name, tag) in named.clone() {
        if !name.is_ascii() || OF_FILES.contains(&names::field(name).as_str()) {
            let message = format!("the tag `{name}` can't name a file of the client");
            findings.add("reserved-name", &tag, message);
        }
    }
    duplicates(named, names::field, findings);
}

/// A builder, a component and a response that the request chooses are types side by side.
pub fn types(contract: &Contract, findings: &mut Findings) {
    let operations = contract.operations();
    let builders = operations.iter().map(|one| (one.id(), one.node().clone()));
    let components = super::components(contract).into_iter();
    let responses = contract.pointer("/components/x-response-variants");
    let responses = responses.iter().flat_map(Node::entries);
    duplicates(
        builders.chain(components).chain(responses),
        names::variant,
        findings,
    );
}

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
            .filter_map(|one| Some((one.str("name")?, one.clone())));
        let all = named.chain(properties.iter().flat_map(Node::entries));
        duplicates(all, names::field, findings);
    }
}

/// So are two values of an enum, two tags of a union, or two forms of a response, whose variants
/// would have one name; each has one of its own for what isn't listed.
pub fn variants(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let values = schema.get("enum");
        let values = values.iter().flat_map(Node::items);
        let values = values.filter_map(|one| Some((one.value().as_str()?, one)));
        let unlisted = (!schema.bool("x-closed-enum")).then_some("Other");
        distinct(values.collect(), unlisted, findings);
        let mapping = schema.get_path(&["discriminator", "mapping"]);
        distinct(
            mapping.map(|one| one.entries()).unwrap_or_default(),
            Some("Unknown"),
            findings,
        );
        if schema.get("discriminator").is_none() {
            let titles = schema
                .get("oneOf")
                .map(|one| one.items())
                .unwrap_or_default();
            let titles = titles.into_iter().filter_map(|one| {
                let title = one.str("title").or_else(|| one.reference_name())?;
                Some((title, one))
            });
            distinct(titles.collect(), Some("Other"), findings);
        }
    }
    for (_, response) in contract
        .pointer("/components/x-response-variants")
        .iter()
        .flat_map(Node::entries)
    {
        let values = response.get("values");
        distinct(
            values.map(|one| one.entries()).unwrap_or_default(),
            Some("Other"),
            findings,
        );
    }
}

fn distinct(values: Vec<(&str, Node<'_>)>, unlisted: Option<&str>, findings: &mut Findings) {
    for (value, node) in &values {
        if Some(names::variant(value).as_str()) == unlisted {
            let name = unlisted.unwrap_or_default();
            let message = format!("`{value}` would be a second variant `{name}`");
            findings.add("variant-name", node, message);
        }
    }
    duplicates(values.into_iter(), names::variant, findings);
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
        let flag = operation.node().str("x-stream-parameter");
        let body = operation.request_bodies().into_iter().next();
        let schema = body
            .and_then(|body| body.schema())
            .map(|schema| schema.resolved());
        let properties = schema.and_then(|schema| schema.get("properties"));
        let properties = properties.iter().flat_map(Node::entries);
        let parameters = operation.parameters();
        let named = parameters
            .iter()
            .filter_map(|one| Some((one.str("name")?, one.clone())));
        for (name, node) in properties.chain(named) {
            if OF_BUILDERS.contains(&names::field(name).as_str()) && Some(name) != flag {
                let message = format!("`{name}` is the name of a method that every builder has");
                findings.add("reserved-name", &node, message);
            }
        }
    }
}
