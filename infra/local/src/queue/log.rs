//! The log files of a queue: appended to, synced in batches, cut where a crash tore them.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame::{self, Record};
use super::waiting::{Log, Place, Waiting};
use crate::disk;

/// The file that is appended to.
#[derive(Debug)]
pub(super) struct Tail {
    folder: PathBuf,
    /// Its number, which is its name.
    pub(super) number: u64,
    file: Arc<File>,
    /// Where the next frame goes.
    pub(super) end: u64,
}

impl Tail {
    /// Begins a log file.
    pub(super) fn begin(folder: &Path, number: u64, next_message: u64) -> io::Result<Self> {
        let file = disk::open_private(&path(folder, number))?;
        file.set_len(0)?;
        let mut tail = Self { folder: folder.to_owned(), number, file: Arc::new(file), end: 0 };
        let mut first = Vec::new();
        frame::put(&mut first, &Record::Begun { number: next_message });
        tail.append(&first)?;
        tail.file.sync_all()?;
        disk::sync_folder(folder)?;
        Ok(tail)
    }

    /// Appends bytes; gives where they start. After a failure the file is as long as before.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let start = self.end;
        let mut file: &File = &self.file;
        file.seek(SeekFrom::Start(start))?;
        if let Err(error) = file.write_all(bytes) {
            self.file.set_len(start)?;
            return Err(error);
        }
        self.end = start.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(start)
    }

    /// Puts on disk what was appended.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Puts this file on disk and begins the next.
    pub(super) fn turn(&self, next_message: u64) -> io::Result<Self> {
        self.sync()?;
        Self::begin(&self.folder, self.number.saturating_add(1), next_message)
    }

    /// A new entry for the list of log files.
    pub(super) fn entry(&self) -> Log {
        Log { file: Arc::clone(&self.file), live: 0, latest: i64::MIN }
    }

    /// Deletes a log file of which nothing is needed any more.
    pub(super) fn delete(&self, number: u64) -> io::Result<()> {
        fs::remove_file(path(&self.folder, number))
    }
}

/// What the log files of a queue say.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) tail: Tail,
    pub(super) waiting: Waiting,
    /// No message had this number or a higher one.
    pub(super) next_message: u64,
    /// Bytes that were cut off because a crash tore them.
    pub(super) torn: usize,
    /// Bytes between whole records that cannot be read.
    pub(super) damaged: usize,
}

/// Reads all log files of a folder and cuts the torn tail of the last. `name_seen` is told each message's
/// sending: its name and when.
pub(super) fn recover(folder: &Path, mut name_seen: impl FnMut(&str, i64)) -> io::Result<Recovered> {
    let numbers = numbers(folder)?;
    let Some(last) = numbers.last().copied() else {
        let tail = Tail::begin(folder, 1, 1)?;
        let mut waiting = Waiting::default();
        waiting.logs.insert(tail.number, tail.entry());
        return Ok(Recovered { tail, waiting, next_message: 1, torn: 0, damaged: 0 });
    };
    let mut waiting = Waiting::default();
    let (mut next_message, mut damaged, mut torn, mut end) = (1_u64, 0_usize, 0_usize, 0_u64);
    let mut tail_file = None;
    for number in numbers {
        let path = path(folder, number);
        let bytes = fs::read(&path)?;
        let file = Arc::new(disk::open_private(&path)?);
        waiting.logs.insert(number, Log { file: Arc::clone(&file), live: 0, latest: i64::MIN });
        let found = frame::scan(&bytes, |offset, length, record| {
            let place = Place { log: number, offset: u64::try_from(offset).unwrap_or(u64::MAX), length };
            let seen = replay(&mut waiting, place, record, &mut name_seen);
            next_message = next_message.max(seen);
        });
        damaged = damaged.saturating_add(found.damaged);
        let rest = bytes.len().saturating_sub(found.end);
        if number == last {
            torn = rest;
            end = u64::try_from(found.end).unwrap_or(u64::MAX);
            tail_file = Some(file);
        } else {
            damaged = damaged.saturating_add(rest);
        }
    }
    let file = tail_file.ok_or_else(|| io::Error::other("the last log file is gone"))?;
    if torn > 0 {
        file.set_len(end)?;
        file.sync_all()?;
    }
    let tail = Tail { folder: folder.to_owned(), number: last, file, end };
    Ok(Recovered { tail, waiting, next_message, torn, damaged })
}

/// Does again what a record says; gives the number that the next message may have at least.
fn replay(
    waiting: &mut Waiting,
    place: Place,
    record: Record<'_>,
    name_seen: &mut impl FnMut(&str, i64),
) -> u64 {
    match record {
        Record::Message(sent) => {
            waiting.add(sent.number, sent.group, place, sent.at, 0);
            name_seen(sent.name, sent.at);
            sent.number.saturating_add(1)
        }
        Record::Received { number, count } => {
            waiting.received(number, count);
            number.saturating_add(1)
        }
        Record::Acked { number } => {
            waiting.forget(number);
            number.saturating_add(1)
        }
        Record::Begun { number } => number,
        Record::Dead { sent: super::frame::Sent { number, .. }, .. } | Record::Gone { number } => {
            number.saturating_add(1)
        }
    }
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:020}.log"))
}

fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".log")?.parse::<u64>().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}
