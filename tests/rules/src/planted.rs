//! Small trees with a violation in them, for the tests of the rules.

use crate::house::{House, Import, Kind, Paper, Room};

/// A tree of these files and no rooms.
pub(crate) fn papers(files: &[(&str, &str)]) -> House {
    let paper = |(path, text): &(&str, &str)| Paper { path: (*path).into(), text: (*text).into() };
    House { papers: files.iter().map(paper).collect(), rooms: Vec::new() }
}

/// A room without a word in its manifest.
pub(crate) fn room(folder: &str, shipped: &[&str], tests: &[&str]) -> Room {
    let of = |kind| move |package: &&str| Import { package: (*package).into(), kind };
    let imports = shipped.iter().map(of(Kind::Shipped)).chain(tests.iter().map(of(Kind::Tests)));
    Room {
        name: folder.rsplit('/').next().unwrap_or(folder).into(),
        folder: folder.into(),
        imports: imports.collect(),
        manifest: toml::Table::new(),
    }
}

/// A room with this manifest.
pub(crate) fn room_of(folder: &str, manifest: &str) -> Room {
    Room { manifest: manifest.parse().unwrap(), ..room(folder, &[], &[]) }
}
