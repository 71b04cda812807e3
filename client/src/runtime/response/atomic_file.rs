//! A file that appears under its name once it is complete.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tempfile::TempPath;
use tokio::task::{JoinHandle, spawn_blocking};

/// How many bytes are written at once. A change of thread for every chunk would cost more than the
/// writing.
const BATCH: usize = 256 * 1024;

/// A file under a temporary name. Dropping it removes it.
pub(crate) struct AtomicFile {
    target: PathBuf,
    temporary: TempPath,
    /// The batch that is being written while the next one is collected.
    writing: JoinHandle<io::Result<File>>,
    batch: Vec<Bytes>,
    size: usize,
}

impl AtomicFile {
    /// Creates the file in the directory of the target, where it can be renamed to it.
    pub(crate) async fn create_for(target: &Path) -> io::Result<Self> {
        let target = target.to_owned();
        join_blocking(spawn_blocking(move || {
            if target.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let directory = match target.parent() {
                Some(parent) if parent != Path::new("") => parent,
                _ => Path::new("."),
            };
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
        if self.size < BATCH {
            return Ok(());
        }
        self.flush_batch().await
    }

    /// Gives the file its name.
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

    /// Hands over what was collected, once what was handed over before is written.
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

/// What blocking work came to. It is lost only if the runtime is shut down.
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
        // Those of any new file: the system takes away what its mask says.
        builder.permissions(Permissions::from_mode(0o666));
    }
    builder
}
