//! `cargo xtask`: checks the contract and generates code from it.

mod diff;
mod emit;
mod finding;
mod generate;
mod ir;
mod lint;
mod lower;
mod origin;
mod output;
mod progenitor;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use cometapi_contract::Contract;

use crate::origin::ContractOrigin;
use crate::report::{RunStatus, print_line};

/// Checks the contract, generates the client's code from it, and compares it with another.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Exit codes: 0 clean, 1 findings, outdated code or a version that is too low, 2 could not run."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Report what is wrong with the contract, with file, line and rule.
    Lint {
        /// Another contract than openapi/cometapi.yaml.
        #[arg(long, value_name = "FILE")]
        contract: Option<PathBuf>,
    },
    /// Generate the client's code from the contract, if lint finds nothing.
    Generate(GenerateArgs),
    /// Say what a change of the contract does to running programs, to Rust callers and to the version.
    Diff(diff::DiffArgs),
}

#[derive(Debug, Args)]
struct GenerateArgs {
    /// Write nothing; report outdated files, and the command that updates them.
    #[arg(long)]
    check: bool,
    /// Another contract than openapi/cometapi.yaml.
    #[arg(long, value_name = "FILE", requires = "out")]
    contract: Option<PathBuf>,
    /// Another folder than client/src/generated.
    #[arg(long, value_name = "DIR", requires = "contract")]
    out: Option<PathBuf>,
    /// Also generate the module that calls operations by id, for tests.
    #[arg(long, value_name = "DIR", requires = "out")]
    dispatch: Option<PathBuf>,
    /// Name of the crate that the code is for; the documentation of its methods then has examples.
    #[arg(long = "crate", value_name = "NAME", requires = "out")]
    crate_name: Option<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(RunStatus::Clean) => ExitCode::SUCCESS,
        Ok(RunStatus::Findings) => ExitCode::from(1),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<RunStatus, String> {
    match command {
        Command::Lint { contract } => {
            let (contract, _) = read_contract(contract)?;
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
        Command::Diff(args) => diff::run(args),
        Command::Generate(args) => {
            let (contract, origin) = read_contract(args.contract)?;
            let out = args.out.unwrap_or_else(output::bundled_folder);
            let dispatch = match origin {
                ContractOrigin::Bundled => Some(output::bundled_dispatch_folder()),
                ContractOrigin::External => args.dispatch,
            };
            let bundled = (origin == ContractOrigin::Bundled).then_some(output::BUNDLED_CRATE);
            let target = generate::Target {
                folder: &out,
                dispatch: dispatch.as_deref(),
                crate_name: args.crate_name.as_deref().or(bundled),
            };
            let mode = match args.check {
                true => generate::Mode::Check,
                false => generate::Mode::Write,
            };
            generate::run(&contract, origin, target, mode)
        }
    }
}

fn read_contract(file: Option<PathBuf>) -> Result<(Contract, ContractOrigin), String> {
    let origin = match file {
        Some(_) => ContractOrigin::External,
        None => ContractOrigin::Bundled,
    };
    let file = file.unwrap_or_else(|| output::relative(&Contract::bundled_path()));
    let contract = Contract::read(&file).map_err(|error| error.to_string())?;
    Ok((contract, origin))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
