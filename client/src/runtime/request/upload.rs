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

/// A file to be sent: from a path, from memory, or from anything that can be read.
///
/// It is sent in stream as the connection takes them, so a file of any size needs no more memory
/// than a small one. Nothing is read before the call is sent. A file that is missing or can't be
/// read is [`ErrorKind::Io`] then; one that is empty, and a directory, are [`ErrorKind::InvalidRequest`].
/// None of these reaches the server.
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
    /// The file at this path, under its own name. It is opened when the call is sent, and once more
    /// for a further attempt.
    ///
    /// As many bytes are sent as the file has when it is opened: what is appended later isn't, and
    /// if it becomes shorter while it is sent, the call fails with [`ErrorKind::Io`].
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        Self::new(name, Source::Path(path))
    }

    /// These bytes, as a file of this name.
    pub fn bytes(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(file_name, Source::Bytes(bytes.into()))
    }

    /// What this reader gives, as a file of this name. It can be read only once, so such a call
    /// can't be sent a second time. Say its [`length`](Upload::with_length) if it is known.
    pub fn reader(file_name: impl Into<String>, reader: impl AsyncRead + Send + 'static) -> Self {
        Self::once(file_name, "a reader", upload_body::from_reader(reader))
    }

    /// What this stream gives, as a file of this name. It can be read only once, so such a call
    /// can't be sent a second time. Say its [`length`](Upload::with_length) if it is known.
    pub fn stream(
        file_name: impl Into<String>,
        stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::once(file_name, "a stream", Box::pin(stream))
    }

    /// The name that the server is told; of a path only the last part is sent. Servers tell the
    /// format of the file by the name's extension.
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    /// The media type that the server is told. By default the one that the API documents for the
    /// extension of the file's name, `application/octet-stream` if it documents none.
    pub fn with_content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }

    /// How many bytes the reader or stream will give; without this, the request is sent without a
    /// length, which some servers refuse. If it gives fewer or more, the call fails with
    /// [`ErrorKind::Io`]. The length of a path or of bytes is known, and this is without effect.
    pub fn with_length(mut self, bytes: u64) -> Self {
        if let Source::Reader { length, .. } = &mut self.source {
            *length = Some(bytes);
        }
        self
    }

    /// Calls back after each chunk that was handed to the connection, with the bytes so far and
    /// their total, if that is known. A further attempt counts from the beginning.
    ///
    /// What was handed over may still be on its way. The callback holds up the upload, so it should
    /// be short.
    pub fn with_progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Arc::new(Mutex::new(callback)));
        self
    }

    /// Whether it can be sent more than once, for a further attempt or by a clone: from a path or
    /// bytes it can, from a reader or stream it can't.
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
