//! The bytes of an answer, for a reader, a file or memory.

use std::io;
use std::path::Path;

use bytes::{Buf, Bytes};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::block_on;
use crate::runtime;
use crate::runtime::error::Error;
use crate::runtime::request::upload::Progress;

/// The bytes of an answer, such as speech, as they arrive.
///
/// It can be [read](io::Read); [`bytes`](Download::bytes) and [`save`](Download::save) take all that
/// hasn't been read yet. For what it promises, and for its errors, see the async
/// [`Download`](runtime::Download). A reader gets them inside an [`io::Error`]. Dropping it closes the
/// connection.
#[derive(Debug)]
#[must_use = "a download delivers nothing unless it is read"]
pub struct Download {
    inner: runtime::Download,
    /// What has arrived and is still to be read.
    arrived: Bytes,
}

impl Download {
    pub(crate) fn new(inner: runtime::Download) -> Self {
        Self {
            inner,
            arrived: Bytes::new(),
        }
    }

    /// Registers a function that is told after each piece how far the download has come. A later one
    /// replaces it.
    pub fn with_progress(mut self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        self.inner = self.inner.with_progress(report);
        self
    }

    /// The media type of the bytes without parameters, as the server wrote it. Without one it is
    /// `application/octet-stream`.
    pub fn content_type(&self) -> &str {
        self.inner.content_type()
    }

    /// How many bytes the answer has as a whole, if the server has said so.
    pub fn content_length(&self) -> Option<u64> {
        self.inner.content_length()
    }

    /// The status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// The server's id of this request, to be quoted to its support, if a header holds one.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id()
    }

    /// All the bytes that haven't been read yet, in memory.
    ///
    /// # Errors
    ///
    /// Those of [`bytes`](runtime::Download::bytes) of the async download.
    pub fn bytes(self) -> Result<Bytes, Error> {
        block_on(self.unread().bytes())
    }

    /// Writes all the bytes that haven't been read yet to a file that takes its name once it is
    /// whole, and tells how many they are; as [`save`](runtime::Download::save) of the async download
    /// does, with its errors.
    pub fn save(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        block_on(self.unread().save(path))
    }

    fn unread(self) -> runtime::Download {
        self.inner.unread(self.arrived)
    }
}

impl io::Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.arrived.is_empty() {
            match block_on(self.inner.next()) {
                None => return Ok(0),
                Some(chunk) => self.arrived = chunk.map_err(io::Error::other)?,
            }
        }
        let length = buffer.len().min(self.arrived.len());
        self.arrived.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
