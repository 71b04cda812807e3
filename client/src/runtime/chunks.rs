//! The chunks of an answer's body, as they arrive.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use tokio::time::{Instant, Sleep, sleep_until};

use super::concurrency::Place;
use super::deadline::Wait;
use super::{Error, ErrorKind, Operation, transport};

/// A body that is being read. Dropping it before its end closes the connection; dropping it makes
/// room for another call.
pub(super) struct Chunks {
    operation: &'static Operation,
    body: reqwest::Body,
    idle: Duration,
    /// Since when nothing has come; `None` while chunks do.
    waiting: Option<Instant>,
    /// Set once and looked at when it rings, not set anew for each chunk: a clock is cheaper to read
    /// than a timer to move.
    alarm: Option<Pin<Box<Sleep>>>,
    place: Place,
}

/// The beginning of a body that is read whole, up to a limit.
pub(super) struct Gathered {
    pub(super) body: BytesMut,
    pub(super) limit: usize,
}

/// How reading a body ended.
pub(super) enum End {
    Whole,
    TooLong,
    Broken(Error),
}

/// How much room is made before any of it has arrived.
const MAX_EXPECTED: usize = 1024 * 1024;

impl Chunks {
    pub(super) fn new(
        operation: &'static Operation,
        response: reqwest::Response,
        idle: Duration,
        place: Place,
    ) -> Self {
        Self {
            operation,
            body: response.into(),
            idle,
            waiting: None,
            alarm: None,
            place,
        }
    }

    /// From here on the body is read at the caller's pace.
    pub(super) fn stream(&mut self) {
        self.place.stream();
    }

    /// How long the body is, if the server has said so.
    pub(super) fn length(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// The next chunk, never empty, unless the body pauses for longer than it may.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                ready!(self.poll_alarm(cx));
                let wait = Wait {
                    kind: ErrorKind::ReadTimeout,
                    limit: self.idle,
                };
                return Poll::Ready(Some(Err(wait.error(self.operation))));
            };
            self.waiting = None;
            match frame {
                None => return Poll::Ready(None),
                Some(Err(problem)) => {
                    let error = transport::no_body(self.operation, problem);
                    return Poll::Ready(Some(Err(error)));
                }
                // What isn't data is trailers.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(chunk) if !chunk.is_empty() => return Poll::Ready(Some(Ok(chunk))),
                    Ok(_) | Err(_) => (),
                },
            }
        }
    }

    pub(super) async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Ready when nothing has come for too long.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.waiting.get_or_insert_with(Instant::now);
        let Some(end) = since.checked_add(self.idle) else {
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        loop {
            ready!(alarm.as_mut().poll(cx));
            if alarm.deadline() >= end {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(end);
        }
    }
}

impl Gathered {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            body: BytesMut::new(),
            limit,
        }
    }

    /// Makes room for a body of this length, so that it needn't be moved as it grows.
    pub(super) fn expect(&mut self, length: u64) {
        // A length is only what the server says.
        let length = length.min(MAX_EXPECTED as u64) as usize;
        self.body.reserve(length.min(self.limit));
    }

    /// Takes the next chunk; the end, if that was it.
    pub(super) fn take(&mut self, chunk: Option<Result<Bytes, Error>>) -> Option<End> {
        match chunk {
            None => Some(End::Whole),
            Some(Err(error)) => Some(End::Broken(error)),
            Some(Ok(chunk)) => {
                let room = self.limit - self.body.len();
                self.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                (chunk.len() > room).then_some(End::TooLong)
            }
        }
    }
}
