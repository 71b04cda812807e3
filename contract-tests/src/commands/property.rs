//! `cargo contract property`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::cases::Case;
use contract_tests::property;

use super::{Output, Result, runtime};

/// Generate bodies from the contract's schemas, half of them invalid, for the client to decode
///
/// A JSON Schema validator says which are valid. In the documented responses each property is also replaced by each other
/// type of value, for the tolerant client to deliver the rest. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// So many valid bodies, as many invalid ones, and a tenth as many requests to the mock
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    cases: usize,
    /// What is left to chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    output: Output,
}

impl Args {
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
