//! `cargo xtask`: what is done to the contract and to the code generated from it.

mod emit;
mod finding;
mod generate;
mod ir;
mod lint;
mod lower;
mod output;
mod progenitor;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use cometapi_contract::Contract;
use lexopt::prelude::*;

const HELP: &str = "\
Looks after the contract and the code generated from it.

Usage: cargo xtask lint [--contract FILE]
       cargo xtask generate [--check] [--contract FILE --out DIR [--dispatch DIR] [--crate NAME]]

  lint      says what is wrong with the contract, with file, line and rule
  generate  makes the client's code from the contract, if lint finds nothing

  --check          writes nothing; says what is stale and how to fix it
  --contract FILE  another contract than openapi/cometapi.yaml
  --out DIR        another folder than client/src/generated
  --dispatch DIR   also generate the module that calls operations by id, for tests
  --crate NAME     what the crate is called there; its methods' documentation then has samples

Exit: 0 clean, 1 findings or stale code, 2 could not run.
";

/// What a run was requested.
#[derive(Debug)]
enum Command {
    Help,
    Lint,
    Generate(generate::Mode),
}

#[derive(Debug)]
struct Args {
    verb: Command,
    contract: Option<PathBuf>,
    out: Option<PathBuf>,
    dispatch: Option<PathBuf>,
    crate_name: Option<String>,
}

/// How a run ended that could run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunStatus {
    Clean,
    Findings,
}

fn main() -> ExitCode {
    match run() {
        Ok(RunStatus::Clean) => ExitCode::SUCCESS,
        Ok(RunStatus::Findings) => ExitCode::from(1),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
    }
}

/// A line of the report. Whoever stops reading it is no error.
fn print_line(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn run() -> Result<RunStatus, String> {
    let arguments = arguments().map_err(|error| format!("{error}\n\n{HELP}"))?;
    match arguments.verb {
        Command::Help => {
            print_line(HELP.trim_end());
            Ok(RunStatus::Clean)
        }
        Command::Lint => {
            let (contract, _) = contract(arguments.contract)?;
            let findings = lint::run(&contract).into_sorted();
            for finding in &findings {
                print_line(finding);
            }
            if !findings.is_empty() {
                print_line(format_args!("{} findings", findings.len()));
                return Ok(RunStatus::Findings);
            }
            print_line(format_args!("{}: no findings", contract.file().display()));
            Ok(RunStatus::Clean)
        }
        Command::Generate(mode) => {
            let (contract, scope) = contract(arguments.contract)?;
            let out = arguments.out.unwrap_or_else(output::shipped_folder);
            let dispatch = match scope {
                Scope::Shipped => Some(output::bundled_dispatch_folder()),
                Scope::Other => arguments.dispatch,
            };
            let shipped = (scope == Scope::Shipped).then_some(output::SHIPPED_CRATE);
            let target = generate::Target {
                folder: &out,
                dispatch: dispatch.as_deref(),
                crate_name: arguments.crate_name.as_deref().or(shipped),
            };
            generate::run(&contract, scope, target, mode)
        }
    }
}

/// Which contract is at hand: ours is expected to need every transform and every exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Shipped,
    Other,
}

fn contract(file: Option<PathBuf>) -> Result<(Contract, Scope), String> {
    let scope = match file {
        Some(_) => Scope::Other,
        None => Scope::Shipped,
    };
    let file = file.unwrap_or_else(|| output::relative(&Contract::bundled_path()));
    let contract = Contract::read(&file).map_err(|error| error.to_string())?;
    Ok((contract, scope))
}

fn arguments() -> Result<Args, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let mut verb = None;
    let mut check = false;
    let (mut contract, mut out, mut dispatch, mut crate_name) = (None, None, None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => verb = Some(Command::Help),
            Long("check") => check = true,
            Long("contract") => contract = Some(parser.value()?.into()),
            Long("out") => out = Some(parser.value()?.into()),
            Long("dispatch") => dispatch = Some(parser.value()?.into()),
            Long("crate") => crate_name = Some(parser.value()?.string()?),
            Value(name) if verb.is_none() => {
                verb = Some(match name.to_str() {
                    Some("lint") => Command::Lint,
                    Some("generate") => Command::Generate(generate::Mode::Write),
                    _ => return Err(format!("no subcommand {name:?}").into()),
                });
            }
            other => return Err(other.unexpected()),
        }
    }
    let mut verb = verb.ok_or("a subcommand is missing")?;
    match (&mut verb, check) {
        (Command::Generate(mode), true) => *mode = generate::Mode::Check,
        (Command::Lint, true) => return Err("--check goes with generate".into()),
        _ => {}
    }
    match (&verb, &contract, &out) {
        (Command::Lint, _, Some(_)) => return Err("--out goes with generate".into()),
        (Command::Generate(_), Some(_), None) | (Command::Generate(_), None, Some(_)) => {
            return Err("--contract and --out go together".into());
        }
        _ if crate_name.is_some() && out.is_none() => return Err("--crate goes with --out".into()),
        _ if dispatch.is_some() && out.is_none() => {
            return Err("--dispatch goes with --out".into());
        }
        _ => {}
    }
    Ok(Args {
        verb,
        contract,
        out,
        dispatch,
        crate_name,
    })
}
