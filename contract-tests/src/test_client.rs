//! The client as the suite's tools build it, and what it delivers.

use std::time::Duration;

use cometapi::{Client, ClientBuilder, Error, RetryPolicy};
use serde_json::Value;

use crate::dispatch;
use crate::operation_input::OperationInput;

/// Nothing here waits for anything but the client itself.
const LIMIT: Duration = Duration::from_secs(5);

/// The key of every client here: any will do on this machine. No snapshot may show it.
pub const KEY: &str = "sk-suite-9f86d081884c7d65";

/// A client of a server on this machine.
pub fn test_client(url: &str) -> ClientBuilder {
    let builder = Client::builder().base_url(url).api_key(KEY);
    // Each response is looked at as it comes.
    let builder = builder.retry_policy(RetryPolicy::never());
    builder.response_timeout(LIMIT).read_timeout(LIMIT)
}

/// What a caller gets, and how often it deviates from the schema: the value of a response, or the events of a complete
/// stream.
///
/// # Panics
///
/// If the client has no such operation.
pub async fn value_of(
    client: &Client,
    operation: &str,
    input: &OperationInput,
    is_stream: bool,
) -> Result<(Value, usize), Error> {
    const GENERATED: &str = "an operation of the contract";
    if is_stream {
        let mut events = Vec::new();
        let mut each = |event| events.push(event);
        let drained = dispatch::stream(client, operation, input, &mut each).await;
        let drained = drained.expect(GENERATED)?;
        drained.outcome?;
        return Ok((Value::Array(events), drained.deviations.len()));
    }
    let response = dispatch::call(client, operation, input).await;
    let response = response.expect(GENERATED)?;
    Ok((response.value, response.deviations.len()))
}
