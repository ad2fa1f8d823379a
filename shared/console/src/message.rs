//! A page with one message.

use maud::html;

use crate::frame;

/// A page with one message, such as the end of a connection in the browser.
#[must_use]
pub fn message(title: &str, text: &str) -> String {
    let body = html! {
        main.narrow {
            div.panel {
                h1 { (title) }
                p { (text) }
                p { a href="/" { "See how all stores stand" } }
            }
        }
    };
    frame::page(title, None, &body)
}
