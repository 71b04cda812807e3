//! What traces tell stands where the contract says that it stands.

use cometapi_contract::{Contract, Node, Operation};

use crate::finding::Findings;
use crate::ir::payload::{OperationPayloads, ResponsePayload};

/// What may be said of a response, and of which type it has to be.
const SAID: [(&str, &str); 5] = [
    ("response-id", "string"),
    ("response-model", "string"),
    ("finish-reasons", "string"),
    ("input-tokens", "integer"),
    ("output-tokens", "integer"),
];

pub fn telemetry(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let payloads = OperationPayloads::read(&operation).ok();
        if let Some((telemetry, payloads)) = operation.node().get("x-genai-telemetry").zip(payloads)
        {
            check(&telemetry, &operation, &payloads, findings);
        }
    }
}

fn check(
    telemetry: &Node<'_>,
    operation: &Operation<'_>,
    payloads: &OperationPayloads<'_>,
    findings: &mut Findings,
) {
    if telemetry.str("operation").is_none() {
        let message = "`operation` has to name what the operation does";
        findings.add("x-genai-telemetry", telemetry, message);
    }
    let body = payloads.body.iter().map(|body| body.schema.clone());
    let (body, responses) = (body.collect::<Vec<_>>(), responses(operation, payloads));
    let asked = ("request-model", "string", &body);
    let said = SAID.map(|(key, kind)| (key, kind, &responses));
    for (key, kind, schemas) in std::iter::once(asked).chain(said) {
        let Some(path) = telemetry.str(key) else {
            continue;
        };
        let is_there = schemas.iter().any(|schema| {
            let found = path.split('.').try_fold(schema.resolved(), step);
            found.is_some_and(|found| found.str("type") == Some(kind))
        });
        if !is_there {
            let place = match key {
                "request-model" => "body",
                _ => "response",
            };
            let message = format!("`{key}: {path}` is no {kind} of the {place}");
            findings.add("x-genai-telemetry", telemetry, message);
        }
    }
}

/// The schemas of the possible JSON responses.
fn responses<'c>(operation: &Operation<'c>, payloads: &OperationPayloads<'c>) -> Vec<Node<'c>> {
    let mut found = Vec::new();
    match &payloads.response {
        Some(ResponsePayload::Json) => {
            let media_types = operation.success().map(|success| success.media_types());
            let media_types = media_types.unwrap_or_default();
            found.extend(
                media_types
                    .iter()
                    .filter_map(|media_type| media_type.schema()),
            );
        }
        Some(ResponsePayload::Selected(chosen)) => {
            let values = chosen.get("values");
            let values = values.iter().flat_map(Node::entries);
            found.extend(values.filter_map(|(_, value)| value.get("schema")));
        }
        Some(ResponsePayload::Binary | ResponsePayload::Empty) | None => {}
    }
    found.extend(payloads.events.iter().map(|events| events.schema.clone()));
    found
}

/// The property of an object, or of a list's items.
fn step<'c>(schema: Node<'c>, name: &str) -> Option<Node<'c>> {
    let found = schema.get_path(&["properties", name])?.resolved();
    match found.get("items") {
        Some(items) => Some(items.resolved()),
        None => Some(found),
    }
}
