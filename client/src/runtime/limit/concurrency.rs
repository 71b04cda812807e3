//! The setting for the number of concurrent calls.

/// The maximum number of concurrent calls of a client and all its clones.
///
/// A call counts from sending its request until its response was read; a stream or a download until it
/// ended or was dropped. A call that waits before a retry doesn't count. Calls beyond the limit wait in
/// FIFO order until their deadline.
///
/// ```
/// use cometapi::{Client, ConcurrencyLimit};
///
/// let client = Client::builder().concurrency_limit(ConcurrencyLimit::fixed(8)).build()?;
/// # Ok::<(), cometapi::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimit(pub(super) Limit);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Adaptive,
    Fixed(usize),
    Unlimited,
}

impl ConcurrencyLimit {
    /// Returns a limit that adapts to the server's rate limit (additive increase, multiplicative
    /// decrease). The default.
    ///
    /// There is no limit until the server responds with 429. Each 429 halves the number of concurrent
    /// calls. Successes raise the limit again: fast up to the number of calls in flight when the server
    /// refused, from there by one at a time, and less often each time the server refuses the one more.
    ///
    /// If streams and downloads hold all permits, one other call at a time is let through, so that a task
    /// which calls again while it reads a stream doesn't wait for itself.
    pub const fn adaptive() -> Self {
        Self(Limit::Adaptive)
    }

    /// Returns a limit of this many calls; 0 counts as 1. A task that holds a stream open and calls again
    /// needs a permit for each.
    pub const fn fixed(calls: usize) -> Self {
        Self(Limit::Fixed(calls))
    }

    /// Returns no limit.
    pub const fn unlimited() -> Self {
        Self(Limit::Unlimited)
    }
}

impl Default for ConcurrencyLimit {
    fn default() -> Self {
        Self::adaptive()
    }
}
