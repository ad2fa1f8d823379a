//! The hub as a process of its own, and its API.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Failure;
use crate::proc::{Process, beside};

/// How the hub is started.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Where it keeps everything.
    pub data: PathBuf,
    /// Its port on this machine.
    pub port: u16,
    /// An authority to trust.
    pub ca: Option<PathBuf>,
}

impl Hub {
    /// Starts it, with further arguments, and waits until it serves.
    ///
    /// # Errors
    /// If it does not come up.
    pub fn start(&self, more: &[&str]) -> Result<Process, Failure> {
        let mut command = beside("storeloom")?;
        command
            .args(["serve", "--allow-loopback", "--interval", "86400", "--sweep", "1", "--data"])
            .arg(&self.data);
        command.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        command.args(["--public-url", &format!("https://127.0.0.1:{}/", self.port)]);
        if let Some(ca) = &self.ca {
            command.arg("--extra-ca").arg(ca);
        }
        let first = !self.data.join("table").exists();
        Process::start(command.args(more), if first { "STORELOOM_KEY=" } else { "Shops reach it" })
    }

    /// Asks its API.
    ///
    /// # Errors
    /// If it does not answer well.
    pub async fn ask(&self, key: &str, path: &str, post: Option<Value>) -> Result<Value, Failure> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("http://127.0.0.1:{}/v1{path}", self.port);
        let request = match post {
            Some(body) => client.post(url).json(&body),
            None => client.get(url),
        };
        let answer = request.bearer_auth(key).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("{path}: {status}: {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }
}

/// A port that is free now.
///
/// # Errors
/// If there is none.
pub fn free_port() -> Result<u16, Failure> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Copies a folder.
///
/// # Errors
/// If the file system refuses.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
