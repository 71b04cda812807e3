//! `cargo contract property`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::property;
use contract_tests::report::{Colours, Format};
use lexopt::{Arg, Parser, ValueExt};

use super::{one_of, print, runtime};
use crate::CommandError;

const USAGE: &str = "\
Makes bodies from the contract's schemas, half of them invalid, and tells what the client makes of
them. A JSON Schema validator says which are valid.

Usage: cargo contract property [OPTIONS]

  --cases N   so many valid bodies, as many invalid ones, and a tenth as many requests to the mock;
              10000 by default
  --seed N    what is left to chance; 0 by default
  --format    text (default), json, junit, github or markdown

Exits with 0 if all is as it should be, 1 if there are findings, 2 if it could not run.
";

pub(crate) fn run(mut arguments: Parser) -> Result<ExitCode, CommandError> {
    let (mut cases, mut seed, mut format) = (10_000, 0, Format::Text);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => {
                print(USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("cases") => cases = arguments.value()?.parse()?,
            Arg::Long("seed") => seed = arguments.value()?.parse()?,
            Arg::Long("format") => {
                format = one_of("format", &arguments.value()?.string()?, &Format::NAMES)?;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let contract = Contract::bundled().map_err(|error| CommandError(error.to_string()))?;
    let runtime = runtime()?;
    let tally = property::run(&contract, cases, seed).map_err(CommandError)?;
    let sent = runtime.block_on(property::send(&contract, cases / 10, seed));
    let sent = sent.map_err(CommandError)?;
    match format {
        Format::Text => print(&format!("{}seed {seed}\n", property::text(&tally, &sent))),
        Format::Json => print(&format!("{}\n", property::json(&tally, &sent))),
        other => print(&property::report(&tally, &sent).render(other, Colours::Off)),
    }
    Ok(
        match tally.findings.is_empty() && sent.findings.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        },
    )
}
