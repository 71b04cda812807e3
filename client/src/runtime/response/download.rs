//! The bytes of a response, as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use futures_core::Stream;
use futures_core::stream::FusedStream;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::IgnoredAny;
use tokio::io::{AsyncRead, ReadBuf};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::http::media_type::{self, is_html_document, strip_bom};
use crate::runtime::http::parts::ResponseParts;
use crate::runtime::request::upload_body::Progress;
use crate::runtime::response::atomic_file::AtomicFile;
use crate::runtime::response::decode;
use crate::runtime::telemetry::CallSpan;
use crate::runtime::transport::body::{BodyBuffer, BodyEnd, ResponseBody};
use crate::runtime::transport::{RawResponse, finish_body};

/// The bytes of a response, such as speech, as they arrive.
///
/// A [`Stream`] with a [`next`](Download::next) of its own, and an [`AsyncRead`];
/// [`bytes`](Download::bytes) and [`save`](Download::save) take all of them. Nothing is read ahead and nothing
/// is kept, so memory doesn't grow with the response. Dropping it closes the connection.
///
/// It is opened once the first bytes have arrived. An empty response, an error object or HTML is an error of
/// the call. From then on the client's read timeout applies, not the call's timeout.
///
/// ```no_run
/// # async fn run(speech: cometapi::Download) -> Result<(), cometapi::Error> {
/// let length = speech
///     .with_progress(|progress| eprintln!("{} of {:?} bytes", progress.bytes, progress.total))
///     .save("speech.mp3")
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// After an error nothing more is delivered:
///
/// - [`ErrorKind::IncompleteBody`](crate::runtime::ErrorKind::IncompleteBody): the connection was lost before
///   the response was complete. The error's `body()` doesn't contain what was delivered.
/// - [`ErrorKind::ReadTimeout`](crate::runtime::ErrorKind::ReadTimeout): no data arrived within the read
///   timeout.
///
/// A reader gets them as [`io::Error`], whose source is the [`Error`]. [`bytes`](Download::bytes) and
/// [`save`](Download::save) fail in the same way if the download has failed before.
#[must_use = "a download delivers nothing unless it is read"]
pub struct Download {
    client: Client,
    operation: &'static Operation,
    parts: ResponseParts,
    length: Option<u64>,
    /// Bytes that have arrived and were not delivered yet: those that were read to check the response, or the
    /// rest of a chunk that a reader had no room for.
    unread: Bytes,
    /// Whether `unread` is part of the progress already.
    is_unread_counted: bool,
    /// `None` once the response has ended.
    body: Option<ResponseBody>,
    /// The error that ended the response early.
    failed: Option<ErrorKind>,
    progress: Progress,
    report: Option<Box<dyn FnMut(Progress) + Send>>,
    span: CallSpan,
}

impl Download {
    /// Sets a callback that runs after each chunk. It runs on the reading task, so keep it fast. A later one
    /// replaces it.
    pub fn with_progress(mut self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        self.report = Some(Box::new(report));
        self
    }

    /// Returns the media type without parameters, as the server sent it; `application/octet-stream` if it sent
    /// none.
    pub fn content_type(&self) -> &str {
        match media_type::essence(self.parts.headers()) {
            "" => "application/octet-stream",
            essence => essence,
        }
    }

    /// Returns the length of the complete response in bytes, if the server declared it.
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// Returns the status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.parts.status()
    }

    /// Returns the headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        self.parts.headers()
    }

    /// Returns the server's id of this request, to quote in a support request, if a header contains one.
    pub fn request_id(&self) -> Option<&str> {
        self.parts.request_id()
    }

    /// Returns the next bytes, as many as have arrived; `None` at the end, and after an error. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// Reads all remaining bytes into memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResponseTooLarge`] if there are more than the client's
    /// [`max_download_bytes`](crate::runtime::ClientBuilder::max_download_bytes), at once if the server declares
    /// as many; and the errors of [`Download`].
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        self.ensure_not_failed()?;
        let limit = self.client.config().max_download_bytes;
        let declared = self.length.map_or(0, |length| {
            let delivered = match self.is_unread_counted {
                true => self.progress.bytes - self.unread.len() as u64,
                false => self.progress.bytes,
            };
            length.saturating_sub(delivered)
        });
        let mut fits = declared <= limit as u64;
        let mut body = BytesMut::with_capacity(if fits { declared as usize } else { 0 });
        while fits {
            let Some(chunk) = self.next().await.transpose()? else {
                return Ok(body.freeze());
            };
            fits = chunk.len() <= limit - body.len();
            body.extend_from_slice(&chunk);
        }
        let message = format!("response body exceeds the limit of {limit} bytes");
        Err(self.with_response(Error::for_operation(
            self.operation,
            ErrorKind::ResponseTooLarge,
            message,
        )))
    }

    /// Writes all remaining bytes to a file, and returns their number.
    ///
    /// The file is written atomically: an existing file is replaced only after the download is complete, and no
    /// partial file remains on failure. The file has the permissions of any new file. It isn't synced to the
    /// disk.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] if the file can't be written: before anything is read if its directory doesn't exist or
    /// isn't writable; and the errors of [`Download`].
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        self.ensure_not_failed()?;
        let path = path.as_ref();
        let mut file = match AtomicFile::create_for(path).await {
            Ok(file) => file,
            Err(error) => return Err(self.io_error(path, error)),
        };
        let mut written = 0;
        while let Some(chunk) = self.next().await {
            let chunk = chunk?;
            written += chunk.len() as u64;
            if let Err(error) = file.write(chunk).await {
                return Err(self.io_error(path, error));
            }
        }
        match file.commit().await {
            Ok(()) => Ok(written),
            Err(error) => Err(self.io_error(path, error)),
        }
    }

    /// Waits for the first bytes, which show whether the response is what was requested.
    pub(crate) async fn open(mut response: RawResponse) -> Result<Self, Error> {
        let (operation, length) = (response.operation, response.body.content_length());
        let config = response.client.config();
        let (max_json, max_error) = (config.max_json_bytes, config.max_error_body_bytes);
        let media_type = media_type::essence(&response.parts.headers);
        if media_type::is_json(media_type) || media_type::is_html(media_type) {
            let response = response.buffer(max_json).await?;
            return Err(decode::unexpected_content("bytes", operation, response));
        }
        let is_small = length.is_none_or(|length| length <= max_error as u64);
        let mut prefix = BytesMut::new();
        let end = loop {
            match response.next_chunk().await {
                Some(Ok(chunk)) => prefix.extend_from_slice(&chunk),
                Some(Err(error)) => break Some(BodyEnd::Failed(error)),
                None => break Some(BodyEnd::Complete),
            }
            // Audio may begin like an error object too, but only a short body can be one.
            if !is_small || prefix.len() > max_error || !may_be_error(&prefix) {
                break None;
            }
        };
        let RawResponse {
            client,
            parts,
            mut body,
            ..
        } = response;
        body.mark_streaming();
        let (prefix, body) = match end {
            None => (prefix.freeze(), Some(body)),
            Some(end) => {
                let buffer = BodyBuffer {
                    limit: prefix.len(),
                    bytes: prefix,
                };
                let response = finish_body(&client, operation, parts.clone(), buffer, end)?;
                if is_error(&response.body) {
                    return Err(decode::unexpected_content("bytes", operation, response));
                }
                (response.body, None)
            }
        };
        Ok(Self {
            client,
            operation,
            parts,
            length,
            unread: prefix,
            is_unread_counted: false,
            body,
            failed: None,
            progress: Progress {
                bytes: 0,
                total: length,
            },
            report: None,
            span: CallSpan::disabled(),
        })
    }

    /// Attaches the call's span, which ends with the download.
    pub(crate) fn with_span(mut self, span: CallSpan) -> Self {
        span.record_response(self.status(), self.request_id());
        self.span = span;
        self
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if self.unread.is_empty() {
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            match ready!(body.poll_next(cx)) {
                Some(Ok(chunk)) => self.unread = chunk,
                end => {
                    self.body = None;
                    let error = end.and_then(Result::err);
                    let error = error.map(|error| self.with_response(error));
                    self.failed = error.as_ref().map(Error::kind);
                    match &error {
                        Some(error) => self.span.close_with_error(error),
                        None => self.span.close(),
                    }
                    return Poll::Ready(error.map(Err));
                }
            }
        }
        let chunk = std::mem::take(&mut self.unread);
        if !std::mem::take(&mut self.is_unread_counted) {
            self.progress.bytes += chunk.len() as u64;
            if let Some(report) = &mut self.report {
                report(self.progress);
            }
        }
        Poll::Ready(Some(Ok(chunk)))
    }

    /// Keeps the rest of a failed download from being taken for a complete one.
    fn ensure_not_failed(&self) -> Result<(), Error> {
        let Some(kind) = self.failed else {
            return Ok(());
        };
        let message = "the download has failed before";
        Err(self.with_response(Error::for_operation(self.operation, kind, message)))
    }

    fn io_error(&self, path: &Path, source: io::Error) -> Error {
        let message = format!("failed to write {}: {source}", path.display());
        let error = Error::for_operation(self.operation, ErrorKind::Io, message);
        self.with_response(error.with_source(source))
    }

    fn with_response(&self, error: Error) -> Error {
        let error = error.with_response(self.parts.clone(), Bytes::new());
        error.redact(self.client.api_key())
    }
}

/// Returns whether a body, as far as it has arrived, begins like JSON or markup. Audio may do so too.
fn may_be_error(body: &[u8]) -> bool {
    matches!(
        strip_bom(body).trim_ascii_start().first(),
        None | Some(b'{' | b'<')
    )
}

/// Returns whether a complete body is empty, HTML or JSON.
fn is_error(body: &[u8]) -> bool {
    body.trim_ascii().is_empty()
        || is_html_document(body)
        || serde_json::from_slice::<IgnoredAny>(strip_bom(body)).is_ok()
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(cx)
    }
}

impl FusedStream for Download {
    fn is_terminated(&self) -> bool {
        self.unread.is_empty() && self.body.is_none()
    }
}

impl AsyncRead for Download {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let Some(chunk) = ready!(self.poll_chunk(cx)) else {
            return Poll::Ready(Ok(()));
        };
        let mut chunk = chunk.map_err(io::Error::from)?;
        let taken = chunk.len().min(buffer.remaining());
        buffer.put_slice(&chunk[..taken]);
        chunk.advance(taken);
        self.is_unread_counted = !chunk.is_empty();
        self.unread = chunk;
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("status", &self.status().as_u16())
            .field("request_id", &self.request_id())
            .field("content_type", &self.content_type())
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
