//! `cargo contract mutants`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::mutants::{self, Mutant};
use contract_tests::report::{Colours, Format};
use lexopt::{Arg, Parser, ValueExt};

use super::{one_of, percent, print};
use crate::CommandError;

/// As many as the machines have that this runs on.
const WORKERS: usize = 2;

const USAGE: &str = "\
Tells whether the cases would notice if the API weren't what the contract says.

Usage: cargo contract mutants [OPTIONS]

  --min PERCENT  how many of the mutants have to be caught, 95 by default
  --format       text (default), json, junit, github, markdown

The contract is changed one thing at a time. The mock responds from the changed one, and the
unchanged client meets it with the unchanged cases: a mutant is caught if one of them fails.
Nothing leaves this machine.

Exits with 0 if enough are caught, 1 if not, 2 if there was nothing to catch.
";

pub(crate) fn run(mut arguments: Parser) -> Result<ExitCode, CommandError> {
    let (mut min, mut format) = (95.0, Format::Text);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => {
                print(USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("min") => min = percent(&arguments.value()?.string()?)?,
            Arg::Long("format") => {
                format = one_of("format", &arguments.value()?.string()?, &Format::NAMES)?;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let contract = Contract::bundled().map_err(|error| CommandError(error.to_string()))?;
    let score = mutants::run(&contract, Mutant::all(&contract), WORKERS);
    let score = score.map_err(|error| CommandError(error.to_string()))?;
    if score.fates().is_empty() {
        return Err(CommandError(
            "the contract has nothing to change".to_owned(),
        ));
    }
    print(&score.report().render(format, Colours::of_output()));
    Ok(match score.share() * 100.0 >= min {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
