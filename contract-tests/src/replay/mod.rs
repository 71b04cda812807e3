//! A saved response, played to the generated client.

mod chunked;
mod recording;
mod server;
mod text;
mod wire;

use std::time::Duration;

use cometapi::runtime::Arguments;
use cometapi::{Client, Error, dispatch};
use serde_json::Value;
use tokio::net::TcpListener;

pub use recording::{Header, Recording, Unusable};
pub use text::text;
pub use wire::wire;

use crate::report::Outcome;

/// Nothing here waits for anything but the client itself.
const LIMIT: Duration = Duration::from_secs(5);

/// Any key will do: the answer is already known.
const KEY: &str = "sk-replay";

/// Why a recording could not be played.
#[derive(Debug)]
pub enum Failure {
    /// The client has no such operation.
    NoSuchOperation,
    /// The server or the client could not be set up.
    Setup(String),
}

/// Calls an operation of the generated client and answers with a recording.
pub async fn play(
    operation: &str,
    request: &Value,
    recording: &Recording,
) -> Result<Outcome, Failure> {
    let setup = |error: std::io::Error| Failure::Setup(error.to_string());
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(setup)?;
    let address = listener.local_addr().map_err(setup)?;
    let client = client(&format!("http://{address}"));
    let client = client.map_err(|error| Failure::Setup(error.to_string()))?;
    let arguments = Arguments::new(request.clone());
    let arguments = arguments.map_err(|error| Failure::Setup(error.to_string()))?;
    let server = tokio::spawn(server::serve(listener, wire(recording)));
    let outcome = dispatch::call(&client, operation, &arguments).await;
    server.abort();
    outcome.ok_or(Failure::NoSuchOperation)
}

fn client(url: &str) -> Result<Client, Error> {
    let builder = Client::builder().base_url(url).key(KEY);
    builder.total_timeout(LIMIT).build()
}
