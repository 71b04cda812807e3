//! `$ref`s that lead somewhere, and nothing beside them that would be lost.

use cometapi_contract::{Contract, Node};

use crate::finding::Findings;

/// What may stand beside a `$ref`: it says something of the place, not of the component.
const NEIGHBOURS: [&str; 5] = ["$ref", "description", "nullable", "title", "x-boxed"];

/// Mappings whose keys are anybody's names, so that none of them means anything.
const NAMED: [&str; 6] = [
    "properties",
    "schemas",
    "responses",
    "examples",
    "paths",
    "content",
];

pub fn references(contract: &Contract, findings: &mut Findings) {
    visit(&contract.root(), findings);
}

fn visit(node: &Node<'_>, findings: &mut Findings) {
    if let Some(target) = node.str("$ref") {
        let found = node
            .reference()
            .and_then(|pointer| node.contract().pointer(pointer));
        if found.is_none() {
            findings.add("reference", node, format!("`$ref: {target}` leads nowhere"));
        }
        for (key, value) in node.entries() {
            if !NEIGHBOURS.contains(&key) {
                let message =
                    format!("`{key}` beside `$ref` is ignored; put it into the component");
                findings.add("reference", &value, message);
            }
        }
    }
    for (key, value) in node.entries() {
        match key {
            // Anybody's JSON.
            "value" | "example" | "default" | "enum" => {}
            key if NAMED.contains(&key) => {
                value
                    .entries()
                    .iter()
                    .for_each(|(_, named)| visit(named, findings));
            }
            _ => visit(&value, findings),
        }
    }
    node.items().iter().for_each(|item| visit(item, findings));
}
