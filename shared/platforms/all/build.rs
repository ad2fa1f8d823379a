//! Writes the list of platforms: one for each neighbour that the manifest depends on.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let manifest = fs::read_to_string(folder("CARGO_MANIFEST_DIR")?.join("Cargo.toml"))?;
    let names = platforms(&manifest);
    if names.is_empty() {
        return Err(io::Error::other("Cargo.toml names no platform: write `NAME = { path = \"../NAME\" }`"));
    }
    let made: Vec<String> =
        names.iter().map(|name| format!("{}::platform()", name.replace('-', "_"))).collect();
    fs::write(folder("OUT_DIR")?.join("platforms.rs"), format!("vec![{}]\n", made.join(", ")))?;
    writeln!(io::stdout(), "cargo::rerun-if-changed=Cargo.toml")
}

/// What stands among the dependencies with the path of a neighbour.
fn platforms(manifest: &str) -> Vec<&str> {
    let behind = manifest.split_once("\n[dependencies]\n").map_or("", |(_, behind)| behind);
    let section = behind.split("\n[").next().unwrap_or_default();
    let named = section.lines().filter_map(|line| line.split_once('='));
    named.filter(|(_, asked)| asked.contains("path = \"../")).map(|(name, _)| name.trim()).collect()
}
