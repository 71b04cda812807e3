//! How a stream of events says that it is complete.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;

/// What an [`EventStream`](crate::runtime::EventStream) delivers, and how such a stream ends. Generated code
/// implements it.
pub trait StreamEvent: DeserializeOwned {
    /// The token usage that an event may report; `()` if the API doesn't report any.
    type Usage: Clone + fmt::Debug + Send + Sync + 'static;

    /// The data that ends the stream instead of an event. With `None` only the parts and an event
    /// named `*.done` can.
    const SENTINEL: Option<&'static str>;

    /// Notes the parts that this event has a chunk of, and which of them it finishes.
    fn track_finish(&self, tracker: &mut FinishTracker) {
        let _ = tracker;
    }

    /// The text that this event adds to the first part, if the API streams texts.
    fn text_delta(&self) -> Option<&str> {
        None
    }

    /// Returns the usage that this event reports.
    fn usage(&self) -> Option<&Self::Usage> {
        None
    }
}

/// What made a stream of events whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StreamEnd {
    /// The marker that the API sends last, such as `[DONE]`.
    Sentinel,
    /// An event whose name ends in `.done`, which was delivered like any other.
    DoneEvent,
    /// Nothing but that every part seen, such as every choice of a reply, had said it was finished
    /// when the response ended or its connection broke. What the API sends after that, such as the
    /// usage, may be missing.
    AllChoicesFinished,
}

/// The parts of a streamed response, such as the choices of a reply: which were seen, and which of
/// them have finished.
#[derive(Clone, Debug, Default)]
pub struct FinishTracker {
    finished: BTreeMap<i64, bool>,
    open: usize,
}

impl FinishTracker {
    /// Notes that a part was seen, and whether it has now finished. One that has stays finished.
    pub fn record(&mut self, index: i64, finished: bool) {
        let open = &mut self.open;
        let known = self.finished.entry(index).or_insert_with(|| {
            *open += 1;
            false
        });
        if finished && !*known {
            *known = true;
            *open -= 1;
        }
    }

    /// Whether there was a part, and none is unfinished.
    pub(crate) fn all_finished(&self) -> bool {
        self.open == 0 && !self.finished.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_seen_must_have_finished() {
        let mut parts = FinishTracker::default();
        assert!(!parts.all_finished());
        for (index, finished, all) in [
            (0, false, false),
            (0, true, true),
            (3, false, false),
            (0, true, false),
            (0, false, false),
            (3, true, true),
            (3, false, true),
        ] {
            parts.record(index, finished);
            assert_eq!(parts.all_finished(), all, "{parts:?}");
        }
    }
}
