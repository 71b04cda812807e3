//! `cargo contract coverage`, `mutants`, `property` and `faults`.

use std::process::ExitCode;
use std::time::Duration;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use contract_tests::cases::Case;
use contract_tests::mutants::{self, Mutant};
use contract_tests::{coverage, faults, property};
use tokio::runtime::Runtime;

use super::{Output, Result, percent, runtime};

/// Show what of the contract no case exercises
///
/// The cases come from the contract's examples. They are played to the generated client by the
/// mock; what counts is recorded while they run, and only from cases whose outcome is the approved
/// one. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Coverage {
    /// How much has to be exercised
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = percent)]
    min: f64,
    #[command(flatten)]
    output: Output,
}

impl Coverage {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let coverage = runtime()?.block_on(async {
            let mock = Mock::builder().pause(Duration::ZERO).start().await?;
            coverage::Coverage::of(&contract, &mock.url()).await
        })?;
        if coverage.is_empty() {
            return Err("there is nothing to exercise".into());
        }
        let is_good = coverage.share() * 100.0 >= self.min;
        Ok(self.output.print(&coverage.report(), is_good))
    }
}

/// As many as the machines have that this runs on.
const WORKERS: usize = 2;

/// Show which changes of the API no case would detect
///
/// The contract is changed one thing at a time. The mock responds from the changed one, and the
/// unchanged client meets it with the unchanged cases: a mutant is caught if one of them fails.
/// One that is missed without a known reason is a finding. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Mutants {
    /// How many of the mutants have to be caught
    #[arg(long, value_name = "PERCENT", default_value = "95", value_parser = percent)]
    min: f64,
    #[command(flatten)]
    output: Output,
}

impl Mutants {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let results = mutants::run(&contract, Mutant::all(&contract), WORKERS)?;
        if results.fates().is_empty() {
            return Err("the contract has nothing to change".into());
        }
        let report = results.report();
        let is_good = report.findings.is_empty() && results.share() * 100.0 >= self.min;
        Ok(self.output.print(&report, is_good))
    }
}

/// Generate bodies from the contract's schemas, half of them invalid, for the client to decode
///
/// A JSON Schema validator says which are valid. In the documented responses each property is also replaced by each other
/// type of value, for the tolerant client to deliver the rest. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Property {
    /// So many valid bodies, as many invalid ones, and a tenth as many requests to the mock
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    cases: usize,
    /// What is left to chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    output: Output,
}

impl Property {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let Self {
            cases,
            seed,
            output,
        } = self;
        let contract = Contract::bundled()?;
        let tally = property::run(&contract, cases, seed)?;
        let sent = runtime()?.block_on(property::send(&contract, cases / 10, seed))?;
        let cases = Case::all(&contract)?;
        let replaced = runtime()?.block_on(property::replace_all(&cases));
        let replaced = replaced.map_err(|error| format!("{error:?}"))?;
        let report = property::report(&tally, &sent, &replaced, seed);
        Ok(output.print(&report, report.findings.is_empty()))
    }
}

/// Inject faults of servers and networks into every operation
///
/// In text and Markdown rows are faults, columns operations, and a cell is the kind of error that a
/// caller gets, its status, and the attempts that were made. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Faults {
    #[command(flatten)]
    output: Output,
}

impl Faults {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let matrix = Runtime::new()?.block_on(faults::run(&contract, faults::table()))?;
        if matrix.cases() == 0 {
            return Err("there was no case to run".into());
        }
        let is_good = matrix.misses().is_empty();
        Ok(self.output.print(&matrix.report(), is_good))
    }
}
