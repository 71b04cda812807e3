//! `cargo contract faults`.

use std::process::ExitCode;

use cometapi_contract::Contract;
use contract_tests::faults::{self, Matrix};
use contract_tests::report::{Colours, Format};
use lexopt::{Arg, Parser, ValueExt};

use super::{one_of, print};
use crate::CommandError;

const USAGE: &str = "\
Puts the generated client before a server that goes wrong, in every way and for every operation.

Usage: cargo contract faults [OPTIONS]

  --format    text (default), json, junit, github or markdown; in text and Markdown rows are faults,
              columns operations, and a cell is the kind of error that a caller gets, its status, and
              the attempts that were made

Nothing leaves this machine.

Exits with 0 if every case came out as the table of faults says, 1 with a list of those that didn't,
2 if it could not run.
";

pub(crate) fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let Some(form) = form(arguments)? else {
        print(USAGE);
        return Ok(ExitCode::SUCCESS);
    };
    let contract = Contract::bundled().map_err(|error| CommandError(error.to_string()))?;
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| CommandError(error.to_string()))?;
    let matrix = runtime.block_on(faults::run(&contract, faults::table()));
    let matrix = matrix.map_err(CommandError)?;
    if matrix.cases() == 0 {
        return Err(CommandError("there was no case to run".to_owned()));
    }
    print(&form(&matrix));
    Ok(match matrix.misses().is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

type Form = fn(&Matrix) -> String;

/// None if help is requested.
fn form(mut arguments: Parser) -> Result<Option<Form>, CommandError> {
    let known: [(&str, Form); 5] = [
        ("text", Matrix::text),
        ("json", |matrix| format!("{}\n", matrix.json())),
        ("junit", |matrix| {
            matrix.report().render(Format::Junit, Colours::Off)
        }),
        ("github", |matrix| {
            matrix.report().render(Format::Github, Colours::Off)
        }),
        ("markdown", Matrix::markdown),
    ];
    let mut form = known[0].1;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Long("format") => form = one_of("format", &arguments.value()?.string()?, &known)?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(form))
}
