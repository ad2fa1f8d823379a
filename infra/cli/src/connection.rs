//! Which hub is spoken to, and with which key.

use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::SecretString;
use url::Url;

use crate::trouble::{Result, Trouble};

/// What to do without the key. The hub keeps only a hash of it, so nothing but its first start can show it.
pub(crate) const KEY: &str = "the hub shows its key once, when it is started first (`storeloom serve`), and writes it to \
                              no file: give it with STORELOOM_KEY or --api-key, or keep it in a file and name that \
                              with --key-file";

/// Which hub is spoken to, and in which form it is shown.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The hub")]
pub struct Connection {
    /// The hub's address
    #[arg(
        long,
        env = "STORELOOM_HUB",
        default_value = "http://127.0.0.1:8787",
        global = true,
        value_name = "URL"
    )]
    pub hub: Url,
    /// The hub's API key, as its first start showed it; without it, it is read from the key file
    #[arg(long, env = "STORELOOM_KEY", hide_env_values = true, global = true, value_name = "KEY", value_parser = secret)]
    pub api_key: Option<SecretString>,
    /// The file in which you keep the API key; the hub writes none
    #[arg(
        long,
        env = "STORELOOM_KEY_FILE",
        default_value = ".storeloom/api-key",
        global = true,
        value_name = "FILE"
    )]
    pub key_file: PathBuf,
    /// A PEM file with a further certificate authority to trust
    #[arg(long, global = true, value_name = "FILE")]
    pub extra_ca: Option<PathBuf>,
    /// Answer with one JSON document and nothing else
    #[arg(long, global = true)]
    pub json: bool,
}

/// Takes a secret from the command line or the environment, so that no print of it shows it.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
pub(crate) fn secret(text: &str) -> std::result::Result<SecretString, std::convert::Infallible> {
    Ok(SecretString::from(text.trim().to_owned()))
}

impl Connection {
    /// The key that was given, or the one in the key file.
    pub(crate) fn key(&self) -> Result<SecretString> {
        if let Some(key) = &self.api_key {
            return Ok(key.clone());
        }
        let file = self.key_file.display();
        let missing =
            |why: String| Trouble::new(format!("there is no API key: none was given, and {why}")).next(KEY);
        match std::fs::read_to_string(&self.key_file) {
            Ok(text) if text.trim().is_empty() => Err(missing(format!("{file} is empty"))),
            Ok(text) => Ok(SecretString::from(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(missing(format!("there is no file {file}")))
            }
            Err(error) => Err(missing(format!("{file} cannot be read ({error})"))),
        }
    }

    /// Where the key came from, for the person whose key is refused.
    pub(crate) fn key_source(&self) -> String {
        match self.api_key {
            Some(_) => "--api-key or STORELOOM_KEY".to_owned(),
            None => self.key_file.display().to_string(),
        }
    }

    /// A client for the hub.
    ///
    /// # Errors
    /// If the address would carry the key in the clear, or the extra certificate authority cannot be read.
    pub(crate) fn client(&self) -> Result<net::Client> {
        let loopback = is_loopback(&self.hub);
        if self.hub.scheme() != "https" && !loopback {
            return Err(Trouble::usage(format!("the API key would travel in the clear to {}", self.hub))
                .next("give an https:// address with --hub or STORELOOM_HUB"));
        }
        let extra_roots = self.extra_ca.as_deref().map(read_roots).transpose()?.into_iter().collect();
        let settings = net::Settings {
            allow_loopback: loopback,
            extra_roots,
            user_agent: concat!("storeloom-cli/", env!("CARGO_PKG_VERSION")).to_owned(),
            ..net::Settings::default()
        };
        net::Client::new(&settings).map_err(|error| Trouble::usage(error.to_string()))
    }
}

fn read_roots(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|error| Trouble::usage(format!("--extra-ca {} cannot be read: {error}", path.display())))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
