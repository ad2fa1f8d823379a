//! The machine at which the person sits: what is typed there unseen, and its browser.

use std::io;

use secrecy::SecretString;
use url::Url;

/// The machine at which the person sits.
pub trait Seat {
    /// Reads a line that is typed at the terminal, without showing it.
    ///
    /// # Errors
    /// If the terminal cannot be read, or cannot be kept from showing what is typed.
    fn read_unseen(&self) -> io::Result<SecretString>;

    /// Has a page shown in the person's browser.
    ///
    /// # Errors
    /// If there is no browser, or it cannot be started.
    fn open(&self, page: &Url) -> io::Result<()>;
}

/// The machine that this program runs on.
pub(crate) struct Here;

impl Seat for Here {
    fn read_unseen(&self) -> io::Result<SecretString> {
        rpassword::read_password().map(SecretString::from)
    }

    fn open(&self, page: &Url) -> io::Result<()> {
        // Detached: a browser that is started by this lives on when the command has ended.
        open::that_detached(page.as_str())
    }
}
