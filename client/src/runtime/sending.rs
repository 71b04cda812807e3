//! The pieces of an upload on their way to the connection.

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

use super::{Error, ErrorKind, Operation, Progress};

pub(super) type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;
pub(super) type Callback = Arc<Mutex<dyn FnMut(Progress) + Send>>;

/// How much is read at once: large enough that reading costs little beside sending, small enough
/// that many uploads at a time need little memory.
const PIECE: usize = 256 * 1024;

/// Opens a file for one attempt. It gives as many bytes as it has now, even if it grows.
pub(super) async fn of_file(
    operation: &'static Operation,
    path: &Path,
) -> Result<(Pieces, u64), Error> {
    let unreadable = |problem: io::Error| {
        let message = format!("{} can't be read: {problem}", shown(path));
        Error::of(operation, ErrorKind::Io, message)
            .with_source(problem)
            .before_sending()
    };
    let refuse = |what| {
        let message = format!("{} is {what}", shown(path));
        Error::of(operation, ErrorKind::InvalidRequest, message)
    };
    // Looked at first, because opening a pipe waits for somebody to write into it.
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
    Ok((of_reader(file.take(length)), length))
}

/// Bytes in pieces, without a copy.
pub(super) fn of_bytes(bytes: Bytes) -> Pieces {
    Box::pin(Slices(bytes))
}

pub(super) fn of_reader(reader: impl AsyncRead + Send + 'static) -> Pieces {
    Box::pin(ReaderStream::with_capacity(reader, PIECE))
}

/// What an error calls a file.
pub(super) fn shown(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// The error for a request that failed because its upload could not be sent to its end.
pub(super) fn failure(operation: &'static Operation, problem: &reqwest::Error) -> Option<Error> {
    let mut cause: &dyn StdError = problem;
    let broken = loop {
        if let Some(broken) = cause.downcast_ref::<Broken>() {
            break broken;
        }
        cause = cause.source()?;
    };
    let error = Error::of(operation, ErrorKind::Io, broken.to_string());
    Some(error.with_source(again(&broken.source)))
}

/// The same error once more; the cause of another can't be taken out of it.
fn again(problem: &io::Error) -> io::Error {
    match problem.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(problem.kind(), problem.to_string()),
    }
}

/// Why an upload could not be sent to its end; the connection's error has it as a cause.
#[derive(Debug)]
pub(super) struct Broken {
    shown: String,
    source: io::Error,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} can't be read: {}", self.shown, self.source)
    }
}

impl StdError for Broken {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// Pieces held against the length that was announced.
pub(super) struct Counted {
    /// `None` after an error.
    pieces: Option<Pieces>,
    shown: String,
    length: Option<u64>,
    sent: u64,
    progress: Option<Callback>,
}

impl Counted {
    pub(super) fn new(
        pieces: Pieces,
        shown: String,
        length: Option<u64>,
        progress: Option<Callback>,
    ) -> Self {
        Self {
            pieces: Some(pieces),
            shown,
            length,
            sent: 0,
            progress,
        }
    }
}

impl Stream for Counted {
    type Item = Result<Bytes, Broken>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(pieces) = &mut this.pieces else {
            return Poll::Ready(None);
        };
        let next = ready!(pieces.as_mut().poll_next(context)).transpose();
        let counted = next.and_then(|piece| match piece {
            Some(piece) => this.count(piece).map(Some),
            None => this.end().map(|()| None),
        });
        Poll::Ready(match counted {
            Ok(piece) => piece.map(Ok),
            Err(source) => {
                this.pieces = None;
                let shown = this.shown.clone();
                Some(Err(Broken { shown, source }))
            }
        })
    }
}

impl Counted {
    fn count(&mut self, piece: Bytes) -> io::Result<Bytes> {
        self.sent += piece.len() as u64;
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
        Ok(piece)
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

/// Bytes in pieces, without a copy.
struct Slices(Bytes);

impl Stream for Slices {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let end = self.0.len().min(PIECE);
        let piece = self.0.split_to(end);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}
