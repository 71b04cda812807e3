//! The client as the suite's tools build it.

use std::time::Duration;

use cometapi::{Client, ClientBuilder, RetryPolicy};

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
