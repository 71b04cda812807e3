//! The retry budget of a client and its clones: a token bucket.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// The tokens that a success deposits: one retry for five successes. A service that fails now and then is
/// retried every time; one that is down is not.
const PER_SUCCESS: f64 = 0.2;

/// The tokens that a second deposits, so that a client can retry again after a quiet period.
const PER_SECOND: f64 = 1.0;

/// A token bucket: a retry withdraws a token, successes and time deposit some.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    capacity: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    /// When the bucket was last refilled; `None` while it is full.
    last_refill: Option<Instant>,
}

impl RetryBudget {
    /// Creates a full bucket of this many retries.
    pub(crate) fn new(capacity: u32) -> Self {
        let capacity = f64::from(capacity);
        Self {
            capacity,
            state: Mutex::new(State {
                tokens: capacity,
                last_refill: None,
            }),
        }
    }

    /// Withdraws the token for a retry. Returns whether there was one.
    pub(crate) fn withdraw(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refill(now, 0.0, self.capacity);
        let is_left = state.tokens >= 1.0;
        if is_left {
            state.tokens -= 1.0;
            state.last_refill.get_or_insert(now);
        }
        is_left
    }

    /// Deposits the tokens of a success.
    pub(crate) fn deposit(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last_refill.is_some() {
            state.refill(now, PER_SUCCESS, self.capacity);
        }
    }
}

impl State {
    fn refill(&mut self, now: Instant, tokens: f64, capacity: f64) {
        let Some(last_refill) = self.last_refill else {
            return;
        };
        let elapsed = now.saturating_duration_since(last_refill).as_secs_f64();
        self.tokens += tokens + elapsed * PER_SECOND;
        self.last_refill = Some(now);
        if self.tokens >= capacity {
            self.tokens = capacity;
            self.last_refill = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn taken(budget: &RetryBudget, now: Instant) -> usize {
        (0..1000).take_while(|_| budget.withdraw(now)).count()
    }

    #[test]
    fn what_is_taken_comes_back_with_successes() {
        let (budget, now) = (RetryBudget::new(10), Instant::now());
        assert_eq!(taken(&budget, now), 10);
        for _ in 0..4 {
            budget.deposit(now);
        }
        assert_eq!(taken(&budget, now), 0);
        budget.deposit(now);
        assert_eq!(taken(&budget, now), 1);
    }

    #[test]
    fn and_with_time_up_to_its_capacity() {
        let (budget, now) = (RetryBudget::new(10), Instant::now());
        assert_eq!(taken(&budget, now), 10);
        let later = now + Duration::from_secs(3);
        assert_eq!(taken(&budget, later), 3);
        let much_later = later + Duration::from_secs(1000);
        for _ in 0..1000 {
            budget.deposit(much_later);
        }
        assert_eq!(taken(&budget, much_later), 10);
    }

    #[test]
    fn an_empty_one_allows_none() {
        assert!(!RetryBudget::new(0).withdraw(Instant::now()));
    }
}
