//! A figure with its name, and a smaller word beside it.

use maud::{Markup, html};

/// A figure of a list of figures.
pub(crate) fn figure(name: &str, large: &str, small: &str) -> Markup {
    html! {
        div.figure {
            dt { (name) }
            dd {
                span.large { (large) }
                @if !small.is_empty() { " " span.aside { (small) } }
            }
        }
    }
}
