//! What the client's bound on calls in flight does in front of a server that takes only so many.

mod server;

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::dispatch;
use crate::operation_input::OperationInput;
use bytes::Bytes;
use cometapi::{Client, ConcurrencyLimit, RetryPolicy};
use cometapi_contract::Operation;
use tokio::task::JoinSet;

use crate::request;
use server::Server;

/// How many calls start at the same moment.
pub const TASKS: usize = 200;

/// How many the server works on at a time.
pub const PLACES: usize = 8;

/// How long it works on one, in milliseconds.
const SERVICE: std::ops::Range<u64> = 30..50;

/// The modes that are compared; the first is what the others are measured against.
pub const MODES: [(&str, ConcurrencyLimit); 3] = [
    ("fixed at 8", ConcurrencyLimit::fixed(PLACES)),
    ("adaptive", ConcurrencyLimit::adaptive()),
    ("off", ConcurrencyLimit::unlimited()),
];

/// One run: all tasks, from the start of the first to the end of the last.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The bound on calls in flight.
    pub mode: &'static str,
    /// What the server's times and the client's pauses follow from.
    pub seed: u64,
    /// Calls that came to their response.
    pub finished: usize,
    /// Requests that the server refused.
    pub refused: usize,
    /// From the start of the first call to the end of the last.
    pub elapsed: Duration,
}

impl Run {
    /// Responses a second.
    pub fn goodput(&self) -> f64 {
        self.finished as f64 / self.elapsed.as_secs_f64()
    }
}

/// RetryPolicy that a call doesn't run out of, with pauses of the order of the server's time.
fn retries() -> RetryPolicy {
    let (initial, max) = (Duration::from_millis(25), Duration::from_millis(400));
    RetryPolicy::default()
        .with_max_attempts(100)
        .with_backoff(initial, max)
}

/// Starts all tasks at once and waits for the last. It blocks its thread, because the pauses of a
/// client follow from a seed only if all of them are on one.
pub fn run(
    operation: &Operation<'_>,
    (mode, concurrency): (&'static str, ConcurrencyLimit),
    seed: u64,
) -> Result<Run, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    fastrand::seed(seed);
    runtime.block_on(async {
        let response = response(operation)?;
        let server = Server::start(PLACES, SERVICE, response, seed).await;
        let server = server.map_err(|error| error.to_string())?;
        let client = Client::builder()
            .base_url(server.url())
            .api_key("sk-admission")
            .retry_policy(retries())
            .concurrency_limit(concurrency)
            .build()
            .map_err(|error| error.to_string())?;
        let request = request::minimal(operation).map_err(|error| error.to_string())?;
        let arguments = OperationInput::new(request).map_err(|error| error.to_string())?;
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let (client, arguments) = (client.clone(), arguments.clone());
            let id = operation.id().to_owned();
            tasks.spawn(async move { dispatch::call(&client, &id, &arguments).await });
        }
        let outcomes = tasks.join_all().await;
        let elapsed = begun.elapsed();
        let finished = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Some(Ok(_))));
        Ok(Run {
            mode,
            seed,
            finished: finished.count(),
            refused: server.counts().refused,
            elapsed,
        })
    })
}

fn response(operation: &Operation<'_>) -> Result<Bytes, String> {
    let examples = operation.examples();
    let success = examples.iter().find(|example| {
        example.status.starts_with('2') && example.media_type == "application/json"
    });
    let success = success.ok_or("the operation has no example of a JSON response")?;
    let bytes = success.bytes().map_err(|error| error.to_string())?;
    Ok(bytes.into_owned().into())
}

/// A table in Markdown: for each seed a row, for each mode its refusals and goodput, the latter also
/// as a share of the first mode's.
pub fn table(runs: &[Run]) -> String {
    let mut table = String::from("| seed |");
    for (mode, _) in MODES {
        let _ = write!(table, " {mode}: 429s | responses/s | share |");
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(3 * MODES.len()));
    for row in runs.chunk_by(|a, b| a.seed == b.seed) {
        let _ = write!(table, "\n| {} |", row[0].seed);
        for run in row {
            let share = run.goodput() / row[0].goodput();
            let _ = write!(
                table,
                " {} | {:.0} | {share:.2} |",
                run.refused,
                run.goodput()
            );
        }
    }
    table.push('\n');
    table
}
