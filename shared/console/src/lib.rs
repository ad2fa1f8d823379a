//! The web pages: server-rendered, without script.

use hub::overview::Overview;
use jiff::Timestamp;

/// The page that shows how all stores stand.
#[must_use]
pub fn overview(overview: &Overview, now: Timestamp) -> String {
    let _ = (overview, now);
    String::new()
}

/// The page that asks for an API key; with what is wrong with the one given.
#[must_use]
pub fn login(wrong: Option<&str>) -> String {
    wrong.unwrap_or_default().to_owned()
}

/// A page with one message, such as the end of a connection in the browser.
#[must_use]
pub fn message(title: &str, text: &str) -> String {
    format!("{title}: {text}")
}
