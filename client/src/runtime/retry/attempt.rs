//! The report of one attempt of a call.

use std::time::Duration;

use crate::runtime::error::Error;

/// A finished attempt of a call, as passed to the callback of
/// [`on_attempt`](crate::runtime::ClientBuilder::on_attempt).
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    pub(crate) operation: &'static str,
    pub(crate) number: u32,
    pub(crate) elapsed: Duration,
    pub(crate) outcome: Result<(), &'a Error>,
    pub(crate) retry_in: Option<Duration>,
}

impl<'a> Attempt<'a> {
    /// Returns the id of the called operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the number of the attempt, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns how long the attempt took, including the wait for a concurrency permit. For a stream or a download
    /// it ends when it is opened.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the error; `None` if the attempt succeeded.
    pub fn error(&self) -> Option<&'a Error> {
        self.outcome.err()
    }

    /// Returns the pause before the next attempt; `None` if there is no next attempt.
    pub fn retry_in(&self) -> Option<Duration> {
        self.retry_in
    }
}

/// The callback that runs after each attempt.
pub(crate) type OnAttempt = dyn Fn(&Attempt<'_>) + Send + Sync;
