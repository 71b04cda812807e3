//! The subcommands of the command: arguments in, output and exit code out.

pub(crate) mod concurrency;
pub(crate) mod coverage;
pub(crate) mod drift;
pub(crate) mod faults;
pub(crate) mod mock;
pub(crate) mod mutants;
pub(crate) mod property;
pub(crate) mod replay;
pub(crate) mod soak;

use std::error::Error;
use std::io::{self, Write};

use tokio::runtime::{Builder, Runtime};

use crate::CommandError;

/// Prints to standard output; a reader that has gone away is no failure.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Whom the output is for.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Json,
    Text,
}

impl Format {
    pub(crate) const NAMES: [(&str, Self); 2] = [("json", Self::Json), ("text", Self::Text)];
}

/// The value of an option that has to be one of these.
pub(crate) fn one_of<T: Copy>(
    option: &str,
    given: &str,
    known: &[(&str, T)],
) -> Result<T, CommandError> {
    let found = known.iter().find(|(name, _)| *name == given);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        CommandError(format!("no {option} {given:?}; there are: {names}"))
    })
}

/// A share of a hundred.
pub(crate) fn percent(given: &str) -> Result<f64, CommandError> {
    let share = given
        .parse()
        .ok()
        .filter(|share| (0.0..=100.0).contains(share));
    share.ok_or_else(|| CommandError(format!("{given:?} is no number from 0 to 100")))
}

/// Runs what a subcommand does.
pub(crate) fn block_on<T>(
    work: impl Future<Output = Result<T, Box<dyn Error + Send + Sync>>>,
) -> Result<T, CommandError> {
    let done = runtime()?.block_on(work);
    done.map_err(|error| CommandError(error.to_string()))
}

/// What runs the work of most subcommands.
pub(crate) fn runtime() -> Result<Runtime, CommandError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| CommandError(error.to_string()))
}
