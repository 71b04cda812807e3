//! What traces tell stands where the contract says that it stands.

use cometapi_contract::{Contract, Node, Operation};

use crate::exchange::{Answer, Exchange};
use crate::finding::Findings;

/// What may be said of an answer, and of which type it has to be.
const SAID: [(&str, &str); 5] = [
    ("response-id", "string"),
    ("response-model", "string"),
    ("finish-reasons", "string"),
    ("input-tokens", "integer"),
    ("output-tokens", "integer"),
];

pub fn telemetry(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let exchange = Exchange::read(&operation).ok();
        if let Some((telemetry, exchange)) = operation.node().get("x-genai-telemetry").zip(exchange)
        {
            check(&telemetry, &operation, &exchange, findings);
        }
    }
}

fn check(
    telemetry: &Node<'_>,
    operation: &Operation<'_>,
    exchange: &Exchange<'_>,
    findings: &mut Findings,
) {
    if telemetry.str("operation").is_none() {
        let message = "`operation` has to name what the operation does";
        findings.add("x-genai-telemetry", telemetry, message);
    }
    let body = exchange.body.iter().map(|body| body.schema.clone());
    let (body, answers) = (body.collect::<Vec<_>>(), answers(operation, exchange));
    let asked = ("request-model", "string", &body);
    let said = SAID.map(|(key, kind)| (key, kind, &answers));
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
                _ => "answer",
            };
            let message = format!("`{key}: {path}` is no {kind} of the {place}");
            findings.add("x-genai-telemetry", telemetry, message);
        }
    }
}

/// The schemas of whatever may come back as JSON.
fn answers<'c>(operation: &Operation<'c>, exchange: &Exchange<'c>) -> Vec<Node<'c>> {
    let mut found = Vec::new();
    match &exchange.answer {
        Some(Answer::Json) => {
            let media_types = operation.success().map(|success| success.media_types());
            let media_types = media_types.unwrap_or_default();
            found.extend(
                media_types
                    .iter()
                    .filter_map(|media_type| media_type.schema()),
            );
        }
        Some(Answer::Chosen(chosen)) => {
            let values = chosen.get("values");
            let values = values.iter().flat_map(Node::entries);
            found.extend(values.filter_map(|(_, value)| value.get("schema")));
        }
        Some(Answer::Bytes | Answer::Nothing) | None => {}
    }
    found.extend(exchange.events.iter().map(|events| events.schema.clone()));
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
