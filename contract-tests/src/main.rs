//! `cargo contract`: checks of the contract, the generated client and the API.

mod commands;

use std::fmt::Write;
use std::process::ExitCode;

use lexopt::{Arg, Parser};

/// Its name, its arguments, what it does, and the function that does it.
type Command = (&'static str, &'static str, &'static str, Run);
type Run = fn(Parser) -> Result<ExitCode, CommandError>;

const COMMANDS: &[Command] = &[
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
        "property",
        "",
        "the client in front of bodies made from the contract",
        commands::property::run,
    ),
    (
        "mock",
        "",
        "a server that responds from the contract, for clients in any language",
        commands::mock::run,
    ),
    (
        "concurrency",
        "",
        "the bound on calls in flight, measured",
        commands::concurrency::run,
    ),
    (
        "drift",
        "",
        "responses of the live service against the contract",
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

/// Why a subcommand could not run.
struct CommandError(String);

fn main() -> ExitCode {
    match run(Parser::from_env()) {
        Ok(code) => code,
        Err(CommandError(reason)) => {
            eprintln!("contract: {reason}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: Parser) -> Result<ExitCode, CommandError> {
    match arguments.next()? {
        Some(Arg::Long("help") | Arg::Short('h')) => {
            commands::print(&usage());
            Ok(ExitCode::SUCCESS)
        }
        Some(Arg::Value(subcommand)) => {
            match COMMANDS.iter().find(|(name, ..)| subcommand == *name) {
                Some((.., run)) => run(arguments),
                None => {
                    let names: Vec<&str> = COMMANDS.iter().map(|(name, ..)| *name).collect();
                    let names = names.join(", ");
                    Err(CommandError(format!(
                        "no subcommand {subcommand:?}; there are: {names}"
                    )))
                }
            }
        }
        Some(other) => Err(other.unexpected().into()),
        None => Err(CommandError(format!(
            "a subcommand is missing\n\n{}",
            usage()
        ))),
    }
}

fn usage() -> String {
    let mut usage = "Checks that contract, client and API agree.\n\n\
                     Usage: cargo contract VERB ...\n\nVerbs:\n"
        .to_owned();
    for (name, arguments, about, _) in COMMANDS {
        let subcommand = format!("{name} {arguments}");
        let _ = writeln!(usage, "  {subcommand:<24}{about}");
    }
    usage.push_str(
        "\n`cargo contract VERB --help` tells more.\n\
         Exits with 0 if all is well, 1 if there are findings, 2 if it could not run, 4 without\n\
         network or credentials.\n",
    );
    usage
}

impl From<lexopt::Error> for CommandError {
    fn from(error: lexopt::Error) -> Self {
        Self(format!("{error}; `--help` tells what there is"))
    }
}
