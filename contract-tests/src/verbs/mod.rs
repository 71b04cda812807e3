//! The verbs of the command: arguments in, output and exit code out.

pub(crate) mod admission;
pub(crate) mod drift;
pub(crate) mod replay;

use std::io::{self, Write};

/// Prints to standard output; a reader that has gone away is no failure.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
