//! The page of one store: how it stands, what is held or was stopped and the ways out, and what it may offer.

use domain::allocation::Allocation;
use domain::exception::Exception;
use domain::store::{Phase, Raises, Store};
use hub::overview::StoreView;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::offers::{RefusedOffer, in_words, store_form};
use crate::words::ago;
use crate::{card, frame};

/// What the page of a store is made of.
#[derive(Debug, Clone, Copy)]
pub struct StorePage<'a> {
    /// How it stands.
    pub view: &'a StoreView,
    /// What is asked about its raises, if somebody is asked.
    pub raises: Option<&'a Exception>,
    /// What is asked about most of its numbers falling to zero, if somebody is asked.
    pub fall: Option<&'a Exception>,
    /// A form that was refused.
    pub refused: Option<&'a RefusedOffer>,
}

/// The page of one store.
#[must_use]
pub fn store(page: &StorePage<'_>, now: Timestamp) -> String {
    let store = &page.view.store;
    let body = html! {
        (frame::top(&html! { (store.name) }))
        main {
            (raises(page, now))
            @if let Some(fall) = page.fall { (stopped(store, fall, now)) }
            section.stores aria-label="How it stands" { (card::card(page.view, now)) }
            h2 #offers { "What it may offer" }
            p {
                "Of every item that nothing else is said of: "
                strong { (in_words(&store.allocation.unwrap_or(Allocation::ALL))) }
                "."
            }
            details.moves open[page.refused.is_some()] {
                summary { "Change what it may offer" }
                (store_form(store, page.refused))
            }
            @if store.phase != Phase::Joining {
                h2 { "What was written to it" }
                p { a href={ "/stores/" (store.id) "/undo" } { "Look at what was written, and take it back" } }
            }
        }
    };
    frame::page("Store", None, &body)
}

/// Raises that are held, and the two ways out.
fn raises(page: &StorePage<'_>, now: Timestamp) -> Markup {
    let store = &page.view.store;
    let Some(Raises::Held { since }) = store.raises else { return html! {} };
    html! {
        section.notice.bad #raises aria-labelledby="raises-title" {
            h2 #raises-title { "Raises are held" }
            p {
                "Since " time datetime=(since) { (since.strftime("%Y-%m-%d %H:%M:%S")) " UTC, " (ago(since, now)) } ". "
                @if let Some(asked) = page.raises { (many(asked)) }
                " Lowering goes on."
            }
            @if let Some(asked) = page.raises {
                @if let Some(named) = fact(asked, "such_as") { p { "Such as " (named) "." } }
                div.choices {
                    form method="post" action={ "/settle/" (asked.id) } {
                        button type="submit" { "Let them go" }
                        span.aside { "what raised them is right: all go, and no more are held within the next while" }
                    }
                    p {
                        strong { "Keep them held: " }
                        "leave it as it is. They stay held until what raised them is put right, or they are let go. "
                        a href={ "/stores/" (store.id) "/drift?all=true" } { "Which numbers wait" } ", "
                        a href={ "/#" (asked.id) } { "the question" } "."
                    }
                }
            } @else {
                p { "Somebody will be asked within a minute: then they can be let go here." }
            }
        }
    }
}

/// How many raises there were, and which share is too large.
fn many(asked: &Exception) -> Markup {
    let number = |name: &str| fact(asked, name)?.parse::<u64>().ok();
    let (raised, of) = (number("raised"), number("numbers"));
    html! {
        @match (raised, of) {
            (Some(raised), Some(of)) => {
                strong { (raised) " of its " (of) " numbers would have been raised" }
                @if of > 0 { ", " (raised.saturating_mul(100) / of) " of 100" }
                @if let (Some(minutes), Some(share)) = (number("window_minutes"), number("share_percent")) {
                    ", within " (minutes) " minutes; more than " (share) " of 100 are too many"
                }
                "."
            }
            _ => "Too many of its numbers would have been raised within a while.",
        }
    }
}

/// Numbers that fell to zero together and that the books did not follow, and the two ways out.
fn stopped(store: &Store, asked: &Exception, now: Timestamp) -> Markup {
    html! {
        section.notice.bad #fall aria-labelledby="fall-title" {
            h2 #fall-title { "A fall to zero was stopped" }
            p {
                time datetime=(asked.opened_at) { (ago(asked.opened_at, now)) } ": "
                @match (fact(asked, "fell"), fact(asked, "looked_at")) {
                    (Some(fell), Some(of)) => {
                        strong { (fell) " of " (of) " numbers that were looked at fell to zero together" }
                        ", and no order explains it. The books did not follow."
                    }
                    _ => (asked.message),
                }
            }
            @if let Some(named) = fact(asked, "such_as") { p { "Such as " (named) "." } }
            p { (asked.advice) }
            div.choices {
                (way(asked, "shop", "The goods are gone", "the books take the shop's zeros"))
                (way(asked, "books", "The books are right", "the shop will follow the books again"))
            }
            p {
                a href={ "/stores/" (store.id) "/drift" } { "Which numbers they are" } ", "
                a href={ "/#" (asked.id) } { "the question" } "."
            }
        }
    }
}

fn way(asked: &Exception, right: &str, word: &str, meaning: &str) -> Markup {
    html! {
        form method="post" action={ "/settle/" (asked.id) } {
            input type="hidden" name="right" value=(right);
            button type="submit" { (word) }
            span.aside { (meaning) }
        }
    }
}

fn fact<'a>(asked: &'a Exception, name: &str) -> Option<&'a str> {
    asked.facts.get(name).map(String::as_str).filter(|fact| !fact.is_empty())
}
