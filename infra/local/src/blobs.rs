//! Blobs in a plain folder: one file for each key, written whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use async_trait::async_trait;
use domain::OrgId;
use jiff::Timestamp;
use ports::{Blobs, ErrorKind, PortError, Result};

use crate::disk;

/// The longest key: S3 takes 1024 bytes with the merchant before it.
const LONGEST_KEY: usize = 900;
/// The longest part of a key between two slashes: file systems take 255 bytes with what is added.
const LONGEST_PART: usize = 120;

/// The beginnings of the keys of what events said: as they came, and those that were too large for a message.
const OF_EVENTS: [&str; 2] = ["raw", "inbox"];

/// Blobs in a plain folder.
#[derive(Debug, Clone)]
pub struct FolderBlobs {
    folder: PathBuf,
}

impl FolderBlobs {
    /// The blobs of a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn open(folder: &Path) -> io::Result<Self> {
        disk::make_folder(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Forgets what events said and was put before a time, as the bucket's lifecycle does in AWS; answers how many
    /// there were.
    ///
    /// # Errors
    /// If the file system refuses.
    pub async fn forget_before(&self, time: Timestamp) -> Result<u64> {
        let (folder, time) = (self.folder.clone(), SystemTime::from(time));
        on_disk("forget", move || {
            let mut forgotten = 0;
            for org in fs::read_dir(&folder)? {
                let org = org?.path();
                for kind in OF_EVENTS {
                    forgotten += forget_below(&org.join(kind), time)?;
                }
            }
            Ok(forgotten)
        })
        .await
    }

    /// The file of a key, if the key is one: parts of letters, digits, `-`, `_` and `.`, with `/` between.
    fn path(&self, org: &OrgId, key: &str) -> Option<PathBuf> {
        let mut path = self.folder.join(org.as_str());
        if key.len() > LONGEST_KEY {
            return None;
        }
        for part in key.split('/') {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            if part.is_empty()
                || part.len() > LONGEST_PART
                || !part.bytes().all(plain)
                || part.starts_with('.')
            {
                return None;
            }
            path.push(file_name(part));
        }
        // A key may be another's beginning (`a` and `a/b`): files end in a sign that no part of a key holds.
        let mut name = path.file_name()?.to_owned();
        name.push("+");
        path.set_file_name(name);
        Some(path)
    }
}

/// Forgets the files below a folder that were written before a time, and the folders that are empty then.
fn forget_below(folder: &Path, time: SystemTime) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut forgotten = 0;
    for entry in entries {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.metadata()?);
        if kind.is_dir() {
            let below = forget_below(&path, time)?;
            forgotten += below;
            if below > 0 && fs::read_dir(&path)?.next().is_none() {
                fs::remove_dir(&path)?;
            }
        } else if kind.modified()? < time {
            fs::remove_file(&path)?;
            forgotten += 1;
        }
    }
    Ok(forgotten)
}

/// A part of a key as a file's name. Some file systems take `A` for `a`, so capitals are marked.
fn file_name(part: &str) -> String {
    let mut name = String::with_capacity(part.len());
    for letter in part.chars() {
        if letter.is_ascii_uppercase() {
            name.push('^');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[async_trait]
impl Blobs for FolderBlobs {
    async fn put(&self, org: &OrgId, key: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path(org, key).ok_or_else(|| not_a_key("put"))?;
        let bytes = bytes.to_vec();
        on_disk("put", move || {
            disk::make_folder(path.parent().unwrap_or(&path))?;
            disk::write_whole(&path, &bytes)
        })
        .await
    }

    async fn remove(&self, org: &OrgId, key: &str) -> Result<()> {
        let path = self.path(org, key).ok_or_else(|| not_a_key("remove"))?;
        on_disk("remove", move || match std::fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => path.parent().map_or(Ok(()), disk::sync_folder),
        })
        .await
    }

    async fn get(&self, org: &OrgId, key: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path(org, key).ok_or_else(|| not_a_key("get"))?;
        on_disk("get", move || disk::read_if_there(&path)).await
    }
}

async fn on_disk<T: Send + 'static>(
    op: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let failed = |error: io::Error| {
        PortError::new(
            ErrorKind::Unavailable,
            op,
            "the blobs' files cannot be read or written: check the disk",
        )
        .because(error)
    };
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(failed)
}

fn not_a_key(op: &'static str) -> PortError {
    let message = "a blob's key has parts of letters, digits, `-`, `_` and `.` with `/` between them";
    PortError::new(ErrorKind::Refused, op, message)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn org(name: &str) -> OrgId {
        OrgId::derive(&[name])
    }

    #[tokio::test]
    async fn what_is_put_is_there_after_a_restart_and_for_its_merchant_alone() {
        let folder = TempDir::new().unwrap();
        let blobs = FolderBlobs::open(folder.path()).unwrap();
        let big = vec![7; 1 << 20];
        blobs.put(&org("a"), "raw/2026/x.json", b"one").await.unwrap();
        blobs.put(&org("a"), "raw/2026/x.json", &big).await.unwrap();
        blobs.put(&org("a"), "empty", b"").await.unwrap();
        let blobs = FolderBlobs::open(folder.path()).unwrap();
        assert_eq!(blobs.get(&org("a"), "raw/2026/x.json").await.unwrap(), Some(big));
        assert_eq!(blobs.get(&org("a"), "empty").await.unwrap(), Some(Vec::new()));
        assert_eq!(blobs.get(&org("b"), "empty").await.unwrap(), None);
        for _ in 0..2 {
            blobs.remove(&org("a"), "raw/2026/x.json").await.unwrap();
            assert_eq!(blobs.get(&org("a"), "raw/2026/x.json").await.unwrap(), None);
        }
        assert_eq!(blobs.get(&org("a"), "empty").await.unwrap(), Some(Vec::new()));
    }

    #[tokio::test]
    async fn what_events_said_is_forgotten_after_its_time_and_nothing_else() {
        let folder = TempDir::new().unwrap();
        let blobs = FolderBlobs::open(folder.path()).unwrap();
        let keys = ["raw/2026/11/21/e", "inbox/f", "pictures/p"];
        for key in keys {
            blobs.put(&org("a"), key, b"x").await.unwrap();
        }
        let kept = async || {
            let mut kept = Vec::new();
            for key in keys {
                kept.extend(blobs.get(&org("a"), key).await.unwrap().map(|_| key));
            }
            kept
        };
        let written = fs::metadata(folder.path()).unwrap().modified().unwrap();
        let written = Timestamp::try_from(written).unwrap();
        let day = jiff::SignedDuration::from_hours(24);
        assert_eq!(blobs.forget_before(written - day).await.unwrap(), 0);
        assert_eq!(kept().await, keys);
        assert_eq!(blobs.forget_before(written + day).await.unwrap(), 2);
        assert_eq!(kept().await, ["pictures/p"]);
        assert_eq!(blobs.forget_before(written + day).await.unwrap(), 0);
        blobs.put(&org("a"), keys[0], b"x").await.unwrap();
        assert_eq!(kept().await, [keys[0], keys[2]]);
    }

    #[tokio::test]
    async fn keys_that_look_alike_are_different_things() {
        let folder = TempDir::new().unwrap();
        let blobs = FolderBlobs::open(folder.path()).unwrap();
        let keys = ["a", "A", "a/b", "a/b/c", "a.new", "a-b", "aB/c", "Ab/c"];
        for key in keys {
            blobs.put(&org("a"), key, key.as_bytes()).await.unwrap();
        }
        for key in keys {
            assert_eq!(blobs.get(&org("a"), key).await.unwrap().as_deref(), Some(key.as_bytes()), "{key}");
        }
    }

    #[tokio::test]
    async fn keys_that_lead_elsewhere_are_refused() {
        let folder = TempDir::new().unwrap();
        let blobs = FolderBlobs::open(folder.path()).unwrap();
        let long = "x".repeat(200);
        for key in [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "a//b",
            "..",
            "../x",
            "a/../b",
            ".hidden",
            "a/.",
            "a\\b",
            "a b",
            "\u{e4}",
            &long,
            "a\0",
        ] {
            let put = blobs.put(&org("a"), key, b"x").await.unwrap_err();
            let get = blobs.get(&org("a"), key).await.unwrap_err();
            assert_eq!((put.kind, get.kind), (ErrorKind::Refused, ErrorKind::Refused), "{key:?}");
        }
    }
}
