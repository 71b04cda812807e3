//! What the client makes of servers and networks that fail.
//!
//! Every fault meets every operation; kind, status, retryability and the attempts that the server counted
//! are compared with a table. Proves how each failure ends for a caller. Can't prove that the list of faults
//! is complete. A new fault is a row in `table/`, one of HTTP/2 or compression in `client/transport-tests`.
//!
//! In reading order: `fault.rs` (a fault, its expectation and its outcome), `table/` (all of them), `operations.rs` (what they
//! meet, and the bytes of its response), `runner.rs`, `matrix.rs`.

mod fault;
mod matrix;
mod operations;
mod runner;
mod table;

use std::sync::{Arc, Mutex, PoisonError};

use cometapi_contract::Contract;
use tokio::task::JoinSet;

pub use fault::{Expectation, Failure, Family, Fault, Outcome, Payload, Retry, RetryAfter};
pub use matrix::{Case, CellResult, Matrix, Row};
pub use operations::{Form, Target};
pub use table::table;

use fault::ClientProfile;
use runner::FaultRunner;

/// How many attempts the client makes where a failure is retried: with what it is made with in
/// `runner.rs`.
pub const MAX_ATTEMPTS: usize = 3;

/// How many cases run at a time. Most of them wait for a timeout.
const WORKERS: usize = 24;

/// Runs every fault against every operation of the contract.
///
/// # Errors
///
/// If it could not run: no operation, no server, or a client that doesn't take a documented response
/// without any fault.
pub async fn run(contract: &Contract, faults: Vec<Fault>) -> Result<Matrix, String> {
    let benches = start().await?;
    let mut subjects = Target::all(contract)?;
    for subject in &mut subjects {
        benches[0].learn(subject).await?;
    }
    let subjects: Vec<_> = subjects.into_iter().map(Arc::new).collect();
    let faults: Vec<_> = faults.into_iter().map(Arc::new).collect();
    let cases = faults.iter().flat_map(|fault| {
        let case = |subject| (Arc::clone(fault), Arc::clone(subject));
        subjects.iter().map(case)
    });
    let cases: Vec<Queued> = cases.enumerate().collect();
    // What only waits goes first and alone: the others would keep its clocks from being looked at.
    let (waiting, busy): (Vec<_>, Vec<_>) = cases
        .into_iter()
        .partition(|(_, (fault, _))| fault.setting == ClientProfile::ShortTimeouts);
    let benches: Vec<_> = benches.into_iter().map(Arc::new).collect();
    let mut verdicts = round(&benches, waiting).await?;
    verdicts.extend(round(&benches, busy).await?);
    verdicts.sort_by_key(|(place, _)| *place);
    let verdicts: Vec<_> = verdicts.into_iter().map(|(_, verdict)| verdict).collect();
    Ok(Matrix::new(&subjects, &faults, &verdicts))
}

/// A fault and what meets it, with its place in the matrix.
type Queued = (usize, (Arc<Fault>, Arc<Target>));

/// Runs cases, as many at a time as there are benches.
async fn round(
    benches: &[Arc<FaultRunner>],
    cases: Vec<Queued>,
) -> Result<Vec<(usize, CellResult)>, String> {
    let queue = Arc::new(Mutex::new(cases.into_iter()));
    let mut tasks = JoinSet::new();
    for bench in benches {
        let (bench, queue) = (Arc::clone(bench), Arc::clone(&queue));
        let next = move || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        tasks.spawn(async move {
            let mut done = Vec::new();
            while let Some((place, (fault, subject))) = next() {
                done.push((place, bench.judge(fault, subject).await));
            }
            done
        });
    }
    let mut verdicts = Vec::new();
    while let Some(done) = tasks.join_next().await {
        verdicts.extend(done.map_err(|error| error.to_string())?);
    }
    Ok(verdicts)
}

/// All of them before the first case runs: making a client takes long enough to upset a timeout.
async fn start() -> Result<Vec<FaultRunner>, String> {
    let mut benches = Vec::new();
    for _ in 0..WORKERS {
        benches.push(FaultRunner::start().await?);
    }
    Ok(benches)
}

#[cfg(test)]
mod tests {
    use cometapi::ErrorKind;
    use cometapi_contract::Contract;

    use super::fault::{Fault, fails};
    use super::operations::response;
    use super::{MAX_ATTEMPTS, Retry, run};
    use crate::report::Finding;

    #[tokio::test]
    async fn what_the_table_gets_wrong_is_told() {
        let unavailable = |_: &_| vec![response(503, "text/plain", "no luck")];
        let cell = |kind| fails(503, kind, Retry::Always);
        let [right, wrong] = [cell(ErrorKind::Server), cell(ErrorKind::Gateway)];
        let faults = vec![
            Fault::each("503", unavailable, [right, right, wrong]),
            Fault::any("503 again", unavailable, right),
        ];
        let contract = Contract::bundled().unwrap();
        let matrix = run(&contract, faults).await.unwrap();
        let streams = matrix
            .columns
            .iter()
            .filter(|name| name.contains("(stream)"));
        let streams: Vec<_> = streams.map(String::as_str).collect();
        let misses = matrix.misses();
        let operations: Vec<_> = misses.iter().map(|(_, operation, ..)| *operation).collect();
        assert!(!streams.is_empty());
        assert_eq!(operations, streams);
        assert!(misses.iter().all(|(fault, ..)| *fault == "503"));
        assert_eq!(matrix.cases(), 2 * matrix.columns.len());
        let rendered = |kind| format!("{kind} 503 ↻{MAX_ATTEMPTS}, requests no wait");
        let rendered = format!(
            "expected {}, got {}",
            rendered("gateway"),
            rendered("server")
        );
        let report = matrix.report();
        let is_told = |finding: &Finding| finding.message == rendered;
        assert!(report.findings.iter().all(is_told), "{report:?}");
        assert_eq!(report.findings.len(), streams.len());
        assert_eq!(report.passed.len(), matrix.cases() - streams.len());
    }

    #[tokio::test]
    async fn without_an_operation_there_is_nothing_to_run() {
        let contract = Contract::parse("x.yaml".as_ref(), "paths: {}".to_owned()).unwrap();
        let error = run(&contract, Vec::new()).await.unwrap_err();
        assert_eq!(error, "the contract has no operation");
    }
}
