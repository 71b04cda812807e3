//! `cargo contract faults`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::faults;
use tokio::runtime::Runtime;

use super::{Output, Result};

/// Inject faults of servers and networks into every operation
///
/// In text and Markdown rows are faults, columns operations, and a cell is the kind of error that a
/// caller gets, its status, and the attempts that were made. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    output: Output,
}

impl Args {
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
