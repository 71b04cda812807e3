//! Requests that the contract gives as examples.

use std::io;

use cometapi_contract::{Example, Operation};
use serde_json::{Map, Value, json};

/// The example that requests no more than it must: the one of this name, else the first.
const MINIMAL: &str = "minimal";

/// A valid request for an operation, as the client's dispatcher takes it: the required parameters
/// and the body of the smallest example.
pub fn minimal(operation: &Operation<'_>) -> io::Result<Value> {
    let examples = examples(operation);
    let named = examples.iter().find(|example| example.name == MINIMAL);
    match named.or(examples.first()) {
        Some(example) => with_body(operation, example),
        None => Ok(json!({ "parameters": parameters(operation) })),
    }
}

/// A request with the body of this example.
pub fn with_body(operation: &Operation<'_>, example: &Example<'_>) -> io::Result<Value> {
    let body: Value = serde_json::from_slice(&example.bytes()?)?;
    Ok(json!({ "parameters": parameters(operation), "body": body }))
}

/// The examples of an operation's request body.
pub fn examples<'c>(operation: &Operation<'c>) -> Vec<Example<'c>> {
    let bodies = operation.request_bodies();
    // A request has no status.
    bodies.iter().flat_map(|body| body.examples("")).collect()
}

fn parameters(operation: &Operation<'_>) -> Map<String, Value> {
    let parameters = operation.parameters();
    let required = parameters
        .iter()
        .filter(|parameter| parameter.flag("required"));
    required
        .filter_map(|parameter| {
            let own = parameter.get("example");
            let example = own.or_else(|| parameter.path(&["schema", "example"]))?;
            Some((parameter.text("name")?.to_owned(), example.value().clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use cometapi_contract::Contract;
    use serde_json::json;

    use super::minimal;

    #[test]
    fn parameters_and_body_come_from_examples() {
        let text = "
            paths:
              /things/{id}:
                post:
                  operationId: change_thing
                  parameters:
                    - {name: id, in: path, required: true, example: a}
                    - {name: page, in: query, required: true, schema: {example: 1}}
                    - {name: size, in: query, example: 9}
                  requestBody:
                    content:
                      application/json:
                        examples:
                          full: {value: {name: x, size: 1}}
                          minimal: {value: {name: x}}
                get: {operationId: get_things}
            ";
        let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
        let request = |id| minimal(&contract.operation(id).unwrap()).unwrap();
        assert_eq!(
            request("change_thing"),
            json!({ "parameters": { "id": "a", "page": 1 }, "body": { "name": "x" } })
        );
        assert_eq!(request("get_things"), json!({ "parameters": {} }));
    }
}
