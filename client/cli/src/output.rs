//! Standard output, and messages on standard error.

use std::io::{self, IsTerminal, Write, stderr, stdout};

use cometapi::sanitize_for_terminal;
use console::{StyledObject, Term, style};

/// Prints text at once: as it is, or on a terminal what can't control it.
pub fn print(text: impl AsRef<[u8]>) -> io::Result<()> {
    let text = text.as_ref();
    if stdout().is_terminal() {
        return print_bytes(sanitize_for_terminal(&String::from_utf8_lossy(text)).as_bytes());
    }
    print_bytes(text)
}

/// The same, and ends the last line.
pub fn print_lines(text: impl AsRef<[u8]>) -> io::Result<()> {
    let text = text.as_ref();
    print(text)?;
    match text.last() {
        None | Some(b'\n') => Ok(()),
        Some(_) => print_bytes(b"\n"),
    }
}

/// Prints bytes at once, as they are.
pub fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush())
}

pub fn note(text: &str) {
    say(style("note:").cyan().bold(), text);
}

pub fn error(text: &str) {
    say(style("error:").red().bold(), text);
}

/// A line below an error.
pub fn help(text: &str) {
    say(style(" "), text);
}

/// Takes the line of a progress bar that is being shown.
fn say(label: StyledObject<&str>, text: &str) {
    let label = label.for_stderr();
    // No one can be told that no one listens.
    if stderr().is_terminal() {
        let _ = Term::stderr().clear_line();
    }
    let _ = writeln!(stderr(), "{label} {}", sanitize_for_terminal(text));
}
