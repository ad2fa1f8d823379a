//! `cargo xtask skeleton`: tries what adding a platform costs outside its own folders, and that what it makes works.

mod parts;

use crate::room::Room;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The list of platforms: the only file of the house that gains a line.
const LIST: &str = "shared/platforms/all/Cargo.toml";
/// What the platform shares with others: its blocks in the template, and what cargo writes of it into the lock.
const SHARED: [&str; 2] = ["Cargo.lock", "template.yaml"];

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

/// Clones the last commit, adds a little platform, checks that the house holds and that the platform's own tests
/// pass, and prints what was touched; a file outside the platform's own that gained more than the line of the list
/// is an error.
pub fn run(ask: &Ask) -> Result<ExitCode, String> {
    let room = Room::find()?;
    let into = std::path::absolute(&ask.into).map_err(|error| error.to_string())?;
    if into.exists() {
        return Err(format!("{} is there already: name a folder that is not", into.display()));
    }
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet", "--local"]).arg(&room.root).arg(&into);
    done(&mut clone)?;
    let name = ask.name.as_str();
    if into.join("shared/platforms").join(name).exists() {
        return Err(format!("{name} is a platform already: take another name"));
    }
    apart(&room, &into)?;
    parts::add(&into, name)?;
    let function = format!("webhook-{name}");
    // Chosen by their names out of the whole workspace: so cargo takes what others publish as it was built for it.
    let own = ["--offline", "--workspace", "--bin", &function, "--test", name, "--test", "every_platform"];
    let packages = ["--package", name, "--package", &format!("{name}-shop"), "--package", &function];
    for words in [
        // Another name is another order of imports.
        [&["fmt"][..], &packages].concat(),
        [&["build", "--quiet"][..], &own].concat(),
        // The crate against its simulator, the function, and the list.
        [&["test", "--locked"][..], &own].concat(),
        vec!["test", "--quiet", "--offline", "--locked", "--package", "rules"],
        [&["clippy", "--quiet"][..], &own, &["--", "-D", "warnings"]].concat(),
    ] {
        println!("cargo {}", words.join(" "));
        let mut cargo = room.cargo();
        cargo.current_dir(&into).args(words).env("CARGO_TARGET_DIR", &room.target);
        done(&mut cargo)?;
    }
    touched(&into, name)?;
    println!("\nThe clone stays in {}", into.display());
    Ok(ExitCode::SUCCESS)
}

/// Gives the clone a version of its own, as the state that its diff starts from. What others publish is built once for
/// both; but cargo tells packages apart by name, version and place below the root, and of one that was built in the
/// clone it would say that it is fresh here, too, with the clone's text in it.
fn apart(room: &Room, into: &Path) -> Result<(), String> {
    let manifest = into.join("Cargo.toml");
    let told = |error: std::io::Error| format!("{}: {error}", manifest.display());
    let text = std::fs::read_to_string(&manifest).map_err(told)?;
    std::fs::write(&manifest, with_version(&text)?).map_err(told)?;
    // Cargo writes the version into the lock.
    let mut cargo = room.cargo();
    cargo.current_dir(into).args(["update", "--quiet", "--offline", "--workspace"]);
    done(&mut cargo)?;
    let mut git = Command::new("git");
    git.arg("-C").arg(into).args(["add", "--update"]);
    done(&mut git)
}

/// The root's manifest with the clone's version.
fn with_version(manifest: &str) -> Result<String, String> {
    const OWN: &str = "0.0.0-skeleton";
    let package = manifest.find("[workspace.package]\n").ok_or("Cargo.toml has no [workspace.package]")?;
    let (before, behind) = manifest.split_at(package);
    let (head, rest) = behind.split_once("\nversion = \"").ok_or("the workspace has no version")?;
    let (_, rest) = rest.split_once('"').ok_or("the workspace's version has no end")?;
    Ok(format!("{before}{head}\nversion = \"{OWN}\"{rest}"))
}

/// Prints what was touched in a clone, and holds what is not the platform's own to the line of the list.
fn touched(into: &Path, name: &str) -> Result<(), String> {
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(into).args(words);
        git
    };
    done(&mut git(&["add", "--intent-to-add", "."]))?;
    println!("\nAll that was touched:");
    done(&mut git(&["--no-pager", "diff", "--stat=100"]))?;
    let own = parts::own(name).map(|path| format!(":(exclude){path}"));
    let mut outside = vec!["--no-pager", "diff", "--numstat", "--", "."];
    outside.extend(own.iter().map(String::as_str));
    let said = git(&outside).output().map_err(|error| format!("git does not start: {error}"))?;
    let found = String::from_utf8_lossy(&said.stdout).into_owned();
    println!("\nOf it outside the platform's crate, simulator, function and samples (added, taken out):");
    print!("{found}");
    only_the_list(&found)?;
    println!("\nOne line, in {LIST}; its blocks in template.yaml; and what cargo wrote into Cargo.lock.");
    Ok(())
}

/// Holds what git counts per file to one new line in the list; the files that hold others, too, only gain.
fn only_the_list(counted: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("more than the line of the list was touched: {what}"));
    let mut listed = 0;
    for line in counted.lines() {
        let mut cells = line.split('\t');
        match (cells.next(), cells.next(), cells.next()) {
            (Some("1"), Some("0"), Some(LIST)) => listed += 1,
            (Some(_), Some("0"), Some(file)) if SHARED.contains(&file) => {}
            _ => return wrong(line),
        }
    }
    if listed == 1 { Ok(()) } else { wrong("the list has no new line") }
}

fn done(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let end = command.status().map_err(|error| format!("{name} does not start: {error}"))?;
    if end.success() { Ok(()) } else { Err(format!("{name} ended with {end}")) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert_eq!(name("shop2"), Ok("shop2".to_owned()));
        for odd in ["", "2shop", "Shop", "a-b", "../a", "\u{e4}"] {
            assert!(name(odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn a_clone_has_a_version_of_its_own() {
        let manifest = "[a]\nversion = \"2\"\n[workspace.package]\nx = 1\nversion = \"0.1.0\"\ny = 2\n";
        let expected = manifest.replace("0.1.0", "0.0.0-skeleton");
        assert_eq!(with_version(manifest), Ok(expected));
        assert!(with_version("[workspace]\n").is_err());
    }

    #[test]
    fn more_than_the_list_is_an_error() {
        let list = "12\t0\tCargo.lock\n1\t0\tshared/platforms/all/Cargo.toml\n90\t0\ttemplate.yaml\n";
        assert_eq!(only_the_list(list), Ok(()));
        assert!(only_the_list(&format!("{list}1\t0\tshared/hub/src/lib.rs\n")).is_err());
        for (from, to) in [("1\t0\tsh", "2\t0\tsh"), ("1\t0\tsh", "1\t1\tsh"), ("90\t0", "90\t1")] {
            assert!(only_the_list(&list.replace(from, to)).is_err(), "{to}");
        }
        assert!(only_the_list("90\t0\ttemplate.yaml\n").is_err());
    }
}
