//! `cargo xtask skeleton`: tries what adding a platform costs outside its own folders.

mod parts;

use crate::room::Room;
use clap::Args;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The list of platforms, with the two manifests that cargo wants the crate named in: the only files of the house
/// that gain a line.
const LIST: [&str; 3] = ["Cargo.toml", "shared/platforms/all/Cargo.toml", "shared/platforms/all/src/lib.rs"];

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
/// was touched; a file outside the platform's own that gained more than its line of the list is an error.
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
    parts::add(&into, name)?;
    let function = format!("webhook-{name}");
    for words in [
        vec!["check", "--quiet", "--offline", "--package", name, "--package", &function],
        vec!["test", "--quiet", "--offline", "--package", name, "--package", "platforms-all"],
        vec!["clippy", "--quiet", "--offline", "--package", name, "--all-targets", "--", "-D", "warnings"],
        vec!["test", "--quiet", "--offline", "--package", "rules"],
        vec!["fmt", "--package", name, "--package", &function, "--check"],
    ] {
        println!("cargo {}", words.join(" "));
        let mut cargo = room.cargo();
        // What others publish is built once for both.
        cargo.current_dir(&into).args(words).env("CARGO_TARGET_DIR", &room.target);
        done(&mut cargo)?;
    }
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(&into).args(words);
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
    println!(
        "\nOf it outside the platform's crate, function, sample and blocks in the template (added, taken out):"
    );
    print!("{found}");
    only_the_list(&found)?;
    println!("\nThe clone stays in {}", into.display());
    Ok(ExitCode::SUCCESS)
}

/// Holds what git counts per file to one new line in each file of the list.
fn only_the_list(counted: &str) -> Result<(), String> {
    let mut lines: Vec<&str> = counted.lines().collect();
    lines.sort_unstable();
    let expected = LIST.map(|file| format!("1\t0\t{file}"));
    if lines == expected {
        Ok(())
    } else {
        Err(format!("more than a line of the list was touched: {lines:?}"))
    }
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
    fn more_than_the_list_is_an_error() {
        let list = "1\t0\tCargo.toml\n1\t0\tshared/platforms/all/Cargo.toml\n1\t0\tshared/platforms/all/src/lib.rs\n";
        assert_eq!(only_the_list(list), Ok(()));
        assert!(only_the_list(&format!("{list}1\t0\tshared/hub/src/lib.rs\n")).is_err());
        assert!(
            only_the_list(&list.replace("1\t0\tshared/platforms/all/src", "2\t1\tshared/platforms/all/src"))
                .is_err()
        );
    }
}
