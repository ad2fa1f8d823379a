//! The machine at which the person sits: what is typed there unseen, and its browser.

use std::io;

use secrecy::SecretString;
#[cfg(unix)]
use signal_hook::consts::SIGINT;
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
#[derive(Default)]
pub(crate) struct Here {
    #[cfg(unix)]
    interrupts: Interrupts,
}

impl Seat for Here {
    fn read_unseen(&self) -> io::Result<SecretString> {
        #[cfg(unix)]
        let typed = self.interrupts.held(rpassword::read_password);
        #[cfg(not(unix))]
        let typed = rpassword::read_password();
        match typed {
            // Ctrl-D: nothing is typed.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(SecretString::from("")),
            typed => typed.map(SecretString::from),
        }
    }

    fn open(&self, page: &Url) -> io::Result<()> {
        // Detached: a browser that is started by this lives on when the command has ended.
        open::that_detached(page.as_str())
    }
}

/// What Ctrl-C does. While the terminal is kept from showing what is typed it may not end the program at once: the
/// shell would come back to a terminal that shows nothing.
#[cfg(unix)]
#[derive(Default)]
struct Interrupts {
    /// Whether Ctrl-C ends the program, as it does everywhere else; signals are asked for at the first need.
    ends: std::cell::OnceCell<std::sync::Arc<std::sync::atomic::AtomicBool>>,
}

#[cfg(unix)]
impl Interrupts {
    /// Holds Ctrl-C back until something is done and the terminal is as it was; then it ends the program after all.
    fn held<T>(&self, read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        use std::sync::atomic::Ordering::SeqCst;
        let ends = match self.ends.get() {
            Some(ends) => ends,
            None => {
                let ends = std::sync::Arc::default();
                signal_hook::flag::register_conditional_default(SIGINT, std::sync::Arc::clone(&ends))?;
                self.ends.get_or_init(|| ends)
            }
        };
        ends.store(false, SeqCst);
        let done = read();
        ends.store(true, SeqCst);
        if done.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
            signal_hook::low_level::emulate_default_handler(SIGINT)?;
        }
        done
    }
}
