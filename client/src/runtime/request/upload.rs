//! The file of a multipart request.

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

use crate::runtime::request::upload_body::{self, ByteStream, Progress, ProgressFn, UploadBody};

/// A file to upload, from a path, from memory, or from a reader or stream.
///
/// It is sent in chunks, so memory doesn't grow with the size of the file. Nothing is read before the call is sent. A
/// missing or unreadable file is then an [`ErrorKind::Io`] error; an empty file or a directory is
/// [`ErrorKind::InvalidRequest`]. None of these reaches the server.
///
/// ```
/// # use cometapi::Upload;
/// let upload = Upload::path("talks/monday.mp3").with_progress(|so_far| {
///     println!("{} of {:?} bytes", so_far.bytes, so_far.total);
/// });
/// assert!(upload.is_replayable());
/// ```
///
/// Clones read the same source and report to the same callback.
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
        origin: &'static str,
        stream: Arc<Mutex<Option<ByteStream>>>,
        length: Option<u64>,
    },
}

impl Upload {
    /// Uploads the file at this path under its own name. It is opened for each attempt.
    ///
    /// The number of bytes is fixed when the file is opened. Bytes appended later are not sent; if the file becomes
    /// shorter, the call fails with [`ErrorKind::Io`].
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        Self::new(name, Source::Path(path))
    }

    /// Uploads these bytes as a file of this name.
    pub fn bytes(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(file_name, Source::Bytes(bytes.into()))
    }

    /// Uploads the bytes of a reader as a file of this name. It can be read only once, so the call isn't retried. Set
    /// its [length](Upload::with_length) if it is known.
    pub fn reader(file_name: impl Into<String>, reader: impl AsyncRead + Send + 'static) -> Self {
        Self::once(file_name, "a reader", upload_body::from_reader(reader))
    }

    /// Uploads the bytes of a stream as a file of this name. It can be read only once, so the call isn't retried. Set
    /// its [length](Upload::with_length) if it is known.
    pub fn stream(
        file_name: impl Into<String>,
        stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::once(file_name, "a stream", Box::pin(stream))
    }

    /// Sets the file name in the form; of a path only the last part is sent. Servers infer the file's format from its
    /// extension.
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    /// Sets the media type in the form. Default: the documented media type of the file name's extension, or
    /// `application/octet-stream`.
    pub fn with_content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// Sets the number of bytes of a reader or stream. Without it the request has no `Content-Length`, which some
    /// servers reject. If there are fewer or more, the call fails with [`ErrorKind::Io`]. It has no effect on a path or
    /// on bytes, whose length is known.
    pub fn with_length(mut self, bytes: u64) -> Self {
        if let Source::Reader { length, .. } = &mut self.source {
            *length = Some(bytes);
        }
        self
    }

    /// Sets a callback that runs after each chunk was passed to the connection. A retry counts from the beginning.
    ///
    /// The chunk may not have been sent yet. The callback runs on the call's task, so keep it fast.
    pub fn with_progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Arc::new(Mutex::new(callback)));
        self
    }

    /// Returns whether it can be sent more than once, for a retry or by a clone: a path or bytes can, a reader or stream
    /// can't.
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

    fn once(file_name: impl Into<String>, origin: &'static str, stream: ByteStream) -> Self {
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
    pub(crate) length: Option<u64>,
}

/// Sending one, for the rest of the runtime.
impl Upload {
    /// The name without folders.
    pub(crate) fn part_file_name(&self) -> &str {
        let parts = self.file_name.rsplit(['/', '\\']);
        parts.into_iter().next().unwrap_or_default()
    }

    /// The media type for the part: what was said, else what the contract says.
    pub(crate) fn part_content_type(&self, field: Option<&FileField>) -> &str {
        let documented = || field?.content_type(self.part_file_name());
        self.content_type
            .as_deref()
            .or_else(documented)
            .unwrap_or("application/octet-stream")
    }

    /// Opens it for one attempt. Whatever can be known to be wrong is found here, before anything
    /// is sent.
    pub(crate) async fn open(&self, operation: &'static Operation) -> Result<OpenUpload, Error> {
        let refuse = |message| Error::for_operation(operation, ErrorKind::InvalidRequest, message);
        if self.part_file_name().is_empty() && !matches!(self.source, Source::Path(_)) {
            return Err(refuse("the upload has no file name".to_owned()));
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
                let taken = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                let stream = taken.ok_or_else(|| {
                    refuse(format!(
                        "the upload {} came from {origin}, which can be read only once",
                        self.display_path()
                    ))
                })?;
                (stream, *length)
            }
        };
        if length == Some(0) {
            return Err(refuse(format!("{} is empty", self.display_path())));
        }
        let counted = UploadBody::new(stream, self.display_path(), length, self.progress.clone());
        let body = reqwest::Body::wrap_stream(counted);
        Ok(OpenUpload { body, length })
    }

    /// What an error calls it.
    fn display_path(&self) -> String {
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
                f.debug_tuple("Once").field(origin).field(length).finish()
            }
        }
    }
}
