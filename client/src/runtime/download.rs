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
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::de::IgnoredAny;

use super::chunks::{Chunks, End, Gathered};
use super::error_body::{is_html_page, strip_mark};
use super::head::Head;
use super::saving::NewFile;
use super::trace::Trace;
use super::transport::{Opened, whole_answer};
use super::{Client, Error, ErrorKind, Operation, Progress, decode};

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
/// - [`ErrorKind::IncompleteBody`](super::ErrorKind::IncompleteBody): the connection broke before the answer was whole. What
///   was delivered is not in the error's `body()`.
/// - [`ErrorKind::ReadTimeout`](super::ErrorKind::ReadTimeout): nothing came for too long.
///
/// [`bytes`](Download::bytes) and [`save`](Download::save) fail in the same way if that has happened
/// before.
#[must_use = "a download delivers nothing unless it is read"]
pub struct Download {
    client: Client,
    operation: &'static Operation,
    head: Head,
    length: Option<u64>,
    /// What was read to learn whether the answer is an error.
    opening: Bytes,
    /// `None` once the answer is over.
    chunks: Option<Chunks>,
    /// What ended it before it was whole.
    broken: Option<ErrorKind>,
    progress: Progress,
    report: Option<Box<dyn FnMut(Progress) + Send>>,
    trace: Trace,
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
        let kind = self.head.headers.get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        match kind.split(';').next().unwrap_or_default().trim() {
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
        self.head.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The server's id of this request, to be quoted to its support, if a header holds one.
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id("")
    }

    /// The next bytes, as many as have arrived; `None` at the end, and after an error.
    ///
    /// May be dropped before it is done, as `select!` does: nothing is lost.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| self.poll_bytes(cx)).await
    }

    /// All the bytes that haven't been taken yet, in memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ResponseTooLarge`] if they are more than the client's download limit, at once if the
    /// server announces as many; and what stops a download, for which see [`Download`].
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        self.check()?;
        let limit = self.client.settings().max_download_bytes;
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
        let message = format!("the body is larger than the limit of {limit} bytes");
        Err(self.failure(Error::of(
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
        self.check()?;
        let path = path.as_ref();
        let mut file = match NewFile::beside(path).await {
            Ok(file) => file,
            Err(problem) => return Err(self.unwritten(path, problem)),
        };
        let mut written = 0;
        while let Some(chunk) = self.next().await {
            let chunk = chunk?;
            written += chunk.len() as u64;
            if let Err(problem) = file.write(chunk).await {
                return Err(self.unwritten(path, problem));
            }
        }
        match file.finish().await {
            Ok(()) => Ok(written),
            Err(problem) => Err(self.unwritten(path, problem)),
        }
    }

    /// Waits for the first bytes, which tell whether the answer is what was asked for.
    pub(super) async fn open(mut opened: Opened) -> Result<Self, Error> {
        let (operation, length) = (opened.operation, opened.chunks.length());
        let settings = opened.client.settings();
        let (max_json_bytes, small) = (settings.max_json_bytes, settings.max_error_body_bytes);
        let media_type = decode::media_type(&opened.head);
        if decode::is_json(&media_type) || media_type == "text/html" {
            let answer = opened.into_answer(max_json_bytes).await?;
            return Err(decode::in_place_of("bytes", operation, answer));
        }
        let is_small = length.is_none_or(|length| length <= small as u64);
        let mut body = BytesMut::new();
        let end = loop {
            match opened.next().await {
                Some(Ok(chunk)) => body.extend_from_slice(&chunk),
                Some(Err(error)) => break Some(End::Broken(error)),
                None => break Some(End::Whole),
            }
            // Sound may begin like an error too, but only what isn't long can be one.
            if !is_small || body.len() > small || !may_be_error(&body) {
                break None;
            }
        };
        let Opened {
            client,
            head,
            mut chunks,
            ..
        } = opened;
        chunks.stream();
        let (opening, chunks) = match end {
            None => (body.freeze(), Some(chunks)),
            Some(end) => {
                let mut gathered = Gathered::new(body.len());
                gathered.body = body;
                let answer = whole_answer(&client, operation, head.clone(), gathered, end)?;
                if is_error(&answer.body) {
                    return Err(decode::in_place_of("bytes", operation, answer));
                }
                (answer.body, None)
            }
        };
        Ok(Self {
            client,
            operation,
            head,
            length,
            opening,
            chunks,
            broken: None,
            progress: Progress {
                bytes: 0,
                total: length,
            },
            report: None,
            trace: Trace::none(),
        })
    }

    /// From here on the trace is this download's, and ends with it.
    pub(super) fn with_trace(mut self, trace: Trace) -> Self {
        trace.answered(self.status(), self.request_id());
        self.trace = trace;
        self
    }

    /// Gives bytes once more that were taken last.
    #[cfg(feature = "blocking")]
    pub(super) fn put_back(mut self, bytes: Bytes) -> Self {
        if !bytes.is_empty() {
            self.progress.bytes -= bytes.len() as u64;
            self.opening = bytes;
        }
        self
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let chunk = if self.opening.is_empty() {
            let Some(chunks) = &mut self.chunks else {
                return Poll::Ready(None);
            };
            match ready!(chunks.poll_next(cx)) {
                Some(Ok(chunk)) => chunk,
                end => {
                    self.chunks = None;
                    let error = end.and_then(Result::err).map(|error| self.failure(error));
                    self.broken = error.as_ref().map(Error::kind);
                    match &error {
                        Some(error) => self.trace.fail(error),
                        None => self.trace.end(),
                    }
                    return Poll::Ready(error.map(Err));
                }
            }
        } else {
            std::mem::take(&mut self.opening)
        };
        self.progress.bytes += chunk.len() as u64;
        if let Some(report) = &mut self.report {
            report(self.progress);
        }
        Poll::Ready(Some(Ok(chunk)))
    }

    /// What is left of a broken download is never taken for all of it.
    fn check(&self) -> Result<(), Error> {
        let Some(kind) = self.broken else {
            return Ok(());
        };
        let message = "the download broke off before the rest of it was asked for";
        Err(self.failure(Error::of(self.operation, kind, message)))
    }

    fn unwritten(&self, path: &Path, problem: io::Error) -> Error {
        let message = format!("{} can't be written: {problem}", path.display());
        let error = Error::of(self.operation, ErrorKind::Io, message);
        self.failure(error.with_source(problem))
    }

    fn failure(&self, error: Error) -> Error {
        let request_id = self.request_id().map(str::to_owned);
        let error = error.with_head(self.head.clone(), request_id);
        let error = error.with_body(Bytes::new());
        error.without_key(self.client.api_key())
    }
}

/// Whether the body begins as JSON or a web page would. It may be no more than a beginning, and
/// sound all the same.
fn may_be_error(body: &[u8]) -> bool {
    matches!(
        strip_mark(body).trim_ascii_start().first(),
        None | Some(b'{' | b'<')
    )
}

/// Whether this is a whole JSON object or web page, or nothing at all.
fn is_error(body: &[u8]) -> bool {
    body.trim_ascii().is_empty()
        || is_html_page(body)
        || serde_json::from_slice::<IgnoredAny>(strip_mark(body)).is_ok()
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_bytes(cx)
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
