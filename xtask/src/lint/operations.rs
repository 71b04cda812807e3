//! Operations: who they are, what success is, whether they may be sent twice.

use std::collections::BTreeMap;

use cometapi_contract::{Contract, Node};
use serde_json::Value;

use crate::finding::Findings;
use crate::ir::names;

/// An id in snake case of its own, one declared tag, a summary.
pub fn identity(contract: &Contract, findings: &mut Findings) {
    let mut seen = BTreeMap::new();
    let tags = contract.root().get("tags");
    let declared: Vec<&str> = tags
        .iter()
        .flat_map(Node::items)
        .filter_map(|tag| tag.str("name"))
        .collect();
    for operation in contract.operations() {
        let (node, id) = (operation.node(), operation.id());
        if id.is_empty() {
            findings.add("operation-id", node, "an operation needs an `operationId`");
        } else if id != names::field(id) {
            let wanted = names::field(id);
            findings.add(
                "operation-id",
                node,
                format!("`{id}` is to be written `{wanted}`"),
            );
        }
        if let Some(line) = seen.insert(id, node.line())
            && !id.is_empty()
        {
            findings.add(
                "operation-id",
                node,
                format!("`{id}` is taken by line {line}"),
            );
        }
        match node.get("tags").map(|tags| tags.items().len()) {
            Some(1) => {
                let tag = operation.tag().unwrap_or_default();
                if !declared.contains(&tag) {
                    let message =
                        format!("the tag `{tag}` isn't declared in the document's `tags`");
                    findings.add("operation-tag", node, message);
                }
            }
            _ => findings.add(
                "operation-tag",
                node,
                format!("{id}: exactly one tag is needed"),
            ),
        }
        if node
            .str("summary")
            .is_none_or(|summary| summary.trim().is_empty())
        {
            findings.add(
                "operation-summary",
                node,
                format!("{id}: a summary is needed"),
            );
        }
    }
    for item in contract.root().get("paths").iter().flat_map(Node::entries) {
        let (path, node) = item;
        if !path.starts_with('/') || path.contains(['?', '#']) {
            findings.add(
                "path",
                &node,
                format!("`{path}` has to begin with / and be a bare path"),
            );
        }
    }
}

/// One status of success; the responses' types differ by media type, never by status.
pub fn success(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let responses = operation.responses();
        let successes = responses
            .iter()
            .filter(|response| response.is_success())
            .count();
        if successes != 1 {
            let message = format!("{}: exactly one 2xx response is needed", operation.id());
            findings.add("success", operation.node(), message);
        }
        for response in &responses {
            let is_number = response
                .status
                .parse::<u16>()
                .is_ok_and(|n| (100..600).contains(&n));
            if !is_number {
                let message = format!(
                    "{}: `{}` stands for many statuses; write each of them",
                    operation.id(),
                    response.status
                );
                findings.add("status", &response.node, message);
            }
        }
    }
}

/// It can't be guessed from the method.
pub fn sending_twice(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let flag = operation.node().get("x-idempotent");
        if !flag.is_some_and(|flag| matches!(flag.value(), Value::Bool(_))) {
            let message = format!(
                "{}: `x-idempotent` has to say true or false",
                operation.id()
            );
            findings.add("send-twice", operation.node(), message);
        }
    }
}

/// A bearer key or none: the runtime knows no other.
pub fn security(contract: &Contract, findings: &mut Findings) {
    for (name, scheme) in contract
        .pointer("/components/securitySchemes")
        .iter()
        .flat_map(Node::entries)
    {
        if (scheme.str("type"), scheme.str("scheme")) != (Some("http"), Some("bearer")) {
            let message = format!("`{name}` is no bearer key; the client sends no other");
            findings.add("security", &scheme, message);
        }
    }
    let own = contract
        .operations()
        .into_iter()
        .filter_map(|one| one.node().get("security"));
    for security in own.chain(contract.root().get("security")) {
        for requirement in security.items() {
            for (name, scheme) in requirement.entries() {
                if contract
                    .pointer(&format!("/components/securitySchemes/{name}"))
                    .is_none()
                {
                    findings.add("security", &scheme, format!("no security scheme `{name}`"));
                }
            }
            if requirement.entries().len() != 1 {
                findings.add(
                    "security",
                    &requirement,
                    "one scheme, or none at all, is needed",
                );
            }
        }
        if security.items().len() > 1 {
            findings.add(
                "security",
                &security,
                "the client can't choose among several schemes",
            );
        }
    }
}

/// A client needs an address, and a name for the variable that may hold its key.
pub fn servers(contract: &Contract, findings: &mut Findings) {
    let root = contract.root();
    let servers = root.get("servers");
    let servers: Vec<Node<'_>> = servers.iter().flat_map(Node::items).collect();
    let is_address = |server: &Node<'_>| {
        let url = server.str("url").unwrap_or_default();
        url.starts_with("https://") || url.starts_with("http://")
    };
    if servers.len() != 1 || !is_address(&servers[0]) {
        findings.add(
            "servers",
            &root,
            "one server with the API's whole address is needed",
        );
    }
    let variables = root.get_path(&["x-client-config", "key-variables"]);
    let is_named = variables.is_some_and(|variables| !variables.items().is_empty());
    let needs_key = contract
        .operations()
        .iter()
        .any(|operation| operation.requires_auth());
    if needs_key && !is_named {
        let message = "`x-client-config` has to name the variables of the key in `key-variables`";
        findings.add("security", &root, message);
    }
}

/// Where HTTP has no body, the contract has none.
pub fn bodiless(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let has_none = operation.method() == "HEAD";
        for response in operation.responses() {
            let is_empty = has_none || matches!(response.status, "204" | "304");
            if is_empty && response.node.get("content").is_some() {
                let message = format!("{}: a response that can't have a body", operation.id());
                findings.add("success", &response.node, message);
            }
        }
    }
}
