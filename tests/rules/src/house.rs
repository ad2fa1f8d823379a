//! The tree as the rules see it: its papers (files that git takes) and its rooms (packages).

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file; the text of a binary file has its odd bytes replaced.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Path from the root, with slashes.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// When a dependency is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Always (or at build time).
    Shipped,
    /// For tests, benches and examples.
    Tests,
}

/// One dependency of a room.
#[derive(Clone, Debug)]
pub struct Import {
    /// The package's own name.
    pub package: String,
    /// When it is there.
    pub kind: Kind,
}

/// One package of the workspace.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its name.
    pub name: String,
    /// Its folder from the root, with slashes.
    pub folder: String,
    /// What it depends on.
    pub imports: Vec<Import>,
    /// Its `Cargo.toml`.
    pub manifest: toml::Table,
}

/// The whole tree.
#[derive(Clone, Debug, Default)]
pub struct House {
    /// Every file that git has or would take.
    pub papers: Vec<Paper>,
    /// Every package of the workspace.
    pub rooms: Vec<Room>,
}

impl House {
    /// Reads the tree that this crate lies in.
    ///
    /// # Panics
    /// When git or cargo do not answer: no rule may pass then.
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let given = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = given.as_deref().unwrap_or(root).join("../..");
        let root = root.canonicalize().unwrap_or_else(|e| panic!("{}: {e}", root.display()));
        Self { papers: papers(&root), rooms: rooms(&root) }
    }

    /// The file at a path.
    pub fn paper(&self, path: &str) -> Option<&Paper> {
        self.papers.iter().find(|paper| paper.path == path)
    }

    /// Files of Rust.
    pub fn sources(&self) -> impl Iterator<Item = &Paper> {
        self.papers.iter().filter(|paper| paper.path.ends_with(".rs"))
    }

    /// The workspace's own `Cargo.toml`.
    ///
    /// # Panics
    /// When there is none, or none that can be read.
    pub fn manifest(&self) -> toml::Table {
        let paper = self.paper("Cargo.toml").expect("the root has no Cargo.toml");
        paper.text.parse().unwrap_or_else(|e| panic!("Cargo.toml: {e}"))
    }
}

/// Whether a folder is meant: `a/b` itself, `a/*` one below, `a/**` any below, `**` all.
pub fn is_meant(pattern: &str, folder: &str) -> bool {
    if pattern == "**" {
        return true;
    }
    if let Some(above) = pattern.strip_suffix("/**") {
        return folder.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'));
    }
    match pattern.strip_suffix("/*") {
        Some(above) => folder.rsplit_once('/').is_some_and(|(parent, _)| parent == above),
        None => pattern == folder,
    }
}

fn papers(root: &Path) -> Vec<Paper> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = said(Command::new("git").current_dir(root).args(arguments));
    let mut papers: Vec<Paper> = listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(|path| {
            // A file that was deleted and not yet committed stands in the list and not on the disk.
            let bytes = std::fs::read(root.join(path)).ok()?;
            Some(Paper { path: path.to_owned(), text: String::from_utf8_lossy(&bytes).into_owned() })
        })
        .collect();
    papers.sort_by(|a, b| a.path.cmp(&b.path));
    papers.dedup_by(|a, b| a.path == b.path);
    papers
}

fn rooms(root: &Path) -> Vec<Room> {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let metadata = said(Command::new(cargo).current_dir(root).args(arguments));
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo metadata cannot be read");
    let packages = metadata["packages"].as_array().expect("cargo metadata names no packages");
    packages.iter().map(|package| room(root, package)).collect()
}

fn room(root: &Path, package: &Value) -> Room {
    let name = package["name"].as_str().expect("a package without a name").to_owned();
    let manifest = Path::new(package["manifest_path"].as_str().expect("a package without a manifest"));
    let text = std::fs::read_to_string(manifest).unwrap_or_else(|e| panic!("{}: {e}", manifest.display()));
    let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root).ok());
    let folder = folder.unwrap_or_else(|| panic!("{name} lies outside the tree"));
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let imports = dependencies.iter().filter_map(|dependency| {
        let kind = if dependency["kind"].as_str() == Some("dev") { Kind::Tests } else { Kind::Shipped };
        Some(Import { package: dependency["name"].as_str()?.to_owned(), kind })
    });
    Room {
        folder: folder.to_string_lossy().replace('\\', "/"),
        imports: imports.collect(),
        manifest: text.parse().unwrap_or_else(|e| panic!("{}: {e}", manifest.display())),
        name,
    }
}

fn said(command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|e| panic!("{program} does not start: {e}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap_or_else(|e| panic!("{program}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_it_says() {
        assert!(is_meant("shared/hub", "shared/hub"));
        assert!(!is_meant("shared/hub", "shared/hubs"));
        assert!(is_meant("shared/platforms/*", "shared/platforms/wix"));
        assert!(!is_meant("shared/*", "shared/platforms/wix"));
        assert!(is_meant("shared/**", "shared/platforms/wix"));
        assert!(!is_meant("shared/**", "shared"));
        assert!(is_meant("**", "infra/local"));
    }

    #[test]
    fn the_house_has_papers_and_rooms() {
        let house = House::read();
        assert!(house.paper("tests/rules/src/house.rs").is_some());
        assert!(house.rooms.iter().any(|room| room.folder == "tests/rules" && room.name == "rules"));
        assert!(house.manifest().contains_key("workspace"));
    }
}
