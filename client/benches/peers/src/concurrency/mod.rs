//! What the client's limits of concurrent calls do in front of a server that takes only so many.

mod server;

use std::fmt::Write;
use std::num::NonZeroU64;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cometapi::{ChatMessage, Client, ConcurrencyLimit, RetryPolicy};
use lexopt::prelude::*;
use tokio::task::JoinSet;

use crate::bodies;
use crate::scenario::{KEY, MODEL, PROMPT, Problem};
use crate::table::median;
use server::Server;

/// How many calls start at the same moment.
const TASKS: usize = 200;

/// How many the server works on at a time.
const PLACES: usize = 8;

/// How long it works on one, in milliseconds.
const SERVICE: std::ops::Range<u64> = 30..50;

/// The modes that are compared; the first is what the others are measured against.
const MODES: [(&str, ConcurrencyLimit); 3] = [
    ("fixed at 8", ConcurrencyLimit::fixed(PLACES)),
    ("adaptive", ConcurrencyLimit::adaptive()),
    ("off", ConcurrencyLimit::unlimited()),
];

/// The least share of the fixed limit's goodput that the adaptive one is to have.
const SHARE: f64 = 0.9;

/// One run: all tasks, from the start of the first to the end of the last.
struct Run {
    /// What the server's times and the client's pauses follow from.
    seed: u64,
    /// Calls that came to their response.
    finished: usize,
    /// Requests that the server refused.
    refused: usize,
    /// From the start of the first call to the end of the last.
    elapsed: Duration,
}

impl Run {
    /// Responses a second.
    fn goodput(&self) -> f64 {
        self.finished as f64 / self.elapsed.as_secs_f64()
    }
}

/// A policy that a call doesn't run out of, with pauses of the order of the server's time.
fn retries() -> RetryPolicy {
    let (initial, max) = (Duration::from_millis(25), Duration::from_millis(400));
    RetryPolicy::default()
        .with_max_attempts(100)
        .with_backoff(initial, max)
}

/// Prints the table of the seeds 1 to `--seeds`. The exit code is 1 if a task didn't finish, if the adaptive limit met as many
/// 429s as no limit, or if in the median of the seeds it was too far below the fixed one. A run takes a second, so that a
/// single call that pauses at its end moves a seed by some hundredths.
pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Problem> {
    let mut seeds: u64 = 5;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("seeds") => seeds = arguments.value()?.parse::<NonZeroU64>()?.get(),
            other => return Err(other.unexpected().into()),
        }
    }
    let mut runs = Vec::new();
    for seed in 1..=seeds {
        for (_, concurrency) in MODES {
            runs.push(measure(concurrency, seed)?);
        }
    }
    print!("{}", table(&runs));
    let mut shares = Vec::new();
    let mut is_good = true;
    for row in runs.chunks(MODES.len()) {
        let [fixed, adaptive, off] = row else {
            return Err("a seed has fewer runs than modes".into());
        };
        is_good &= row.iter().all(|run| run.finished == TASKS) && adaptive.refused < off.refused;
        shares.push(adaptive.goodput() / fixed.goodput());
    }
    let share = median(shares.into_iter());
    println!("\nadaptive: {share:.2} of the fixed limit, at least {SHARE}");
    is_good &= share >= SHARE;
    Ok(match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Starts all tasks at once and waits for the last. It blocks its thread, because the pauses of a
/// client follow from a seed only if all of them are on one.
fn measure(concurrency: ConcurrencyLimit, seed: u64) -> Result<Run, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    fastrand::seed(seed);
    runtime.block_on(async {
        let server = Server::start(PLACES, SERVICE, bodies::chat().into()).await?;
        let client = Client::builder()
            .base_url(server.url())
            .api_key(KEY)
            .retry_policy(retries())
            .concurrency_limit(concurrency)
            .build()?;
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let call = client.create_chat_completion().model(MODEL);
            let call = call.messages([ChatMessage::user(PROMPT)]);
            tasks.spawn(async move { call.send().await });
        }
        let outcomes = tasks.join_all().await;
        let elapsed = begun.elapsed();
        let finished = outcomes.iter().filter(|outcome| outcome.is_ok());
        Ok(Run {
            seed,
            finished: finished.count(),
            refused: server.refused(),
            elapsed,
        })
    })
}

/// A table in Markdown: for each seed a row, for each mode its refusals and goodput, the latter also
/// as a share of the first mode's.
fn table(runs: &[Run]) -> String {
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
