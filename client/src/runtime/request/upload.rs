//! Files to upload, and the progress of transfers.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::AsyncRead;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::{FileField, Operation};
use crate::runtime::error::Error;
use crate::runtime::request::upload_body::{self, ByteStream, ProgressFn, UploadBody};

/// A file to upload: from a path, from memory, from a reader or from a stream.
///
/// The file is streamed in chunks, so a large file needs no more memory than a small one. Chunks have
/// at most 256 KiB, unless a stream returns larger ones.
///
/// The file is not read before the call is sent. The call then fails with [`ErrorKind::Io`] if the
/// file is missing or can't be read, and with [`ErrorKind::InvalidRequest`] if it is empty or a
/// directory. In these cases no request reaches the server.
///
/// ```
/// # use cometapi::Upload;
/// let upload = Upload::path("talks/monday.mp3").with_progress(|progress| {
///     println!("{} of {:?} bytes", progress.bytes, progress.total);
/// });
/// assert!(upload.is_replayable());
/// ```
///
/// Clones share the source and the progress callback.
#[derive(Clone)]
pub struct Upload {
    source: Source,
    file_name: String,
    content_type: Option<String>,
    progress: Option<ProgressFn>,
}

#[derive(Clone)]
enum Source {
    Path(PathBuf),
    Bytes(Bytes),
    Reader {
        /// The name of the source in error messages: `a reader` or `a stream`.
        origin: &'static str,
        /// `None` once it was opened.
        stream: Arc<Mutex<Option<ByteStream>>>,
        /// The declared length in bytes.
        length: Option<u64>,
    },
}

/// The progress of an upload or a download, as reported to its callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes transferred so far.
    pub bytes: u64,
    /// Total bytes, if the length is known.
    pub total: Option<u64>,
}

impl Upload {
    /// Creates an upload of the file at this path, with the file's name. Every attempt of the call
    /// opens the file again.
    ///
    /// The length of the file is read when it is opened. Bytes that are appended later are not sent.
    /// If the file is truncated while it is sent, the call fails with [`ErrorKind::Io`].
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        Self::new(name, Source::Path(path))
    }

    /// Creates an upload of these bytes, with this file name.
    pub fn bytes(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(file_name, Source::Bytes(bytes.into()))
    }

    /// Creates an upload that reads from this reader, with this file name.
    ///
    /// A reader can be read only once. The call is therefore not retried, and the upload can't be sent
    /// again. Set the length with [`with_length`](Upload::with_length) if it is known.
    pub fn reader(file_name: impl Into<String>, reader: impl AsyncRead + Send + 'static) -> Self {
        Self::single_use(file_name, "a reader", upload_body::from_reader(reader))
    }

    /// Creates an upload that reads from this stream, with this file name.
    ///
    /// A stream can be read only once. The call is therefore not retried, and the upload can't be sent
    /// again. Set the length with [`with_length`](Upload::with_length) if it is known.
    pub fn stream(
        file_name: impl Into<String>,
        stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::single_use(file_name, "a stream", Box::pin(stream))
    }

    /// Sets the file name that is sent to the server. Of a path only the last component is sent.
    /// Servers derive the format of the file from the extension of the name.
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    /// Sets the media type that is sent to the server. Default: the media type that the API documents
    /// for the extension of the file name, or `application/octet-stream` if it documents none.
    pub fn with_content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// Sets the length of a reader or stream in bytes. Has no effect on an upload from a path or from
    /// bytes, whose length is known.
    ///
    /// Without it, the request has no `Content-Length`, and some servers reject it. If the reader or
    /// stream returns fewer or more bytes, the call fails with [`ErrorKind::Io`].
    pub fn with_length(mut self, bytes: u64) -> Self {
        if let Source::Reader { length, .. } = &mut self.source {
            *length = Some(bytes);
        }
        self
    }

    /// Sets a callback that runs after each chunk that was handed to the connection. It receives the
    /// bytes so far and the total, if that is known. A retry counts from zero again.
    ///
    /// The reported bytes may still be in the buffers of the connection. The callback blocks the
    /// upload, so keep it fast.
    pub fn with_progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Arc::new(Mutex::new(callback)));
        self
    }

    /// Returns whether the upload can be sent more than once, by a retry or by a clone. This is true
    /// for a path and for bytes, and false for a reader and for a stream.
    pub fn is_replayable(&self) -> bool {
        !matches!(self.source, Source::Reader { .. })
    }

    fn new(file_name: impl Into<String>, source: Source) -> Self {
        Self {
            source,
            file_name: file_name.into(),
            content_type: None,
            progress: None,
        }
    }

    fn single_use(file_name: impl Into<String>, origin: &'static str, stream: ByteStream) -> Self {
        let source = Source::Reader {
            origin,
            stream: Arc::new(Mutex::new(Some(stream))),
            length: None,
        };
        Self::new(file_name, source)
    }
}

/// An upload opened for one attempt.
pub(crate) struct OpenUpload {
    pub(crate) body: reqwest::Body,
    /// The length in bytes, if it is known.
    pub(crate) length: Option<u64>,
}

/// Opening an upload for an attempt.
impl Upload {
    /// Returns the file name without directories.
    pub(crate) fn part_file_name(&self) -> &str {
        let mut components = self.file_name.rsplit(['/', '\\']);
        components.next().unwrap_or_default()
    }

    /// Returns the media type of the part: the one set by the caller, or else the documented one.
    pub(crate) fn part_content_type(&self, field: Option<&FileField>) -> &str {
        let documented = || field?.content_type(self.part_file_name());
        self.content_type
            .as_deref()
            .or_else(documented)
            .unwrap_or("application/octet-stream")
    }

    /// Opens the upload for one attempt. Errors that can be detected before the request is sent are
    /// returned here.
    pub(crate) async fn open(&self, operation: &'static Operation) -> Result<OpenUpload, Error> {
        let invalid = |message| Error::for_operation(operation, ErrorKind::InvalidRequest, message);
        if self.part_file_name().is_empty() && !matches!(self.source, Source::Path(_)) {
            return Err(invalid("the upload has no file name".to_owned()));
        }
        let (stream, length): (ByteStream, Option<u64>) = match &self.source {
            Source::Path(path) => {
                let (stream, length) = upload_body::open_file(operation, path).await?;
                (stream, Some(length))
            }
            Source::Bytes(bytes) => (
                upload_body::from_bytes(bytes.clone()),
                Some(bytes.len() as u64),
            ),
            Source::Reader {
                origin,
                stream,
                length,
            } => {
                let unread = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                let stream = unread.ok_or_else(|| {
                    invalid(format!(
                        "the upload {} is from {origin}, which can be read only once",
                        self.display_name()
                    ))
                })?;
                (stream, *length)
            }
        };
        if length == Some(0) {
            return Err(invalid(format!("{} is empty", self.display_name())));
        }
        let stream = UploadBody::new(stream, self.display_name(), length, self.progress.clone());
        let body = reqwest::Body::wrap_stream(stream);
        Ok(OpenUpload { body, length })
    }

    /// Returns the path or file name for error messages.
    fn display_name(&self) -> String {
        match &self.source {
            Source::Path(path) => upload_body::display_path(path),
            _ => format!("`{}`", self.file_name),
        }
    }
}

impl From<&Path> for Upload {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<&PathBuf> for Upload {
    fn from(path: &PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<PathBuf> for Upload {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("source", &self.source)
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Bytes(bytes) => f.debug_tuple("Bytes").field(&bytes.len()).finish(),
            Self::Reader { origin, length, .. } => {
                f.debug_tuple("Reader").field(origin).field(length).finish()
            }
        }
    }
}
