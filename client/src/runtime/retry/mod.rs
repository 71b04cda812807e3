//! The retry decision: policy, budget, and the report of an attempt. The loop is in `execute`.

pub(crate) mod attempt;
pub(crate) mod budget;
pub(crate) mod policy;
