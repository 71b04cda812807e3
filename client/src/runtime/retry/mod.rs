//! The retry policy with its decision, the retry budget, and the report of an attempt. `execute/attempts.rs` combines them.

pub(crate) mod attempt;
pub(crate) mod budget;
pub(crate) mod policy;
