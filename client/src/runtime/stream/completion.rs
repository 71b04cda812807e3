//! Detection of the end of a complete event stream.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

/// An event of an [`EventStream`](crate::runtime::EventStream), which defines how such a stream ends.
/// Implemented by generated code.
pub trait StreamEvent: DeserializeOwned {
    /// The data of the last message of a complete stream, such as `[DONE]`. If `None`, only finished
    /// choices or an event named `*.done` end a stream.
    const SENTINEL: Option<&'static str>;

    /// Records the choices that this event belongs to, and which of them it finishes.
    fn track_finish(&self, tracker: &mut FinishTracker) {
        let _ = tracker;
    }

    /// Returns the text that this event adds to the first choice, if the API streams text.
    fn text_delta(&self) -> Option<&str> {
        None
    }
}

/// The way in which a complete event stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StreamEnd {
    /// The API sent its sentinel, such as `[DONE]`.
    Sentinel,
    /// The API sent an event whose name ends in `.done`. It was delivered like any other event.
    DoneEvent,
    /// The response ended, or its connection was lost, without a sentinel, after every choice received
    /// had finished. Data that the API sends after that, such as the token usage, may be missing.
    AllChoicesFinished,
}

/// Tracks which choices of a streamed response were received and which of them have finished. A choice
/// is any indexed substream that can finish before the stream does.
#[derive(Clone, Debug, Default)]
pub struct FinishTracker {
    /// Whether the choice has finished, by its index.
    finished: BTreeMap<i64, bool>,
    /// The number of unfinished choices.
    unfinished: usize,
}

impl FinishTracker {
    /// Records that a choice was received, and whether it has finished. A finished choice stays finished.
    pub fn record(&mut self, index: i64, finished: bool) {
        let unfinished = &mut self.unfinished;
        let has_finished = self.finished.entry(index).or_insert_with(|| {
            *unfinished += 1;
            false
        });
        if finished && !*has_finished {
            *has_finished = true;
            *unfinished -= 1;
        }
    }

    /// Returns whether at least one choice was received and none is unfinished.
    pub(crate) fn all_finished(&self) -> bool {
        self.unfinished == 0 && !self.finished.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_received_choices_must_have_finished() {
        let mut tracker = FinishTracker::default();
        assert!(!tracker.all_finished());
        for (index, finished, all) in [
            (0, false, false),
            (0, true, true),
            (3, false, false),
            (0, true, false),
            (0, false, false),
            (3, true, true),
            (3, false, true),
        ] {
            tracker.record(index, finished);
            assert_eq!(tracker.all_finished(), all, "{tracker:?}");
        }
    }
}
