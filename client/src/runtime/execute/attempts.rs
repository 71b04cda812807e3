//! The retry loop of a call.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::error::not_retried::NotRetried;
use crate::runtime::limit::deadline::Deadline;
use crate::runtime::retry::attempt::Attempt;
use crate::runtime::retry::policy::{FailedAttempt, RetryPolicy};
use crate::runtime::telemetry;

/// The clock and the randomness of the retry loop, which tests replace.
pub(crate) trait RetryEnv: Sync {
    fn now(&self) -> Instant;
    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send;
    /// Returns a number from 0 up to and excluding 1.
    fn random(&self) -> f64;
}

/// The clock of Tokio and random numbers.
pub(crate) struct TokioEnv;

impl RetryEnv for TokioEnv {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(pause)
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }
}

/// The retry loop of one call.
pub(crate) struct RetryExecutor<'a> {
    pub(crate) client: &'a Client,
    pub(crate) operation: &'static Operation,
    pub(crate) policy: &'a RetryPolicy,
    /// Whether the body can be sent more than once.
    pub(crate) is_replayable: bool,
    pub(crate) deadline: Deadline,
}

impl RetryExecutor<'_> {
    /// Makes attempts until one succeeds or may not be retried.
    pub(crate) async fn execute<T, F: Future<Output = Result<T, Error>>>(
        &self,
        env: &impl RetryEnv,
        attempt: impl Fn() -> F,
    ) -> Result<T, Error> {
        let mut number = 0;
        let mut request_may_have_been_sent = false;
        let mut earlier = None;
        loop {
            number += 1;
            let started = env.now();
            let error = match attempt().await {
                Ok(value) => {
                    self.succeeded(env.now());
                    self.notify(number, env.now() - started, Ok(()), None);
                    return Ok(value);
                }
                Err(error) => error.redact(self.client.api_key()),
            };
            let next = self.next_delay(env, number, &error);
            request_may_have_been_sent |= error.request_may_have_been_sent();
            self.notify(number, env.now() - started, Err(&error), next.ok());
            match next {
                Ok(pause) => env.sleep(pause).await,
                Err(not_retried) => {
                    let error =
                        error.with_attempts(number, request_may_have_been_sent, not_retried);
                    // The error of the attempt before explains why the time ran out.
                    return Err(match earlier {
                        Some(earlier) if error.kind() == ErrorKind::Timeout => {
                            error.with_source(earlier)
                        }
                        _ => error,
                    });
                }
            }
            earlier = Some(error);
        }
    }

    fn next_delay(
        &self,
        env: &impl RetryEnv,
        number: u32,
        error: &Error,
    ) -> Result<Duration, NotRetried> {
        let now = env.now();
        let is_limited = error.kind() == ErrorKind::RateLimited;
        if is_limited {
            self.client.limiter().on_rate_limited();
        }
        let time_left = self.deadline.remaining(now);
        let failure = failed_attempt(error, number, self.is_replayable, time_left);
        let pause = self.policy.decide(&failure, env.random())?;
        // A rate limit lowers the concurrency instead of using up the retry budget.
        if is_limited || self.client.retry_budget().withdraw(now) {
            Ok(pause)
        } else {
            Err(NotRetried::BudgetExhausted)
        }
    }

    fn succeeded(&self, now: Instant) {
        self.client.retry_budget().deposit(now);
        self.client.limiter().on_success();
    }

    fn notify(
        &self,
        number: u32,
        elapsed: Duration,
        outcome: Result<(), &Error>,
        retry_in: Option<Duration>,
    ) {
        let attempt = Attempt {
            operation: self.operation.id,
            number,
            elapsed,
            outcome,
            retry_in,
        };
        telemetry::attempt_event(&attempt);
        if let Some(on_attempt) = &self.client.config().on_attempt {
            on_attempt(&attempt);
        }
    }
}

/// The input of the retry decision, from the error of an attempt.
fn failed_attempt(
    error: &Error,
    attempts: u32,
    is_replayable: bool,
    time_left: Option<Duration>,
) -> FailedAttempt {
    FailedAttempt {
        attempts,
        is_retryable: error.is_retryable(),
        is_unprocessed: error.is_unprocessed(),
        is_replayable,
        retry_after: error.retry_after(),
        time_left,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::SystemTime;

    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::runtime::http::parts::ResponseParts;
    use crate::runtime::test_support;
    use crate::runtime::test_support::CREATE_THING;

    /// An environment whose clock advances only by sleeping or by the test, and which records every sleep.
    struct FakeEnv {
        state: Mutex<State>,
    }

    struct State {
        now: Instant,
        sleeps: Vec<(Instant, Instant)>,
        started: Vec<Instant>,
        random: fastrand::Rng,
    }

    impl FakeEnv {
        fn new(seed: u64) -> Self {
            let state = State {
                now: Instant::now(),
                sleeps: Vec::new(),
                started: Vec::new(),
                random: fastrand::Rng::with_seed(seed),
            };
            Self {
                state: Mutex::new(state),
            }
        }

        fn with<T>(&self, access: impl FnOnce(&mut State) -> T) -> T {
            access(&mut self.state.lock().unwrap())
        }
    }

    impl RetryEnv for FakeEnv {
        fn now(&self) -> Instant {
            self.with(|state| state.now)
        }

        async fn sleep(&self, pause: Duration) {
            self.with(|state| {
                state.sleeps.push((state.now, state.now + pause));
                state.now += pause;
            });
        }

        fn random(&self) -> f64 {
            self.with(|state| state.random.f64())
        }
    }

    fn error(kind: ErrorKind, retry_after: Option<Duration>) -> Error {
        let error = Error::for_operation(&CREATE_THING, kind, "upstream failed");
        let retryable = matches!(
            kind,
            ErrorKind::Server | ErrorKind::RateLimited | ErrorKind::Connect
        );
        error.with_retry(retryable, retry_after)
    }

    fn executor<'a>(
        client: &'a Client,
        policy: &'a RetryPolicy,
        timeout: Duration,
    ) -> RetryExecutor<'a> {
        RetryExecutor {
            client,
            operation: &CREATE_THING,
            policy,
            is_replayable: true,
            deadline: Deadline::from_timeout(timeout),
        }
    }

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);

    /// Runs a call whose attempts fail with these kinds of errors in order and then succeed. Returns its result
    /// and the number of attempts.
    async fn run(failures: &[ErrorKind], policy: &RetryPolicy) -> (Result<(), Error>, usize) {
        let client = test_support::builder().build().unwrap();
        let env = FakeEnv::new(1);
        let executor = executor(&client, policy, HOUR);
        let outcome = executor
            .execute(&env, || async {
                let number = env.with(|state| {
                    state.started.push(state.now);
                    state.started.len()
                });
                match failures.get(number - 1) {
                    Some(kind) => Err(error(*kind, None)),
                    None => Ok(()),
                }
            })
            .await;
        (outcome, env.with(|state| state.started.len()))
    }

    #[tokio::test]
    async fn there_is_no_attempt_after_the_first_success() {
        let policy = RetryPolicy::default();
        for failures in 0..5 {
            let (outcome, attempts) = run(&vec![ErrorKind::Server; failures], &policy).await;
            outcome.unwrap();
            assert_eq!(attempts, failures + 1);
        }
    }

    #[tokio::test]
    async fn the_error_of_the_last_attempt_accounts_for_all() {
        let policy = RetryPolicy::default();
        let (outcome, attempts) = run(&[ErrorKind::Server; 9], &policy).await;
        let error = outcome.unwrap_err();
        assert_eq!((attempts, error.attempts()), (5, 5));
        assert_eq!(error.not_retried(), Some(NotRetried::AttemptsExhausted));
        assert_eq!(
            error.to_string(),
            "create_thing: upstream failed (after 5 attempts)"
        );
        assert!(std::error::Error::source(&error).is_none());

        // The server may have processed the first attempt, although the second could not connect.
        let (outcome, _) = run(
            &[ErrorKind::Server, ErrorKind::Connect, ErrorKind::BadRequest],
            &policy,
        )
        .await;
        assert_eq!(outcome.unwrap_err().attempts(), 3);
        let two = RetryPolicy::default().with_max_attempts(2);
        let (outcome, _) = run(&[ErrorKind::Server, ErrorKind::Connect], &two).await;
        assert!(outcome.unwrap_err().request_may_have_been_sent());
        let (outcome, _) = run(&[ErrorKind::Connect; 2], &two).await;
        assert!(!outcome.unwrap_err().request_may_have_been_sent());
    }

    #[tokio::test]
    async fn a_failure_before_sending_is_no_attempt() {
        let policy = RetryPolicy::default();
        let (outcome, attempts) = run(&[ErrorKind::MissingApiKey], &policy).await;
        let error = outcome.unwrap_err();
        assert_eq!((attempts, error.attempts()), (1, 0));
        assert_eq!(error.not_retried(), None);
        assert_eq!(error.to_string(), "create_thing: upstream failed");
    }

    #[tokio::test]
    async fn the_retry_budget_limits_retries_except_after_rate_limits() {
        let client = test_support::builder().retry_budget(7).build().unwrap();
        let policy = RetryPolicy::default();
        let env = FakeEnv::new(1);
        let cases = [
            (ErrorKind::Server, 7, true),
            (ErrorKind::RateLimited, 40, false),
        ];
        for (kind, expected, is_exhausted) in cases {
            let mut retried = 0;
            let mut last = None;
            // No time passes, because the budget is refilled over time.
            let policy = policy.clone().with_backoff(Duration::ZERO, Duration::ZERO);
            for _call in 0..10 {
                let executor = executor(&client, &policy, HOUR);
                let outcome = executor.execute(&env, || async { Err::<(), _>(error(kind, None)) });
                let error = outcome.await.unwrap_err();
                retried += error.attempts() - 1;
                last = error.not_retried();
            }
            assert_eq!(retried, expected);
            assert_eq!(last == Some(NotRetried::BudgetExhausted), is_exhausted);
        }
    }

    #[tokio::test]
    async fn each_attempt_is_reported() {
        let reports = std::sync::Arc::new(Mutex::new(Vec::new()));
        let sink = std::sync::Arc::clone(&reports);
        let client = test_support::builder()
            .api_key("sk-secret")
            .on_attempt(move |attempt| {
                let error = attempt.error().map(ToString::to_string);
                let is_retried = attempt.retry_in().is_some();
                let report = (attempt.number(), error, is_retried, attempt.elapsed());
                sink.lock().unwrap().push(report);
            });
        let client = client.build().unwrap();
        let (env, policy) = (FakeEnv::new(1), RetryPolicy::default());
        let executor = executor(&client, &policy, HOUR);
        let count = Mutex::new(0);
        let attempt = || async {
            *count.lock().unwrap() += 1;
            env.with(|state| state.now += SECOND);
            match *count.lock().unwrap() {
                1 => Err(Error::for_operation(
                    &CREATE_THING,
                    ErrorKind::Connect,
                    "sk-secret is upstream failed",
                )),
                _ => Ok(()),
            }
        };
        executor.execute(&env, attempt).await.unwrap();
        let failed = Some("create_thing: [key] is upstream failed".to_owned());
        let reports = reports.lock().unwrap();
        assert_eq!(
            *reports,
            [(1, failed, true, SECOND), (2, None, false, SECOND)]
        );
    }

    #[tokio::test]
    async fn a_timeout_has_the_error_of_the_attempt_before_as_its_source() {
        let (outcome, _) = run(
            &[ErrorKind::Server, ErrorKind::Timeout],
            &RetryPolicy::default(),
        )
        .await;
        let error = outcome.unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        let source = source.downcast_ref::<Error>().unwrap();
        assert_eq!(source.kind(), ErrorKind::Server);
    }

    /// For any `Retry-After` and any duration of the attempts.
    #[tokio::test]
    async fn no_attempt_starts_and_no_sleep_ends_after_the_deadline() {
        let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        println!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        let client = test_support::builder().build().unwrap();
        for _ in 0..2000 {
            let timeout = Duration::from_millis(random.u64(0..60_000));
            let policy = RetryPolicy::default()
                .with_max_attempts(random.u32(0..20))
                .with_backoff(
                    Duration::from_millis(random.u64(0..5_000)),
                    Duration::from_millis(random.u64(0..50_000)),
                )
                .with_max_retry_after(Duration::from_secs(random.u64(0..100)));
            let env = FakeEnv::new(random.u64(..));
            let executor = executor(&client, &policy, timeout);
            let end = env.now() + timeout;
            let random = Mutex::new(random.fork());
            let outcome = executor.execute(&env, || async {
                let mut random = random.lock().unwrap();
                let elapsed = Duration::from_millis(random.u64(0..3_000));
                let retry_after = random
                    .bool()
                    .then(|| Duration::from_millis(random.u64(0..90_000)));
                env.with(|state| {
                    state.started.push(state.now);
                    state.now += elapsed;
                    // An attempt has the same deadline.
                    state.now = state.now.min(end.max(*state.started.last().unwrap()));
                    if state.now >= end {
                        return Err(error(ErrorKind::Timeout, None));
                    }
                    Err::<(), _>(error(ErrorKind::RateLimited, retry_after))
                })
            });
            outcome.await.unwrap_err();
            env.with(|state| {
                let (first, later) = state.started.split_first().unwrap();
                assert!(
                    later.iter().all(|started| *started < end),
                    "{first:?} {later:?}"
                );
                assert!(state.sleeps.iter().all(|(_, sleep_end)| *sleep_end < end));
            });
        }
    }

    #[tokio::test]
    async fn every_pause_is_at_least_as_long_as_retry_after() {
        let client = test_support::builder().build().unwrap();
        let (env, policy) = (FakeEnv::new(3), RetryPolicy::default());
        let executor = executor(&client, &policy, HOUR);
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "9".parse().unwrap());
        let retry_after = ResponseParts::new(
            &crate::runtime::test_support::API,
            StatusCode::TOO_MANY_REQUESTS,
            headers,
        )
        .retry_after();
        let outcome = executor.execute(&env, || async {
            Err::<(), _>(error(ErrorKind::Server, retry_after))
        });
        outcome.await.unwrap_err();
        env.with(|state| {
            assert_eq!(state.sleeps.len(), 4);
            for (start, end) in &state.sleeps {
                assert!(*end - *start >= Duration::from_secs(9));
            }
        });
    }
}
