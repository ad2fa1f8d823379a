//! Where the project lies and how its cargo is called.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The project's folder, its target folder, and what is in the workspace.
pub struct Room {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// Names of the packages that have a library to test in documents.
    pub libraries: Vec<String>,
}

impl Room {
    /// Asks cargo where this is.
    pub fn find() -> Result<Self, String> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let mut ask = cargo_in(&manifest);
        ask.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
        let said = ask.output().map_err(|e| format!("cargo does not start: {e}"))?;
        if !said.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&said.stderr).trim()));
        }
        let read: Value = serde_json::from_slice(&said.stdout)
            .map_err(|e| format!("cargo metadata cannot be read: {e}"))?;
        let folder = |key: &str| {
            read[key].as_str().map(PathBuf::from).ok_or_else(|| format!("cargo metadata names no {key}"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            libraries: libraries(&read),
        })
    }

    /// Cargo in the project's folder, without what the cargo that started us put into the environment.
    pub fn cargo(&self) -> Command {
        cargo_in(&self.root)
    }

    /// A program in the project's folder, with the same clean environment.
    pub fn program(&self, path: &Path) -> Command {
        clean(path, &self.root)
    }

    /// The file that a step's output is written to.
    pub fn log(&self, step: &str) -> PathBuf {
        self.target.join("xtask").join(format!("{step}.log"))
    }
}

fn cargo_in(folder: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    clean(&cargo, folder)
}

fn clean(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours =
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|start| text.starts_with(start));
        if ours || matches!(text.as_ref(), "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR") {
            command.env_remove(&name);
        }
    }
    command
}

fn libraries(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has_library = |package: &&Value| {
        let targets = package["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        targets.iter().any(|t| t["doctest"].as_bool() == Some(true))
    };
    packages.iter().filter(has_library).filter_map(|p| p["name"].as_str().map(str::to_owned)).collect()
}
