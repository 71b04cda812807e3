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
    let Some(choices) = stream.str("choices") else {
        return;
    };
    let item = property(&events.schema, choices).and_then(|choices| choices.get("items"));
    let Some(item) = item.map(|item| item.resolved()) else {
        findings.add(
            "x-event-stream",
            stream,
            format!("`choices: {choices}` is no list of the event"),
        );
        return;
    };
    let mut check_field = |key: &str, wanted: &[&str]| {
        let Some(path) = stream.str(key) else {
            return;
        };
        let found = path
            .split('.')
            .try_fold(item.clone(), |node, name| property(&node, name));
        let kind = found.as_ref().and_then(|found| found.str("type"));
        if kind.is_none_or(|kind| !wanted.is_empty() && !wanted.contains(&kind)) {
            let message = match wanted {
                [] => format!("`{key}: {path}` is no field of a choice"),
                _ => format!("`{key}: {path}` is no {} of a choice", wanted.join(" or ")),
            };
            findings.add("x-event-stream", stream, message);
        }
    };
    check_field("index", &["integer"]);
    check_field("finish", &[]);
    check_field("text", &["string"]);
}

fn property<'c>(schema: &Node<'c>, name: &str) -> Option<Node<'c>> {
    schema
        .resolved()
        .get_path(&["properties", name])
        .map(|property| property.resolved())
}
