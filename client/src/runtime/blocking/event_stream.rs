//! The events of a streamed response, as iterators.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::block_on;
use crate::runtime;
use crate::runtime::error::Error;
use crate::runtime::stream::completion::{StreamEnd, StreamEvent};
use crate::runtime::tolerance::deviation::Deviation;

/// The events of a streamed response, each decoded when the iterator reaches it.
///
/// Its guarantees and errors are those of the async [`EventStream`](runtime::EventStream). An error is always the
/// last item. Dropping the stream closes the connection.
#[derive(Debug)]
#[must_use = "a stream delivers nothing unless it is read"]
pub struct EventStream<T>(runtime::EventStream<T>);

/// The text deltas of an event stream, as they arrive.
#[derive(Debug)]
#[must_use = "a stream delivers nothing unless it is read"]
pub struct TextDeltaStream<T: StreamEvent>(runtime::TextDeltaStream<T>);

/// Metadata that both iterators have in common with the async streams.
macro_rules! stream_metadata {
    () => {
        /// Returns the status, always a 2xx.
        pub fn status(&self) -> StatusCode {
            self.0.status()
        }

        /// Returns the headers of the response.
        pub fn headers(&self) -> &HeaderMap {
            self.0.headers()
        }

        /// Returns the server's id of this request, to quote in a support request, if a header contains one.
        pub fn request_id(&self) -> Option<&str> {
            self.0.request_id()
        }

        /// Returns how the stream ended; `None` until it has, and after an error.
        pub fn end(&self) -> Option<StreamEnd> {
            self.0.end()
        }

        /// Returns the places where the events received so far differ from the API schema, each read as its
        /// [`action`](Deviation::action) says. Events that were skipped are among them.
        pub fn deviations(&self) -> &[Deviation] {
            self.0.deviations()
        }

        /// Returns the number of events received so far.
        pub fn events_received(&self) -> usize {
            self.0.events_received()
        }
    };
}

impl<T> EventStream<T> {
    pub(crate) fn new(inner: runtime::EventStream<T>) -> Self {
        Self(inner)
    }

    /// Returns the data of the last event that was delivered, as it arrived; `None` before the first.
    pub fn raw(&self) -> Option<&Bytes> {
        self.0.raw()
    }

    stream_metadata!();
}

impl<T: StreamEvent> EventStream<T> {
    /// Returns the text deltas alone, without the events that have none. If there are several choices, the text is
    /// that of the first.
    pub fn into_text_deltas(self) -> TextDeltaStream<T> {
        TextDeltaStream(self.0.into_text_deltas())
    }
}

impl<T: StreamEvent> TextDeltaStream<T> {
    stream_metadata!();

    /// Returns the latest usage that an event has reported; `None` if none has.
    pub fn usage(&self) -> Option<&T::Usage> {
        self.0.usage()
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
