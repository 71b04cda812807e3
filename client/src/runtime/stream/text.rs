//! The text of a stream alone.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::runtime::error::Error;
use crate::runtime::stream::completion::StreamEvent;
use crate::runtime::stream::typed::EventStream;

impl<T: StreamEvent> EventStream<T> {
    /// The pieces of text alone, without the events that have none. Of several parts, such as the
    /// choices of a reply, it is the first one's.
    pub fn into_text_deltas(self) -> TextDeltaStream<T> {
        TextDeltaStream { events: self }
    }
}

/// The pieces of text in a stream of events.
#[derive(Debug)]
#[must_use = "a stream delivers nothing unless it is read"]
pub struct TextDeltaStream<T> {
    events: EventStream<T>,
}

impl<T: StreamEvent> TextDeltaStream<T> {
    /// The next piece of text, never empty; `None` after the last, and after an error.
    ///
    /// # Errors
    ///
    /// Those of [`EventStream`].
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T: StreamEvent> Stream for TextDeltaStream<T> {
    type Item = Result<String, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let event = match ready!(Pin::new(&mut self.events).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(event)) => event,
            };
            if let Some(text) = event.text_delta().filter(|text| !text.is_empty()) {
                return Poll::Ready(Some(Ok(text.to_owned())));
            }
        }
    }
}
