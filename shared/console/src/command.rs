//! A command to copy, broken only between its words.

use domain::store::Store;
use maud::{Markup, html};

use crate::words::quoted;

/// A command as it is typed.
pub(crate) fn command(text: &str) -> Markup {
    html! {
        code {
            @for (place, word) in text.split(' ').enumerate() {
                @if place > 0 { " " }
                span { (word) }
            }
        }
    }
}

/// The command that connects a store again.
pub(crate) fn connect_again(store: &Store) -> String {
    format!(
        "storeloom connect {} --url {} --browser",
        quoted(store.platform.as_str()),
        quoted(&store.address)
    )
}
