//! Streams whose events say what the contract says that they say.

use cometapi_contract::{Contract, Node};

use crate::finding::Findings;
use crate::ir::payload::{EventPayload, OperationPayloads};

pub fn streams(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let payloads = OperationPayloads::read(&operation).ok();
        if let Some(events) = payloads.and_then(|payloads| payloads.events) {
            check(&events, findings);
        }
    }
}

fn check(events: &EventPayload<'_>, findings: &mut Findings) {
    let Some(stream) = &events.stream else {
        return;
    };
    let Some(parts) = stream.str("choices") else {
        return;
    };
    let item = property(&events.schema, parts).and_then(|parts| parts.get("items"));
    let Some(item) = item.map(|item| item.resolved()) else {
        findings.add(
            "x-event-stream",
            stream,
            format!("`parts: {parts}` is no list of the event"),
        );
        return;
    };
    let mut is = |key: &str, wanted: &[&str]| {
        let Some(path) = stream.str(key) else {
            return;
        };
        let found = path
            .split('.')
            .try_fold(item.clone(), |node, name| property(&node, name));
        let kind = found.as_ref().and_then(|found| found.str("type"));
        if kind.is_none_or(|kind| !wanted.is_empty() && !wanted.contains(&kind)) {
            let message = match wanted {
                [] => format!("`{key}: {path}` is no field of a part"),
                _ => format!("`{key}: {path}` is no {} of a part", wanted.join(" or ")),
            };
            findings.add("x-event-stream", stream, message);
        }
    };
    is("index", &["integer"]);
    is("finish", &[]);
    is("text", &["string"]);
}

fn property<'c>(schema: &Node<'c>, name: &str) -> Option<Node<'c>> {
    schema
        .resolved()
        .get_path(&["properties", name])
        .map(|property| property.resolved())
}
