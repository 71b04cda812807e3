//! Limiter for the concurrent calls of a client and its clones: permits and a FIFO queue.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::runtime::error::Error;
use crate::runtime::limit::adaptive::AdaptiveLimit;
use crate::runtime::limit::concurrency::{ConcurrencyLimit, Limit};

/// The limiter that a client and its clones share; `None` if there is no limit.
#[derive(Clone, Debug)]
pub(crate) struct ConcurrencyLimiter(Option<Arc<Shared>>);

struct Shared(Mutex<State>);

struct State {
    limit: CurrentLimit,
    in_flight: usize,
    /// Calls in flight whose response is read at the caller's pace.
    streaming: usize,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

enum CurrentLimit {
    Fixed(usize),
    Adaptive(AdaptiveLimit),
}

/// The permit of a call in flight. Dropping it lets the next call through.
pub(crate) struct Permit {
    shared: Option<Arc<Shared>>,
    is_streaming: bool,
}

impl ConcurrencyLimiter {
    pub(crate) fn new(limit: ConcurrencyLimit) -> Self {
        let limit = match limit.0 {
            Limit::Adaptive => CurrentLimit::Adaptive(AdaptiveLimit::new()),
            Limit::Fixed(calls) => CurrentLimit::Fixed(calls.max(1)),
            Limit::Unlimited => return Self(None),
        };
        Self(Some(Arc::new(Shared(Mutex::new(State {
            limit,
            in_flight: 0,
            streaming: 0,
            waiting: VecDeque::new(),
        })))))
    }

    /// Waits for a permit. Cancel safe: the permit of a dropped future goes to the next call.
    pub(crate) async fn acquire(&self) -> Permit {
        let Some(shared) = &self.0 else {
            return Permit::unlimited();
        };
        let turn = {
            let mut state = shared.state();
            if state.waiting.is_empty() && state.has_room() {
                state.in_flight += 1;
                return Permit::new(shared);
            }
            let (sender, turn) = oneshot::channel();
            state.waiting.push_back(sender);
            turn
        };
        // The sender is dropped only together with the limiter.
        turn.await.unwrap_or_else(|_| Permit::unlimited())
    }

    /// Lowers an adaptive limit after a 429. The permit of the refused call is free already.
    pub(crate) fn on_rate_limited(&self) {
        let Some(shared) = &self.0 else { return };
        let mut state = shared.state();
        let in_flight = state.in_flight;
        if let CurrentLimit::Adaptive(limit) = &mut state.limit {
            limit.on_rate_limited(in_flight);
        }
    }

    /// Counts a success towards a higher adaptive limit. The permit of the call may be free already.
    pub(crate) fn on_success(&self) {
        let Some(shared) = &self.0 else { return };
        let has_grown = {
            let mut state = shared.state();
            let in_flight = state.in_flight;
            match &mut state.limit {
                CurrentLimit::Adaptive(limit) => limit.on_success(in_flight),
                CurrentLimit::Fixed(_) => false,
            }
        };
        if has_grown {
            shared.wake_waiters();
        }
    }

    /// Adds to the error that the call was waiting for a permit.
    pub(crate) fn with_queue_context(&self, error: Error) -> Error {
        let Some(shared) = &self.0 else { return error };
        let limit = shared.state().limit.get();
        let permits = if limit == 1 { "permit" } else { "permits" };
        error.with_context(&format!(
            "while waiting for one of {limit} concurrency {permits}"
        ))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands free permits to waiting calls.
    fn wake_waiters(self: &Arc<Self>) {
        loop {
            let next = self.state().next();
            let Some(waiting) = next else { return };
            // Sending fails if the call was dropped meanwhile; its permit is dropped with it.
            drop(waiting.send(Permit::new(self)));
        }
    }
}

impl CurrentLimit {
    fn get(&self) -> usize {
        match self {
            Self::Fixed(limit) => *limit,
            Self::Adaptive(limit) => limit.get(),
        }
    }
}

impl State {
    fn has_room(&self) -> bool {
        let is_adaptive = matches!(self.limit, CurrentLimit::Adaptive(_));
        self.in_flight < self.limit.get() || (is_adaptive && self.in_flight == self.streaming)
    }

    /// The next waiting call that there is room for, counted as in flight.
    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        while self.has_room() {
            let waiting = self.waiting.pop_front()?;
            if !waiting.is_closed() {
                self.in_flight += 1;
                return Some(waiting);
            }
        }
        None
    }
}

impl Permit {
    /// Records that the response is read at the caller's pace from here on.
    pub(crate) fn mark_streaming(&mut self) {
        let Some(shared) = self.shared.as_ref().filter(|_| !self.is_streaming) else {
            return;
        };
        self.is_streaming = true;
        shared.state().streaming += 1;
        shared.wake_waiters();
    }

    /// A permit that belongs to no limiter.
    pub(crate) fn unlimited() -> Self {
        Self {
            shared: None,
            is_streaming: false,
        }
    }

    fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Some(Arc::clone(shared)),
            is_streaming: false,
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(shared) = &self.shared else { return };
        let mut state = shared.state();
        state.in_flight -= 1;
        state.streaming -= usize::from(self.is_streaming);
        drop(state);
        shared.wake_waiters();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("ConcurrencyLimiter")
            .field("limit", &state.limit.get())
            .field("in_flight", &state.in_flight)
            .field("waiting", &state.waiting.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::runtime::limit::concurrency::ConcurrencyLimit;

    /// Returns a permit if one is free now.
    fn try_acquire(limiter: &ConcurrencyLimiter) -> Option<Permit> {
        match poll(&mut pin!(limiter.acquire())) {
            Poll::Ready(permit) => Some(permit),
            Poll::Pending => None,
        }
    }

    fn poll<F: Future>(future: &mut std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    fn fill(limiter: &ConcurrencyLimiter) -> Vec<Permit> {
        std::iter::from_fn(|| try_acquire(limiter))
            .take(1000)
            .collect()
    }

    fn limit(limiter: &ConcurrencyLimiter) -> usize {
        limiter.0.as_ref().unwrap().state().limit.get()
    }

    #[test]
    fn a_fixed_limit_never_changes() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::fixed(3));
        let mut held = fill(&limiter);
        assert_eq!(held.len(), 3);
        for permit in &mut held {
            permit.mark_streaming();
        }
        limiter.on_rate_limited();
        limiter.on_success();
        assert!(try_acquire(&limiter).is_none());
        drop(held.pop());
        assert!(try_acquire(&limiter).is_some());
        assert_eq!(
            fill(&ConcurrencyLimiter::new(ConcurrencyLimit::fixed(0))).len(),
            1
        );
    }

    #[test]
    fn an_adaptive_limit_begins_with_the_first_rate_limit() {
        assert_eq!(
            fill(&ConcurrencyLimiter::new(ConcurrencyLimit::adaptive())).len(),
            1000
        );
        assert_eq!(
            fill(&ConcurrencyLimiter::new(ConcurrencyLimit::unlimited())).len(),
            1000
        );
    }

    #[test]
    fn a_rate_limit_halves_the_calls_in_flight() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&limiter);
        // The server refuses one of them.
        held.pop();
        limiter.on_rate_limited();
        assert_eq!(limit(&limiter), 500);
        // It refuses all but eight.
        while held.len() > 8 {
            held.pop();
            limiter.on_rate_limited();
        }
        assert_eq!(limit(&limiter), 4);
        // A single call is always let through.
        held.clear();
        limiter.on_rate_limited();
        assert_eq!(limit(&limiter), 1);
    }

    #[test]
    fn successes_raise_the_limit_fast_then_slowly() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&limiter);
        held.truncate(8);
        limiter.on_rate_limited();
        assert_eq!(limit(&limiter), 4);
        let mut limits = Vec::new();
        for _ in 0..4 {
            drop(held.pop());
            limiter.on_success();
            limits.push(limit(&limiter));
            held.extend(fill(&limiter));
        }
        assert_eq!(limits, [5, 6, 7, 8]);
        assert_eq!(held.len(), 8);
        for taken in [8, 9, 10] {
            assert_eq!(until_growth(&limiter), taken);
            held.extend(fill(&limiter));
            assert_eq!(held.len(), taken + 1);
        }
    }

    /// The number of successes until the limit grows.
    fn until_growth(limiter: &ConcurrencyLimiter) -> usize {
        let before = limit(limiter);
        let grown = |_: &usize| {
            limiter.on_success();
            limit(limiter) > before
        };
        (1..10_000).find(grown).unwrap()
    }

    #[test]
    fn probes_above_the_known_capacity_become_rarer() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&limiter);
        held.truncate(4);
        limiter.on_rate_limited();
        held.truncate(2);
        let mut tries = Vec::new();
        for _ in 0..7 {
            while limit(&limiter) <= 4 {
                held.extend(fill(&limiter));
                tries.push(until_growth(&limiter));
            }
            limiter.on_rate_limited();
            assert_eq!(limit(&limiter), 4, "not half of it");
        }
        assert_eq!(tries, [1, 1, 4, 8, 16, 32, 64, 128, 128]);
        // A rate limit below the known capacity halves.
        held.truncate(3);
        limiter.on_rate_limited();
        assert_eq!(limit(&limiter), 2);
    }

    #[test]
    fn a_limit_that_is_not_reached_does_not_grow() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::adaptive());
        let held = fill(&limiter);
        limiter.on_rate_limited();
        let before = limit(&limiter);
        drop(held);
        for _ in 0..10_000 {
            limiter.on_success();
        }
        assert_eq!(limit(&limiter), before);
    }

    #[test]
    fn waiting_calls_are_served_in_fifo_order() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::fixed(1));
        let held = try_acquire(&limiter).unwrap();
        let (mut first, mut gone) = (pin!(limiter.acquire()), Box::pin(limiter.acquire()));
        let mut last = pin!(limiter.acquire());
        assert!(poll(&mut first).is_pending() && poll(&mut gone.as_mut()).is_pending());
        assert!(poll(&mut last).is_pending());
        drop(gone);
        drop(held);
        assert!(poll(&mut last).is_pending(), "it is the first's turn");
        // A new call doesn't overtake.
        assert!(try_acquire(&limiter).is_none());
        let Poll::Ready(permit) = poll(&mut first) else {
            panic!("the first still waits")
        };
        drop(permit);
        assert!(poll(&mut last).is_ready());
    }

    #[test]
    fn a_permit_sent_to_a_dropped_call_goes_to_the_next() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::fixed(1));
        let held = try_acquire(&limiter).unwrap();
        let mut gone = Box::pin(limiter.acquire());
        let mut next = pin!(limiter.acquire());
        assert!(poll(&mut gone.as_mut()).is_pending() && poll(&mut next).is_pending());
        // The permit is sent to the first here.
        drop(held);
        drop(gone);
        assert!(poll(&mut next).is_ready());
    }

    #[test]
    fn streams_leave_a_permit_for_one_call_if_the_limit_is_adaptive() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&limiter);
        held.truncate(2);
        limiter.on_rate_limited();
        assert!(try_acquire(&limiter).is_none());
        let mut waiting = pin!(limiter.acquire());
        assert!(poll(&mut waiting).is_pending());
        for permit in &mut held {
            permit.mark_streaming();
        }
        let Poll::Ready(one) = poll(&mut waiting) else {
            panic!("it waits for streams that may wait for it")
        };
        assert!(try_acquire(&limiter).is_none(), "one at a time");
        drop(one);
        assert!(try_acquire(&limiter).is_some());
    }
}
