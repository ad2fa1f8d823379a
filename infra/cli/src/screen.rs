//! Where answers, errors and questions go.

use std::io::{BufRead, Write};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::seat::Seat;
use crate::trouble::{Result, Trouble};

/// Which of the three streams are a terminal, where a person sits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Standard input: questions may be asked, and secrets are typed unseen.
    pub input: bool,
    /// Standard output: pages may be opened in the browser.
    pub out: bool,
    /// Standard error: with standard output too, progress bars are drawn there.
    pub err: bool,
}

/// The three streams, handed in.
pub struct Screen<'a> {
    /// Where answers go.
    pub out: &'a mut dyn Write,
    /// Where errors and questions go.
    pub err: &'a mut dyn Write,
    /// Where a secret or the answer to a question comes from.
    pub input: &'a mut dyn BufRead,
    /// Which of them are a terminal.
    pub terminal: Terminal,
}

/// A screen with the form that was asked for: text, or one JSON document.
pub(crate) struct Page<'a, 's> {
    screen: &'a mut Screen<'s>,
    seat: &'a dyn Seat,
    json: bool,
}

impl<'a, 's> Page<'a, 's> {
    pub(crate) fn new(screen: &'a mut Screen<'s>, seat: &'a dyn Seat, json: bool) -> Self {
        Self { screen, seat, json }
    }

    /// Whether one JSON document is asked for, and nothing else.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress bars may be drawn.
    pub(crate) fn draws_bars(&self) -> bool {
        !self.json && self.screen.terminal.out && self.screen.terminal.err
    }

    /// A line of text for a person; nothing where JSON is asked for.
    pub(crate) fn say(&mut self, line: impl AsRef<str>) -> Result<()> {
        if !self.json {
            writeln!(self.screen.out, "{}", clean(line.as_ref()))?;
        }
        Ok(())
    }

    /// A line that is not part of the answer: what goes on, or what to do meanwhile.
    pub(crate) fn note(&mut self, line: impl AsRef<str>) -> Result<()> {
        let line = clean(line.as_ref());
        if self.json {
            writeln!(self.screen.err, "{line}")?
        } else {
            writeln!(self.screen.out, "{line}")?
        }
        self.flush()
    }

    /// A line for standard error.
    pub(crate) fn complain(&mut self, line: impl AsRef<str>) -> Result<()> {
        Ok(writeln!(self.screen.err, "{}", clean(line.as_ref()))?)
    }

    /// The one JSON document; nothing where text is asked for.
    pub(crate) fn document(&mut self, value: &Value) -> Result<()> {
        if self.json {
            let text =
                serde_json::to_string_pretty(value).map_err(|error| Trouble::new(error.to_string()))?;
            writeln!(self.screen.out, "{}", escape_controls(&text))?;
        }
        Ok(())
    }

    /// Asks a person; only `y` or `yes` agrees.
    ///
    /// # Errors
    /// A wrong call, if nobody sits there to be asked.
    pub(crate) fn agree(&mut self, question: &str) -> Result<bool> {
        if self.json || !self.screen.terminal.input {
            return Err(Trouble::usage("nobody sits here who could be asked whether to go on")
                .next("give --yes to go on without being asked"));
        }
        write!(self.screen.err, "{} [y/N] ", clean(question))?;
        self.flush()?;
        let mut answer = String::new();
        self.screen.input.read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// A secret that was given, or with `-` or nothing the next line of standard input, so that it need not stand
    /// in the shell's history; none if that is empty. A person is asked for it and types it unseen.
    pub(crate) fn secret(
        &mut self,
        given: Option<&SecretString>,
        question: &str,
    ) -> Result<Option<SecretString>> {
        let given = given.filter(|secret| !matches!(secret.expose_secret(), "" | "-"));
        if let Some(given) = given {
            return Ok(Some(given.clone()));
        }
        let line = if self.screen.terminal.input {
            write!(self.screen.err, "{question}")?;
            self.flush()?;
            self.seat.read_unseen().map_err(|error| {
                Trouble::new(format!("a secret cannot be typed unseen at this terminal: {error}"))
                    .next("write it to standard input through a pipe")
            })?
        } else {
            let mut line = String::new();
            self.screen.input.read_line(&mut line)?;
            SecretString::from(line)
        };
        let secret = line.expose_secret().trim();
        Ok((!secret.is_empty()).then(|| SecretString::from(secret)))
    }

    /// Has a page opened in the browser of a person who looks on; whether a browser was asked to.
    ///
    /// Only a web page is opened: what else an address names might be a program.
    pub(crate) fn open(&mut self, address: &str) -> bool {
        let page = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        match page {
            Some(page) if self.screen.terminal.out => self.seat.open(&page).is_ok(),
            _ => false,
        }
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        self.screen.out.flush()?;
        self.screen.err.flush()?;
        Ok(())
    }
}

/// Text of a shop cannot steer the terminal: no escapes, no reversed directions.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|sign| match sign {
            '\n' => '\n',
            _ if steers(sign) => '\u{fffd}',
            _ => sign,
        })
        .collect()
}

fn steers(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// JSON escapes the controls below U+0020 by itself; the others steer terminals too.
fn escape_controls(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for sign in json.chars() {
        if sign != '\n' && steers(sign) {
            text.push_str(&format!("\\u{:04x}", u32::from(sign)));
        } else {
            text.push(sign);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_cannot_steer_the_terminal() {
        assert_eq!(
            clean("red \u{1b}[31m and \u{9b}2J and \u{202e}back"),
            "red \u{fffd}[31m and \u{fffd}2J and \u{fffd}back"
        );
        assert_eq!(clean("Käse, 猫 & \"more\""), "Käse, 猫 & \"more\"");
        let json = escape_controls(&serde_json::to_string(&"\u{1b}[2J \u{9b}2J").unwrap());
        assert_eq!(json, "\"\\u001b[2J \\u009b2J\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), "\u{1b}[2J \u{9b}2J");
    }
}
