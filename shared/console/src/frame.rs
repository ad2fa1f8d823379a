//! What all pages have in common: head, style, the place for what they say.

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// A page with a title; one that is read afresh every few seconds, if `refresh` says so.
pub(crate) fn page(title: &str, refresh: Option<u32>, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                @if let Some(seconds) = refresh {
                    meta http-equiv="refresh" content=(seconds);
                }
                title { (title) " · Storeloom" }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}

/// The head of a page that is not the first one: its title, and the way back.
pub(crate) fn top(title: &Markup) -> Markup {
    html! {
        header.top {
            h1 { (title) }
            p { a href="/" { "All stores" } }
            form method="post" action="/logout" { button.quiet type="submit" { "Log out" } }
        }
    }
}
