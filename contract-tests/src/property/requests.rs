//! Requests made from the contract's schemas: whatever fits them the client can say, and the mock,
//! which holds it against the contract, takes it.

use std::time::Duration;

use crate::operation_input::OperationInput;
use cometapi::{Client, Error, RetryPolicy};
use cometapi_contract::{Contract, Node, Operation};
use cometapi_mock::Mock;
use serde_json::Value;

use super::Finding;
use super::generate::{Density, Generator};
use super::place::Place;
use crate::random::Random;
use crate::request;
use crate::test_client::value_of;

/// What came of all requests.
#[derive(Debug, Default)]
pub struct Sent {
    /// How many there were.
    pub requests: usize,
    /// Those that the client or the mock refused.
    pub findings: Vec<Finding>,
}

/// Sends `count` requests to the mock, to each operation with a body as many, and at least one with
/// each field.
pub async fn send(contract: &Contract, count: usize, seed: u64) -> Result<Sent, String> {
    let mock = Mock::builder().contract(contract).pause(Duration::ZERO);
    let mock = mock.start().await;
    let mock = mock.map_err(|error| error.to_string())?;
    let builder = Client::builder().base_url(mock.url()).api_key("any");
    let client = builder.retry_policy(RetryPolicy::never()).build();
    let client = client.map_err(|error| error.to_string())?;
    let operations = contract.operations();
    let mut random = Random::new(seed);
    let mut sent = Sent::default();
    let with_schema = operations.iter().filter_map(|operation| {
        let bodies = operation.request_bodies();
        Some((operation, bodies.first()?.schema()?))
    });
    let with_schema: Vec<_> = with_schema.collect();
    for (operation, schema) in &with_schema {
        let mut places = Place::all(schema);
        places.retain(|place| place.schema.resolved().str("format") != Some("binary"));
        let share = count / with_schema.len();
        for index in 0..share.max(places.len()) {
            let place = &places[index % places.len()];
            let arguments = arguments(operation, schema, place, &mut random)?;
            sent.requests += 1;
            if let Err(error) = call(&client, operation, &arguments).await {
                sent.findings.push(Finding {
                    schema: operation.id().to_owned(),
                    operator: "a request",
                    pointer: place.pointer(),
                    problem: format!("a valid request is refused: {error}"),
                    body: arguments.to_string(),
                });
            }
        }
    }
    Ok(sent)
}

/// A request with a value at that place; its files are those of the smallest example.
fn arguments(
    operation: &Operation<'_>,
    schema: &Node<'_>,
    place: &Place<'_>,
    random: &mut Random,
) -> Result<Value, String> {
    let mut arguments = request::minimal(operation).map_err(|error| error.to_string())?;
    let density = Density::Half;
    let mut generator = Generator { random, density };
    arguments["body"] = generator.present(schema, &place.steps);
    Ok(arguments)
}

async fn call(client: &Client, operation: &Operation<'_>, arguments: &Value) -> Result<(), Error> {
    let is_streamed = request::is_streamed(operation, arguments);
    let input = OperationInput::new(arguments.clone())?;
    let called = value_of(client, operation.id(), &input, is_streamed).await;
    called.map(drop)
}
