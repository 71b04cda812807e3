//! Arithmetic of the adaptive concurrency limit (AIMD): no lock, no clock.

/// The most that consecutive refused probes can delay the next probe, as a multiple of the limit in
/// successes.
const MAX_PROBE_INTERVAL: usize = 32;

/// A limit that falls by half on a rate limit and grows with successes.
#[derive(Clone, Debug)]
pub(super) struct AdaptiveLimit {
    limit: usize,
    /// The number of calls that the server is known to accept. Beyond it the limit grows by one at a time.
    known_capacity: usize,
    /// Successes since the limit last changed.
    successes: usize,
    /// Successes needed before the next probe, as a multiple of the limit.
    probe_interval: usize,
}

impl AdaptiveLimit {
    /// No limit until the first rate limit.
    pub(super) fn new() -> Self {
        Self {
            limit: usize::MAX,
            known_capacity: 1,
            successes: 0,
            probe_interval: 1,
        }
    }

    pub(super) fn get(&self) -> usize {
        self.limit
    }

    /// Lowers the limit. `in_flight` is the number of calls besides the refused one.
    pub(super) fn on_rate_limited(&mut self, in_flight: usize) {
        self.successes = 0;
        if self.is_probing() && in_flight >= self.known_capacity {
            // Only the probe was too much: halving would waste what the server is known to accept.
            self.limit = self.known_capacity;
            self.probe_interval = (2 * self.probe_interval).min(MAX_PROBE_INTERVAL);
        } else {
            self.known_capacity = in_flight.max(1);
            // Rounded up, because the refused call was one of them.
            self.limit = self.limit.min(in_flight.div_ceil(2)).max(1);
            self.probe_interval = 1;
        }
    }

    /// Counts a success; returns whether the limit has grown. `in_flight` is the number of other calls.
    pub(super) fn on_success(&mut self, in_flight: usize) -> bool {
        // A success below the limit says nothing about the limit.
        if self.limit == usize::MAX || in_flight + 1 < self.limit {
            return false;
        }
        self.successes += 1;
        let grows = self.limit < self.known_capacity
            || self.successes >= self.limit.saturating_mul(self.probe_interval);
        if grows {
            if self.is_probing() {
                self.known_capacity = self.limit;
                self.probe_interval = 1;
            }
            self.limit += 1;
            self.successes = 0;
        }
        grows
    }

    /// Whether the limit is one above what the server is known to accept.
    fn is_probing(&self) -> bool {
        self.limit == self.known_capacity.saturating_add(1)
    }
}
