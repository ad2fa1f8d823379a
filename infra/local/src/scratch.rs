//! A folder for a while, taken away when it is let go.

use std::io;
use std::path::{Path, PathBuf};

use platform::Dice as _;

use crate::clock::SystemDice;

/// A folder for a while.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a new folder below the system's folder for such.
    ///
    /// # Errors
    /// What the system says.
    pub fn make(name: &str) -> io::Result<Self> {
        let unique = data_encoding::HEXLOWER.encode(&SystemDice.ten());
        let path = std::env::temp_dir().join(format!("storeloom-{name}-{unique}"));
        crate::disk::make_folder(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be taken away stays in the system's folder for such, which is swept by itself.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
