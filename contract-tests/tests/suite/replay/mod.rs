//! `contract replay`, run as a program.

mod formats;
mod outcomes;
mod streams;
mod usage;

use std::process::Output;

use crate::support::program::{contract, text};

const CHAT: &str = "create_chat_completion";
const HELLO: &str =
    r#"{"model":"m","choices":[{"message":{"role":"assistant","content":"Hello."}}]}"#;
const UNKNOWN_MODEL: &str = r#"{"error":{"code":"model_not_found","message":"no available channel for group default and model sora-2-all (distributor) (request id: 20260205132859798638387SIHCnxzJ)","type":"comet_api_error"}}"#;

/// The one line that a run prints.
#[track_caller]
fn line(output: &Output) -> &str {
    let text = text(&output.stdout);
    let line = text.strip_suffix('\n').unwrap_or_default();
    assert!(!line.is_empty() && !line.contains('\n'), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    line
}
