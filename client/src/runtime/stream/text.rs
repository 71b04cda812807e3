//! The text deltas of an event stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::runtime::error::Error;
use crate::runtime::stream::completion::{StreamEnd, StreamEvent};
use crate::runtime::stream::typed::EventStream;
use crate::runtime::tolerance::deviation::Deviation;

impl<T: StreamEvent> EventStream<T> {
    /// Returns the text deltas alone, without the events that have none. If there are several choices, the
    /// text is that of the first.
    pub fn into_text_deltas(self) -> TextDeltaStream<T> {
        TextDeltaStream {
            events: self,
            usage: None,
        }
    }
}

/// The text deltas of an event stream, as they arrive.
///
/// A [`Stream`], which also has [`next`](TextDeltaStream::next) of its own. It ends and fails as the
/// [`EventStream`] that it was made from.
#[derive(Debug)]
#[must_use = "a stream delivers nothing unless it is read"]
pub struct TextDeltaStream<T: StreamEvent> {
    events: EventStream<T>,
    usage: Option<T::Usage>,
}

impl<T: StreamEvent> TextDeltaStream<T> {
    /// Returns the status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.events.status()
    }

    /// Returns the headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        self.events.headers()
    }

    /// Returns the server's id of this request, to quote in a support request, if a header contains one.
    pub fn request_id(&self) -> Option<&str> {
        self.events.request_id()
    }

    /// Returns how the stream ended; `None` until it has, and after an error.
    pub fn end(&self) -> Option<StreamEnd> {
        self.events.end()
    }

    /// Returns the places where the events received so far differ from the API schema, each read as its
    /// [`action`](Deviation::action) says. Events that were skipped are among them.
    pub fn deviations(&self) -> &[Deviation] {
        self.events.deviations()
    }

    /// Returns the number of events received so far, with and without text.
    pub fn events_received(&self) -> usize {
        self.events.events_received()
    }

    /// Returns the latest usage that an event has reported, usually the last event before the end; `None` if
    /// none has.
    pub fn usage(&self) -> Option<&T::Usage> {
        self.usage.as_ref()
    }

    /// Returns the next text delta, never empty; `None` after the last, and after an error. Cancel safe.
    ///
    /// # Errors
    ///
    /// Those of [`EventStream`].
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        poll_fn(|cx| self.poll_delta(cx)).await
    }

    fn poll_delta(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<String, Error>>> {
        loop {
            let event = match ready!(Pin::new(&mut self.events).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(event)) => event,
            };
            if let Some(usage) = event.usage() {
                self.usage = Some(usage.clone());
            }
            if let Some(text) = event.text_delta().filter(|text| !text.is_empty()) {
                return Poll::Ready(Some(Ok(text.to_owned())));
            }
        }
    }
}

// Nothing is pinned: the usage is moved only between polls.
impl<T: StreamEvent> Unpin for TextDeltaStream<T> {}

impl<T: StreamEvent> Stream for TextDeltaStream<T> {
    type Item = Result<String, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_delta(cx)
    }
}

impl<T: StreamEvent> FusedStream for TextDeltaStream<T> {
    fn is_terminated(&self) -> bool {
        self.events.is_terminated()
    }
}
