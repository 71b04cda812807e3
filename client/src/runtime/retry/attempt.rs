//! The report of one attempt of a call.

use std::time::Duration;

use crate::runtime::error::Error;

/// One attempt of a call that has come to its end, as a client's
/// [`on_attempt`](crate::runtime::ClientBuilder::on_attempt) is told of it.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    pub(crate) operation: &'static str,
    pub(crate) number: u32,
    pub(crate) elapsed: Duration,
    pub(crate) outcome: Result<(), &'a Error>,
    pub(crate) retry_in: Option<Duration>,
}

impl<'a> Attempt<'a> {
    /// The id of the operation called, as in the contract.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Which attempt of its call it was; the first is 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How long it took, with the wait for a place among the client's calls in flight. Of a stream or
    /// a download until it was open.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What went wrong; `None` if it succeeded.
    pub fn error(&self) -> Option<&'a Error> {
        self.outcome.err()
    }

    /// The pause before the next attempt; `None` if there is none.
    pub fn retry_in(&self) -> Option<Duration> {
        self.retry_in
    }
}

/// Tells of each attempt.
pub(crate) type OnAttempt = dyn Fn(&Attempt<'_>) + Send + Sync;
