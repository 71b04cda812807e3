//! Requests: bodies and parameters of the kinds that a builder can fill.

use cometapi_contract::{Contract, Node, Operation};

use crate::finding::Findings;

/// Required, in one media type, an object.
pub fn bodies(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let Some(body) = operation.node().get("requestBody") else {
            continue;
        };
        let id = operation.id();
        if !body.bool("required") {
            let message = format!("{id}: an optional body; the builder always sends one");
            findings.add("request-body", &body, message);
        }
        let media_types = operation.request_bodies();
        if media_types.len() != 1 {
            let message = format!("{id}: a body in exactly one media type is needed");
            findings.add("request-body", &body, message);
        }
        for media_type in media_types {
            let schema = media_type.schema();
            let is_object = schema.as_ref().is_some_and(|schema| {
                schema.reference().is_some() && schema.resolved().str("type") == Some("object")
            });
            if !is_object {
                let message = format!("{id}: the body has to be a `$ref` to an object");
                findings.add("request-body", &media_type.node, message);
            }
        }
        if let Some(flag) = operation.node().str("x-stream-parameter") {
            let property = property(&operation, flag);
            if property.is_none_or(|property| property.str("type") != Some("boolean")) {
                let message =
                    format!("{id}: `x-stream-parameter: {flag}` is no boolean of the body");
                findings.add("request-body", operation.node(), message);
            }
            let success = operation.success();
            let responses = success.iter().flat_map(|success| success.media_types());
            if !responses
                .into_iter()
                .any(|response| response.name == "text/event-stream")
            {
                let message = format!("{id}: `x-stream-parameter` without `text/event-stream`");
                findings.add("request-body", operation.node(), message);
            }
        }
    }
}

fn property<'c>(operation: &Operation<'c>, name: &str) -> Option<Node<'c>> {
    let bodies = operation.request_bodies();
    let schema = bodies.first()?.schema()?.resolved();
    schema.get_path(&["properties", name])
}

/// In path, query or header; plain values, or in a query lists of them.
pub fn parameters(contract: &Contract, findings: &mut Findings) {
    for operation in contract.operations() {
        let id = operation.id();
        let parameters = operation.parameters();
        for parameter in &parameters {
            let name = parameter.str("name").unwrap_or_default();
            let place = parameter.str("in").unwrap_or_default();
            if !matches!(place, "path" | "query" | "header") {
                let message = format!("{id}: a parameter in `{place}` can't be generated");
                findings.add("parameter", parameter, message);
            }
            let is_token = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            let is_ours = ["authorization", "accept", "content-type", "content-length"]
                .contains(&name.to_ascii_lowercase().as_str());
            if place == "header" && (is_ours || !name.chars().all(is_token)) {
                let message = format!("{id}: `{name}` can't be a header parameter");
                findings.add("parameter", parameter, message);
            }
            let in_path = operation.path().contains(&format!("{{{name}}}"));
            if (place == "path") != in_path || (in_path && !parameter.bool("required")) {
                let message = format!(
                    "{id}: the required path parameters have to be those of the path: `{name}`"
                );
                findings.add("parameter", parameter, message);
            }
            let schema = parameter.get("schema").map(|schema| schema.resolved());
            let is_known = schema
                .as_ref()
                .is_some_and(|schema| match schema.str("type") {
                    Some("array") => {
                        let items = schema.get("items").map(|items| items.resolved());
                        place == "query" && items.is_some_and(|items| is_scalar(&items))
                    }
                    _ => is_scalar(schema),
                });
            if !is_known {
                let message = format!(
                    "{id}: the parameter `{name}` has to be a string, number or flag, \
                     or in a query a list of them"
                );
                findings.add("parameter", parameter, message);
            }
        }
        for name in placeholders(operation.path()) {
            if !parameters
                .iter()
                .any(|parameter| parameter.str("name") == Some(name))
            {
                let message = format!("{id}: the path's `{{{name}}}` is no parameter");
                findings.add("parameter", operation.node(), message);
            }
        }
    }
}

fn is_scalar(schema: &Node<'_>) -> bool {
    matches!(
        schema.str("type"),
        Some("string" | "integer" | "number" | "boolean")
    )
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
}
