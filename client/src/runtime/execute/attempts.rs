//! The attempts of a call, from the first to the last.

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

/// Time and chance, as the loop is given them.
pub(crate) trait RetryEnv: Sync {
    fn now(&self) -> Instant;
    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send;
    /// At least 0 and below 1.
    fn random(&self) -> f64;
}

/// The env of the runtime, which tests may pause.
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

/// What is the same for all the attempts of a call.
pub(crate) struct RetryExecutor<'a> {
    pub(crate) client: &'a Client,
    pub(crate) operation: &'static Operation,
    pub(crate) policy: &'a RetryPolicy,
    /// Whether the body can be sent more than once.
    pub(crate) is_replayable: bool,
    pub(crate) deadline: Deadline,
}

impl RetryExecutor<'_> {
    /// Makes one attempt after the other until one succeeds or no other is to be made.
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
            let begun = env.now();
            let error = match attempt().await {
                Ok(value) => {
                    self.succeeded(env.now());
                    self.notify(number, env.now() - begun, Ok(()), None);
                    return Ok(value);
                }
                Err(error) => error.redact(self.client.api_key()),
            };
            let next = self.next_delay(env, number, &error);
            request_may_have_been_sent |= error.request_may_have_been_sent();
            self.notify(number, env.now() - begun, Err(&error), next.ok());
            match next {
                Ok(pause) => env.sleep(pause).await,
                Err(why) => {
                    let error = error.with_attempts(number, request_may_have_been_sent, why);
                    // That the time ran out says less than what it ran out on.
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
        let left = self.deadline.remaining(now);
        let failure = failed_attempt(error, number, self.is_replayable, left);
        let pause = self.policy.decide(&failure, env.random())?;
        // A rate limit is responded to with fewer calls at a time, not with fewer attempts.
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
        is_unprocessed: !error.request_may_have_been_sent()
            || error.kind() == ErrorKind::RateLimited,
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

    /// A env that goes on only when it is told to, and writes down what it is asked.
    struct FakeEnv {
        state: Mutex<State>,
    }

    struct State {
        now: Instant,
        sleeps: Vec<(Instant, Instant)>,
        begun: Vec<Instant>,
        random: fastrand::Rng,
    }

    impl FakeEnv {
        fn new(seed: u64) -> Self {
            let state = State {
                now: Instant::now(),
                sleeps: Vec::new(),
                begun: Vec::new(),
                random: fastrand::Rng::with_seed(seed),
            };
            Self {
                state: Mutex::new(state),
            }
        }

        fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
            look(&mut self.state.lock().unwrap())
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

    fn attempts<'a>(
        client: &'a Client,
        policy: &'a RetryPolicy,
        total: Duration,
    ) -> RetryExecutor<'a> {
        RetryExecutor {
            client,
            operation: &CREATE_THING,
            policy,
            is_replayable: true,
            deadline: Deadline::from_timeout(total),
        }
    }

    const HOUR: Duration = Duration::from_secs(3600);

    /// What a call comes to whose attempts fail one after the other in these ways, then succeed.
    async fn run(failures: &[ErrorKind], retries: &RetryPolicy) -> (Result<(), Error>, usize) {
        let client = test_support::builder().build().unwrap();
        let env = FakeEnv::new(1);
        let attempts = attempts(&client, retries, HOUR);
        let outcome = attempts
            .execute(&env, || async {
                let number = env.with(|state| {
                    state.begun.push(state.now);
                    state.begun.len()
                });
                match failures.get(number - 1) {
                    Some(kind) => Err(error(*kind, None)),
                    None => Ok(()),
                }
            })
            .await;
        (outcome, env.with(|state| state.begun.len()))
    }

    #[tokio::test]
    async fn attempts_end_with_the_first_success() {
        let retries = RetryPolicy::default();
        for failures in 0..5 {
            let (outcome, begun) = run(&vec![ErrorKind::Server; failures], &retries).await;
            outcome.unwrap();
            assert_eq!(begun, failures + 1);
        }
    }

    #[tokio::test]
    async fn the_last_error_tells_of_all_attempts() {
        let retries = RetryPolicy::default();
        let (outcome, begun) = run(&[ErrorKind::Server; 9], &retries).await;
        let error = outcome.unwrap_err();
        assert_eq!((begun, error.attempts()), (5, 5));
        assert_eq!(error.not_retried(), Some(NotRetried::AttemptsExhausted));
        assert_eq!(
            error.to_string(),
            "create_thing: upstream failed (after 5 attempts)"
        );

        // The first may have done the work, though the second did not get there.
        let (outcome, _) = run(
            &[ErrorKind::Server, ErrorKind::Connect, ErrorKind::BadRequest],
            &retries,
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
    async fn what_fails_before_it_is_sent_is_no_attempt() {
        let retries = RetryPolicy::default();
        let (outcome, begun) = run(&[ErrorKind::MissingApiKey], &retries).await;
        let error = outcome.unwrap_err();
        assert_eq!((begun, error.attempts()), (1, 0));
        assert_eq!(error.not_retried(), None);
        assert_eq!(error.to_string(), "create_thing: upstream failed");
    }

    #[tokio::test]
    async fn a_broken_service_is_not_asked_again_and_again() {
        let client = test_support::builder().retry_budget(7).build().unwrap();
        let retries = RetryPolicy::default();
        let env = FakeEnv::new(1);
        let limited = [
            (ErrorKind::Server, 7, true),
            (ErrorKind::RateLimited, 40, false),
        ];
        for (kind, expected, is_out) in limited {
            let mut retried = 0;
            let mut last = None;
            // No time passes, for time brings tokens back.
            let retries = retries.clone().with_backoff(Duration::ZERO, Duration::ZERO);
            for _call in 0..10 {
                let attempts = attempts(&client, &retries, HOUR);
                let outcome = attempts.execute(&env, || async { Err::<(), _>(error(kind, None)) });
                let error = outcome.await.unwrap_err();
                retried += error.attempts() - 1;
                last = error.not_retried();
            }
            assert_eq!(retried, expected);
            assert_eq!(last == Some(NotRetried::BudgetExhausted), is_out);
        }
    }

    #[tokio::test]
    async fn each_attempt_is_reported() {
        let told = std::sync::Arc::new(Mutex::new(Vec::new()));
        let lines = std::sync::Arc::clone(&told);
        let client = test_support::builder()
            .api_key("sk-secret")
            .on_attempt(move |attempt| {
                let error = attempt.error().map(ToString::to_string);
                let line = (attempt.number(), error, attempt.retry_in().is_some());
                lines.lock().unwrap().push(line);
            });
        let client = client.build().unwrap();
        let (env, retries) = (FakeEnv::new(1), RetryPolicy::default());
        let attempts = attempts(&client, &retries, HOUR);
        let count = Mutex::new(0);
        let attempt = || async {
            *count.lock().unwrap() += 1;
            match *count.lock().unwrap() {
                1 => Err(Error::for_operation(
                    &CREATE_THING,
                    ErrorKind::Connect,
                    "sk-secret is upstream failed",
                )),
                _ => Ok(()),
            }
        };
        attempts.execute(&env, attempt).await.unwrap();
        let failed = Some("create_thing: [key] is upstream failed".to_owned());
        let told = told.lock().unwrap();
        assert_eq!(*told, [(1, failed, true), (2, None, false)]);
    }

    #[tokio::test]
    async fn running_out_of_time_keeps_what_it_ran_out_on() {
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

    /// Whatever the server requests and however long attempts take.
    #[tokio::test]
    async fn nothing_is_begun_and_no_sleep_ends_past_the_deadline() {
        let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        println!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        let client = test_support::builder().build().unwrap();
        for _ in 0..2000 {
            let total = Duration::from_millis(random.u64(0..60_000));
            let retries = RetryPolicy::default()
                .with_max_attempts(random.u32(0..20))
                .with_backoff(
                    Duration::from_millis(random.u64(0..5_000)),
                    Duration::from_millis(random.u64(0..50_000)),
                )
                .with_max_retry_after(Duration::from_secs(random.u64(0..100)));
            let env = FakeEnv::new(random.u64(..));
            let attempts = attempts(&client, &retries, total);
            let end = env.now() + total;
            let random = Mutex::new(random.fork());
            let outcome = attempts.execute(&env, || async {
                let mut random = random.lock().unwrap();
                let took = Duration::from_millis(random.u64(0..3_000));
                let wait = random
                    .bool()
                    .then(|| Duration::from_millis(random.u64(0..90_000)));
                env.with(|state| {
                    state.begun.push(state.now);
                    state.now += took;
                    // As an attempt is bounded by the same deadline.
                    state.now = state.now.min(end.max(*state.begun.last().unwrap()));
                    if state.now >= end {
                        return Err(error(ErrorKind::Timeout, None));
                    }
                    Err::<(), _>(error(ErrorKind::RateLimited, wait))
                })
            });
            outcome.await.unwrap_err();
            env.with(|state| {
                let (first, later) = state.begun.split_first().unwrap();
                assert!(
                    later.iter().all(|begun| *begun < end),
                    "{first:?} {later:?}"
                );
                assert!(state.sleeps.iter().all(|(_, woken)| *woken < end));
            });
        }
    }

    #[tokio::test]
    async fn a_wait_is_never_undercut() {
        let client = test_support::builder().build().unwrap();
        let (env, retries) = (FakeEnv::new(3), RetryPolicy::default());
        let attempts = attempts(&client, &retries, HOUR);
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "9".parse().unwrap());
        let wait = ResponseParts::new(
            &crate::runtime::test_support::API,
            StatusCode::TOO_MANY_REQUESTS,
            headers,
        )
        .retry_after();
        let outcome = attempts.execute(&env, || async {
            Err::<(), _>(error(ErrorKind::Server, wait))
        });
        outcome.await.unwrap_err();
        env.with(|state| {
            assert_eq!(state.sleeps.len(), 4);
            for (begun, woken) in &state.sleeps {
                assert!(*woken - *begun >= Duration::from_secs(9));
            }
        });
    }
}
