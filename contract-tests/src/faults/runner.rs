//! Where cases run, one at a time: a server, and clients in front of it.

use std::sync::Arc;
use std::time::Duration;

use crate::operation_input::OperationInput;
use cometapi::{Client, ClientBuilder, ConcurrencyLimit, Error, RetryPolicy};
use serde_json::Value;

use super::MAX_ATTEMPTS;
use super::fault::{ClientProfile, Fault};
use super::fault::{Outcome, Payload};
use super::matrix::CellResult;
use super::operations::{Form, Target};
use crate::server::REPEAT_BYTES;
use crate::server::Server;
use crate::server::closed_port::ClosedPort;
use crate::test_client::value_of;

/// Any key will do.
const KEY: &str = "sk-faults";

/// Longer than any case takes on any machine.
const CASE_TIMEOUT: Duration = Duration::from_secs(30);

/// Less than [`REPEAT_BYTES`], more than any documented response.
const LIMIT: usize = 1 << 20;

// Of the client whose faults are pauses.

/// Long enough for a head that does come, on a busy machine.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(300);
const READ_TIMEOUT: Duration = Duration::from_millis(200);
/// Above what all attempts take together that end in another timeout.
const TIMEOUT: Duration = Duration::from_millis(2000);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(1);

/// A server and its clients.
#[derive(Debug)]
pub(super) struct FaultRunner {
    server: Server,
    patient: Client,
    impatient: Client,
    refusal: ClosedPort,
    refused: Client,
}

impl FaultRunner {
    pub(super) async fn start() -> Result<Self, String> {
        let server = Server::start().await.map_err(|error| error.to_string())?;
        let refusal = ClosedPort::start().map_err(|error| error.to_string())?;
        let impatient = client(&server.url())
            .response_timeout(RESPONSE_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .timeout(TIMEOUT);
        let refused = client(&refusal.url()).http_client(refusal.http_client()?);
        Ok(Self {
            patient: build(client(&server.url()))?,
            impatient: build(impatient)?,
            refused: build(refused)?,
            server,
            refusal,
        })
    }

    /// Learns what a caller gets for the documented response, which the client must take.
    pub(super) async fn learn(&self, subject: &mut Target) -> Result<(), String> {
        self.server.play(vec![subject.response.whole()]);
        let value = call(&self.patient, subject).await;
        subject.value = value.map_err(|error| format!("without a fault: {error}"))?;
        Ok(())
    }

    /// Runs one case, if there is one, and compares.
    pub(super) async fn judge(
        self: &Arc<Self>,
        fault: Arc<Fault>,
        subject: Arc<Target>,
    ) -> CellResult {
        let expected = match fault.cell(subject.form()).expected(&subject) {
            Ok(expected) => expected,
            Err(reason) => return CellResult::NotApplicable(reason),
        };
        let bench = Arc::clone(self);
        // A task of its own, so that a panic of the client is an outcome too.
        let mut case = tokio::spawn(async move { bench.run(&fault, &subject).await });
        let got = match tokio::time::timeout(CASE_TIMEOUT, &mut case).await {
            Ok(Ok(got)) => got,
            Ok(Err(panic)) => Outcome::Panicked(panic.to_string()),
            Err(_) => {
                // It must not meet the next case's fault.
                case.abort();
                Outcome::Hung
            }
        };
        CellResult::Executed { expected, got }
    }

    /// What a caller gets, and the attempts seen by whoever was called.
    async fn run(&self, fault: &Fault, subject: &Target) -> Outcome {
        let play = self.server.play((fault.wire)(&subject.response));
        let (result, attempts) = match fault.setting {
            ClientProfile::Default => (call(&self.patient, subject).await, play.requests()),
            ClientProfile::ShortTimeouts => (call(&self.impatient, subject).await, play.requests()),
            ClientProfile::ConnectionRefused => {
                let before = self.refusal.lookups();
                let result = call(&self.refused, subject).await;
                (result, self.refusal.lookups() - before)
            }
        };
        match result {
            Err(error) => Outcome::of_error(&error, attempts),
            Ok(value) => Outcome::Success {
                came: came(subject, &value),
                attempts,
            },
        }
    }
}

/// The only place that makes clients, but for their timeouts.
fn client(url: &str) -> ClientBuilder {
    let builder = Client::builder().base_url(url).api_key(KEY);
    let retries = RetryPolicy::default()
        .with_max_attempts(MAX_ATTEMPTS as u32)
        .with_backoff(PAUSE, PAUSE);
    builder
        .max_json_bytes(LIMIT)
        .max_event_bytes(LIMIT)
        .retry_policy(retries)
        .retry_budget(u32::MAX)
        // A 429 of one case would slow down the next.
        .concurrency_limit(ConcurrencyLimit::unlimited())
}

fn build(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| error.to_string())
}

async fn call(client: &Client, subject: &Target) -> Result<Value, Error> {
    let input = OperationInput::new(subject.request.clone())?;
    let is_stream = subject.form() == Form::Events;
    let called = value_of(client, &subject.operation, &input, is_stream).await;
    called.map(|(value, _)| value)
}

fn came(subject: &Target, value: &Value) -> Payload {
    if subject.form() != Form::Bytes {
        return match *value == subject.value {
            true => Payload::Complete,
            false => Payload::Different,
        };
    }
    let bytes = |value: &Value| {
        value["bytes"]
            .as_u64()
            .and_then(|bytes| usize::try_from(bytes).ok())
    };
    match bytes(value) {
        Some(bytes) if bytes == subject.response.body.len() => Payload::Complete,
        Some(bytes) if bytes == subject.response.half().len() => Payload::Partial,
        Some(REPEAT_BYTES) => Payload::Unbounded,
        _ => Payload::Different,
    }
}
