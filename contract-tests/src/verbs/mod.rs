//! The verbs of the command: arguments in, output and exit code out.

pub(crate) mod admission;
pub(crate) mod drift;
pub(crate) mod faults;
pub(crate) mod generated;
pub(crate) mod mock;
pub(crate) mod replay;

use std::io::{self, Write};

use crate::CouldNotRun;

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
) -> Result<T, CouldNotRun> {
    let found = known.iter().find(|(name, _)| *name == given);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        CouldNotRun(format!("no {option} {given:?}; there are: {names}"))
    })
}
