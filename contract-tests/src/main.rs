//! `cargo contract`: checks of the contract, the generated client and recorded answers.

mod verbs;

use std::process::ExitCode;

use lexopt::{Arg, Parser};

const USAGE: &str = "\
Checks that contract, client and API agree.

Usage: cargo contract VERB ...

Verbs:
  admission               the bound on calls in flight, measured
  drift                   answers of the live service against the contract
  replay OPERATION FILE   what the client makes of a saved response

`cargo contract VERB --help` tells more.
Exits with 0 if all is well, 1 if there are findings, 2 if it could not run.
";

/// Why a verb could not run.
struct CouldNotRun(String);

fn main() -> ExitCode {
    match run(Parser::from_env()) {
        Ok(code) => code,
        Err(CouldNotRun(reason)) => {
            eprintln!("contract: {reason}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: Parser) -> Result<ExitCode, CouldNotRun> {
    match arguments.next()? {
        Some(Arg::Long("help") | Arg::Short('h')) => {
            verbs::print(USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Some(Arg::Value(verb)) if verb == "admission" => verbs::admission::run(arguments),
        Some(Arg::Value(verb)) if verb == "drift" => verbs::drift::run(arguments),
        Some(Arg::Value(verb)) if verb == "replay" => verbs::replay::run(arguments),
        Some(Arg::Value(verb)) => Err(CouldNotRun(format!(
            "no verb {verb:?}; there are: admission, drift, replay"
        ))),
        Some(other) => Err(other.unexpected().into()),
        None => Err(CouldNotRun(format!("a verb is missing\n\n{USAGE}"))),
    }
}

impl From<lexopt::Error> for CouldNotRun {
    fn from(error: lexopt::Error) -> Self {
        Self(format!("{error}; `--help` tells what there is"))
    }
}
