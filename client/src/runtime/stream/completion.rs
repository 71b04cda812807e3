//! Detection of the end of a stream.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;

use crate::runtime::tolerance::schema::Described;

/// An event of an [`EventStream`](crate::runtime::EventStream), and how such a stream ends. Generated code implements it.
pub trait StreamEvent: DeserializeOwned + Described {
    /// The token usage that an event may report; `()` if the API doesn't report any.
    type Usage: Clone + fmt::Debug + Send + Sync + 'static;

    /// The data that ends the stream in place of an event, such as `[DONE]`. With `None` only the finish reasons and an
    /// event named `*.done` end it.
    const SENTINEL: Option<&'static str>;

    /// Records the choices (substreams) that this event belongs to, and which of them it finishes.
    fn track_finish(&self, tracker: &mut FinishTracker) {
        let _ = tracker;
    }

    /// Returns the text that this event adds to the first choice, if the API streams text.
    fn text_delta(&self) -> Option<&str> {
        None
    }

    /// Returns the usage that this event reports.
    fn usage(&self) -> Option<&Self::Usage> {
        None
    }
}

/// How a complete event stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StreamEnd {
    /// With the sentinel that the API sends last, such as `[DONE]`.
    Sentinel,
    /// With an event whose name ends in `.done`, which was delivered like any other.
    DoneEvent,
    /// With the body, the connection or a [grace](crate::runtime::ClientBuilder::finish_grace),
    /// after a finish reason for every choice that was seen. What the API sends after that, such as
    /// the usage, may be missing.
    AllChoicesFinished,
}

/// The choices (substreams) of a stream: which were seen, and which have finished.
#[derive(Clone, Debug, Default)]
pub struct FinishTracker {
    finished: BTreeMap<i128, bool>,
    open: usize,
}

impl FinishTracker {
    /// Records a choice, and whether it has now finished. A finished choice stays finished.
    pub fn record(&mut self, index: impl Into<i128>, finished: bool) {
        let open = &mut self.open;
        let known = self.finished.entry(index.into()).or_insert_with(|| {
            *open += 1;
            false
        });
        if finished && !*known {
            *known = true;
            *open -= 1;
        }
    }

    /// Returns whether there was a choice, and all have finished.
    pub(crate) fn all_finished(&self) -> bool {
        self.open == 0 && !self.finished.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_choices_seen_must_have_finished() {
        let mut choices = FinishTracker::default();
        assert!(!choices.all_finished());
        for (index, finished, all) in [
            (0, false, false),
            (0, true, true),
            (3, false, false),
            (0, true, false),
            (0, false, false),
            (3, true, true),
            (3, false, true),
        ] {
            choices.record(index, finished);
            assert_eq!(choices.all_finished(), all, "{choices:?}");
        }
    }
}
