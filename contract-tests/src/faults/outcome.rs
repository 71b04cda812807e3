//! What came of a case, as far as the table has a word for it.

use std::fmt;
use std::time::Duration;

use cometapi::{Error, ErrorKind};

/// What a caller got, and how many requests the server has seen for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A value.
    Success {
        /// How much of it.
        came: Payload,
        /// Requests on the wire.
        attempts: usize,
    },
    /// An error.
    Failure {
        /// What went wrong.
        kind: ErrorKind,
        /// The status, if a head arrived.
        status: Option<u16>,
        /// Whether the error says that another attempt may succeed.
        retryable: bool,
        /// What the response asks to wait.
        wait: RetryAfter,
        /// Requests on the wire.
        attempts: usize,
    },
    /// The client did not come to an end.
    Hung,
    /// The client panicked.
    Panicked(String),
}

/// How much of the documented value a caller got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The same as without a fault.
    Complete,
    /// The first half: HTTP gives no sign that there should be more.
    Partial,
    /// Bytes chunk by chunk for as long as the server went on, beyond every limit.
    Unbounded,
    /// Another value.
    Different,
}

/// How long the response asks to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// It doesn't say, or nothing usable.
    None,
    /// A time that the client waits.
    Within(Duration),
    /// A time that it doesn't.
    TooLong,
}

/// What the client waits at most for a response that asks it to.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Outcome {
    /// What an error says.
    pub(super) fn of_error(error: &Error, attempts: usize) -> Self {
        Self::Failure {
            kind: error.kind(),
            status: error.status().map(|status| status.as_u16()),
            retryable: error.is_retryable(),
            wait: match error.retry_after() {
                None => RetryAfter::None,
                Some(wait) if wait > LONGEST_WAIT => RetryAfter::TooLong,
                Some(wait) => RetryAfter::Within(wait),
            },
            attempts,
        }
    }
}

/// `server 503 ↻3`: kind, status, and the attempts where another may succeed. `{:#}` tells the wait
/// as well.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success { came, attempts } => {
                match came {
                    Payload::Complete => write!(f, "ok")?,
                    Payload::Partial => write!(f, "ok, half")?,
                    Payload::Unbounded => write!(f, "ok, endless")?,
                    Payload::Different => write!(f, "ok, another value")?,
                }
                if *attempts == 1 {
                    Ok(())
                } else {
                    write!(f, " after {attempts} attempts")
                }
            }
            Self::Failure {
                kind,
                status,
                retryable,
                wait,
                attempts,
            } => {
                write!(f, "{kind}")?;
                if let Some(status) = status {
                    write!(f, " {status}")?;
                }
                match (retryable, attempts) {
                    (true, attempts) => write!(f, " ↻{attempts}")?,
                    (false, 1) => (),
                    (false, attempts) => write!(f, " after {attempts} attempts")?,
                }
                match wait {
                    _ if !f.alternate() => Ok(()),
                    RetryAfter::None => write!(f, ", requests no wait"),
                    RetryAfter::Within(wait) => write!(f, ", asks to wait {wait:?}"),
                    RetryAfter::TooLong => write!(f, ", asks to wait too long"),
                }
            }
            Self::Hung => write!(f, "hung"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: Option<u16>, retryable: bool, attempts: usize) -> Outcome {
        Outcome::Failure {
            kind: ErrorKind::Server,
            status,
            retryable,
            wait: RetryAfter::TooLong,
            attempts,
        }
    }

    #[test]
    fn an_outcome_is_a_few_words() {
        let success = |came, attempts| Outcome::Success { came, attempts };
        for (outcome, words) in [
            (success(Payload::Complete, 1), "ok"),
            (success(Payload::Partial, 2), "ok, half after 2 attempts"),
            (failure(None, false, 1), "server"),
            (failure(Some(503), false, 2), "server 503 after 2 attempts"),
            (failure(Some(503), true, 3), "server 503 ↻3"),
            (Outcome::Hung, "hung"),
        ] {
            assert_eq!(outcome.to_string(), words);
        }
        let rendered = format!("{:#}", failure(Some(503), true, 1));
        assert_eq!(rendered, "server 503 ↻1, asks to wait too long");
    }
}
