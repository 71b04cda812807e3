//! A saved response, played to the generated client.
//!
//! Shows what a caller gets for bytes that a real server sent, however they are split. Proves nothing about
//! other bytes.
//!
//! In reading order: `recording.rs` (reads what `curl -i` saves), `playback.rs` (what is written for it),
//! `text.rs` (the result for people).

mod playback;
mod recording;
mod text;

use crate::dispatch;
use crate::operation_input::OperationInput;
use cometapi::{Client, ClientBuilder};
use serde_json::Value;

pub use playback::playback;
pub use recording::{Header, ParseError, Recording};
pub use text::{stream_text, text};

use crate::chunking::Chunking;
use crate::outcome_json::Outcome;
use crate::outcome_json::Streamed;
use crate::server::{Server, Step};
use crate::test_client::test_client;

/// Why a recording could not be played.
#[derive(Debug)]
pub enum ReplayError {
    /// The client has no such operation, or not one that streams.
    NoSuchOperation,
    /// The server or the client could not be set up.
    Setup(String),
}

/// The generated client in front of a server that plays recordings.
#[derive(Debug)]
pub struct Replayer {
    client: Client,
    server: Server,
}

impl Replayer {
    /// One that can play any number of recordings, one after the other.
    pub async fn start() -> Result<Self, ReplayError> {
        Self::with_client(|client| client).await
    }

    /// The same, with a client for which each deviation from the schema is an error.
    pub async fn start_strict() -> Result<Self, ReplayError> {
        Self::with_client(ClientBuilder::strict_responses).await
    }

    async fn with_client(
        configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, ReplayError> {
        let server = Server::start().await.map_err(setup)?;
        let client = configure(test_client(&server.url())).build();
        let client = client.map_err(setup)?;
        Ok(Self { client, server })
    }

    fn play(&self, recording: &Recording, split: Chunking) {
        let writes = playback(recording, split).into_iter();
        self.server.play(writes.map(Step::Write));
    }

    /// Calls an operation and responds with a recording, cut like this.
    pub async fn call(
        &self,
        operation: &str,
        request: &Value,
        recording: &Recording,
        split: Chunking,
    ) -> Result<Outcome, ReplayError> {
        self.play(recording, split);
        let arguments = OperationInput::new(request.clone()).map_err(setup)?;
        let outcome = dispatch::call(&self.client, operation, &arguments).await;
        outcome.ok_or(ReplayError::NoSuchOperation)
    }

    /// The same for an operation's stream.
    pub async fn stream(
        &self,
        operation: &str,
        request: &Value,
        recording: &Recording,
        split: Chunking,
    ) -> Result<Streamed, ReplayError> {
        self.play(recording, split);
        let arguments = OperationInput::new(request.clone()).map_err(setup)?;
        let mut events = Vec::new();
        let mut each = |event| events.push(event);
        let drained = dispatch::stream(&self.client, operation, &arguments, &mut each).await;
        let drained = drained.ok_or(ReplayError::NoSuchOperation)?;
        Ok(drained.map(|drained| (drained, events)))
    }
}

fn setup(error: impl std::fmt::Display) -> ReplayError {
    ReplayError::Setup(error.to_string())
}
