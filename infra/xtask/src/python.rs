//! Programs of Python, each with what it needs in an environment of its own, outside the tree.

use crate::child::{self, End};
use crate::progress::Progress;
use crate::room::Room;
use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const INSTALL_LIMIT: Duration = Duration::from_secs(8 * 60);

/// The environment that `infra/xtask/python/NAME.txt` describes, made when it is not there: its folder of programs.
pub fn environment(name: &str, room: &Room, log: &Path, progress: &Progress) -> Result<PathBuf, String> {
    let list = room.root.join("infra/xtask/python").join(format!("{name}.txt"));
    let wanted = std::fs::read(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let cache = tools::cache()?;
    let at = cache.join(format!("python-{name}-{}", tools::fingerprint([wanted.as_slice()])));
    let _alone = tools::alone(&cache)?;
    let (programs, ready) = (at.join("bin"), at.join("ready"));
    if ready.exists() {
        return Ok(programs);
    }
    progress.doing(&format!("installing what {name} needs"));
    if at.exists() {
        std::fs::remove_dir_all(&at).map_err(|e| format!("{}: {e}", at.display()))?;
    }
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(&at);
    let mut pip = Command::new(programs.join("python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--requirement"]).arg(&list);
    for mut command in [venv, pip] {
        match child::run(&mut command, INSTALL_LIMIT, log, progress) {
            End::Well => {}
            other => return Err(format!("{name} cannot be installed: {}", tools::why(&other, log))),
        }
    }
    std::fs::write(&ready, "").map_err(|e| format!("{}: {e}", ready.display()))?;
    Ok(programs)
}
