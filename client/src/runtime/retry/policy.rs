//! The retry policy: a pure function from a failed attempt to the pause before the next.

use std::time::Duration;

use crate::runtime::defaults;
use crate::runtime::error::not_retried::NotRetried;

/// The policy by which failed calls are retried.
///
/// A call is retried if its error [is retryable](crate::runtime::Error::is_retryable), its body can be sent again,
/// and the pause ends before the call's deadline. The pause is random between zero and a ceiling that doubles with
/// each attempt (full jitter), so that many callers don't retry at the same time. It is never shorter than
/// `Retry-After`. An open stream or download is never retried.
///
/// A server that fails while it works on a request (500, 503 and the like) may bill both attempts. The API's
/// documentation advises the retry; [`unprocessed_only`](RetryPolicy::unprocessed_only) and
/// [`never`](RetryPolicy::never) switch it off.
///
/// ```
/// use std::time::Duration;
/// use cometapi::RetryPolicy;
///
/// let patient = RetryPolicy::default()
///     .with_max_attempts(8)
///     .with_backoff(Duration::from_millis(250), Duration::from_secs(60));
/// let client = cometapi::Client::builder().retry_policy(patient).build()?;
/// let call = client.list_catalog_models().with_retry_policy(RetryPolicy::never());
/// # Ok::<(), cometapi::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
    retried: RetryScope,
}

/// The errors that are retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RetryScope {
    Retryable,
    UnprocessedOnly,
}

/// The input of the retry decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailedAttempt {
    /// Attempts made so far.
    pub(crate) attempts: u32,
    pub(crate) is_retryable: bool,
    /// Whether the server has certainly not processed the request.
    pub(crate) is_unprocessed: bool,
    pub(crate) is_replayable: bool,
    pub(crate) retry_after: Option<Duration>,
    /// The time until the deadline; `None` if there is none.
    pub(crate) time_left: Option<Duration>,
}

impl RetryPolicy {
    /// Returns a policy without retries.
    pub const fn never() -> Self {
        Self::standard().with_max_attempts(1)
    }

    /// Sets the maximum number of attempts, the first included; 0 counts as 1. Default: 5
    /// ([`defaults::MAX_ATTEMPTS`]).
    pub const fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the ceiling of the first pause, which doubles from pause to pause, and its maximum. Default: 1 s and
    /// 30 s ([`defaults::INITIAL_BACKOFF`], [`defaults::MAX_BACKOFF`]).
    pub const fn with_backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }

    /// Sets the longest `Retry-After` that is honoured. A call fails immediately if the server requests more, and
    /// [`Error::retry_after`](crate::runtime::Error::retry_after) returns the value. Default: 60 s
    /// ([`defaults::MAX_RETRY_AFTER`]).
    pub const fn with_max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Retries only calls that the server has certainly not processed: without a connection, and after a 429.
    /// Nothing can be billed twice then.
    pub const fn unprocessed_only(mut self) -> Self {
        self.retried = RetryScope::UnprocessedOnly;
        self
    }

    const fn standard() -> Self {
        Self {
            attempts: defaults::MAX_ATTEMPTS,
            initial_backoff: defaults::INITIAL_BACKOFF,
            max_backoff: defaults::MAX_BACKOFF,
            max_retry_after: defaults::MAX_RETRY_AFTER,
            retried: RetryScope::Retryable,
        }
    }

    /// Returns the pause before the next attempt, or why there is none. `random` is at least 0 and below 1.
    pub(crate) fn decide(
        &self,
        failure: &FailedAttempt,
        random: f64,
    ) -> Result<Duration, NotRetried> {
        let is_retried = match self.retried {
            RetryScope::Retryable => failure.is_retryable,
            RetryScope::UnprocessedOnly => failure.is_retryable && failure.is_unprocessed,
        };
        if failure.time_left == Some(Duration::ZERO) {
            return Err(NotRetried::DeadlineExceeded);
        }
        if !is_retried {
            return Err(NotRetried::NotRetryable);
        }
        if failure.attempts >= self.attempts {
            return Err(NotRetried::AttemptsExhausted);
        }
        if !failure.is_replayable {
            return Err(NotRetried::BodyNotReplayable);
        }
        let pause = match failure.retry_after {
            Some(wait) if wait > self.max_retry_after => return Err(NotRetried::RetryAfterTooLong),
            // Jitter on top, so that callers with the same wait don't retry at the same time.
            Some(wait) => wait.saturating_add(full_jitter(self.backoff_ceiling(1), random)),
            None => full_jitter(self.backoff_ceiling(failure.attempts), random),
        };
        match failure.time_left {
            Some(left) if pause >= left => Err(NotRetried::DeadlineExceeded),
            _ => Ok(pause),
        }
    }

    /// What the pause after this many attempts is below.
    fn backoff_ceiling(&self, attempts: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let bound = self.initial_backoff.saturating_mul(factor);
        bound.min(self.max_backoff)
    }
}

/// The float of a bound near the largest duration may be above it.
fn full_jitter(bound: Duration, random: f64) -> Duration {
    Duration::try_from_secs_f64(bound.as_secs_f64() * random).unwrap_or(bound)
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    const fn failure(attempts: u32) -> FailedAttempt {
        FailedAttempt {
            attempts,
            is_retryable: true,
            is_unprocessed: false,
            is_replayable: true,
            retry_after: None,
            time_left: None,
        }
    }

    fn decide(retries: &RetryPolicy, failure: &FailedAttempt) -> Result<Duration, NotRetried> {
        retries.decide(failure, 0.5)
    }

    #[test]
    fn the_bound_of_the_pause_doubles_up_to_its_end() {
        let retries = RetryPolicy::default().with_max_attempts(u32::MAX);
        for (attempts, bound) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (7, 30), (99, 30)] {
            let pause = |random| retries.decide(&failure(attempts), random).unwrap();
            assert_eq!(pause(0.0), Duration::ZERO);
            assert_eq!(pause(0.5), SECOND * bound / 2);
            assert!(pause(0.999_999) < SECOND * bound);
        }
    }

    #[test]
    fn the_largest_durations_do_not_overflow() {
        let retries = RetryPolicy::default()
            .with_max_attempts(u32::MAX)
            .with_backoff(Duration::MAX, Duration::MAX)
            .with_max_retry_after(Duration::MAX);
        for retry_after in [None, Some(Duration::MAX)] {
            let failure = FailedAttempt {
                retry_after,
                ..failure(u32::MAX - 1)
            };
            assert!(retries.decide(&failure, 0.999_999_999).is_ok());
        }
    }

    #[test]
    fn each_reason_to_stop() {
        let retries = RetryPolicy::default();
        let first = failure(1);
        for (failure, expected) in [
            (first, Ok(SECOND / 2)),
            (failure(4), Ok(SECOND * 4)),
            (failure(5), Err(NotRetried::AttemptsExhausted)),
            (
                FailedAttempt {
                    is_retryable: false,
                    ..first
                },
                Err(NotRetried::NotRetryable),
            ),
            (
                FailedAttempt {
                    is_replayable: false,
                    ..first
                },
                Err(NotRetried::BodyNotReplayable),
            ),
            (
                FailedAttempt {
                    time_left: Some(SECOND / 2),
                    ..first
                },
                Err(NotRetried::DeadlineExceeded),
            ),
            (
                FailedAttempt {
                    time_left: Some(SECOND),
                    ..first
                },
                Ok(SECOND / 2),
            ),
            (
                FailedAttempt {
                    is_retryable: false,
                    time_left: Some(Duration::ZERO),
                    ..first
                },
                Err(NotRetried::DeadlineExceeded),
            ),
        ] {
            assert_eq!(decide(&retries, &failure), expected, "{failure:?}");
        }
        let none = RetryPolicy::never();
        assert_eq!(decide(&none, &first), Err(NotRetried::AttemptsExhausted));
        let none = retries.with_max_attempts(0);
        assert_eq!(decide(&none, &first), Err(NotRetried::AttemptsExhausted));
    }

    #[test]
    fn a_server_is_never_asked_sooner_than_it_says() {
        let retries = RetryPolicy::default();
        let asked = |seconds: f64, random| {
            let failure = FailedAttempt {
                retry_after: Some(Duration::from_secs_f64(seconds)),
                ..failure(3)
            };
            retries.decide(&failure, random)
        };
        assert_eq!(asked(0.0, 0.0), Ok(Duration::ZERO));
        assert_eq!(asked(7.5, 0.0), Ok(SECOND * 15 / 2));
        assert_eq!(asked(7.5, 0.5), Ok(SECOND * 8));
        assert_eq!(asked(60.0, 0.0), Ok(SECOND * 60));
        assert_eq!(asked(60.1, 0.0), Err(NotRetried::RetryAfterTooLong));
    }

    #[test]
    fn what_may_have_been_billed_can_be_left_alone() {
        let retries = RetryPolicy::default().unprocessed_only();
        assert_eq!(decide(&retries, &failure(1)), Err(NotRetried::NotRetryable));
        let unprocessed = FailedAttempt {
            is_unprocessed: true,
            ..failure(1)
        };
        assert_eq!(decide(&retries, &unprocessed), Ok(SECOND / 2));
        let wrong = FailedAttempt {
            is_retryable: false,
            ..unprocessed
        };
        assert_eq!(decide(&retries, &wrong), Err(NotRetried::NotRetryable));
    }
}
