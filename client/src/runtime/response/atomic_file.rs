//! Atomic file writer: a file appears at its path only once it is complete.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tempfile::TempPath;
use tokio::task::{JoinHandle, spawn_blocking};

/// The minimum number of bytes per write, except the last: 256 KiB. A thread switch for every chunk would cost more than
/// the write.
const BATCH_BYTES: usize = 256 * 1024;

/// A file with a temporary name until it is committed. Dropping it removes the file.
pub(crate) struct AtomicFile {
    target: PathBuf,
    temporary: TempPath,
    /// The write of the previous batch, which returns the file. The next batch is collected meanwhile.
    writing: JoinHandle<io::Result<File>>,
    batch: Vec<Bytes>,
    /// The size of the batch in bytes.
    size: usize,
}

impl AtomicFile {
    /// Creates the file in the directory of the target, so that it can be renamed to it.
    pub(crate) async fn create_for(target: &Path) -> io::Result<Self> {
        let target = target.to_owned();
        join_blocking(spawn_blocking(move || {
            if target.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            // Empty is the current directory.
            let directory = target.parent().unwrap_or(Path::new(""));
            let (file, temporary) = tempfile_builder().tempfile_in(directory)?.into_parts();
            Ok(Self {
                writing: spawn_blocking(|| Ok(file)),
                temporary,
                batch: Vec::new(),
                size: 0,
                target,
            })
        }))
        .await
    }

    pub(crate) async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        self.size += bytes.len();
        self.batch.push(bytes);
        if self.size < BATCH_BYTES {
            return Ok(());
        }
        self.flush_batch().await
    }

    /// Writes the last batch and renames the file to its target, replacing an existing file.
    pub(crate) async fn commit(mut self) -> io::Result<()> {
        self.flush_batch().await?;
        let file = join_blocking(self.writing).await?;
        let (temporary, target) = (self.temporary, self.target);
        join_blocking(spawn_blocking(move || {
            drop(file);
            Ok(temporary.persist(target)?)
        }))
        .await
    }

    /// Starts writing the batch, once the previous batch is written.
    async fn flush_batch(&mut self) -> io::Result<()> {
        let mut file = join_blocking(&mut self.writing).await?;
        let batch = std::mem::take(&mut self.batch);
        self.size = 0;
        self.writing = spawn_blocking(move || {
            for bytes in batch {
                file.write_all(&bytes)?;
            }
            Ok(file)
        });
        Ok(())
    }
}

/// Returns the result of blocking work. Joining fails only if the runtime shuts down.
async fn join_blocking<T>(
    work: impl Future<Output = Result<io::Result<T>, tokio::task::JoinError>>,
) -> io::Result<T> {
    work.await.map_err(io::Error::other)?
}

fn tempfile_builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".part");
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        // The permissions of any new file; the system applies the umask.
        builder.permissions(Permissions::from_mode(0o666));
    }
    builder
}
