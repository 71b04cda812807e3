//! How many calls a client and its clones have in flight at a time.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::Error;

/// How many calls a client and all its clones may have in flight at a time.
///
/// A call is in flight from sending its request until its answer was read; a stream or a download
/// until it ended or was dropped. A call that pauses before another attempt isn't. Who finds no place
/// waits for one, first come first served, until the call's deadline.
///
/// ```
/// use cometapi::{Client, ConcurrencyLimit};
///
/// let client = Client::builder().concurrency_limit(ConcurrencyLimit::fixed(8)).build()?;
/// # Ok::<(), cometapi::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimit(Bound);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Adaptive,
    Fixed(usize),
    Off,
}

impl ConcurrencyLimit {
    /// No bound until the server refuses a call for its rate limit (429); then half of what was in
    /// flight, growing back with successes: fast up to what the server had taken when it refused,
    /// from there by one at a time, and ever more rarely if the server refuses that one. The default.
    ///
    /// If streams and downloads hold all the places, one other call at a time goes ahead, so that a
    /// task which calls again while it reads a stream doesn't wait for itself.
    pub const fn adaptive() -> Self {
        Self(Bound::Adaptive)
    }

    /// As many as this and never more; 0 counts as 1. A task that holds a stream open and calls again
    /// needs a place for both.
    pub const fn fixed(places: usize) -> Self {
        Self(Bound::Fixed(places))
    }

    /// No bound.
    pub const fn unlimited() -> Self {
        Self(Bound::Off)
    }
}

impl Default for ConcurrencyLimit {
    fn default() -> Self {
        Self::adaptive()
    }
}

/// How rarely more is tried of a server that goes on refusing it.
const MAX_PATIENCE: usize = 32;

/// The places of a client and its clones; `None` if they are not counted.
#[derive(Clone, Debug)]
pub(super) struct Places(Option<Arc<Shared>>);

struct Shared {
    is_adaptive: bool,
    state: Mutex<State>,
}

struct State {
    limit: usize,
    /// What the server is known to take; beyond it the limit grows by one at a time, to try.
    ceiling: usize,
    /// Successes since the limit last changed.
    successes: usize,
    /// How many times as many successes as the limit it takes until one more is tried.
    patience: usize,
    in_flight: usize,
    /// Those of them whose answer is read at the caller's pace.
    streaming: usize,
    waiting: VecDeque<oneshot::Sender<Place>>,
}

/// A call in flight; dropping it makes room for another.
pub(super) struct Place {
    shared: Option<Arc<Shared>>,
    is_streaming: bool,
}

impl Places {
    pub(super) fn new(concurrency: ConcurrencyLimit) -> Self {
        let (limit, is_adaptive) = match concurrency.0 {
            Bound::Adaptive => (usize::MAX, true),
            Bound::Fixed(places) => (places.max(1), false),
            Bound::Off => return Self(None),
        };
        Self(Some(Arc::new(Shared {
            is_adaptive,
            state: Mutex::new(State {
                limit,
                ceiling: 1,
                successes: 0,
                patience: 1,
                in_flight: 0,
                streaming: 0,
                waiting: VecDeque::new(),
            }),
        })))
    }

    /// Waits for a place. May be dropped before it is done: the place goes to the next.
    pub(super) async fn enter(&self) -> Place {
        let Some(shared) = &self.0 else {
            return Place::uncounted();
        };
        let turn = {
            let mut state = shared.state();
            if state.waiting.is_empty() && state.has_room(shared.is_adaptive) {
                state.in_flight += 1;
                return Place::of(shared);
            }
            let (sender, turn) = oneshot::channel();
            state.waiting.push_back(sender);
            turn
        };
        // The sender is dropped only with all the places.
        turn.await.unwrap_or_else(|_| Place::uncounted())
    }

    /// The server refused a call for its rate limit; its own place is free again.
    pub(super) fn refused(&self) {
        self.adapt(|state| {
            state.successes = 0;
            if state.is_probing() && state.in_flight >= state.ceiling {
                // One more was too many, and nothing else has changed.
                state.limit = state.ceiling;
                state.patience = (2 * state.patience).min(MAX_PATIENCE);
            } else {
                state.ceiling = state.in_flight.max(1);
                // Rounded up, for the refused call was one of them.
                state.limit = state.limit.min(state.in_flight.div_ceil(2)).max(1);
                state.patience = 1;
            }
            false
        });
    }

    /// A call succeeded; its own place may be free again.
    pub(super) fn succeeded(&self) {
        self.adapt(|state| {
            // A bound that isn't reached hasn't been tried.
            if state.limit == usize::MAX || state.in_flight + 1 < state.limit {
                return false;
            }
            state.successes += 1;
            let grows = state.limit < state.ceiling
                || state.successes >= state.limit.saturating_mul(state.patience);
            if grows {
                if state.is_probing() {
                    state.ceiling = state.limit;
                    state.patience = 1;
                }
                state.limit += 1;
                state.successes = 0;
            }
            grows
        });
    }

    /// Says in the error what the call waited for in vain.
    pub(super) fn explain(&self, error: Error) -> Error {
        let Some(shared) = &self.0 else { return error };
        let limit = shared.state().limit;
        let places = if limit == 1 { "place" } else { "places" };
        error.because(&format!("waiting for one of {limit} {places} in flight"))
    }

    /// Changes the bound, if it is one that adapts. `change` tells whether there is more room now.
    fn adapt(&self, change: impl FnOnce(&mut State) -> bool) {
        let Some(shared) = self.0.as_ref().filter(|shared| shared.is_adaptive) else {
            return;
        };
        let has_grown = change(&mut shared.state());
        if has_grown {
            shared.admit();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the free places to those who wait.
    fn admit(self: &Arc<Self>) {
        loop {
            let next = self.state().next(self.is_adaptive);
            let Some(waiting) = next else { return };
            // Who went away meanwhile leaves the place to the next.
            drop(waiting.send(Place::of(self)));
        }
    }
}

impl State {
    /// Whether one more is being tried than the server is known to take.
    fn is_probing(&self) -> bool {
        self.limit == self.ceiling.saturating_add(1)
    }

    fn has_room(&self, is_adaptive: bool) -> bool {
        self.in_flight < self.limit || (is_adaptive && self.in_flight == self.streaming)
    }

    /// The next in the queue for whom there is room, counted as in flight.
    fn next(&mut self, is_adaptive: bool) -> Option<oneshot::Sender<Place>> {
        while self.has_room(is_adaptive) {
            let waiting = self.waiting.pop_front()?;
            if !waiting.is_closed() {
                self.in_flight += 1;
                return Some(waiting);
            }
        }
        None
    }
}

impl Place {
    /// The answer is read at the caller's pace from here on.
    pub(super) fn stream(&mut self) {
        let Some(shared) = self.shared.as_ref().filter(|_| !self.is_streaming) else {
            return;
        };
        self.is_streaming = true;
        shared.state().streaming += 1;
        shared.admit();
    }

    /// One that nobody waits for.
    pub(super) fn uncounted() -> Self {
        Self {
            shared: None,
            is_streaming: false,
        }
    }

    fn of(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Some(Arc::clone(shared)),
            is_streaming: false,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(shared) = &self.shared else { return };
        let mut state = shared.state();
        state.in_flight -= 1;
        state.streaming -= usize::from(self.is_streaming);
        drop(state);
        shared.admit();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Places")
            .field("limit", &state.limit)
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

    /// A place if there is one now.
    fn try_enter(places: &Places) -> Option<Place> {
        match poll(&mut pin!(places.enter())) {
            Poll::Ready(place) => Some(place),
            Poll::Pending => None,
        }
    }

    fn poll<F: Future>(future: &mut std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    fn fill(places: &Places) -> Vec<Place> {
        std::iter::from_fn(|| try_enter(places))
            .take(1000)
            .collect()
    }

    fn limit(places: &Places) -> usize {
        places.0.as_ref().unwrap().state().limit
    }

    #[test]
    fn a_fixed_bound_holds_whatever_happens() {
        let places = Places::new(ConcurrencyLimit::fixed(3));
        let mut held = fill(&places);
        assert_eq!(held.len(), 3);
        for place in &mut held {
            place.stream();
        }
        places.refused();
        places.succeeded();
        assert!(try_enter(&places).is_none());
        drop(held.pop());
        assert!(try_enter(&places).is_some());
        assert_eq!(fill(&Places::new(ConcurrencyLimit::fixed(0))).len(), 1);
    }

    #[test]
    fn there_is_none_until_the_first_refusal() {
        assert_eq!(fill(&Places::new(ConcurrencyLimit::adaptive())).len(), 1000);
        assert_eq!(
            fill(&Places::new(ConcurrencyLimit::unlimited())).len(),
            1000
        );
    }

    #[test]
    fn a_refusal_leaves_half_of_what_was_in_flight() {
        let places = Places::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&places);
        // One of them is refused.
        held.pop();
        places.refused();
        assert_eq!(limit(&places), 500);
        // All but eight are.
        while held.len() > 8 {
            held.pop();
            places.refused();
        }
        assert_eq!(limit(&places), 4);
        // One alone may always try.
        held.clear();
        places.refused();
        assert_eq!(limit(&places), 1);
    }

    #[test]
    fn successes_bring_it_back_fast_then_slowly() {
        let places = Places::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&places);
        held.truncate(8);
        places.refused();
        assert_eq!(limit(&places), 4);
        let mut limits = Vec::new();
        for _ in 0..4 {
            drop(held.pop());
            places.succeeded();
            limits.push(limit(&places));
            held.extend(fill(&places));
        }
        assert_eq!(limits, [5, 6, 7, 8]);
        assert_eq!(held.len(), 8);
        for taken in [8, 9, 10] {
            assert_eq!(until_growth(&places), taken);
            held.extend(fill(&places));
            assert_eq!(held.len(), taken + 1);
        }
    }

    /// How many successes it takes.
    fn until_growth(places: &Places) -> usize {
        let before = limit(places);
        let grown = |_: &usize| {
            places.succeeded();
            limit(places) > before
        };
        (1..10_000).find(grown).unwrap()
    }

    #[test]
    fn one_more_than_the_server_takes_is_tried_ever_more_rarely() {
        let places = Places::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&places);
        held.truncate(4);
        places.refused();
        held.truncate(2);
        let mut tries = Vec::new();
        for _ in 0..7 {
            while limit(&places) <= 4 {
                held.extend(fill(&places));
                tries.push(until_growth(&places));
            }
            places.refused();
            assert_eq!(limit(&places), 4, "not half of it");
        }
        assert_eq!(tries, [1, 1, 4, 8, 16, 32, 64, 128, 128]);
        // A refusal of what was taken before is another matter.
        held.truncate(3);
        places.refused();
        assert_eq!(limit(&places), 2);
    }

    #[test]
    fn a_bound_that_is_not_reached_does_not_grow() {
        let places = Places::new(ConcurrencyLimit::adaptive());
        let held = fill(&places);
        places.refused();
        let before = limit(&places);
        drop(held);
        for _ in 0..10_000 {
            places.succeeded();
        }
        assert_eq!(limit(&places), before);
    }

    #[test]
    fn those_who_wait_are_served_in_turn() {
        let places = Places::new(ConcurrencyLimit::fixed(1));
        let held = try_enter(&places).unwrap();
        let (mut first, mut gone) = (pin!(places.enter()), Box::pin(places.enter()));
        let mut last = pin!(places.enter());
        assert!(poll(&mut first).is_pending() && poll(&mut gone.as_mut()).is_pending());
        assert!(poll(&mut last).is_pending());
        drop(gone);
        drop(held);
        assert!(poll(&mut last).is_pending(), "it is the first's turn");
        // Nobody overtakes.
        assert!(try_enter(&places).is_none());
        let Poll::Ready(place) = poll(&mut first) else {
            panic!("the first still waits")
        };
        drop(place);
        assert!(poll(&mut last).is_ready());
    }

    #[test]
    fn a_place_given_to_one_who_left_goes_to_the_next() {
        let places = Places::new(ConcurrencyLimit::fixed(1));
        let held = try_enter(&places).unwrap();
        let mut gone = Box::pin(places.enter());
        let mut next = pin!(places.enter());
        assert!(poll(&mut gone.as_mut()).is_pending() && poll(&mut next).is_pending());
        // It is given to the first here.
        drop(held);
        drop(gone);
        assert!(poll(&mut next).is_ready());
    }

    #[test]
    fn streams_leave_room_for_one_call_if_the_bound_is_not_the_users() {
        let places = Places::new(ConcurrencyLimit::adaptive());
        let mut held = fill(&places);
        held.truncate(2);
        places.refused();
        assert!(try_enter(&places).is_none());
        let mut waiting = pin!(places.enter());
        assert!(poll(&mut waiting).is_pending());
        for place in &mut held {
            place.stream();
        }
        let Poll::Ready(one) = poll(&mut waiting) else {
            panic!("it waits for streams that may wait for it")
        };
        assert!(try_enter(&places).is_none(), "one at a time");
        drop(one);
        assert!(try_enter(&places).is_some());
    }
}
