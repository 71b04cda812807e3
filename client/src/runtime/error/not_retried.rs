//! The reason why a failed call was not retried.

use std::fmt;

/// The reason why a failed call was not retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotRetried {
    /// The error is not retryable: see [`Error::is_retryable`](crate::runtime::Error::is_retryable) and
    /// [`RetryPolicy::unprocessed_only`](crate::runtime::RetryPolicy::unprocessed_only).
    NotRetryable,
    /// All attempts that the [`RetryPolicy`](crate::runtime::RetryPolicy) allows have failed.
    AttemptsExhausted,
    /// The request body comes from a reader or stream, which can be read only once.
    BodyNotReplayable,
    /// The server requests a longer wait than
    /// [`RetryPolicy::with_max_retry_after`](crate::runtime::RetryPolicy::with_max_retry_after) allows.
    RetryAfterTooLong,
    /// The pause would end after the call's deadline.
    DeadlineExceeded,
    /// The retry budget of the client and its clones is exhausted; see [`ClientBuilder::retry_budget`](crate::runtime::ClientBuilder::retry_budget).
    BudgetExhausted,
}

impl fmt::Display for NotRetried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotRetryable => "not retryable",
            Self::AttemptsExhausted => "all attempts failed",
            Self::BodyNotReplayable => "the request body can be read only once",
            Self::RetryAfterTooLong => "the server requests a longer wait than is allowed",
            Self::DeadlineExceeded => "too little time is left before the deadline",
            Self::BudgetExhausted => "retry budget exhausted",
        })
    }
}
