//! The typed events of a stream, decoded as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_core::stream::FusedStream;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::runtime::error::Error;
use crate::runtime::response::json::{ReadJson, read_json};
use crate::runtime::stream::completion::{StreamEnd, StreamEvent};
use crate::runtime::stream::raw::{RawEventStream, is_error, is_undocumented};
use crate::runtime::stream::sse::RawEvent;
use crate::runtime::telemetry::CallSpan;
use crate::runtime::tolerance::Tolerance;
use crate::runtime::tolerance::deviation::{Deviation, DeviationAction, JsonType, merge};
use crate::runtime::tolerance::reader::Root;
use crate::runtime::transport::RawResponse;

/// The events of a streamed response, each decoded when it is requested.
///
/// A [`Stream`] with a [`next`](EventStream::next) of its own. Nothing is read ahead: a reader that stops reading stops
/// the server. Dropping the stream closes the connection.
///
/// After `None` the stream is complete, and [`end`](EventStream::end) returns how it ended. An error is always the last
/// item; the events delivered before it stay valid. No error is retried, because the server has done work and may have
/// billed it.
///
/// # Errors
///
/// Besides the errors of any response:
///
/// - [`ErrorKind::IncompleteStream`](crate::runtime::ErrorKind::IncompleteStream): the response or its connection ended
///   before the stream was complete. The message says where.
/// - The API's own error, if it sent one instead of an event or among the events. The body of the error is the data of
///   that event.
/// - [`ErrorKind::Decode`](crate::runtime::ErrorKind::Decode): an event differs from the schema in what it can't do
///   without (in anything, with [`strict_responses`](crate::runtime::ClientBuilder::strict_responses)), or the response
///   is no event stream.
/// - [`ErrorKind::ReadTimeout`](crate::runtime::ErrorKind::ReadTimeout): no data arrived within the read timeout.
/// - [`ErrorKind::ResponseTooLarge`](crate::runtime::ErrorKind::ResponseTooLarge): an event exceeds the limit.
#[must_use = "a stream delivers nothing unless it is read"]
pub struct EventStream<T> {
    events: RawEventStream,
    span: CallSpan,
    deviations: Vec<Deviation>,
    raw: Option<Bytes>,
    value: PhantomData<fn() -> T>,
}

impl<T> EventStream<T> {
    /// Returns the status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.events.parts.status
    }

    /// Returns the headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.events.parts.headers
    }

    /// Returns the server's id of this request, to quote in a support request, if a header contains one.
    pub fn request_id(&self) -> Option<&str> {
        self.events.parts.request_id()
    }

    /// Returns how the stream ended; `None` until it has, and after an error.
    pub fn end(&self) -> Option<StreamEnd> {
        self.events.done
    }

    /// Returns the data of the last event that was delivered, as it arrived; `None` before the first.
    pub fn raw(&self) -> Option<&Bytes> {
        self.raw.as_ref()
    }

    /// Returns the places where the events received so far differ from the API schema, each read as its
    /// [`action`](Deviation::action) says. Events that were skipped are among them.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Returns the number of events received so far.
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
            deviations: Vec::new(),
            raw: None,
            value: PhantomData,
        })
    }

    /// Attaches the call's span, which ends with the stream.
    pub(crate) fn with_span(mut self, span: CallSpan) -> Self {
        span.record_response(self.status(), self.request_id());
        self.span = span;
        self
    }

    /// Returns the next event; `None` after the last, and after an error. Cancel safe.
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
        loop {
            let event = match ready!(self.events.poll_next(cx, T::SENTINEL)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(event)) => event,
            };
            if let Some(item) = self.decode(event) {
                return Poll::Ready(Some(item));
            }
        }
    }

    /// Decodes an event. Returns nothing for one that is skipped.
    fn decode(&mut self, event: RawEvent) -> Option<Result<T, Error>> {
        if is_error(&event.name) {
            return Some(Err(self.events.error_event(event.data)));
        }
        let tolerance = self.events.tolerance();
        // Only the strict decoder recognizes an event under a name that the API schema doesn't list.
        let skips_misfits = tolerance == Tolerance::Tolerant && is_undocumented(&event.name);
        let decoder = match skips_misfits {
            true => Tolerance::Strict,
            false => tolerance,
        };
        let found = match read_json::<T>(self.events.operation, &event.data, Root::Event, decoder) {
            ReadJson::Value(value, deviations) => {
                if let Err(error) = self.report(&deviations) {
                    return Some(Err(error));
                }
                value.track_finish(&mut self.events.tracker);
                self.events.record_delivered(&event.name);
                self.span.record_payload(&event.data);
                self.raw = Some(event.data);
                return Some(Ok(value));
            }
            ReadJson::ErrorObject => return Some(Err(self.events.error_event(event.data))),
            ReadJson::Reported(error) => {
                return Some(Err(self.events.reported_error(event.data, error)));
            }
            ReadJson::Invalid(..) if skips_misfits => JsonType::of_data(&event.data),
            ReadJson::Invalid(message, error) => {
                return Some(Err(self.events.decode_error(event.data, &message, error)));
            }
            ReadJson::Unrelated(found) => found,
        };
        let skipped = Deviation::of_body(
            self.events.operation.id,
            "an event of the API",
            found,
            DeviationAction::Skipped,
        );
        self.report(&[skipped]).err().map(Err)
    }

    /// Reports the deviations of an event.
    fn report(&mut self, deviations: &[Deviation]) -> Result<(), Error> {
        if deviations.is_empty() {
            return Ok(());
        }
        self.span.record_deviations(deviations);
        self.events.client.report_deviations(deviations);
        merge(&mut self.deviations, deviations).map_err(|_| self.events.too_many_deviations())
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
