//! The events of a streamed answer, as iterators.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::block_on;
use crate::runtime;
use crate::runtime::error::Error;
use crate::runtime::stream::completion::{StreamEnd, StreamEvent};

/// The events of a streamed answer, each decoded when it is asked for.
///
/// An iterator; for what it promises, and for its errors, see the async
/// [`EventStream`](runtime::EventStream). An error is always the last item. Dropping the stream closes
/// the connection.
#[derive(Debug)]
#[must_use = "a stream delivers nothing unless it is read"]
pub struct EventStream<T>(runtime::EventStream<T>);

/// The pieces of text in a stream of events.
#[derive(Debug)]
#[must_use = "a stream delivers nothing unless it is read"]
pub struct TextDeltaStream<T>(runtime::TextDeltaStream<T>);

impl<T> EventStream<T> {
    pub(crate) fn new(inner: runtime::EventStream<T>) -> Self {
        Self(inner)
    }

    /// The status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The server's id of this request, to be quoted to its support, if a header holds one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id()
    }

    /// What made the stream whole; `None` as long as it isn't, and after an error.
    pub fn end(&self) -> Option<StreamEnd> {
        self.0.end()
    }

    /// How many events have been delivered so far.
    pub fn events_received(&self) -> usize {
        self.0.events_received()
    }
}

impl<T: StreamEvent> EventStream<T> {
    /// The pieces of text alone, without the events that have none. Of several parts, such as the
    /// choices of a reply, it is the first one's.
    pub fn into_text_deltas(self) -> TextDeltaStream<T> {
        TextDeltaStream(self.0.into_text_deltas())
    }
}

impl<T: StreamEvent> Iterator for EventStream<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T: StreamEvent> std::iter::FusedIterator for EventStream<T> {}

impl<T: StreamEvent> Iterator for TextDeltaStream<T> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T: StreamEvent> std::iter::FusedIterator for TextDeltaStream<T> {}
