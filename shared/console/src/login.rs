//! The page that asks for an API key.

use maud::html;

use crate::frame;

/// The page that asks for an API key; with what is wrong with the one given.
#[must_use]
pub fn login(wrong: Option<&str>) -> String {
    let body = html! {
        main.narrow {
            h1 { "Storeloom" }
            form.panel method="post" action="/login" {
                label for="key" { "API key" }
                input #key name="key" type="password" autocomplete="current-password" required autofocus
                    spellcheck="false" aria-describedby=[wrong.map(|_| "wrong")] aria-invalid=[wrong.map(|_| "true")];
                @if let Some(wrong) = wrong {
                    p.trouble #wrong role="alert" { (wrong) }
                }
                button type="submit" { "Open" }
                p.aside { "The hub showed its key when it was started first." }
            }
        }
    };
    frame::page("Log in", None, &body)
}
