//! `cargo contract coverage`.

use std::process::ExitCode;
use std::time::Duration;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use contract_tests::coverage::Coverage;
use contract_tests::report::{Colours, Format};
use lexopt::{Arg, Parser, ValueExt};

use super::{block_on, one_of, percent, print};
use crate::CommandError;

const USAGE: &str = "\
Tells how much of the contract the cases exercise.

Usage: cargo contract coverage [OPTIONS]

  --min PERCENT  how much has to be exercised, 100 by default
  --format       text (default), json, junit, github, markdown

The cases come from the contract's examples. They are played to the generated client by the mock;
what counts is recorded while they run, and only from cases whose outcome is the accepted one.
Nothing leaves this machine.

Exits with 0 if enough is exercised, 1 if not, 2 if nothing could be measured.
";

pub(crate) fn run(mut arguments: Parser) -> Result<ExitCode, CommandError> {
    let (mut min, mut format) = (100.0, Format::Text);
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
    let coverage = block_on(async {
        let mock = Mock::builder().pause(Duration::ZERO).start().await?;
        Coverage::of(&contract, &mock.url()).await
    })?;
    if coverage.is_empty() {
        return Err(CommandError("there is nothing to exercise".to_owned()));
    }
    print(&coverage.report().render(format, Colours::of_output()));
    Ok(match coverage.share() * 100.0 >= min {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
