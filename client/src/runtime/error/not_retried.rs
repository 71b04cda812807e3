//! The reason why a failed call was not retried.

use std::fmt;

/// Why a failed call was not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotRetried {
    /// Another attempt could not help, or might do harm: see [`Error::is_retryable`](crate::runtime::Error::is_retryable) and
    /// [`RetryPolicy::unprocessed_only`](crate::runtime::RetryPolicy::unprocessed_only).
    NotRetryable,
    /// All the attempts that [`RetryPolicy`](crate::runtime::RetryPolicy) allow have been made.
    AttemptsExhausted,
    /// The body is from a reader or stream, which can be read only once.
    BodyNotReplayable,
    /// The server asks to wait for longer than [`RetryPolicy::with_max_retry_after`](crate::runtime::RetryPolicy::with_max_retry_after) allows.
    RetryAfterTooLong,
    /// The pause would have ended after the call's deadline.
    DeadlineExceeded,
    /// So many attempts of this client and its clones have failed that they stopped trying again;
    /// see [`ClientBuilder::retry_budget`](crate::runtime::ClientBuilder::retry_budget).
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
