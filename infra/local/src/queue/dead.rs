//! Dead letters: messages that were received too often, kept until a person decides.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::frame::{self, Record, Sent};
use crate::disk;

/// A dead letter's place in the file.
#[derive(Debug, Clone, Copy)]
struct Grave {
    offset: u64,
    length: usize,
}

/// The file of dead letters.
#[derive(Debug)]
pub(super) struct Dead {
    file: File,
    graves: BTreeMap<u64, Grave>,
    end: u64,
}

impl Dead {
    /// Opens the file, cuts a torn tail and leaves out what is gone.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let bytes = disk::read_if_there(path)?.unwrap_or_default();
        let mut kept: BTreeMap<u64, &[u8]> = BTreeMap::new();
        frame::scan(&bytes, |offset, length, record| match record {
            Record::Dead { sent, .. } => {
                let whole = bytes.get(offset..offset.saturating_add(length));
                kept.extend(whole.map(|whole| (sent.number, whole)));
            }
            Record::Gone { number } => {
                kept.remove(&number);
            }
            Record::Message(_) | Record::Received { .. } | Record::Acked { .. } | Record::Begun { .. } => {}
        });
        let mut rewritten = Vec::new();
        let mut graves = BTreeMap::new();
        for (number, whole) in kept {
            graves.insert(number, Grave { offset: long(rewritten.len()), length: whole.len() });
            rewritten.extend_from_slice(whole);
        }
        if rewritten != bytes {
            disk::write_whole(path, &rewritten)?;
        }
        let file = disk::open_private(path)?;
        Ok(Self { file, graves, end: long(rewritten.len()) })
    }

    /// Keeps dead letters; when it returns, they are on disk.
    pub(super) fn bury(&mut self, at: i64, letters: &[(u32, Sent<'_>)]) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut graves = Vec::new();
        for (count, sent) in letters {
            let start = bytes.len();
            frame::put(&mut bytes, &Record::Dead { at, count: *count, sent: *sent });
            let grave = Grave {
                offset: self.end.saturating_add(long(start)),
                length: bytes.len().saturating_sub(start),
            };
            graves.push((sent.number, grave));
        }
        self.append(&bytes)?;
        self.graves.extend(graves);
        Ok(())
    }

    /// Notes that a dead letter is gone; when it returns, that is on disk.
    pub(super) fn leave(&mut self, number: u64) -> io::Result<()> {
        let mut bytes = Vec::new();
        frame::put(&mut bytes, &Record::Gone { number });
        self.append(&bytes)?;
        self.graves.remove(&number);
        if self.graves.is_empty() {
            self.file.set_len(0)?;
            self.end = 0;
        }
        Ok(())
    }

    /// The numbers of all dead letters, the oldest first.
    pub(super) fn numbers(&self) -> Vec<u64> {
        self.graves.keys().copied().collect()
    }

    /// How many dead letters there are.
    pub(super) fn len(&self) -> usize {
        self.graves.len()
    }

    /// The frame of a dead letter.
    pub(super) fn read(&self, number: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(grave) = self.graves.get(&number) else { return Ok(None) };
        let mut bytes = vec![0; grave.length];
        disk::read_at(&self.file, &mut bytes, grave.offset)?;
        Ok(Some(bytes))
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        if let Err(error) = self.file.write_all(bytes) {
            self.file.set_len(self.end)?;
            return Err(error);
        }
        self.file.sync_data()?;
        self.end = self.end.saturating_add(long(bytes.len()));
        Ok(())
    }
}

fn long(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
