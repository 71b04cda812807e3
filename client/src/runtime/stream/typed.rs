//! The events of a streamed response, decoded as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::runtime::error::Error;
use crate::runtime::response::decode::{Decoded, decode_json};
use crate::runtime::stream::completion::{StreamEnd, StreamEvent};
use crate::runtime::stream::raw::{RawEventStream, is_error};
use crate::runtime::telemetry::CallSpan;
use crate::runtime::transport::RawResponse;

/// The events of a streamed response, each decoded when it is requested.
///
/// A [`Stream`], which also has [`next`](EventStream::next) of its own. Nothing is read ahead: a
/// reader that stops reading stops the server. Dropping the stream closes the connection.
///
/// After `None` the response is complete, and [`end`](EventStream::end) tells what said
/// so. After an error, which is always the last item, it isn't; the events delivered before stay
/// valid. No error leads to another attempt, because the server has done work and may have billed
/// it.
///
/// # Errors
///
/// Besides the errors of any response that was opened:
///
/// - [`ErrorKind::IncompleteStream`](crate::runtime::ErrorKind::IncompleteStream): the response ended, or the connection
///   broke, before the stream was complete. The message tells where.
/// - the API's own error, if it sent one instead of an event or beside one. The body of the error is
///   that event's data.
/// - [`ErrorKind::Decode`](crate::runtime::ErrorKind::Decode): an event isn't what the contract specifies, or the response
///   is no stream of events at all.
/// - [`ErrorKind::ReadTimeout`](crate::runtime::ErrorKind::ReadTimeout): nothing came for too long.
/// - [`ErrorKind::ResponseTooLarge`](crate::runtime::ErrorKind::ResponseTooLarge): one event was too large.
#[must_use = "a stream delivers nothing unless it is read"]
pub struct EventStream<T> {
    events: RawEventStream,
    span: CallSpan,
    value: PhantomData<fn() -> T>,
}

impl<T> EventStream<T> {
    /// The status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.events.parts.status
    }

    /// The headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.events.parts.headers
    }

    /// The server's id of this request, to be quoted to its support, if a header holds one.
    pub fn request_id(&self) -> Option<&str> {
        self.events.parts.request_id()
    }

    /// What made the stream whole; `None` as long as it isn't, and after an error.
    pub fn end(&self) -> Option<StreamEnd> {
        self.events.done
    }

    /// How many events have been delivered so far.
    pub fn events_received(&self) -> usize {
        self.events.delivered
    }
}

impl<T: StreamEvent> EventStream<T> {
    pub(crate) async fn open(opened: RawResponse) -> Result<Self, Error> {
        let events = RawEventStream::open(opened).await?;
        Ok(Self {
            events,
            span: CallSpan::disabled(),
            value: PhantomData,
        })
    }

    /// From here on the span is this stream's, and ends with it.
    pub(crate) fn with_span(mut self, span: CallSpan) -> Self {
        span.record_response(self.status(), self.request_id());
        self.span = span;
        self
    }

    /// The next event; `None` after the last, and after an error.
    ///
    /// May be dropped before it is done, as `select!` does: nothing is lost.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| self.poll_event(cx)).await
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let event = ready!(self.poll_decoded(cx));
        match &event {
            Some(Ok(_)) => (),
            Some(Err(error)) => self.span.close_with_error(error),
            None => self.span.close(),
        }
        Poll::Ready(event)
    }

    fn poll_decoded(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let event = match ready!(self.events.poll_next(cx, T::SENTINEL)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(event)) => event,
        };
        if is_error(&event.name) {
            return Poll::Ready(Some(Err(self.events.error_event(event.data))));
        }
        Poll::Ready(Some(match decode_json::<T>(&event.data, "event data") {
            Decoded::Value(value) => {
                value.track_finish(&mut self.events.tracker);
                self.events.record_delivered(&event.name);
                self.span.record_payload(&event.data);
                Ok(value)
            }
            Decoded::ErrorObject => Err(self.events.error_event(event.data)),
            Decoded::Invalid(message, error) => {
                Err(self.events.decode_error(event.data, &message, error))
            }
        }))
    }
}

impl<T: StreamEvent> Stream for EventStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(cx)
    }
}

impl<T: StreamEvent> FusedStream for EventStream<T> {
    fn is_terminated(&self) -> bool {
        self.events.is_terminated()
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("status", &self.status().as_u16())
            .field("request_id", &self.request_id())
            .field("delivered", &self.events_received())
            .field("end", &self.end())
            .finish_non_exhaustive()
    }
}
