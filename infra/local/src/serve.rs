//! `serve`: the hub on one desk, until Ctrl-C.

use std::io::{self, Write};

use secrecy::ExposeSecret as _;

use crate::desk::{Desk, OpenError, Options};

/// Runs the hub until Ctrl-C or a termination signal.
///
/// # Errors
/// What kept it from opening.
pub async fn serve(options: &Options, out: &mut (dyn Write + Send)) -> Result<(), ServeError> {
    let desk = Desk::open(options).await?;
    writeln!(out, "Storeloom is at {} and keeps everything in {}", desk.url, options.data.display())?;
    if let Some(public) = &options.public_url {
        writeln!(out, "Shops reach it at {public}")?;
    }
    tell_key(&desk, out)?;
    stopped().await?;
    writeln!(out, "Ending what is under way ...")?;
    desk.close().await;
    Ok(())
}

/// Shows the first API key, once.
pub(crate) fn tell_key(desk: &Desk, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let Some(key) = &desk.first_key else { return Ok(()) };
    writeln!(out, "This is the API key, shown once and written to no file; the hub keeps only a hash:")?;
    writeln!(out, "  export STORELOOM_KEY={}", key.expose_secret())
}

/// Why serving ended early.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The hub did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The terminal could not be written, or signals could not be waited for.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[cfg(unix)]
async fn stopped() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stopped() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
