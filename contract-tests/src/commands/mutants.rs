//! `cargo contract mutants`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::mutants::{self, Mutant};

use super::{Output, Result, percent};

/// As many as the machines have that this runs on.
const WORKERS: usize = 2;

/// Show which changes of the API no case would detect
///
/// The contract is changed one thing at a time. The mock responds from the changed one, and the
/// unchanged client meets it with the unchanged cases: a mutant is caught if one of them fails.
/// One that is missed without a known reason is a finding. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many of the mutants have to be caught
    #[arg(long, value_name = "PERCENT", default_value = "95", value_parser = percent)]
    min: f64,
    #[command(flatten)]
    output: Output,
}

impl Args {
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
