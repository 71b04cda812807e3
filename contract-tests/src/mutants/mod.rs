//! Which changes of the API the cases would detect.
//!
//! The contract is changed one thing at a time, its examples with it, as a server would be changed. The
//! unchanged client and cases meet the mock of the changed contract: a case that fails has caught the
//! change. Proves that a case fails if the served contract drops a field, renames or retypes it, or changes a status, path
//! or media type. Can't prove that the contract is what the API does (`drift` does).
//!
//! In reading order: `operators.rs` with its folder (what is changed), `locations.rs` (where), `editor.rs`
//! (how the examples follow), `results.rs`, `classes.rs` (what the comparison of contracts says of each).

mod classes;
mod editor;
mod locations;
mod operators;
mod results;

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cometapi_contract::Contract;
use cometapi_contract::diff::{self, Change};
use cometapi_mock::Mock;

use crate::cases::{Case, CaseKind, CaseRunner, Failure, Snapshots};
use editor::{ContractEditor, Examples};
use locations::MutationPoints;

pub use operators::{OPERATORS, Operator};
pub use results::MutationReport;

type Problem = Box<dyn Error + Send + Sync>;

/// One change of the contract.
#[derive(Clone, Debug)]
pub struct Mutant<'c> {
    /// What is done.
    pub operator: Operator,
    /// Where, as a JSON pointer.
    pub site: String,
    /// The operations that can tell.
    touched: BTreeSet<&'c str>,
}

/// What became of a mutant.
#[derive(Debug)]
pub struct MutantResult<'c> {
    /// The mutant.
    pub mutant: Mutant<'c>,
    /// Whether it was caught.
    pub end: Outcome,
    /// What the comparison of the two contracts says of it.
    pub changes: Vec<Change>,
}

/// How a mutant ends.
#[derive(Debug)]
pub enum Outcome {
    /// A case fails, the first one that does.
    Caught(Failure),
    /// All cases pass.
    Missed,
    /// The mock can't be a server of this contract, so that no case was played.
    Unviable(String),
}

impl<'c> Mutant<'c> {
    /// Every mutant of a contract, operator by operator.
    pub fn all(contract: &'c Contract) -> Vec<Self> {
        let sites = MutationPoints::of(contract);
        let of = |operator: &Operator| {
            let (operator, pointers) = (*operator, (operator.sites)(&sites));
            let mutants = pointers.into_iter().map(|site| Mutant {
                operator,
                touched: sites.touched(&site),
                site,
            });
            mutants.collect::<Vec<_>>()
        };
        OPERATORS.iter().flat_map(of).collect()
    }

    /// The cases that can tell, those first that most likely do: the order saves most of the time.
    fn cases<'a>(&self, cases: &'a [Case<'c>], changed: &Contract) -> Vec<&'a Case<'c>> {
        let touched = |case: &&Case<'_>| self.touched.contains(case.operation.id());
        let mut touched: Vec<&Case<'_>> = cases.iter().filter(touched).collect();
        touched.sort_by_cached_key(|case| match &case.purpose {
            CaseKind::Response(example) => {
                let now = changed.pointer(example.node.pointer());
                let is_same = now.is_some_and(|now| now.value() == example.node.value());
                if is_same { 2 } else { 0 }
            }
            CaseKind::Request | CaseKind::Unauthorized => 1,
        });
        touched
    }
}

async fn end(
    stage: &CaseRunner,
    cases: &[&Case<'_>],
    accepted: &Snapshots,
    server: &str,
) -> Outcome {
    for case in cases {
        if let Err(failure) = stage.play(case, accepted, server).await {
            return Outcome::Caught(failure);
        }
    }
    Outcome::Missed
}

/// Plays the cases of a contract against the mocks of its mutants, `workers` at a time.
pub fn run<'c>(
    contract: &'c Contract,
    mutants: Vec<Mutant<'c>>,
    workers: usize,
) -> Result<MutationReport<'c>, Problem> {
    let accepted = Snapshots::read(&contract.operations())?;
    let cases = Case::all(contract)?;
    let samples = Examples::of(contract)?;
    let (next, fates) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || -> Result<(), Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let stage = CaseRunner::start().await?;
            let mock = Mock::builder().contract(contract).pause(Duration::ZERO);
            let mock = mock.start().await?;
            while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut draft = ContractEditor::new(contract, &samples);
                (mutant.operator.change)(&mut draft, &mutant.site);
                let changed = draft.into_contract();
                let changes = diff::compare(contract, &changed)?;
                let end = match mock.serve(&changed) {
                    Err(unusable) => Outcome::Unviable(unusable.to_string()),
                    Ok(()) => {
                        let cases = mutant.cases(&cases, &changed);
                        end(&stage, &cases, &accepted, &mock.url()).await
                    }
                };
                let mut fates = fates.lock().unwrap_or_else(PoisonError::into_inner);
                fates.push(MutantResult {
                    mutant: mutant.clone(),
                    end,
                    changes,
                });
            }
            Ok(())
        })
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        let done = joined.map(|done| done.unwrap_or_else(|_| Err("a worker panicked".into())));
        done.collect::<Result<(), Problem>>()
    })?;
    let fates = fates.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(MutationReport::new(contract, fates))
}
