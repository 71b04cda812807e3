//! `contract replay`, run as a program.

mod formats;
mod outcomes;
mod streams;
mod usage;

use std::io::Write;
use std::process::{Command, Output, Stdio};

const CHAT: &str = "create_chat_completion";
const HELLO: &str =
    r#"{"model":"m","choices":[{"message":{"role":"assistant","content":"Hello."}}]}"#;
const UNKNOWN_MODEL: &str = r#"{"error":{"code":"model_not_found","message":"no available channel for group default and model sora-2-all (distributor) (request id: 20260205132859798638387SIHCnxzJ)","type":"comet_api_error"}}"#;

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

/// The one line that a run prints.
#[track_caller]
fn line(output: &Output) -> &str {
    let text = text(&output.stdout);
    let line = text.strip_suffix('\n').unwrap_or_default();
    assert!(!line.is_empty() && !line.contains('\n'), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    line
}
