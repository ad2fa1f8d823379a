//! Whether the disk has room for what is about to be built: a linker that finds none ends with a signal, and no word.

use crate::room::Room;
use std::path::Path;

const MB: u64 = 1_000_000;
/// What the whole takes where nothing is built yet: 5.7 GB in the target folder and 0.6 GB of tools and environments
/// (measured 2026-11-21), and some air.
const WHOLE: u64 = 7_000 * MB;
/// What cargo alone takes of it, the same way.
const QUICK: u64 = 6_000 * MB;
/// What must be free however much is built already: a change builds again what depends on it.
const ALWAYS: u64 = 1_500 * MB;
/// Less than this, and a linker may have found no place.
const FULL: u64 = 200 * MB;

/// Holds what is free where the project is built against what is still to be built.
pub fn look(room: &Room, quick: bool) -> Result<(), String> {
    let needed = needed(if quick { QUICK } else { WHOLE }, weight(&room.target));
    short(&room.target, free(&room.target)?, needed)
}

fn short(folder: &Path, free: u64, needed: u64) -> Result<(), String> {
    if free >= needed {
        return Ok(());
    }
    Err(format!(
        "{} has {} MB free, and what is still to be built takes about {} MB: free some, or name another disk with \
        CARGO_TARGET_DIR",
        folder.display(),
        free / MB,
        needed / MB
    ))
}

/// A word about the disk behind a failure, if the disk may be the reason.
pub fn full(room: &Room) -> Option<String> {
    let free = free(&room.target).ok().filter(|free| *free < FULL)?;
    Some(format!("the disk is full ({} MB free at {})", free / MB, room.target.display()))
}

/// What is still needed, of a whole, when so much is there.
fn needed(whole: u64, there: u64) -> u64 {
    whole.saturating_sub(there).max(ALWAYS)
}

/// What is free for us where a folder is or will be.
fn free(folder: &Path) -> Result<u64, String> {
    let there = folder.ancestors().find(|path| path.exists()).unwrap_or(folder);
    let told = rustix::fs::statvfs(there).map_err(|error| format!("{}: {error}", there.display()))?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

/// What the files of a folder take; what cannot be read counts nothing.
fn weight(folder: &Path) -> u64 {
    let mut sum = 0_u64;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => folders.push(entry.path()),
                Ok(found) => sum = sum.saturating_add(found.len()),
                Err(_) => {}
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_already_is_not_needed_again() {
        assert_eq!(needed(WHOLE, 0), WHOLE);
        assert_eq!(needed(WHOLE, 4_000 * MB), 3_000 * MB);
        assert_eq!(needed(WHOLE, 90_000 * MB), ALWAYS);
    }

    #[test]
    fn a_folder_that_is_not_there_yet_lies_on_a_disk() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        assert!(free(&inner).unwrap() > 0);
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(inner.join("c"), [0; 500]).unwrap();
        std::fs::write(folder.path().join("d"), [0; 11]).unwrap();
        assert_eq!((weight(folder.path()), weight(&inner.join("none"))), (511, 0));
    }

    #[test]
    fn a_disk_without_room_is_told_before_anything_is_built() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room { root: folder.path().into(), target: folder.path().into(), libraries: Vec::new() };
        let told = short(&room.target, 300 * MB, WHOLE).unwrap_err();
        assert!(told.contains("300 MB free") && told.contains("7000 MB"), "{told}");
        assert_eq!(short(&room.target, WHOLE, WHOLE), Ok(()));
    }
}
