//! A faulty server, and what the client must make of each of its faults.
//!
//! [`table`](table::table) is the list of faults. Each says what goes over the wire and what a
//! caller gets for it, by the form of the answer that was asked for. Every fault meets every
//! operation; the server counts the attempts.

mod bench;
mod fault;
mod matrix;
mod outcome;
mod refusal;
mod server;
mod subject;
mod table;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cometapi_contract::Contract;
use tokio::task::JoinSet;

pub use fault::{Again, Cell, Family, Fault};
pub use matrix::{Matrix, Miss, Row, Verdict};
pub use outcome::{Came, Outcome, Wait};
pub use subject::{Form, Subject};
pub use table::table;

use bench::Bench;

/// How many attempts the client makes where a failure is retried.
pub const MAX_ATTEMPTS: usize = 1;

/// How many cases run at a time. Most of them wait for a timeout.
const BENCHES: usize = 12;

/// Runs every fault against every operation of the contract.
///
/// # Errors
///
/// If it could not run: no operation, no server, or a client that doesn't take a documented answer
/// without any fault.
pub async fn run(contract: &Contract, faults: Vec<Fault>) -> Result<Matrix, String> {
    let benches = start().await?;
    let mut subjects = Subject::all(contract)?;
    for subject in &mut subjects {
        benches[0].learn(subject).await?;
    }
    let subjects = Arc::new(subjects.into_iter().map(Arc::new).collect::<Vec<_>>());
    let faults = Arc::new(faults.into_iter().map(Arc::new).collect::<Vec<_>>());
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for bench in benches {
        let (subjects, faults) = (Arc::clone(&subjects), Arc::clone(&faults));
        let (next, bench) = (Arc::clone(&next), Arc::new(bench));
        tasks.spawn(async move {
            let mut done = Vec::new();
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                let (row, column) = (case / subjects.len(), case % subjects.len());
                let Some(fault) = faults.get(row) else {
                    return done;
                };
                let verdict = bench.judge(fault, &subjects[column]).await;
                done.push((case, verdict));
            }
        });
    }
    let mut verdicts = Vec::new();
    while let Some(done) = tasks.join_next().await {
        verdicts.extend(done.map_err(|error| error.to_string())?);
    }
    verdicts.sort_by_key(|(case, _)| *case);
    let verdicts = verdicts.into_iter().map(|(_, verdict)| verdict).collect();
    Ok(Matrix::new(&subjects, &faults, verdicts))
}

/// All of them before the first case runs: making a client takes long enough to upset a timeout.
async fn start() -> Result<Vec<Bench>, String> {
    let mut benches = Vec::new();
    for _ in 0..BENCHES {
        benches.push(Bench::start().await?);
    }
    Ok(benches)
}
