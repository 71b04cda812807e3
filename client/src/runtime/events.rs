//! The events of an answer, still undecoded: how a stream begins, and how it ends.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use serde::de::IgnoredAny;

use super::answer_error::answer_error;
use super::chunks::{Chunks, End, Gathered};
use super::error_body::strip_mark;
use super::framing::{Event, Framer, MARK, TooLong};
use super::head::Head;
use super::transport::{Opened, innermost, whole_answer};
use super::watched::{Found, watched};
use super::{Client, Error, ErrorKind, FinishTracker, Operation, StreamEnd, decode};

/// The events of an opened answer. Its end, and any error, closes the connection.
pub(super) struct Events {
    client: Client,
    operation: &'static Operation,
    pub(super) head: Head,
    promise: Promise,
    stage: Stage,
    pub(super) parts: FinishTracker,
    pub(super) delivered: usize,
    pub(super) done: Option<StreamEnd>,
}

/// What the content type says about the body. It is known to lie, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    Events,
    Json,
    Page,
}

enum Stage {
    /// Until the first byte that isn't blank, which tells what the body is.
    Beginning(Chunks, BytesMut),
    /// The body is something else than events, to be read whole for the error that it is.
    Whole(Chunks, Gathered),
    /// The opening is kept until the first event: the body may be something else after all.
    Framing(Chunks, Framer, BytesMut),
    Over,
}

impl Events {
    /// The events of this answer, unless its content type says that it has none. Then the body is
    /// looked at here, within the time of the call, and becomes its error.
    pub(super) async fn open(opened: Opened) -> Result<Self, Error> {
        let Opened {
            client,
            operation,
            deadline,
            head,
            mut chunks,
        } = opened;
        chunks.stream();
        let promise = match decode::media_type(&head).as_str() {
            "text/html" => Promise::Page,
            kind if decode::is_json(kind) => Promise::Json,
            _ => Promise::Events,
        };
        let mut events = Self {
            client,
            operation,
            head,
            promise,
            stage: Stage::Beginning(chunks, BytesMut::new()),
            parts: FinishTracker::default(),
            delivered: 0,
            done: None,
        };
        if promise != Promise::Events {
            let begun = deadline.bound(None, poll_fn(|cx| events.poll_begun(cx)));
            begun.await.unwrap_or_else(|wait| {
                let error = wait.error(operation);
                Err(events.failure(error, Bytes::new()))
            })?;
        }
        Ok(events)
    }

    /// The next event that is neither blank nor the marker of the end.
    pub(super) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        marker: Option<&str>,
    ) -> Poll<Option<Result<Event, Error>>> {
        if let Err(error) = ready!(self.poll_begun(cx)) {
            return Poll::Ready(Some(Err(error)));
        }
        let kept = self.client.settings().max_error_body_bytes;
        while let Stage::Framing(chunks, framer, opening) = &mut self.stage {
            match framer.next() {
                Ok(Some(event)) => {
                    if let Some(event) = self.sort(event, marker) {
                        return Poll::Ready(Some(Ok(event)));
                    }
                }
                Ok(None) => match ready!(chunks.poll_next(cx)) {
                    Some(Ok(chunk)) => {
                        if self.delivered == 0 {
                            let room = kept.saturating_sub(opening.len());
                            opening.extend_from_slice(&chunk[..chunk.len().min(room)]);
                        }
                        framer.push(chunk);
                    }
                    None => return Poll::Ready(self.cut(None, marker).map(Err)),
                    Some(Err(error)) => {
                        return Poll::Ready(self.cut(Some(error), marker).map(Err));
                    }
                },
                Err(TooLong) => {
                    let limit = self.client.settings().max_event_bytes;
                    let number = self.delivered + 1;
                    let message =
                        format!("event {number} is larger than the limit of {limit} bytes");
                    let error = Error::of(self.operation, ErrorKind::ResponseTooLarge, message);
                    return Poll::Ready(Some(Err(self.failure(error, Bytes::new()))));
                }
            }
        }
        Poll::Ready(None)
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Counts an event that was fit to be delivered.
    pub(super) fn deliver(&mut self, name: &[u8]) {
        self.delivered += 1;
        if ends_stream(name) {
            self.end(StreamEnd::DoneEvent);
        } else if let Stage::Framing(_, _, opening) = &mut self.stage {
            *opening = BytesMut::new();
        }
    }

    /// Ends the stream with the error that the API sent as an event.
    pub(super) fn said(&mut self, data: Bytes) -> Error {
        self.fail(answer_error(self.operation, self.head.clone(), data))
    }

    /// Ends the stream with an event that can't be decoded.
    pub(super) fn undecodable(
        &mut self,
        data: Bytes,
        message: &str,
        problem: serde_json::Error,
    ) -> Error {
        let message = format!("event {}: {message}", self.delivered + 1);
        let error = Error::of(self.operation, ErrorKind::Decode, message).with_source(problem);
        self.failure(error, data)
    }

    /// Ready once events can be read, or with the error that the answer is.
    fn poll_begun(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            match &mut self.stage {
                Stage::Framing(..) | Stage::Over => return Poll::Ready(Ok(())),
                Stage::Beginning(chunks, held) => match ready!(chunks.poll_next(cx)) {
                    Some(Ok(chunk)) => {
                        held.extend_from_slice(&chunk);
                        if let Some(error) = self.begin() {
                            return Poll::Ready(Err(error));
                        }
                    }
                    end => {
                        let error = self.cut(end.and_then(Result::err), None);
                        return Poll::Ready(error.map_or(Ok(()), Err));
                    }
                },
                Stage::Whole(chunks, _) => {
                    let chunk = ready!(chunks.poll_next(cx));
                    if let Some(error) = self.gather(chunk) {
                        return Poll::Ready(Err(error));
                    }
                }
            }
        }
    }

    /// Goes on to the next stage if what has arrived tells what the body is.
    fn begin(&mut self) -> Option<Error> {
        let Stage::Beginning(chunks, held) = std::mem::replace(&mut self.stage, Stage::Over) else {
            return None;
        };
        let settings = self.client.settings();
        let unmarked = strip_mark(&held);
        let limit = settings.max_error_body_bytes;
        // However the bytes were cut, the same of them are looked at.
        let opening = unmarked[..unmarked.len().min(limit)].trim_ascii_start();
        let is_blank = opening.is_empty() && unmarked.len() < limit;
        let is_cut_mark = held.len() < MARK.len() && MARK.starts_with(&held);
        if is_blank || is_cut_mark {
            self.stage = Stage::Beginning(chunks, held);
            return None;
        }
        let is_whole = match (self.promise, opening.first()) {
            // Too many blanks are no JSON answer.
            (_, None) => false,
            (Promise::Page, Some(_)) => true,
            // No JSON begins like a field or a comment.
            (Promise::Json, Some(first)) => !matches!(first, b'd' | b'e' | b'i' | b'r' | b':'),
            (Promise::Events, Some(first)) => matches!(first, b'{' | b'[' | b'<'),
        };
        let held = held.freeze();
        if is_whole {
            self.stage = Stage::Whole(chunks, Gathered::new(settings.max_json_bytes));
            return self.gather(Some(Ok(held)));
        }
        let opening = BytesMut::from(&held[..held.len().min(settings.max_error_body_bytes)]);
        let mut framer = Framer::new(settings.max_event_bytes);
        framer.push(held);
        self.stage = Stage::Framing(chunks, framer, opening);
        None
    }

    /// Takes a chunk of a whole answer; its error, if that was the end.
    fn gather(&mut self, chunk: Option<Result<Bytes, Error>>) -> Option<Error> {
        let Stage::Whole(_, gathered) = &mut self.stage else {
            return None;
        };
        let end = gathered.take(chunk)?;
        let gathered = std::mem::replace(gathered, Gathered::new(0));
        let head = self.head.clone();
        if let End::Broken(_) = end
            && matches!(watched::<IgnoredAny>(&gathered.body), Found::ErrorObject)
        {
            // What the server says about itself is worth more than that it then hung up.
            return Some(self.said(gathered.body.freeze()));
        }
        let answer = whole_answer(&self.client, self.operation, head, gathered, end);
        let error = match answer {
            Ok(answer) => decode::in_place_of("events", self.operation, answer),
            Err(error) => error,
        };
        Some(self.fail(error))
    }

    /// Keeps an event that is to be decoded; another may end the stream.
    fn sort(&mut self, event: Event, marker: Option<&str>) -> Option<Event> {
        let data = event.data.trim_ascii();
        if is_marker(data, marker) {
            self.end(StreamEnd::Sentinel);
            return None;
        }
        // Some servers keep the connection alive with blank events.
        if data.is_empty() && !is_error(&event.name) {
            if ends_stream(&event.name) {
                self.end(StreamEnd::DoneEvent);
            }
            return None;
        }
        Some(event)
    }

    /// What the end of the body, or its break, means: an error, unless the stream was whole.
    fn cut(&mut self, broken: Option<Error>, marker: Option<&str>) -> Option<Error> {
        let mut body = Bytes::new();
        let mut place = format!("after {} events", self.delivered);
        if self.delivered == 1 {
            place.pop();
        }
        let mut message = format!("the stream ended {place} without its end");
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Framing(_, framer, opening) => {
                body = opening.freeze();
                if let Some(data) = framer.unfinished() {
                    if is_marker(data.trim_ascii(), marker) {
                        self.end(StreamEnd::Sentinel);
                        return None;
                    }
                    place = format!("inside event {}", self.delivered + 1);
                    message = format!("the stream ended {place}");
                    body = data;
                }
            }
            Stage::Beginning(_, held) => {
                message = "the stream is empty".to_owned();
                body = held.freeze();
            }
            Stage::Whole(..) | Stage::Over => (),
        }
        if self.parts.all_finished() {
            self.end(StreamEnd::AllChoicesFinished);
            return None;
        }
        let error = match broken {
            None => Error::of(self.operation, ErrorKind::IncompleteStream, message),
            Some(error) if error.kind() == ErrorKind::IncompleteBody => {
                let message = format!("the connection broke {place}: {}", innermost(&error));
                Error::of(self.operation, ErrorKind::IncompleteStream, message).with_source(error)
            }
            Some(error) => error,
        };
        Some(self.failure(error, body))
    }

    fn end(&mut self, marker: StreamEnd) {
        self.done = Some(marker);
        self.stage = Stage::Over;
    }

    fn failure(&mut self, error: Error, body: Bytes) -> Error {
        let request_id = self.head.request_id("").map(str::to_owned);
        let error = error.with_head(self.head.clone(), request_id);
        self.fail(error.with_body(body))
    }

    fn fail(&mut self, error: Error) -> Error {
        self.stage = Stage::Over;
        error.without_key(self.client.api_key())
    }
}

/// Whether an event of this name is an error, whatever its data look like.
pub(super) fn is_error(name: &[u8]) -> bool {
    name == b"error"
}

fn ends_stream(name: &[u8]) -> bool {
    name.ends_with(b".done")
}

fn is_marker(data: &[u8], marker: Option<&str>) -> bool {
    marker.is_some_and(|marker| data == marker.as_bytes())
}
