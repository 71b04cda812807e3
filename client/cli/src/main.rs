//! `cometapi`: the API from the command line.

mod args;
mod chat;
mod error;
mod models;
mod output;
mod progress;
mod session;
mod speech;
mod table;
mod transcribe;

use std::panic::resume_unwind;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use tokio::runtime::Runtime;
use tokio::signal::ctrl_c;

use args::{Call, Cli, Command};
use error::CliError;
use transcribe::Task;

/// How long a read or write that blocks may hold up the end.
const GRACE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = Cli::parse();
    let outcome = match Runtime::new() {
        Ok(runtime) => {
            let outcome = runtime.block_on(unless_interrupted(arguments));
            // Drops what still runs, and so removes what it has begun to write.
            runtime.shutdown_timeout(GRACE);
            outcome
        }
        Err(problem) => Err(CliError::Unexpected(problem.to_string())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            failure.exit_code()
        }
    }
}

async fn unless_interrupted(arguments: Cli) -> Result<(), CliError> {
    // A task of its own: Ctrl-C counts also while it blocks.
    let running = tokio::spawn(run(arguments));
    tokio::select! {
        Ok(()) = ctrl_c() => Err(CliError::Interrupted),
        outcome = running => outcome.unwrap_or_else(|panic| resume_unwind(panic.into_panic())),
    }
}

async fn run(arguments: Cli) -> Result<(), CliError> {
    let call = match arguments.verb {
        Command::Call(call) => call,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "cometapi", &mut script);
            return Ok(output::print_bytes(&script)?);
        }
    };
    let connected = arguments.connection.open().await?;
    let client = &connected.client;
    match call {
        Call::Models(arguments) => models::run(client, arguments).await,
        Call::Chat(arguments) => chat::run(client, arguments).await,
        Call::Speak(arguments) => speech::run(client, arguments).await,
        Call::Transcribe(arguments) => transcribe::run(client, Task::Transcribe, arguments).await,
        Call::Translate(arguments) => transcribe::run(client, Task::Translate, arguments).await,
    }
}
