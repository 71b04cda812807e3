//! What has to hold of a contract before anything is generated from it.
//!
//! A rule is one function. It speaks of one thing, in words that say how to fix it; what would
//! be dropped without a word further down the road is refused here.

mod content;
mod descriptions;
mod errors;
mod examples;
mod keys;
mod media_types;
mod names;
mod operations;
mod references;
mod requests;
mod schemas;
mod streams;
mod telemetry;
mod tolerance;
mod unions;

use cometapi_contract::{Contract, Node};

use crate::finding::Findings;

type Rule = fn(&Contract, &mut Findings);

/// The shape of the document: the rules below rely on it.
const SHAPE: &[Rule] = &[keys::unknown_keys, references::references];

const RULES: &[Rule] = &[
    operations::identity,
    operations::success,
    operations::sending_twice,
    operations::security,
    operations::servers,
    operations::bodiless,
    errors::errors,
    media_types::media_types,
    streams::streams,
    telemetry::telemetry,
    requests::bodies,
    requests::parameters,
    descriptions::descriptions,
    schemas::named_enums,
    schemas::named_objects,
    schemas::plain_components,
    schemas::formats,
    schemas::nullable,
    schemas::boxed,
    schemas::required_names,
    schemas::files,
    schemas::bodies_apart,
    schemas::untyped,
    schemas::additional_properties,
    tolerance::tolerance,
    unions::unions,
    unions::variants_apart,
    names::tags,
    names::types,
    names::components,
    names::fields,
    names::reserved,
    names::variants,
    examples::responses,
    examples::requests,
];

/// All findings. Where the document's shape is wrong, only those on its shape.
pub fn run(contract: &Contract) -> Findings {
    let mut findings = Findings::default();
    for rule in SHAPE {
        rule(contract, &mut findings);
    }
    if findings.is_empty() {
        for rule in RULES {
            rule(contract, &mut findings);
        }
    }
    findings
}

/// Every schema of the contract, outer ones before inner ones.
fn schemas(contract: &Contract) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    for (_, schema) in contract
        .pointer("/components/schemas")
        .iter()
        .flat_map(Node::entries)
    {
        collect(schema, &mut found);
    }
    let mut holders = Vec::new();
    for operation in contract.operations() {
        holders.extend(operation.parameters());
        holders.extend(operation.request_bodies().into_iter().map(|body| body.node));
        for response in operation.responses() {
            holders.extend(response.media_types().into_iter().map(|body| body.node));
        }
    }
    for holder in holders {
        if let Some(schema) = holder.get("schema") {
            collect(schema, &mut found);
        }
    }
    found
}

fn collect<'c>(schema: Node<'c>, found: &mut Vec<Node<'c>>) {
    for (_, property) in schema.get("properties").iter().flat_map(Node::entries) {
        collect(property, found);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key).filter(|inner| inner.value().is_object()) {
            collect(inner, found);
        }
    }
    for key in ["oneOf", "anyOf"] {
        for alternative in schema.get(key).iter().flat_map(Node::items) {
            collect(alternative, found);
        }
    }
    found.push(schema);
}

/// The component schemas, by name.
fn components(contract: &Contract) -> Vec<(&str, Node<'_>)> {
    let components = contract.pointer("/components/schemas");
    components
        .map(|components| components.entries())
        .unwrap_or_default()
}

/// Whether the schema is itself a component.
fn is_component(schema: &Node<'_>) -> bool {
    let below = schema.pointer().strip_prefix("/components/schemas/");
    below.is_some_and(|name| !name.contains('/'))
}
