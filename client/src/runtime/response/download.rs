//! The bytes of an answer, as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::IgnoredAny;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::http::media_type::{self, is_html_document, strip_bom};
use crate::runtime::http::parts::ResponseParts;
use crate::runtime::request::upload::Progress;
use crate::runtime::response::atomic_file::AtomicFile;
use crate::runtime::response::decode;
use crate::runtime::telemetry::CallSpan;
use crate::runtime::transport::body::{BodyBuffer, BodyEnd, ResponseBody};
use crate::runtime::transport::{RawResponse, finish_body};

/// The bytes of an answer, such as speech, as they arrive.
///
/// A [`Stream`], which also has [`next`](Download::next) of its own; [`bytes`](Download::bytes) and
/// [`save`](Download::save) take all of them. Nothing is read ahead and nothing kept, so memory
/// doesn't grow with the answer. Dropping it closes the connection.
///
/// It is opened once the first bytes have arrived: an empty answer, an error object or a web page is
/// an error of the call. From then on the client's idle timeout counts, not the total one.
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
/// - [`ErrorKind::IncompleteBody`](crate::runtime::ErrorKind::IncompleteBody): the connection broke before the answer was whole. What
///   was delivered is not in the error's `body()`.
/// - [`ErrorKind::ReadTimeout`](crate::runtime::ErrorKind::ReadTimeout): nothing came for too long.
///
/// [`bytes`](Download::bytes) and [`save`](Download::save) fail in the same way if that has happened
/// before.
#[must_use = "a download delivers nothing unless it is read"]
pub struct Download {
    client: Client,
    operation: &'static Operation,
    parts: ResponseParts,
    length: Option<u64>,
    /// What was read to learn whether the answer is an error.
    prefix: Bytes,
    /// `None` once the answer is over.
    body: Option<ResponseBody>,
    /// What ended it before it was whole.
    failed: Option<ErrorKind>,
    progress: Progress,
    report: Option<Box<dyn FnMut(Progress) + Send>>,
    span: CallSpan,
}

impl Download {
    /// Registers a function that is told after each piece how far the download has come.
    ///
    /// It is called between two reads and should return soon. A later one replaces it.
    pub fn with_progress(mut self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        self.report = Some(Box::new(report));
        self
    }

    /// The media type of the bytes without parameters, as the server wrote it. Without one it is
    /// `application/octet-stream`.
    pub fn content_type(&self) -> &str {
        match media_type::essence(&self.parts.headers) {
            "" => "application/octet-stream",
            essence => essence,
        }
    }

    /// How many bytes the answer has as a whole, if the server has said so.
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// The status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.parts.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The server's id of this request, to be quoted to its support, if a header holds one.
    pub fn request_id(&self) -> Option<&str> {
        self.parts.request_id()
    }

    /// The next bytes, as many as have arrived; `None` at the end, and after an error.
    ///
    /// May be dropped before it is done, as `select!` does: nothing is lost.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// All the bytes that haven't been taken yet, in memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResponseTooLarge`] if they are more than the client's download limit, at once if the
    /// server announces as many; and what stops a download, for which see [`Download`].
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        self.ensure_not_failed()?;
        let limit = self.client.config().max_download_bytes;
        let announced = self
            .length
            .map_or(0, |length| length.saturating_sub(self.progress.bytes));
        let mut fits = announced <= limit as u64;
        let mut body = BytesMut::with_capacity(if fits { announced as usize } else { 0 });
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

    /// Writes all the bytes that haven't been taken yet to a file, and tells how many they are.
    ///
    /// They go to a temporary file beside it, which takes the name once it is whole. Until then, and
    /// for good if this fails or is dropped, a file of that name stays as it is, and no other is left
    /// behind. The file gets the permissions of any new file. What it holds may still be on its way
    /// to the disk.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`] if the file can't be written, before anything is read if its directory doesn't
    /// exist or can't be written to; and what stops a download, for which see [`Download`].
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
            prefix,
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

    /// From here on the span is this download's, and ends with it.
    pub(crate) fn with_span(mut self, span: CallSpan) -> Self {
        span.record_response(self.status(), self.request_id());
        self.span = span;
        self
    }

    /// Gives bytes once more that were taken last.
    #[cfg(feature = "blocking")]
    pub(crate) fn unread(mut self, bytes: Bytes) -> Self {
        if !bytes.is_empty() {
            self.progress.bytes -= bytes.len() as u64;
            self.prefix = bytes;
        }
        self
    }

    pub(crate) fn parts(&self) -> &ResponseParts {
        &self.parts
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let chunk = if self.prefix.is_empty() {
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            match ready!(body.poll_next(cx)) {
                Some(Ok(chunk)) => chunk,
                end => {
                    self.body = None;
                    let error = end
                        .and_then(Result::err)
                        .map(|error| self.with_response(error));
                    self.failed = error.as_ref().map(Error::kind);
                    match &error {
                        Some(error) => self.span.close_with_error(error),
                        None => self.span.close(),
                    }
                    return Poll::Ready(error.map(Err));
                }
            }
        } else {
            std::mem::take(&mut self.prefix)
        };
        self.progress.bytes += chunk.len() as u64;
        if let Some(report) = &mut self.report {
            report(self.progress);
        }
        Poll::Ready(Some(Ok(chunk)))
    }

    /// What is left of a failed download is never taken for all of it.
    fn ensure_not_failed(&self) -> Result<(), Error> {
        let Some(kind) = self.failed else {
            return Ok(());
        };
        let message = "the download broke off before the rest of it was asked for";
        Err(self.with_response(Error::for_operation(self.operation, kind, message)))
    }

    fn io_error(&self, path: &Path, error: io::Error) -> Error {
        let message = format!("{} can't be written: {error}", path.display());
        let failed = Error::for_operation(self.operation, ErrorKind::Io, message);
        self.with_response(failed.with_source(error))
    }

    fn with_response(&self, error: Error) -> Error {
        let error = error.with_response(self.parts.clone(), Bytes::new());
        error.redact(self.client.api_key())
    }
}

/// Whether the body begins as JSON or a web page would. It may be no more than a beginning, and
/// sound all the same.
fn may_be_error(body: &[u8]) -> bool {
    matches!(
        strip_bom(body).trim_ascii_start().first(),
        None | Some(b'{' | b'<')
    )
}

/// Whether this is a whole JSON object or web page, or nothing at all.
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
