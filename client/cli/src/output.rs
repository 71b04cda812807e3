//! Standard output, and messages on standard error.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write, stderr, stdout};

use console::{StyledObject, Term, style};

use crate::error::Failure;

/// Prints text at once: as it is, or on a terminal what can't control it.
pub fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let text = text.as_ref();
    if stdout().is_terminal() {
        return print_bytes(harmless(&String::from_utf8_lossy(text)).as_bytes());
    }
    print_bytes(text)
}

/// The same, and ends the last line.
pub fn print_lines(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let text = text.as_ref();
    print(text)?;
    match text.last() {
        None | Some(b'\n') => Ok(()),
        Some(_) => print_bytes(b"\n"),
    }
}

/// Prints bytes at once, as they are.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|problem| match problem.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::File(format!("standard output can't be written: {problem}")),
    })
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

/// Without what a terminal would obey: a model says what it likes.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if text.contains(obeyed) {
        return Cow::Owned(text.replace(obeyed, ""));
    }
    Cow::Borrowed(text)
}

/// Takes the line of a progress bar that is being shown.
fn say(label: StyledObject<&str>, text: &str) {
    let label = label.for_stderr();
    // Nobody can be told that nobody listens.
    if stderr().is_terminal() {
        let _ = Term::stderr().clear_line();
    }
    let _ = writeln!(stderr(), "{label} {}", harmless(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_left_out() {
        assert_eq!(
            harmless("a\tb\n\u{1b}[2Jc\u{9b}0m\r\u{7}ä"),
            "a\tb\n[2Jc0mä"
        );
        assert!(matches!(harmless("a\tb\nä"), Cow::Borrowed(_)));
    }
}
