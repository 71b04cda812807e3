//! `cargo contract coverage`.

use std::process::ExitCode;
use std::time::Duration;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use contract_tests::coverage::Coverage;

use super::{Output, Result, percent, runtime};

/// Show what of the contract no case exercises
///
/// The cases come from the contract's examples. They are played to the generated client by the
/// mock; what counts is recorded while they run, and only from cases whose outcome is the approved
/// one. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How much has to be exercised
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = percent)]
    min: f64,
    #[command(flatten)]
    output: Output,
}

impl Args {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let coverage = runtime()?.block_on(async {
            let mock = Mock::builder().pause(Duration::ZERO).start().await?;
            Coverage::of(&contract, &mock.url()).await
        })?;
        if coverage.is_empty() {
            return Err("there is nothing to exercise".into());
        }
        let is_good = coverage.share() * 100.0 >= self.min;
        Ok(self.output.print(&coverage.report(), is_good))
    }
}
