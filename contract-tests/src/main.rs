//! `cargo contract`: checks of the contract, the generated client and the API.

mod commands;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use commands::{Result, checks, print};

/// Checks that contract, client and API agree.
#[derive(Debug, Parser)]
#[command(
    name = "contract",
    bin_name = "cargo contract",
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 all is well, 1 findings, 2 could not run, 4 without network or credentials."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Coverage(checks::Coverage),
    Mutants(checks::Mutants),
    Property(checks::Property),
    Faults(checks::Faults),
    Diff(commands::diff::Args),
    Drift(commands::drift::Args),
    Replay(commands::replay::Args),
    Soak(commands::soak::Args),
    Mock(commands::mock::Args),
    /// Print the completions of a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// The subcommands as the help groups them.
const GROUPS: [(&str, &[&str]); 2] = [
    (
        "Checks",
        &[
            "coverage", "mutants", "diff", "property", "faults", "drift", "replay", "soak",
        ],
    ),
    ("Tools", &["mock", "completions"]),
];

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("contract: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode> {
    let matches = command().get_matches();
    match Cli::from_arg_matches(&matches)?.command {
        Command::Coverage(args) => args.run(),
        Command::Mutants(args) => args.run(),
        Command::Property(args) => args.run(),
        Command::Faults(args) => args.run(),
        Command::Diff(args) => args.run(),
        Command::Drift(args) => args.run(),
        Command::Replay(args) => args.run(),
        Command::Soak(args) => args.run(),
        Command::Mock(args) => args.run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "contract", &mut script);
            print(&String::from_utf8(script)?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The command line, with its subcommands in groups, which clap has no setting for.
fn command() -> clap::Command {
    let command = Cli::command();
    let mut help = "{about}\n\n{usage-heading} {usage}\n".to_owned();
    for (title, names) in GROUPS {
        help.push_str(&format!("\n{title}:\n"));
        for name in names {
            let about = command
                .find_subcommand(name)
                .and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            help.push_str(&format!("  {name:<13}{about}\n"));
        }
    }
    command.help_template(help + "\nOptions:\n{options}{after-help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_subcommand_once() {
        let command = Cli::command();
        let mut names: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let mut listed: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        names.sort_unstable();
        listed.sort_unstable();
        assert_eq!(names, listed);
        self::command().debug_assert();
    }
}
