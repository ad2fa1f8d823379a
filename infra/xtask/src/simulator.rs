//! A simulated shop for as long as somebody drives it.

use crate::child::{self, Group};
use crate::progress::Progress;
use crate::room::Room;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);
const START_LIMIT: Duration = Duration::from_secs(60);

/// A shop that answers, and what one needs to call it; dropped, it ends.
pub struct Shop {
    _group: Group,
    /// Where it answers and with which key pair.
    pub door: Door,
}

/// A kind of shop that a vendor's client drives.
#[derive(Clone, Copy)]
pub enum Platform {
    /// A WooCommerce store.
    Woocommerce,
    /// A Shopify shop; it runs in the lab, since its judge listens for webhooks on the loopback.
    Shopify,
}

/// What the simulator says when it is up.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// The address to call.
    pub url: String,
    /// The consumer key.
    pub key: String,
    /// The consumer secret.
    pub secret: String,
    /// The authority to trust, when the shop serves over TLS.
    pub authority: Option<PathBuf>,
}

/// Builds the simulators and gives the program.
pub fn build(room: &Room, log: &Path, progress: &Progress) -> Result<PathBuf, String> {
    let mut cargo = room.cargo();
    cargo.args(["build", "--package", "simulators", "--bin", "simulators"]);
    match child::run(&mut cargo, BUILD_LIMIT, log, progress).trouble() {
        None => Ok(room.target.join("debug").join("simulators")),
        Some(trouble) => Err(format!("the simulators cannot be built: {trouble}")),
    }
}

/// Starts one shop on a free port and waits until it says where it is and takes a call there.
pub fn start(
    room: &Room,
    program: &Path,
    platform: Platform,
    https: bool,
    log: &Path,
) -> Result<Shop, String> {
    let scheme = if https { "https" } else { "http" };
    let folder = room.target.join("xtask").join(format!("shop-{scheme}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let said = folder.join("said.txt");
    let told = |e: std::io::Error| format!("{}: {e}", said.display());
    let out = std::fs::File::create(&said).map_err(told)?;
    let err = std::fs::File::options().create(true).append(true).open(log).map_err(told)?;
    let mut command = room.program(program);
    command.args(["--port", "0", "--ca-dir"]).arg(&folder);
    if matches!(platform, Platform::Shopify) {
        command.args(["--platform", "shopify", "--lab"]);
    }
    if https {
        command.arg("--https");
    }
    let mut group = Group::start_into(&mut command, Stdio::from(out), Stdio::from(err))?;
    let started = Instant::now();
    while started.elapsed() < START_LIMIT {
        if let Some(status) = group.ended()? {
            return Err(format!("the simulator ended at its start: {status}"));
        }
        let heard = std::fs::read_to_string(&said).map_err(told)?;
        if let Some(door) = read_door(&heard, https)
            && answers(&door.url)
        {
            return Ok(Shop { _group: group, door });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("the simulator was not up after {} s", START_LIMIT.as_secs()))
}

/// Reads what the simulator prints; nothing until the last line that is needed is whole.
fn read_door(said: &str, https: bool) -> Option<Door> {
    let whole = said.rsplit_once('\n').map(|(lines, _)| lines)?;
    let value = |key: &str| {
        whole.lines().find_map(|line| {
            let (word, rest) = line.trim().split_once(' ')?;
            (word == key).then(|| rest.trim().to_owned())
        })
    };
    let authority = value("ca").map(PathBuf::from);
    let ready = value("windows").is_some() && (!https || authority.is_some());
    ready.then_some(())?;
    Some(Door { url: value("shop")?, key: value("key")?, secret: value("secret")?, authority })
}

/// Whether the host and port of an address take a connection.
fn answers(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split_once('/').map_or(host, |(host, _)| host);
    std::net::TcpStream::connect(host).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "shop       https://127.0.0.1:9100\n  key      ck_1\n  secret   cs_2\n  \
        login    a / b\n  windows  https://127.0.0.1:9100/_sim/summary\n";

    #[test]
    fn a_shop_is_up_when_all_is_said() {
        let door = read_door(SAID, false).unwrap();
        assert_eq!(
            (door.url.as_str(), door.key.as_str(), door.secret.as_str()),
            ("https://127.0.0.1:9100", "ck_1", "cs_2")
        );
        assert_eq!(read_door(SAID, true), None, "the authority is still missing");
        let with_ca = format!("{SAID}  ca       /shop.pem\n");
        assert_eq!(read_door(&with_ca, true).unwrap().authority, Some(PathBuf::from("/shop.pem")));
        assert_eq!(read_door(with_ca.trim_end(), true), None, "the last line may be half a line");
    }

    #[test]
    fn an_address_answers_only_while_somebody_listens() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/shop", listener.local_addr().unwrap());
        assert!(answers(&url));
        drop(listener);
        assert!(!answers(&url));
    }
}
