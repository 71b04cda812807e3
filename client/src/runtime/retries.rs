//! Whether a failed attempt is followed by another, and after what pause.

use std::fmt;
use std::time::Duration;

use super::{Error, Kind, defaults};

/// How often a call is tried, and how long it pauses in between.
///
/// Another attempt is made if [`Error::is_retryable`] says that it may help, the body can be sent
/// again, and the pause ends before the call's deadline. The pause is random between zero and a
/// bound that doubles with each attempt, so that many callers don't come back at once; a server that
/// says how long to wait is never asked sooner. Once a stream or a download is open, nothing is
/// tried again.
///
/// A server that fails while it works on a request (500, 503 and the like) may bill that attempt as
/// well as the next. The API's documentation advises to try again all the same, and so it is done;
/// [`only_unprocessed`](Retries::only_unprocessed) and [`none`](Retries::none) are for those who
/// would rather not.
///
/// ```
/// use std::time::Duration;
/// use cometapi::Retries;
///
/// let patient = Retries::default()
///     .with_attempts(8)
///     .with_backoff(Duration::from_millis(250), Duration::from_secs(60));
/// let client = cometapi::Client::builder().retries(patient).build()?;
/// let call = client.list_catalog_models().with_retries(Retries::none());
/// # Ok::<(), cometapi::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries {
    attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
    retried: Retried,
}

/// Which failures are worth another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retried {
    Retryable,
    Unprocessed,
}

/// Why a failed call was not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GaveUp {
    /// Another attempt could not help, or might do harm: see [`Error::is_retryable`] and
    /// [`Retries::only_unprocessed`].
    NotRetryable,
    /// All the attempts that [`Retries`] allow have been made.
    Attempts,
    /// The body is from a reader or stream, which can be read only once.
    Body,
    /// The server asks to wait for longer than [`Retries::with_max_retry_after`] allows.
    RetryAfter,
    /// The pause would have ended after the call's deadline.
    Deadline,
    /// So many attempts of this client and its clones have failed that they stopped trying again;
    /// see [`ClientBuilder::retry_budget`](super::ClientBuilder::retry_budget).
    Budget,
}

/// What the decision is made from, once an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    /// Attempts made so far.
    pub(super) attempts: u32,
    pub(super) is_retryable: bool,
    /// Whether it is certain that the server has not worked on the request.
    pub(super) is_unprocessed: bool,
    pub(super) is_repeatable: bool,
    pub(super) retry_after: Option<Duration>,
    /// Until the deadline; `None` if there is none.
    pub(super) time_left: Option<Duration>,
}

impl Retries {
    /// One attempt and no more.
    pub const fn none() -> Self {
        Self::standard().with_attempts(1)
    }

    /// How many attempts are made at most, the first included; 0 counts as 1. Default:
    /// [`defaults::ATTEMPTS`].
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The bound of the first pause, which doubles from pause to pause, and how large it can become.
    /// Default: [`defaults::INITIAL_BACKOFF`] and [`defaults::MAX_BACKOFF`].
    pub const fn with_backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }

    /// The longest wait that a server may ask for. If it asks for more, the call fails at once, and
    /// [`Error::retry_after`] tells for how long. Default: [`defaults::MAX_RETRY_AFTER`].
    pub const fn with_max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Tries again only what the server has certainly not worked on: if there was no connection, and
    /// if it refused for its rate limit (429). Nothing can be billed twice then.
    pub const fn only_unprocessed(mut self) -> Self {
        self.retried = Retried::Unprocessed;
        self
    }

    const fn standard() -> Self {
        Self {
            attempts: defaults::ATTEMPTS,
            initial_backoff: defaults::INITIAL_BACKOFF,
            max_backoff: defaults::MAX_BACKOFF,
            max_retry_after: defaults::MAX_RETRY_AFTER,
            retried: Retried::Retryable,
        }
    }

    /// The pause before the next attempt, or why there is none. `random` is at least 0 and below 1.
    pub(super) fn decide(&self, failure: &Failure, random: f64) -> Result<Duration, GaveUp> {
        let is_retried = match self.retried {
            Retried::Retryable => failure.is_retryable,
            Retried::Unprocessed => failure.is_retryable && failure.is_unprocessed,
        };
        if failure.time_left == Some(Duration::ZERO) {
            return Err(GaveUp::Deadline);
        }
        if !is_retried {
            return Err(GaveUp::NotRetryable);
        }
        if failure.attempts >= self.attempts {
            return Err(GaveUp::Attempts);
        }
        if !failure.is_repeatable {
            return Err(GaveUp::Body);
        }
        let pause = match failure.retry_after {
            Some(wait) if wait > self.max_retry_after => return Err(GaveUp::RetryAfter),
            // The same wait for everybody would bring them all back at the same moment.
            Some(wait) => wait.saturating_add(fraction(self.bound(1), random)),
            None => fraction(self.bound(failure.attempts), random),
        };
        match failure.time_left {
            Some(left) if pause >= left => Err(GaveUp::Deadline),
            _ => Ok(pause),
        }
    }

    /// What the pause after this many attempts is below.
    fn bound(&self, attempts: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let bound = self.initial_backoff.saturating_mul(factor);
        bound.min(self.max_backoff)
    }
}

/// The float of a bound near the largest duration may be above it.
fn fraction(bound: Duration, random: f64) -> Duration {
    Duration::try_from_secs_f64(bound.as_secs_f64() * random).unwrap_or(bound)
}

impl Default for Retries {
    fn default() -> Self {
        Self::standard()
    }
}

impl Failure {
    pub(super) fn new(
        error: &Error,
        attempts: u32,
        is_repeatable: bool,
        time_left: Option<Duration>,
    ) -> Self {
        Self {
            attempts,
            is_retryable: error.is_retryable(),
            is_unprocessed: !error.may_have_reached_server() || error.kind() == Kind::RateLimited,
            is_repeatable,
            retry_after: error.retry_after(),
            time_left,
        }
    }
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotRetryable => "another attempt would not help, or might do harm",
            Self::Attempts => "no attempts are left",
            Self::Body => "the body can be read only once",
            Self::RetryAfter => "the server asks for a longer wait than is allowed",
            Self::Deadline => "too little time is left before the deadline",
            Self::Budget => "too many of the client's attempts failed lately",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    const fn failure(attempts: u32) -> Failure {
        Failure {
            attempts,
            is_retryable: true,
            is_unprocessed: false,
            is_repeatable: true,
            retry_after: None,
            time_left: None,
        }
    }

    fn decide(retries: &Retries, failure: &Failure) -> Result<Duration, GaveUp> {
        retries.decide(failure, 0.5)
    }

    #[test]
    fn the_bound_of_the_pause_doubles_up_to_its_end() {
        let retries = Retries::default().with_attempts(u32::MAX);
        for (attempts, bound) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (7, 30), (99, 30)] {
            let pause = |random| retries.decide(&failure(attempts), random).unwrap();
            assert_eq!(pause(0.0), Duration::ZERO);
            assert_eq!(pause(0.5), SECOND * bound / 2);
            assert!(pause(0.999_999) < SECOND * bound);
        }
    }

    #[test]
    fn the_largest_durations_do_not_overflow() {
        let retries = Retries::default()
            .with_attempts(u32::MAX)
            .with_backoff(Duration::MAX, Duration::MAX)
            .with_max_retry_after(Duration::MAX);
        for retry_after in [None, Some(Duration::MAX)] {
            let failure = Failure {
                retry_after,
                ..failure(u32::MAX - 1)
            };
            assert!(retries.decide(&failure, 0.999_999_999).is_ok());
        }
    }

    #[test]
    fn each_reason_to_stop() {
        let retries = Retries::default();
        let first = failure(1);
        for (failure, expected) in [
            (first, Ok(SECOND / 2)),
            (failure(4), Ok(SECOND * 4)),
            (failure(5), Err(GaveUp::Attempts)),
            (
                Failure {
                    is_retryable: false,
                    ..first
                },
                Err(GaveUp::NotRetryable),
            ),
            (
                Failure {
                    is_repeatable: false,
                    ..first
                },
                Err(GaveUp::Body),
            ),
            (
                Failure {
                    time_left: Some(SECOND / 2),
                    ..first
                },
                Err(GaveUp::Deadline),
            ),
            (
                Failure {
                    time_left: Some(SECOND),
                    ..first
                },
                Ok(SECOND / 2),
            ),
            (
                Failure {
                    is_retryable: false,
                    time_left: Some(Duration::ZERO),
                    ..first
                },
                Err(GaveUp::Deadline),
            ),
        ] {
            assert_eq!(decide(&retries, &failure), expected, "{failure:?}");
        }
        let none = Retries::none();
        assert_eq!(decide(&none, &first), Err(GaveUp::Attempts));
        let none = retries.with_attempts(0);
        assert_eq!(decide(&none, &first), Err(GaveUp::Attempts));
    }

    #[test]
    fn a_server_is_never_asked_sooner_than_it_says() {
        let retries = Retries::default();
        let asked = |seconds: f64, random| {
            let failure = Failure {
                retry_after: Some(Duration::from_secs_f64(seconds)),
                ..failure(3)
            };
            retries.decide(&failure, random)
        };
        assert_eq!(asked(0.0, 0.0), Ok(Duration::ZERO));
        assert_eq!(asked(7.5, 0.0), Ok(SECOND * 15 / 2));
        assert_eq!(asked(7.5, 0.5), Ok(SECOND * 8));
        assert_eq!(asked(60.0, 0.0), Ok(SECOND * 60));
        assert_eq!(asked(60.1, 0.0), Err(GaveUp::RetryAfter));
    }

    #[test]
    fn what_may_have_been_billed_can_be_left_alone() {
        let retries = Retries::default().only_unprocessed();
        assert_eq!(decide(&retries, &failure(1)), Err(GaveUp::NotRetryable));
        let unprocessed = Failure {
            is_unprocessed: true,
            ..failure(1)
        };
        assert_eq!(decide(&retries, &unprocessed), Ok(SECOND / 2));
        let wrong = Failure {
            is_retryable: false,
            ..unprocessed
        };
        assert_eq!(decide(&retries, &wrong), Err(GaveUp::NotRetryable));
    }
}
