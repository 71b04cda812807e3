//! Limits on a client: deadlines and timeouts, and the number of concurrent calls.

mod adaptive;
pub(crate) mod concurrency;
pub(crate) mod deadline;
pub(crate) mod limiter;
