//! Body streams of uploads: chunks, length check and progress.

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

/// The maximum size of a chunk: 256 KiB. It is large enough that reading costs little compared with
/// sending, and small enough that many concurrent uploads need little memory.
pub(crate) const MAX_CHUNK_BYTES: usize = 256 * 1024;

/// Opens a file for one attempt. Returns its bytes and its current length; bytes appended later are not
/// sent.
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
    let invalid = |reason| {
        let message = format!("{} is {reason}", display_path(path));
        Error::for_operation(operation, ErrorKind::InvalidRequest, message)
    };
    // The type is checked first, because opening a named pipe blocks until a process writes to it.
    let metadata = fs::metadata(path).await.map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(invalid("a directory"));
    }
    if !metadata.is_file() {
        return Err(invalid("not a regular file; send it from a reader"));
    }
    let mut file = File::open(path).await.map_err(unreadable)?;
    file.set_max_buf_size(MAX_CHUNK_BYTES);
    let length = file.metadata().await.map_err(unreadable)?.len();
    Ok((from_reader(file.take(length)), length))
}

/// Returns the bytes in chunks, without copying them.
pub(crate) fn from_bytes(bytes: Bytes) -> ByteStream {
    Box::pin(BytesStream(bytes))
}

pub(crate) fn from_reader(reader: impl AsyncRead + Send + 'static) -> ByteStream {
    Box::pin(ReaderStream::with_capacity(reader, MAX_CHUNK_BYTES))
}

/// Returns a path for error messages.
pub(crate) fn display_path(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// Returns the error of a request that failed because its upload could not be read to its end.
pub(crate) fn upload_error(operation: &'static Operation, error: &reqwest::Error) -> Option<Error> {
    let mut source: &dyn StdError = error;
    let upload_error = loop {
        if let Some(upload_error) = source.downcast_ref::<UploadError>() {
            break upload_error;
        }
        source = source.source()?;
    };
    let error = Error::for_operation(operation, ErrorKind::Io, upload_error.to_string());
    Some(error.with_source(clone_io_error(&upload_error.source)))
}

/// Returns a copy of an error, because the source of another error can't be moved out of it.
fn clone_io_error(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// The reason why an upload could not be read to its end. It is a source of the connection's error.
#[derive(Debug)]
pub(crate) struct UploadError {
    display_name: String,
    source: io::Error,
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} can't be read: {}", self.display_name, self.source)
    }
}

impl StdError for UploadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// A byte stream that checks the declared length and reports progress.
pub(crate) struct UploadBody {
    /// `None` after an error.
    stream: Option<ByteStream>,
    display_name: String,
    /// The declared length in bytes.
    length: Option<u64>,
    /// The bytes handed to the connection so far.
    sent: u64,
    progress: Option<ProgressFn>,
}

impl UploadBody {
    pub(crate) fn new(
        stream: ByteStream,
        display_name: String,
        length: Option<u64>,
        progress: Option<ProgressFn>,
    ) -> Self {
        Self {
            stream: Some(stream),
            display_name,
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
        let Some(stream) = &mut this.stream else {
            return Poll::Ready(None);
        };
        let next = ready!(stream.as_mut().poll_next(context)).transpose();
        let checked = next.and_then(|chunk| match chunk {
            Some(chunk) => this.count(chunk).map(Some),
            None => this.check_end().map(|()| None),
        });
        Poll::Ready(match checked {
            Ok(chunk) => chunk.map(Ok),
            Err(source) => {
                this.stream = None;
                let display_name = this.display_name.clone();
                Some(Err(UploadError {
                    display_name,
                    source,
                }))
            }
        })
    }
}

impl UploadBody {
    /// Counts a chunk and reports the progress. Fails if the declared length is exceeded.
    fn count(&mut self, chunk: Bytes) -> io::Result<Bytes> {
        self.sent += chunk.len() as u64;
        if let Some(length) = self.length.filter(|length| self.sent > *length) {
            let message = format!("it is longer than the declared {length} bytes");
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

    /// Fails if the stream ended before the declared length, or is empty.
    fn check_end(&self) -> io::Result<()> {
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
        let end = self.0.len().min(MAX_CHUNK_BYTES);
        let chunk = self.0.split_to(end);
        Poll::Ready((!chunk.is_empty()).then_some(Ok(chunk)))
    }
}
