//! `cargo contract concurrency`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::concurrency::{self, MODES, TASKS};

use super::{Result, print};

/// Measure the client's concurrency limits
///
/// 200 tasks start at once in front of a server that works on 8 requests at a time and rejects others
/// with 429. Prints a table in Markdown. It is a finding if a task didn't finish, or if the adaptive
/// limit didn't come within 10 % of the fixed one with fewer 429s than without a limit. Nothing
/// leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Repeat with the seeds 1 to N
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
}

/// The least share of the fixed bound's goodput that the adaptive one is to have.
const SHARE: f64 = 0.9;

impl Args {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let operation = contract.operation("create_chat_completion");
        let operation = operation.ok_or("the contract has no chat")?;
        let mut runs = Vec::new();
        for seed in 1..=self.seeds {
            for mode in MODES {
                runs.push(concurrency::run(&operation, mode, seed)?);
            }
        }
        print(&concurrency::table(&runs));
        let is_good = |row: &[concurrency::Run]| {
            let [fixed, adaptive, off] = row else {
                return false;
            };
            row.iter().all(|run| run.finished == TASKS)
                && adaptive.refused < off.refused
                && adaptive.goodput() >= SHARE * fixed.goodput()
        };
        Ok(match runs.chunks(MODES.len()).all(is_good) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}
