//! `cargo xtask skeleton`: tries what adding a platform costs outside its own folder.

use crate::room::Room;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Which platform.
#[derive(Args)]
pub struct Ask {
    /// The platform's name: lower-case letters and digits.
    #[arg(value_parser = name)]
    name: String,
    /// Where the clone is made; it must not be there yet.
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

/// Clones the last commit, adds a platform that can do nothing yet, checks that the house holds, and prints what
/// was touched.
pub fn run(ask: &Ask) -> Result<ExitCode, String> {
    let room = Room::find()?;
    let into = std::path::absolute(&ask.into).map_err(|error| error.to_string())?;
    if into.exists() {
        return Err(format!("{} is there already: name a folder that is not", into.display()));
    }
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet", "--local"]).arg(&room.root).arg(&into);
    done(&mut clone)?;
    add(&into, &ask.name)?;
    for words in [
        vec!["check", "--quiet", "--offline", "--package", &ask.name, "--package", "platforms-all"],
        vec!["test", "--quiet", "--offline", "--package", &ask.name, "--package", "platforms-all"],
        vec!["test", "--quiet", "--offline", "--package", "rules"],
    ] {
        println!("cargo {}", words.join(" "));
        let mut cargo = room.cargo();
        cargo.current_dir(&into).args(words).env("CARGO_TARGET_DIR", room.target.join("skeleton"));
        done(&mut cargo)?;
    }
    for words in [["add", "--intent-to-add", "."].as_slice(), &["--no-pager", "diff", "--stat"]] {
        done(Command::new("git").arg("-C").arg(&into).args(words))?;
    }
    println!("The clone stays in {}", into.display());
    Ok(ExitCode::SUCCESS)
}

fn done(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let end = command.status().map_err(|error| format!("{name} does not start: {error}"))?;
    if end.success() { Ok(()) } else { Err(format!("{name} ended with {end}")) }
}

/// The platform's own folder, and a line in each of the three places that list platforms.
fn add(root: &Path, name: &str) -> Result<(), String> {
    let folder = root.join("shared/platforms").join(name);
    std::fs::create_dir_all(folder.join("src")).map_err(|error| error.to_string())?;
    let kind = kind_of(name);
    for (file, text) in [("Cargo.toml", CARGO), ("README.md", README), ("src/lib.rs", LIB)] {
        let text = text.replace("NAME", name).replace("KIND", &kind);
        std::fs::write(folder.join(file), text).map_err(|error| error.to_string())?;
    }
    let house = format!("{name} = {{ path = \"shared/platforms/{name}\" }}\n");
    put_before(&root.join("Cargo.toml"), "net = { path", &house)?;
    put_before(
        &root.join("shared/platforms/all/Cargo.toml"),
        "\n[lints]",
        &format!("{name}.workspace = true\n"),
    )?;
    put_before(
        &root.join("shared/platforms/all/src/lib.rs"),
        "    ]\n}",
        &format!("        Box::new({name}::{kind}),\n"),
    )
}

fn put_before(file: &Path, mark: &str, line: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let at = text.find(mark).ok_or_else(|| format!("{} has no `{}`", file.display(), mark.trim()))?;
    let (before, after) = text.split_at(at);
    std::fs::write(file, format!("{before}{line}{after}")).map_err(|error| error.to_string())
}

fn kind_of(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn name(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let starts = text.starts_with(|letter: char| letter.is_ascii_lowercase());
    if starts && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("a name of lower-case letters and digits, a letter first".to_owned())
    }
}

const CARGO: &str = r#"[package]
name = "NAME"
description = "KIND: what it says on the wire, in the words of the domain."
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[dependencies]
domain.workspace = true
platform.workspace = true

[lints]
workspace = true
"#;

const README: &str =
    "# NAME\n\nWhat of KIND is used, its limits with their sources, and what a shop's owner must set.\n";

const LIB: &str = r#"//! KIND: its wire, its signatures, its paging and the meaning of its errors.

use std::time::Duration;

use domain::PlatformSlug;
use platform::{Limits, Platform, StockMode};

/// The platform.
#[derive(Debug, Clone, Copy, Default)]
pub struct KIND;

impl Platform for KIND {
    fn slug(&self) -> PlatformSlug {
        PlatformSlug::new("NAME")
    }

    fn limits(&self) -> Limits {
        Limits {
            page: 100,
            stock_batch: 1,
            read_batch: 1,
            stock_mode: StockMode::Absolute,
            repeats_writes: false,
            order_visibility_lag: Duration::from_secs(60),
            overlap: Duration::from_secs(300),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_cannot_be_called() {
        assert_eq!(KIND.slug().as_str(), "NAME");
        assert!(KIND.push_stock().is_none() && KIND.webhooks().is_none());
    }
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert_eq!(name("shop2"), Ok("shop2".to_owned()));
        for odd in ["", "2shop", "Shop", "a-b", "../a", "\u{e4}"] {
            assert!(name(odd).is_err(), "{odd:?}");
        }
        assert_eq!(kind_of("shop2"), "Shop2");
    }

    #[test]
    fn a_platform_is_a_folder_and_a_line_in_three_places() {
        let root = tempfile::tempdir().unwrap();
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let listed = ["Cargo.toml", "shared/platforms/all/Cargo.toml", "shared/platforms/all/src/lib.rs"];
        for file in listed {
            let to = root.path().join(file);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(house.join(file), to).unwrap();
        }
        add(root.path(), "bazaar").unwrap();
        for file in listed {
            let before = std::fs::read_to_string(house.join(file)).unwrap();
            let after = std::fs::read_to_string(root.path().join(file)).unwrap();
            let new: Vec<&str> =
                after.lines().filter(|line| !before.lines().any(|old| old == *line)).collect();
            assert_eq!(new.len(), 1, "{file}: {new:?}");
            assert!(new[0].contains("bazaar"));
        }
        let lib = std::fs::read_to_string(root.path().join("shared/platforms/bazaar/src/lib.rs")).unwrap();
        assert!(lib.contains("pub struct Bazaar;") && !lib.contains("KIND") && !lib.contains("NAME"));
        assert!(put_before(&root.path().join("Cargo.toml"), "no such line", "x").is_err());
    }
}
