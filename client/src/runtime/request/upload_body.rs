//! The chunks of an upload on their way to the connection.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::fs::{self, File};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::ReaderStream;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;

/// The progress of an upload or a download, as reported to its callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes transferred so far.
    pub bytes: u64,
    /// Total bytes, if the length is known.
    pub total: Option<u64>,
}

pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;
pub(crate) type ProgressFn = Arc<Mutex<dyn FnMut(Progress) + Send>>;

/// How much is read at once: large enough that reading costs little beside upload_body, small enough
/// that many uploads at a time need little memory.
const PIECE: usize = 256 * 1024;

/// Opens a file for one attempt. It gives as many bytes as it has now, even if it grows.
pub(crate) async fn open_file(
    operation: &'static Operation,
    path: &Path,
) -> Result<(ByteStream, u64), Error> {
    let unreadable = |error: io::Error| {
        let message = format!("{} can't be read: {error}", display_path(path));
        Error::for_operation(operation, ErrorKind::Io, message)
            .with_source(error)
            .not_sent()
    };
    let refuse = |what| {
        let message = format!("{} is {what}", display_path(path));
        Error::for_operation(operation, ErrorKind::InvalidRequest, message)
    };
    // Looked at first, because opening a pipe waits for someone to write into it.
    let found = fs::metadata(path).await.map_err(unreadable)?;
    if found.is_dir() {
        return Err(refuse("a directory"));
    }
    if !found.is_file() {
        return Err(refuse("not a regular file; send it from a reader"));
    }
    let mut file = File::open(path).await.map_err(unreadable)?;
    file.set_max_buf_size(PIECE);
    let length = file.metadata().await.map_err(unreadable)?.len();
    Ok((from_reader(file.take(length)), length))
}

/// Bytes in chunks, without a copy.
pub(crate) fn from_bytes(bytes: Bytes) -> ByteStream {
    Box::pin(BytesStream(bytes))
}

pub(crate) fn from_reader(reader: impl AsyncRead + Send + 'static) -> ByteStream {
    Box::pin(ReaderStream::with_capacity(reader, PIECE))
}

/// What an error calls a file.
pub(crate) fn display_path(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// The error for a request that failed because its upload could not be sent to its end.
pub(crate) fn upload_error(operation: &'static Operation, error: &reqwest::Error) -> Option<Error> {
    let mut cause: &dyn StdError = error;
    let broken = loop {
        if let Some(broken) = cause.downcast_ref::<UploadError>() {
            break broken;
        }
        cause = cause.source()?;
    };
    let error = Error::for_operation(operation, ErrorKind::Io, broken.to_string());
    Some(error.with_source(clone_io_error(&broken.source)))
}

/// The same error once more; the cause of another can't be taken out of it.
fn clone_io_error(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// Why an upload could not be sent to its end; the connection's error has it as a cause.
#[derive(Debug)]
pub(crate) struct UploadError {
    shown: String,
    source: io::Error,
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} can't be read: {}", self.shown, self.source)
    }
}

impl StdError for UploadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// The upload's bytes, counted and compared with the declared length.
pub(crate) struct UploadBody {
    /// `None` after an error.
    chunks: Option<ByteStream>,
    shown: String,
    length: Option<u64>,
    sent: u64,
    progress: Option<ProgressFn>,
}

impl UploadBody {
    pub(crate) fn new(
        chunks: ByteStream,
        shown: String,
        length: Option<u64>,
        progress: Option<ProgressFn>,
    ) -> Self {
        Self {
            chunks: Some(chunks),
            shown,
            length,
            sent: 0,
            progress,
        }
    }
}

impl Stream for UploadBody {
    type Item = Result<Bytes, UploadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(chunks) = &mut this.chunks else {
            return Poll::Ready(None);
        };
        let next = ready!(chunks.as_mut().poll_next(context)).transpose();
        let counted = next.and_then(|chunk| match chunk {
            Some(chunk) => this.count(chunk).map(Some),
            None => this.end().map(|()| None),
        });
        Poll::Ready(match counted {
            Ok(chunk) => chunk.map(Ok),
            Err(source) => {
                this.chunks = None;
                let shown = this.shown.clone();
                Some(Err(UploadError { shown, source }))
            }
        })
    }
}

impl UploadBody {
    fn count(&mut self, chunk: Bytes) -> io::Result<Bytes> {
        self.sent += chunk.len() as u64;
        if let Some(length) = self.length.filter(|length| self.sent > *length) {
            let message = format!("it is longer than the {length} bytes announced");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        if let Some(callback) = &self.progress {
            let mut callback = callback.lock().unwrap_or_else(PoisonError::into_inner);
            callback(Progress {
                bytes: self.sent,
                total: self.length,
            });
        }
        Ok(chunk)
    }

    fn end(&self) -> io::Result<()> {
        let message = match self.length {
            Some(length) if self.sent < length => {
                format!("it ended after {} of {length} bytes", self.sent)
            }
            None if self.sent == 0 => "it is empty".to_owned(),
            _ => return Ok(()),
        };
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, message))
    }
}

/// Bytes in chunks, without a copy.
struct BytesStream(Bytes);

impl Stream for BytesStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let end = self.0.len().min(PIECE);
        let chunk = self.0.split_to(end);
        Poll::Ready((!chunk.is_empty()).then_some(Ok(chunk)))
    }
}
