//! `cargo contract`: checks of the contract, the generated client and the API.

mod commands;

use std::fmt::Write;
use std::process::ExitCode;

use lexopt::{Arg, Parser};

/// Its name, its arguments, what it does, and the function that does it.
type Verb = (&'static str, &'static str, &'static str, Run);
type Run = fn(Parser) -> Result<ExitCode, CouldNotRun>;

const VERBS: &[Verb] = &[
    (
        "soak",
        "",
        "the client under load, in front of a server that fails",
        commands::soak::run,
    ),
    (
        "coverage",
        "",
        "what of the contract no case shows",
        commands::coverage::run,
    ),
    (
        "mutants",
        "",
        "which changes of the API no case would notice",
        commands::mutants::run,
    ),
    (
        "generated",
        "",
        "the client in front of bodies made from the contract",
        commands::property::run,
    ),
    (
        "mock",
        "",
        "a server that answers from the contract, for clients in any language",
        commands::mock::run,
    ),
    (
        "admission",
        "",
        "the bound on calls in flight, measured",
        commands::concurrency::run,
    ),
    (
        "drift",
        "",
        "answers of the live service against the contract",
        commands::drift::run,
    ),
    (
        "faults",
        "",
        "what the client makes of a server that goes wrong",
        commands::faults::run,
    ),
    (
        "replay",
        "OPERATION FILE",
        "what the client makes of a saved response",
        commands::replay::run,
    ),
];

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
            commands::print(&usage());
            Ok(ExitCode::SUCCESS)
        }
        Some(Arg::Value(verb)) => match VERBS.iter().find(|(name, ..)| verb == *name) {
            Some((.., run)) => run(arguments),
            None => {
                let names: Vec<&str> = VERBS.iter().map(|(name, ..)| *name).collect();
                let names = names.join(", ");
                Err(CouldNotRun(format!("no verb {verb:?}; there are: {names}")))
            }
        },
        Some(other) => Err(other.unexpected().into()),
        None => Err(CouldNotRun(format!("a verb is missing\n\n{}", usage()))),
    }
}

fn usage() -> String {
    let mut usage = "Checks that contract, client and API agree.\n\n\
                     Usage: cargo contract VERB ...\n\nVerbs:\n"
        .to_owned();
    for (name, arguments, about, _) in VERBS {
        let verb = format!("{name} {arguments}");
        let _ = writeln!(usage, "  {verb:<24}{about}");
    }
    usage.push_str(
        "\n`cargo contract VERB --help` tells more.\n\
         Exits with 0 if all is well, 1 if there are findings, 2 if it could not run, 4 without\n\
         network or credentials.\n",
    );
    usage
}

impl From<lexopt::Error> for CouldNotRun {
    fn from(error: lexopt::Error) -> Self {
        Self(format!("{error}; `--help` tells what there is"))
    }
}
