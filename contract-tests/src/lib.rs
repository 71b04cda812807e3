//! What proves that contract, client and API agree: the parts shared by the tests and the
//! `contract` command.

pub mod cases;
pub mod chunking;
pub mod collect;
pub mod compatibility;
pub mod coverage;
// Generated and formatted by `cargo xtask generate`.
#[rustfmt::skip]
pub mod dispatch;
pub mod drift;
pub mod faults;
pub mod mutants;
pub mod normalize;
pub mod operation_input;
pub mod outcome_json;
pub mod property;
pub mod random;
pub mod replay;
pub mod request;
pub mod schema;
pub mod server;
pub mod soak;
pub mod test_client;

pub use contract_report as report;

/// Says what can't be checked on this machine.
///
/// # Panics
///
/// If `CI` is set: there nothing may be left out and still be green.
pub fn skip(what: &str) {
    eprintln!("skipped: {what}");
    let is_ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
    assert!(!is_ci, "nothing may be skipped in CI: {what}");
}
