//! The body of a response: chunks under a read timeout, and a bounded buffer for them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::defaults;
use crate::runtime::error::Error;
use crate::runtime::limit::deadline::{Deadline, TimeoutLimit};
use crate::runtime::limit::limiter::Permit;
use crate::runtime::transport::errors::body_error;

/// A body that is being read. Dropping it releases the call's permit; dropping it before its end closes the
/// connection.
pub(crate) struct ResponseBody {
    operation: &'static Operation,
    body: reqwest::Body,
    read_timeout: Duration,
    /// When reading must be over.
    deadline: Deadline,
    /// When waiting for the next chunk began; `None` while chunks arrive.
    idle_since: Option<Instant>,
    /// Compared with the clock when it fires instead of being reset for each chunk: reading a clock is
    /// cheaper than moving a timer.
    timer: Option<Pin<Box<Sleep>>>,
    permit: Permit,
}

/// A buffer for the beginning of a body, up to a limit in bytes.
pub(crate) struct BodyBuffer {
    pub(crate) bytes: BytesMut,
    pub(crate) limit: usize,
}

/// How reading a body ended.
pub(crate) enum BodyEnd {
    Complete,
    LimitExceeded,
    Failed(Error),
}

/// The most that is reserved before any of a body has arrived: 1 MiB.
const MAX_RESERVED: usize = 1024 * 1024;

impl ResponseBody {
    pub(crate) fn new(
        operation: &'static Operation,
        response: reqwest::Response,
        read_timeout: Duration,
        deadline: Deadline,
        permit: Permit,
    ) -> Self {
        Self {
            operation,
            body: response.into(),
            read_timeout,
            deadline,
            idle_since: None,
            timer: None,
            permit,
        }
    }

    /// Records that the body is read at the caller's pace from here on.
    pub(crate) fn mark_streaming(&mut self) {
        self.permit.mark_streaming();
    }

    /// Returns the length of the body in bytes, if the server declared it.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// Polls for the next chunk, which is never empty. Fails if none arrives within the read timeout, or if the deadline
    /// has passed.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        // A server that is always ready must not outrun the deadline.
        if let Some((at, timeout)) = self.deadline.expiry()
            && at <= Instant::now()
        {
            return Poll::Ready(Some(Err(timeout.into_error(self.operation))));
        }
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                let timeout = ready!(self.poll_timeout(cx));
                return Poll::Ready(Some(Err(timeout.into_error(self.operation))));
            };
            self.idle_since = None;
            match frame {
                None => return Poll::Ready(None),
                Some(Err(error)) => {
                    return Poll::Ready(Some(Err(body_error(self.operation, error))));
                }
                // A frame without data holds trailers.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(chunk) if !chunk.is_empty() => return Poll::Ready(Some(Ok(chunk))),
                    Ok(_) | Err(_) => (),
                },
            }
        }
    }

    /// Reads the rest of the body in the background, so that the connection can be used again. The permit is free at
    /// once.
    ///
    /// Without a runtime, past a limit in time or bytes, or on an error, the connection is closed.
    pub(crate) fn drain(self) {
        let Self { mut body, .. } = self;
        let mut room = defaults::MAX_DRAINED_BYTES;
        let mut poll_rest = move |cx: &mut Context<'_>| {
            loop {
                let Some(Ok(frame)) = ready!(Pin::new(&mut body).poll_frame(cx)) else {
                    return Poll::Ready(());
                };
                let length = frame.data_ref().map_or(0, Bytes::len);
                if length > room {
                    return Poll::Ready(());
                }
                room -= length;
            }
        };
        // Mostly the end has arrived together with the last event.
        if poll_rest(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(timeout(defaults::DRAIN_TIMEOUT, poll_fn(poll_rest)));
        }
    }

    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Ready once no chunk has arrived for the read timeout, or the deadline has passed.
    fn poll_timeout(&mut self, cx: &mut Context<'_>) -> Poll<TimeoutLimit> {
        let since = *self.idle_since.get_or_insert_with(Instant::now);
        let read_timeout = TimeoutLimit {
            kind: ErrorKind::ReadTimeout,
            limit: self.read_timeout,
        };
        let idle = since.checked_add(self.read_timeout);
        let idle = idle.map(|end| (end, read_timeout));
        let ends = idle.into_iter().chain(self.deadline.expiry());
        let Some((end, timeout)) = ends.min_by_key(|(end, _)| *end) else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        loop {
            ready!(timer.as_mut().poll(cx));
            if timer.deadline() >= end {
                return Poll::Ready(timeout);
            }
            timer.as_mut().reset(end);
        }
    }
}

impl BodyBuffer {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            bytes: BytesMut::new(),
            limit,
        }
    }

    /// Reserves space for a body of this length, so that it isn't moved while it grows.
    pub(crate) fn reserve(&mut self, length: u64) {
        // The declared length may be wrong.
        let length = length.min(MAX_RESERVED as u64) as usize;
        self.bytes.reserve(length.min(self.limit));
    }

    /// Appends the next chunk. Returns the end of the body, if this was it.
    pub(crate) fn push(&mut self, chunk: Option<Result<Bytes, Error>>) -> Option<BodyEnd> {
        match chunk {
            None => Some(BodyEnd::Complete),
            Some(Err(error)) => Some(BodyEnd::Failed(error)),
            Some(Ok(chunk)) => {
                let room = self.limit - self.bytes.len();
                self.bytes
                    .extend_from_slice(&chunk[..chunk.len().min(room)]);
                (chunk.len() > room).then_some(BodyEnd::LimitExceeded)
            }
        }
    }
}
