//! One program for a data folder: a lock file that goes with its process, whatever ends it.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::disk;

/// Why the data folder is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another Storeloom uses it: stop that one, or use another folder.
    #[error(
        "Storeloom already runs on the data folder `{folder}` ({holder}): use that one, stop it, or choose another \
         folder with --data"
    )]
    Taken {
        /// The data folder.
        folder: PathBuf,
        /// What its lock file says of the other: process and port.
        holder: String,
    },
    /// The folder cannot be made or written to: check its owner and the disk.
    #[error("the data folder `{folder}` cannot be made or written to: check its owner and the disk")]
    Folder {
        /// The data folder.
        folder: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// The right to use a data folder, for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of a data folder, which is made if it is not there.
    ///
    /// # Errors
    /// If another program holds it or the folder cannot be written to.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let refused = |source| LockError::Folder { folder: folder.to_owned(), source };
        disk::make_folder(folder).map_err(refused)?;
        let mut file = disk::open_private(&folder.join("lock")).map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder may be writing this line right now; the message does without it then.
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
                return Err(LockError::Taken { folder: folder.to_owned(), holder: holder.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
        let lock = Self { file };
        lock.note(None).map_err(refused)?;
        Ok(lock)
    }

    /// Writes down process and port, for the message that a second program shows.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn note(&self, port: Option<u16>) -> io::Result<()> {
        let mut file = &self.file;
        let port = port.map(|port| format!(", port {port}")).unwrap_or_default();
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        writeln!(file, "process {}{port}", std::process::id())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is() {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        let lock = Lock::take(&data).unwrap();
        lock.note(Some(4100)).unwrap();
        let error = Lock::take(&data).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}, port 4100", std::process::id())), "{error}");
        drop(lock);
        assert!(Lock::take(&data).is_ok());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let error = Lock::take(&file.join("data")).unwrap_err();
        assert!(matches!(&error, LockError::Folder { .. }), "{error}");
    }
}
