//! Errors: each documented status says what it means and what to do.

use cometapi_contract::{Contract, Node};
use serde_json::Value;

use crate::finding::Findings;

/// What a response of the API can mean; each is a `ErrorKind` of the client's errors.
const KINDS: [&str; 10] = [
    "bad_request",
    "authentication",
    "permission_denied",
    "not_found",
    "model_not_found",
    "payload_too_large",
    "rate_limited",
    "quota_exceeded",
    "server",
    "gateway",
];

pub fn errors(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        for response in operation.responses() {
            match response.node.get("x-error-rules") {
                Some(rules) => check(&rules.resolved(), findings),
                None if response.is_success() => {}
                None => {
                    let message = format!("status {}: `x-error-rules` is needed", response.status);
                    findings.add("error-rules", &response.node, message);
                }
            }
        }
    }
}

fn check(rules: &Node<'_>, findings: &mut Findings) {
    let items = rules.items();
    let Some((last, others)) = items.split_last() else {
        findings.add(
            "error-rules",
            rules,
            "`x-error-rules` is a list of at least one rule",
        );
        return;
    };
    if last.get("code").is_some() {
        findings.add(
            "error-rules",
            last,
            "the last rule has to be for any code: without `code`",
        );
    }
    for rule in others.iter().filter(|rule| rule.get("code").is_none()) {
        findings.add(
            "error-rules",
            rule,
            "a rule without `code` hides those behind it",
        );
    }
    for rule in &items {
        match rule.str("kind") {
            Some(kind) if KINDS.contains(&kind) => {}
            kind => {
                let kind = kind.unwrap_or_default();
                let message = format!("`kind: {kind}` is none of {}", KINDS.join(", "));
                findings.add("error-rules", rule, message);
            }
        }
        if !matches!(rule.value().get("retryable"), Some(Value::Bool(_))) {
            findings.add("error-rules", rule, "`retryable` has to say true or false");
        }
        if rule
            .str("help")
            .is_none_or(|advice| advice.trim().is_empty())
        {
            findings.add(
                "error-rules",
                rule,
                "`advice` has to tell the user what to do",
            );
        }
        if rule.get("code").is_some() && rule.str("code").is_none() {
            findings.add(
                "error-rules",
                rule,
                "`code` is a text, also where the API sends a number",
            );
        }
    }
}
