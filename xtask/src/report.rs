//! What a run prints, and how it ends.

use std::fmt::Display;
use std::io::{self, Write};

/// The result of a run without an error of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    Clean,
    Findings,
}

/// Prints a line of the report. A closed pipe is no error.
pub fn print_line(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
