//! Examples: one for every response, and each is what it stands for.

use std::collections::HashMap;

use cometapi_contract::{Contract, EnumMode, Example, MediaType, Node, Operation, json_schema};
use jsonschema::Validator;
use serde_json::Value;

use super::content;
use crate::finding::Findings;

/// How many faults of one example are told.
const TOLD: usize = 3;

/// Every response has a named example in each of its media types.
pub fn responses(contract: &Contract, findings: &mut Findings) {
    let mut validators = Validators::default();
    for operation in contract.operations() {
        for response in operation.responses() {
            for media_type in response.media_types() {
                let examples = media_type.examples(response.status);
                if examples.is_empty() {
                    let message = format!(
                        "{} {}: a named example in `{}` is needed",
                        operation.id(),
                        response.status,
                        media_type.name
                    );
                    findings.add("example-missing", &media_type.node, message);
                }
                for example in examples {
                    check_response(&media_type, &example, &mut validators, findings);
                }
            }
        }
    }
}

fn check_response(
    media_type: &MediaType<'_>,
    example: &Example<'_>,
    validators: &mut Validators,
    findings: &mut Findings,
) {
    let fault = |text: String| format!("example `{}`: {text}", example.name);
    if example.node.str("summary").is_none() {
        findings.add(
            "example-summary",
            &example.node,
            fault("a summary is needed".to_owned()),
        );
    }
    let bytes = match example.bytes() {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.add("example-missing", &example.node, fault(error.to_string()));
            return;
        }
    };
    if let Some(events) = media_type.node.get("x-event-schema") {
        let stream = media_type.node.get("x-event-stream");
        let marker = stream.as_ref().and_then(|stream| stream.str("sentinel"));
        let events_found = String::from_utf8(bytes.into_owned())
            .map_err(|_| "the stream is no UTF-8".to_owned())
            .and_then(|stream| content::events(&stream, marker));
        match events_found {
            Ok(found) => {
                for (index, event) in found.iter().enumerate() {
                    for objection in validators.objections(example, &events, event) {
                        let text = format!("event {}: {objection}", index + 1);
                        findings.add("example-invalid", &example.node, fault(text));
                    }
                }
            }
            Err(error) => findings.add("example-invalid", &example.node, fault(error)),
        }
    } else if example.is_json() {
        match (serde_json::from_slice(&bytes), media_type.schema()) {
            (Ok(value), Some(schema)) => {
                for objection in validators.objections(example, &schema, &value) {
                    findings.add("example-invalid", &example.node, fault(objection));
                }
            }
            (Err(error), _) => {
                findings.add(
                    "example-invalid",
                    &example.node,
                    fault(format!("no JSON: {error}")),
                );
            }
            (_, None) => findings.add("schema", &media_type.node, "JSON needs a schema"),
        }
    } else if let Some(objection) = content::unsupported(media_type.name, &bytes) {
        findings.add("example-invalid", &example.node, fault(objection));
    }
}

/// A request has an example too, since that is what tools send first.
pub fn requests(contract: &Contract, findings: &mut Findings) {
    let mut validators = Validators::default();
    for operation in contract.operations() {
        for media_type in operation.request_bodies() {
            check_request(&operation, &media_type, &mut validators, findings);
        }
    }
}

fn check_request(
    operation: &Operation<'_>,
    media_type: &MediaType<'_>,
    validators: &mut Validators,
    findings: &mut Findings,
) {
    let examples = media_type.examples("");
    if examples.is_empty() {
        let message = format!(
            "{}: a named example of the request is needed",
            operation.id()
        );
        findings.add("example-missing", &media_type.node, message);
    }
    for example in examples {
        let fault = |text: String| format!("example `{}`: {text}", example.name);
        // Of a multipart body the example is the form's fields as JSON.
        let value = example
            .bytes()
            .map_err(|error| error.to_string())
            .and_then(|bytes| {
                serde_json::from_slice::<Value>(&bytes).map_err(|error| format!("no JSON: {error}"))
            });
        match (value, media_type.schema()) {
            (Ok(value), Some(schema)) => {
                for objection in validators.objections(&example, &schema, &value) {
                    findings.add("example-invalid", &example.node, fault(objection));
                }
            }
            (Err(error), _) => findings.add("example-invalid", &example.node, fault(error)),
            (Ok(_), None) => {}
        }
    }
}

/// The validators made so far, by schema. Making one takes far longer than using it, and many
/// examples share a schema.
#[derive(Default)]
struct Validators(HashMap<String, Result<Validator, String>>);

impl Validators {
    /// What a validator says against a value, with the value's place.
    fn objections(
        &mut self,
        example: &Example<'_>,
        schema: &Node<'_>,
        value: &Value,
    ) -> Vec<String> {
        // Elsewhere an unlisted value is a typing error.
        let open_sets = match example.node.bool("x-unknown-values") {
            true => EnumMode::Open,
            false => EnumMode::Closed,
        };
        let key = format!("{open_sets:?} {}", schema.value());
        let made = self.0.entry(key).or_insert_with(|| {
            let built = jsonschema::draft4::options().build(&json_schema(schema, open_sets));
            built.map_err(|error| format!("its schema can't be used: {error}"))
        });
        let validator = match made {
            Ok(validator) => validator,
            Err(error) => return vec![error.clone()],
        };
        let errors = validator.iter_errors(value).take(TOLD);
        errors
            .map(|error| match error.instance_path().to_string().as_str() {
                "" => error.to_string(),
                path => format!("{path}: {error}"),
            })
            .collect()
    }
}
