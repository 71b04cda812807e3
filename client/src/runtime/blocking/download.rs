//! The bytes of a response, for a reader, a file or memory.

use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::pin::Pin;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::io::{AsyncRead, ReadBuf};

use super::block_on;
use crate::runtime;
use crate::runtime::error::Error;
use crate::runtime::request::upload_body::Progress;

/// The bytes of a response, such as speech, as they arrive.
///
/// A [reader](io::Read); [`bytes`](Download::bytes) and [`save`](Download::save) take all remaining bytes. Its
/// guarantees and errors are those of the async [`Download`](runtime::Download). A reader gets the errors as
/// [`io::Error`]. Dropping it closes the connection.
#[derive(Debug)]
#[must_use = "a download delivers nothing unless it is read"]
pub struct Download(runtime::Download);

impl Download {
    pub(crate) fn new(inner: runtime::Download) -> Self {
        Self(inner)
    }

    /// Sets a callback that runs after each chunk. A later one replaces it.
    pub fn with_progress(self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        Self(self.0.with_progress(report))
    }

    /// Returns the media type without parameters, as the server sent it; `application/octet-stream` if it sent
    /// none.
    pub fn content_type(&self) -> &str {
        self.0.content_type()
    }

    /// Returns the length of the complete response in bytes, if the server declared it.
    pub fn content_length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// Returns the status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// Returns the headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// Returns the server's id of this request, to quote in a support request, if a header contains one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id()
    }

    /// Reads all remaining bytes into memory.
    ///
    /// # Errors
    ///
    /// Those of the async [`bytes`](runtime::Download::bytes).
    pub fn bytes(self) -> Result<Bytes, Error> {
        block_on(self.0.bytes())
    }

    /// Writes all remaining bytes to a file, atomically, and returns their number.
    ///
    /// # Errors
    ///
    /// Those of the async [`save`](runtime::Download::save).
    pub fn save(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        block_on(self.0.save(path))
    }
}

impl io::Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        block_on(poll_fn(|cx| {
            Pin::new(&mut self.0).poll_read(cx, &mut buffer)
        }))?;
        Ok(buffer.filled().len())
    }
}
