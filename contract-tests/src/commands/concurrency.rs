//! `cargo contract concurrency`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::concurrency::{self, MODES, TASKS};
use lexopt::{Arg, Parser, ValueExt};

use super::print;
use crate::CommandError;

const USAGE: &str = "\
Measures the client's bounds on calls in flight in front of a server that works on 8 requests at a
time and refuses others with 429: 200 tasks start at once.

Usage: cargo contract concurrency [--seeds N]

  --seeds N   repeat with the seeds 1 to N; 5 by default

Prints a table in Markdown. Nothing leaves this machine.
Exits with 0 if every task finished and the adaptive bound came within 10 % of the fixed one with
fewer 429s than without a bound, 1 if not.
";

/// The least share of the fixed bound's goodput that the adaptive one is to have.
const SHARE: f64 = 0.9;

pub(crate) fn run(mut arguments: Parser) -> Result<ExitCode, CommandError> {
    let mut seeds = 5_u64;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => {
                print(USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("seeds") => seeds = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    if seeds == 0 {
        return Err(CommandError("no seed is no measurement".to_owned()));
    }
    let contract = Contract::bundled().map_err(|error| CommandError(error.to_string()))?;
    let operation = contract.operation("create_chat_completion");
    let operation = operation.ok_or_else(|| CommandError("the contract has no chat".to_owned()))?;
    let mut runs = Vec::new();
    for seed in 1..=seeds {
        for mode in MODES {
            runs.push(concurrency::run(&operation, mode, seed).map_err(CommandError)?);
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
    let all = runs.chunks(MODES.len()).all(is_good);
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
