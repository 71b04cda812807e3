//! `cargo contract`, run as a program.

use std::io::Write;
use std::process::{Command, Output, Stdio};

pub(crate) fn contract(arguments: &[&str], input: &[u8]) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_contract"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What refuses its arguments reads no input.
    let _ = process.stdin.take().unwrap().write_all(input);
    process.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Asserts that a command could not run, and what it says about it.
#[track_caller]
pub(crate) fn assert_cannot_run(arguments: &[&str], input: &[u8], reason: &str) {
    let output = contract(arguments, input);
    let message = text(&output.stderr);
    assert!(
        message.contains(reason),
        "{reason:?} is missing in {message:?}"
    );
    assert!(output.stdout.is_empty(), "{output:?}");
    assert_eq!(output.status.code(), Some(2), "{message}");
}
