//! The progress of a request's body: whether the connection still takes it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, sleep, sleep_until};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::limit::deadline::TimeoutLimit;
use crate::runtime::request::upload_body::MAX_CHUNK_BYTES;

/// The progress of one body, shared with the connection that sends it.
#[derive(Clone, Debug)]
pub(crate) struct UploadProgress(Arc<Mutex<State>>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// There is no connection yet.
    Waiting,
    /// The connection has taken a chunk, or begun to wait for one, at this time.
    Sending(Instant),
    /// The connection has taken everything.
    Done,
}

impl UploadProgress {
    /// Observes the body of a request. Returns nothing for one that the connection takes as a single chunk.
    pub(crate) fn observe(request: &mut reqwest::Request) -> Option<Self> {
        let body = request.body_mut();
        let is_small = |body: &reqwest::Body| {
            body.as_bytes()
                .is_some_and(|bytes| bytes.len() <= MAX_CHUNK_BYTES)
        };
        let inner = body.take_if(|body| !is_small(body))?;
        let progress = Self(Arc::new(Mutex::new(State::Waiting)));
        *body = Some(reqwest::Body::wrap(ObservedBody {
            inner,
            rest: Bytes::new(),
            progress: progress.clone(),
        }));
        Some(progress)
    }

    /// Returns the future's output, unless the upload makes no progress for this long before.
    pub(crate) async fn watch<F: Future>(
        &self,
        limit: Duration,
        future: F,
    ) -> Result<F::Output, TimeoutLimit> {
        let (mut future, mut stalled) = (pin!(future), pin!(self.stalled(limit)));
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            let kind = ErrorKind::WriteTimeout;
            let stalled = stalled.as_mut().poll(cx);
            stalled.map(|()| Err(TimeoutLimit { kind, limit }))
        })
        .await
    }

    /// Ready once the connection has taken nothing for this long, although there is more.
    async fn stalled(&self, limit: Duration) {
        loop {
            match self.state() {
                State::Waiting => sleep(limit).await,
                State::Done => std::future::pending().await,
                State::Sending(since) => {
                    let Some(end) = since.checked_add(limit) else {
                        return std::future::pending().await;
                    };
                    sleep_until(end).await;
                    if self.state() == State::Sending(since) {
                        return;
                    }
                }
            }
        }
    }

    fn state(&self) -> State {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

/// A body in chunks that reports its progress.
struct ObservedBody {
    inner: reqwest::Body,
    /// What is left of a chunk of the inner body.
    rest: Bytes,
    progress: UploadProgress,
}

impl Body for ObservedBody {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let this = &mut *self;
        if this.progress.state() == State::Waiting {
            this.progress.set(State::Sending(Instant::now()));
        }
        if !this.rest.has_remaining() {
            let frame = ready!(Pin::new(&mut this.inner).poll_frame(cx));
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => this.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    this.progress.set(State::Done);
                    return Poll::Ready(None);
                }
            }
        }
        let chunk = this.rest.split_to(this.rest.len().min(MAX_CHUNK_BYTES));
        this.progress.set(match this.is_end_stream() {
            true => State::Done,
            false => State::Sending(Instant::now()),
        });
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        !self.rest.has_remaining() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

/// A connection that has taken as many bytes as the length says doesn't ask for the end; it drops the body.
impl Drop for ObservedBody {
    fn drop(&mut self) {
        self.progress.set(State::Done);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    /// A body of this many bytes, in a request.
    fn observed(length: usize) -> (Option<UploadProgress>, reqwest::Body) {
        let url = "http://127.0.0.1".parse().unwrap();
        let mut request = reqwest::Request::new(reqwest::Method::POST, url);
        *request.body_mut() = Some(vec![7; length].into());
        let progress = UploadProgress::observe(&mut request);
        (progress, request.body_mut().take().unwrap())
    }

    /// The sizes of the chunks until `count` have been taken.
    fn take(body: &mut reqwest::Body, count: usize) -> Vec<usize> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut next = || match Pin::new(&mut *body).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => Some(frame.into_data().unwrap().len()),
            _ => None,
        };
        (0..count).map_while(|_| next()).collect()
    }

    async fn is_stalled(progress: &UploadProgress, after: Duration) -> bool {
        tokio::time::timeout(after, progress.stalled(LIMIT))
            .await
            .is_ok()
    }

    #[test]
    fn a_large_body_is_cut_and_keeps_its_length() {
        let (progress, body) = observed(MAX_CHUNK_BYTES);
        assert!(progress.is_none() && body.as_bytes().is_some());
        let length = 2 * MAX_CHUNK_BYTES + 5;
        let (_, mut body) = observed(length);
        assert_eq!(body.size_hint().exact(), Some(length as u64));
        let chunks = take(&mut body, 9);
        assert_eq!(chunks, [MAX_CHUNK_BYTES, MAX_CHUNK_BYTES, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_body_that_was_begun_and_is_not_done_can_stall() {
        let (progress, mut body) = observed(3 * MAX_CHUNK_BYTES);
        let progress = progress.unwrap();
        assert!(!is_stalled(&progress, 9 * LIMIT).await, "no connection");
        take(&mut body, 1);
        assert!(!is_stalled(&progress, LIMIT / 2).await);
        take(&mut body, 1);
        assert!(
            !is_stalled(&progress, LIMIT - Duration::from_millis(2)).await,
            "progress"
        );
        assert!(is_stalled(&progress, LIMIT).await);
        take(&mut body, 1);
        assert!(!is_stalled(&progress, 9 * LIMIT).await, "all is sent");
    }
}
