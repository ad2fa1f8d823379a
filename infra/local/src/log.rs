//! Log lines, on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// What is logged of a hub: warnings. (The table warns of each condition that does not hold; those are how races are
/// settled.)
pub const OF_A_HUB: &str = "warn,dynoxide=error";
/// What is logged of a demo, which says by itself what a hub warns of: errors.
pub const OF_A_DEMO: &str = "error";

/// Begins to write log lines: `RUST_LOG` chooses them; without it, `otherwise`.
pub fn begin(otherwise: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(otherwise));
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
}
