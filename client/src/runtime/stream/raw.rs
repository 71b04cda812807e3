//! Raw event stream: content sniffing, undecoded events, and detection of the end of the stream.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde::de::IgnoredAny;
use tokio::time::{Sleep, sleep};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::error::parse_body::ParsedErrorBody;
use crate::runtime::http::media_type::{self, UTF8_BOM, strip_bom};
use crate::runtime::http::parts::ResponseParts;
use crate::runtime::response::decode;
use crate::runtime::serde::error_detector::{Detected, decode_detecting_errors};
use crate::runtime::stream::completion::{FinishTracker, StreamEnd};
use crate::runtime::stream::sse::{EventTooLarge, RawEvent, SseParser};
use crate::runtime::tolerance::Tolerance;
use crate::runtime::tolerance::deviation::MAX_DEVIATIONS;
use crate::runtime::transport::body::{BodyBuffer, BodyEnd, ResponseBody};
use crate::runtime::transport::errors::root_cause;
use crate::runtime::transport::{RawResponse, finish_body};

/// The undecoded events of a response. The end of the stream, and any error, closes the connection.
pub(crate) struct RawEventStream {
    pub(crate) client: Client,
    pub(crate) operation: &'static Operation,
    pub(crate) parts: ResponseParts,
    declared: DeclaredContent,
    state: State,
    pub(crate) tracker: FinishTracker,
    /// Runs from when every choice had finished.
    grace: Option<Pin<Box<Sleep>>>,
    /// The number of events delivered to the caller.
    pub(crate) delivered: usize,
    /// How the stream ended. `None` while it is open and after an error.
    pub(crate) done: Option<StreamEnd>,
}

/// The kind of body that the content type declares. Some gateways declare events as JSON, or JSON as events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeclaredContent {
    EventStream,
    Json,
    Html,
}

enum State {
    /// Waiting for the first byte that is not white space, which reveals the kind of body.
    Sniffing(ResponseBody, BytesMut),
    /// Buffering a body that is not an event stream, to build an error from it.
    Buffering(ResponseBody, BodyBuffer),
    /// Parsing events. The first bytes are kept until the first event, for the error if there is none.
    Parsing(ResponseBody, SseParser, BytesMut),
    Done,
}

impl RawEventStream {
    /// Opens the event stream of a response. If the content type declares something else, the body is
    /// checked here, within the call's deadline, and may become the error.
    pub(crate) async fn open(response: RawResponse) -> Result<Self, Error> {
        let RawResponse {
            client,
            operation,
            deadline,
            parts,
            mut body,
        } = response;
        body.mark_streaming();
        let declared = match media_type::essence(&parts.headers) {
            sent if media_type::is_html(sent) => DeclaredContent::Html,
            sent if media_type::is_json(sent) => DeclaredContent::Json,
            _ => DeclaredContent::EventStream,
        };
        let mut events = Self {
            client,
            operation,
            parts,
            declared,
            state: State::Sniffing(body, BytesMut::new()),
            tracker: FinishTracker::default(),
            grace: None,
            delivered: 0,
            done: None,
        };
        if declared != DeclaredContent::EventStream {
            let opened = deadline.timeout(None, poll_fn(|cx| events.poll_open(cx)));
            opened.await.unwrap_or_else(|timeout| {
                let error = timeout.into_error(operation);
                Err(events.response_error(error, Bytes::new()))
            })?;
        }
        Ok(events)
    }

    /// Polls for the next event that is neither blank nor the sentinel.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        sentinel: Option<&str>,
    ) -> Poll<Option<Result<RawEvent, Error>>> {
        if let Err(error) = ready!(self.poll_open(cx)) {
            return Poll::Ready(Some(Err(error)));
        }
        let max_prefix = self.client.config().max_error_body_bytes;
        while let State::Parsing(body, parser, prefix) = &mut self.state {
            match parser.next_event() {
                Ok(Some(event)) => {
                    if let Some(event) = self.filter(event, sentinel) {
                        return Poll::Ready(Some(Ok(event)));
                    }
                }
                Ok(None)
                    if self.tracker.all_finished()
                        && is_grace_over(
                            &mut self.grace,
                            self.client.config().finish_grace,
                            cx,
                        ) =>
                {
                    self.finish(StreamEnd::AllChoicesFinished);
                }
                Ok(None) => match ready!(body.poll_next(cx)) {
                    Some(Ok(chunk)) => {
                        if self.delivered == 0 {
                            let room = max_prefix.saturating_sub(prefix.len());
                            prefix.extend_from_slice(&chunk[..chunk.len().min(room)]);
                        }
                        parser.feed(chunk);
                    }
                    None => return Poll::Ready(self.on_body_end(None, sentinel).map(Err)),
                    Some(Err(error)) => {
                        return Poll::Ready(self.on_body_end(Some(error), sentinel).map(Err));
                    }
                },
                Err(EventTooLarge) => {
                    let limit = self.client.config().max_event_bytes;
                    let number = self.delivered + 1;
                    let message = format!("event {number} exceeds the limit of {limit} bytes");
                    let error =
                        Error::for_operation(self.operation, ErrorKind::ResponseTooLarge, message);
                    return Poll::Ready(Some(Err(self.response_error(error, Bytes::new()))));
                }
            }
        }
        Poll::Ready(None)
    }

    pub(crate) fn is_terminated(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Counts a delivered event, and ends the stream if the event has the name of a done event.
    pub(crate) fn record_delivered(&mut self, name: &[u8]) {
        self.delivered += 1;
        if is_done_event(name) {
            self.finish(StreamEnd::DoneEvent);
        } else if let State::Parsing(_, _, prefix) = &mut self.state {
            *prefix = BytesMut::new();
        }
    }

    /// Ends the stream with the error that the API sent as an event.
    pub(crate) fn error_event(&mut self, data: Bytes) -> Error {
        self.terminate(Error::from_response(
            self.operation,
            self.parts.clone(),
            data,
        ))
    }

    /// Ends the stream with an error that an event reports in properties of its own.
    pub(crate) fn reported_error(&mut self, data: Bytes, error: ParsedErrorBody) -> Error {
        self.terminate(Error::from_parsed(
            self.operation,
            self.parts.clone(),
            data,
            error,
        ))
    }

    pub(crate) fn tolerance(&self) -> Tolerance {
        self.client.config().tolerance
    }

    /// Ends a stream with more deviations than allowed.
    pub(crate) fn too_many_deviations(&mut self) -> Error {
        let message = format!("more than {MAX_DEVIATIONS} deviations from the schema");
        let error = Error::for_operation(self.operation, ErrorKind::Decode, message);
        self.response_error(error, Bytes::new())
    }

    /// Ends the stream with an event that can't be decoded.
    pub(crate) fn decode_error(
        &mut self,
        data: Bytes,
        message: &str,
        error: serde_json::Error,
    ) -> Error {
        let message = format!("event {}: {message}", self.delivered + 1);
        let error =
            Error::for_operation(self.operation, ErrorKind::Decode, message).with_source(error);
        self.response_error(error, data)
    }

    /// Ready once events can be read, or with the error of a response that is not an event stream.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            match &mut self.state {
                State::Parsing(..) | State::Done => return Poll::Ready(Ok(())),
                State::Sniffing(body, received) => match ready!(body.poll_next(cx)) {
                    Some(Ok(chunk)) => {
                        received.extend_from_slice(&chunk);
                        if let Some(error) = self.sniff() {
                            return Poll::Ready(Err(error));
                        }
                    }
                    end => {
                        let error = self.on_body_end(end.and_then(Result::err), None);
                        return Poll::Ready(error.map_or(Ok(()), Err));
                    }
                },
                State::Buffering(body, _) => {
                    let chunk = ready!(body.poll_next(cx));
                    if let Some(error) = self.buffer_chunk(chunk) {
                        return Poll::Ready(Err(error));
                    }
                }
            }
        }
    }

    /// Detects the kind of body from its first bytes, if enough of them have arrived.
    fn sniff(&mut self) -> Option<Error> {
        let State::Sniffing(body, received) = std::mem::replace(&mut self.state, State::Done)
        else {
            return None;
        };
        let config = self.client.config();
        let text = strip_bom(&received);
        let limit = config.max_error_body_bytes;
        // A fixed limit, so that the result does not depend on how the body is chunked.
        let prefix = text[..text.len().min(limit)].trim_ascii_start();
        let is_blank = prefix.is_empty() && text.len() < limit;
        let is_partial_bom = received.len() < UTF8_BOM.len() && UTF8_BOM.starts_with(&received);
        if is_blank || is_partial_bom {
            self.state = State::Sniffing(body, received);
            return None;
        }
        let is_not_events = match (self.declared, prefix.first()) {
            // A body of white space is not JSON.
            (_, None) => false,
            (DeclaredContent::Html, Some(_)) => true,
            // A field or a comment of an event stream begins with one of these, and JSON does not.
            (DeclaredContent::Json, Some(first)) => {
                !matches!(first, b'd' | b'e' | b'i' | b'r' | b':')
            }
            (DeclaredContent::EventStream, Some(first)) => matches!(first, b'{' | b'[' | b'<'),
        };
        let received = received.freeze();
        if is_not_events {
            self.state = State::Buffering(body, BodyBuffer::new(config.max_json_bytes));
            return self.buffer_chunk(Some(Ok(received)));
        }
        let prefix = BytesMut::from(&received[..received.len().min(config.max_error_body_bytes)]);
        let mut parser = SseParser::new(config.max_event_bytes);
        parser.feed(received);
        self.state = State::Parsing(body, parser, prefix);
        None
    }

    /// Buffers a chunk of a body that isn't an event stream. Returns its error once it is complete.
    fn buffer_chunk(&mut self, chunk: Option<Result<Bytes, Error>>) -> Option<Error> {
        let State::Buffering(_, buffer) = &mut self.state else {
            return None;
        };
        let end = buffer.push(chunk)?;
        let buffer = std::mem::replace(buffer, BodyBuffer::new(0));
        let parts = self.parts.clone();
        if let BodyEnd::Failed(_) = end
            && matches!(
                decode_detecting_errors::<IgnoredAny>(&buffer.bytes),
                Detected::ErrorObject
            )
        {
            // The server's error object is more specific than the lost connection.
            return Some(self.error_event(buffer.bytes.freeze()));
        }
        let response = finish_body(&self.client, self.operation, parts, buffer, end);
        let error = match response {
            Ok(response) => decode::unexpected_content("an event stream", self.operation, response),
            Err(error) => error,
        };
        Some(self.terminate(error))
    }

    /// Returns an event that is to be decoded. Drops the sentinel and blank events, either of which may end
    /// the stream.
    fn filter(&mut self, event: RawEvent, sentinel: Option<&str>) -> Option<RawEvent> {
        let data = event.data.trim_ascii();
        if is_sentinel(data, sentinel) {
            self.finish(StreamEnd::Sentinel);
            return None;
        }
        // Some servers send blank events to keep the connection alive.
        if data.is_empty() && !is_error(&event.name) {
            if is_done_event(&event.name) {
                self.finish(StreamEnd::DoneEvent);
            }
            return None;
        }
        Some(event)
    }

    /// Handles the end of the body: the stream is complete, or it ends with an error.
    fn on_body_end(&mut self, failed: Option<Error>, sentinel: Option<&str>) -> Option<Error> {
        let mut body = Bytes::new();
        let mut position = format!("after {} events", self.delivered);
        if self.delivered == 1 {
            position.pop();
        }
        let mut message = match sentinel {
            Some(sentinel) => format!("the stream ended {position} without `{sentinel}`"),
            None => format!("the stream ended early, {position}"),
        };
        match std::mem::replace(&mut self.state, State::Done) {
            State::Parsing(_, parser, prefix) => {
                body = prefix.freeze();
                if let Some(data) = parser.into_incomplete() {
                    if is_sentinel(data.trim_ascii(), sentinel) {
                        self.finish(StreamEnd::Sentinel);
                        return None;
                    }
                    position = format!("within event {}", self.delivered + 1);
                    message = format!("the stream ended {position}");
                    body = data;
                }
            }
            State::Sniffing(_, received) => {
                message = "the stream is empty".to_owned();
                body = received.freeze();
            }
            State::Buffering(..) | State::Done => (),
        }
        if self.tracker.all_finished() {
            self.finish(StreamEnd::AllChoicesFinished);
            return None;
        }
        let error = match failed {
            None => Error::for_operation(self.operation, ErrorKind::IncompleteStream, message),
            Some(error) if error.kind() == ErrorKind::IncompleteBody => {
                let message = format!("connection lost {position}: {}", root_cause(&error));
                Error::for_operation(self.operation, ErrorKind::IncompleteStream, message)
                    .with_source(error)
            }
            Some(error) => error,
        };
        Some(self.response_error(error, body))
    }

    fn finish(&mut self, end: StreamEnd) {
        self.done = Some(end);
        let state = std::mem::replace(&mut self.state, State::Done);
        // After the grace there is no use in waiting for more.
        if let State::Parsing(body, ..) = state
            && end != StreamEnd::AllChoicesFinished
        {
            body.drain();
        }
    }

    fn response_error(&mut self, error: Error, body: Bytes) -> Error {
        self.terminate(error.with_response(self.parts.clone(), body))
    }

    fn terminate(&mut self, error: Error) -> Error {
        self.state = State::Done;
        error.redact(self.client.api_key())
    }
}

/// Returns whether the grace has passed since it was first asked for.
fn is_grace_over(
    timer: &mut Option<Pin<Box<Sleep>>>,
    grace: Duration,
    cx: &mut Context<'_>,
) -> bool {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep(grace)));
    timer.as_mut().poll(cx).is_ready()
}

/// Returns whether an event of this name is an error, whatever its data is.
pub(crate) fn is_error(name: &[u8]) -> bool {
    name == b"error"
}

/// Returns whether the API schema lists no event of this name. It lists those without a name, and `*.done`.
pub(crate) fn is_undocumented(name: &[u8]) -> bool {
    !name.is_empty() && name != b"message" && !is_done_event(name)
}

fn is_done_event(name: &[u8]) -> bool {
    name.ends_with(b".done")
}

fn is_sentinel(data: &[u8], sentinel: Option<&str>) -> bool {
    sentinel.is_some_and(|sentinel| data == sentinel.as_bytes())
}
