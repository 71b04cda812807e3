//! What proves that contract, client and API agree: the parts shared by the tests and the
//! `contract` command.

pub mod cases;
pub mod chunking;
pub mod collect;
pub mod concurrency;
pub mod coverage;
// Generated and formatted by `cargo xtask generate`.
#[rustfmt::skip]
pub mod dispatch;
pub mod drift;
pub mod faults;
pub mod multipart;
pub mod mutants;
pub mod normalize;
pub mod operation_input;
pub mod outcome_json;
pub mod property;
pub mod random;
pub mod replay;
pub mod report;
pub mod request;
pub mod schema;
pub mod server;
pub mod soak;
pub mod stream_text;
pub mod test_client;
