//! The deadline of a call, and the timeouts within it.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;

/// The deadline of a call over all its attempts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    total: Duration,
    at: Option<Instant>,
}

/// A timeout within a call, and the kind of its error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeoutLimit {
    pub(crate) kind: ErrorKind,
    pub(crate) limit: Duration,
}

impl Deadline {
    /// Returns the deadline that is this timeout from now. A timeout too long for the clock is no deadline.
    pub(crate) fn from_timeout(total: Duration) -> Self {
        Self {
            total,
            at: Instant::now().checked_add(total),
        }
    }

    /// Returns a deadline that never passes.
    pub(crate) fn never() -> Self {
        Self {
            total: Duration::MAX,
            at: None,
        }
    }

    /// Returns the time of the deadline, with the timeout that expires then; `None` if there is no deadline.
    pub(crate) fn expiry(&self) -> Option<(Instant, TimeoutLimit)> {
        let timeout = TimeoutLimit {
            kind: ErrorKind::Timeout,
            limit: self.total,
        };
        self.at.map(|at| (at, timeout))
    }

    /// Returns this deadline, or the one at this timeout from now if it is earlier.
    pub(crate) fn earlier_of(self, limit: Duration) -> Self {
        let sooner = Self::from_timeout(limit);
        match (self.at, sooner.at) {
            (Some(at), Some(limit)) if at <= limit => self,
            (_, None) => self,
            _ => sooner,
        }
    }

    /// Returns the time until the deadline; `None` if there is no deadline.
    pub(crate) fn remaining(&self, now: Instant) -> Option<Duration> {
        Some(self.at?.saturating_duration_since(now))
    }

    /// Returns the future's output, or the timeout that expired first: the given one or the call's.
    pub(crate) async fn timeout<F: Future>(
        &self,
        wait: Option<TimeoutLimit>,
        future: F,
    ) -> Result<F::Output, TimeoutLimit> {
        let now = Instant::now();
        let own = wait.and_then(|wait| Some((now.checked_add(wait.limit)?, wait)));
        let Some((at, wait)) = self
            .expiry()
            .into_iter()
            .chain(own)
            .min_by_key(|(at, _)| *at)
        else {
            return Ok(future.await);
        };
        // `timeout_at` polls the future first; a server that is always ready must not outrun the deadline.
        if at <= now {
            return Err(wait);
        }
        timeout_at(at, future).await.map_err(|_| wait)
    }
}

impl TimeoutLimit {
    /// Returns the error of an expired timeout.
    pub(crate) fn into_error(self, operation: &'static Operation) -> Error {
        let Self { kind, limit } = self;
        // A deadline is a point in time, so what is left of it has a fraction that no one set.
        let limit = match limit.as_micros() {
            ..1000 => limit,
            micros => {
                Duration::from_millis(u64::try_from((micros + 500) / 1000).unwrap_or(u64::MAX))
            }
        };
        let message = match kind {
            ErrorKind::ResponseTimeout => format!("no response within {limit:?}"),
            ErrorKind::WriteTimeout => format!("no progress of the upload for {limit:?}"),
            ErrorKind::ReadTimeout => format!("no data received for {limit:?}"),
            _ => format!("the call took longer than {limit:?}"),
        };
        Error::for_operation(operation, kind, message)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const IDLE: ErrorKind = ErrorKind::ReadTimeout;
    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(3600);

    async fn expired(total: Duration, idle: Option<Duration>) -> ErrorKind {
        let wait = idle.map(|limit| TimeoutLimit { kind: IDLE, limit });
        Deadline::from_timeout(total)
            .timeout(wait, pending::<()>())
            .await
            .unwrap_err()
            .kind
    }

    #[tokio::test]
    async fn the_earlier_end_counts() {
        assert_eq!(expired(SHORT, None).await, ErrorKind::Timeout);
        assert_eq!(expired(SHORT, Some(LONG)).await, ErrorKind::Timeout);
        assert_eq!(expired(LONG, Some(SHORT)).await, IDLE);
        assert_eq!(expired(Duration::MAX, Some(SHORT)).await, IDLE);
    }

    #[test]
    fn a_message_has_no_fraction_of_a_millisecond() {
        let message = |limit| {
            let limit = TimeoutLimit { kind: IDLE, limit };
            let error = limit.into_error(&crate::runtime::test_support::LIST_THINGS);
            error.message().to_owned()
        };
        let nanos = Duration::from_nanos;
        assert_eq!(message(nanos(799_968_834)), "no data received for 800ms");
        assert_eq!(message(nanos(30_000_000_001)), "no data received for 30s");
        assert_eq!(message(nanos(250_000)), "no data received for 250µs");
        assert!(message(Duration::MAX).ends_with("s"));
    }

    #[tokio::test]
    async fn what_is_ready_does_not_outrun_the_end() {
        let over = Deadline::from_timeout(Duration::ZERO);
        assert!(over.timeout(None, ready(())).await.is_err());
        let open = Deadline::from_timeout(Duration::MAX);
        assert!(open.timeout(None, ready(())).await.is_ok());
    }
}
