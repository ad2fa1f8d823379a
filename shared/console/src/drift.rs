//! The pages that show where numbers part, with a button for each side of what a person must settle.

use domain::order::OrderState;
use domain::rules::Authority;
use domain::store::Store;
use hub::drift::{Evidence, ItemDrift, Standing, Verdict};
use jiff::Timestamp;
use maud::{Markup, html};
use ports::Page;

use crate::figure::figure;
use crate::frame;
use crate::words::ago;

/// The page of a store's numbers that are not right, or of all of them.
#[must_use]
pub fn drift(store: &Store, found: &Page<Standing>, all: bool, now: Timestamp) -> String {
    let own = format!("/stores/{}/drift", store.id);
    let body = html! {
        (frame::top(&html! { "Drift of " (store.name) }))
        main {
            p.lead {
                @if all {
                    "All numbers of this store that are in the books. "
                    a href=(own) { "Only those that are not right" }
                } @else {
                    "Numbers of this store that are not what they should be, and what is done about each. "
                    a href={ (own) "?all=true" } { "All numbers" }
                }
            }
            @if found.items.is_empty() {
                @if found.next.is_none() {
                    div.panel { p.fine { "None: the shop shows what its orders and our writes explain." } }
                } @else {
                    div.panel { p { "None among these." } }
                }
            } @else {
                ul.standings { @for one in &found.items { (standing(one, now)) } }
            }
            @if let Some(next) = &found.next {
                form method="get" action=(own) {
                    @if all { input type="hidden" name="all" value="true"; }
                    input type="hidden" name="after" value=(next);
                    button.quiet type="submit" { "Go on" }
                }
            }
        }
    };
    frame::page("Drift", None, &body)
}

/// The page of one item's number in each store.
#[must_use]
pub fn drift_of_item(found: &ItemDrift, now: Timestamp) -> String {
    let body = html! {
        (frame::top(&html! { (found.item.sku) }))
        main {
            p.lead { (found.item.title) }
            @if found.standings.is_empty() {
                div.panel { p { "No store lists it." } }
            } @else {
                ul.standings { @for one in &found.standings { (standing(one, now)) } }
            }
        }
    };
    frame::page("Drift", None, &body)
}

fn standing(one: &Standing, now: Timestamp) -> Markup {
    html! {
        li.standing #(one.link.as_str()) {
            p.what {
                (verdict(one.verdict))
                " " a.of href={ "/items/" (one.item) "/drift" } { (one.sku) }
                " " span.aside { (one.title) " in " (one.store_name) }
            }
            dl.numbers {
                (figure("We believe", &one.explained.to_string(), ""))
                @match &one.shows {
                    Some(shows) => { (figure("The shop showed", &shows.level.to_string(), &ago(shows.at, now))) }
                    None => { (figure("The shop showed", "–", "not read yet")) }
                }
                (figure("Difference", &one.difference.to_string(), ""))
                (figure("It should show", &one.target.to_string(), ""))
            }
            p { (one.says) }
            p.aside { (counts(one)) }
            @if let Some(settle) = &one.settle {
                div.choices {
                    (choice(settle.exception.as_str(), "shop", "The shop is right", &settle.shop))
                    (choice(settle.exception.as_str(), "books", "The books are right", &settle.books))
                }
            }
            p { a href={ "/items/" (one.item) "/why" } { "Why" } }
            @if !one.evidence.is_empty() {
                details {
                    summary { "What explains it" }
                    ul.evidence { @for one in &one.evidence { li { (evidence(one, now)) } } }
                }
            }
        }
    }
}

/// Whose number counts where no order explains a difference.
fn counts(one: &Standing) -> String {
    let whose = if one.authority.own { "this item's rule" } else { "the merchant's rule" };
    let counts = match &one.authority.authority {
        Authority::Hub => "the books count",
        Authority::Ask => "a person is asked",
        Authority::Store { store } if *store == one.store => "this shop's number counts",
        Authority::Store { .. } => "another shop's number counts, and this one follows the books",
    };
    format!("Where no order explains a difference, {counts}, by {whose}.")
}

fn choice(exception: &str, right: &str, word: &str, meaning: &str) -> Markup {
    html! {
        form method="post" action={ "/settle/" (exception) } {
            input type="hidden" name="right" value=(right);
            button type="submit" { (word) }
            span.aside { (meaning) }
        }
    }
}

fn verdict(verdict: Verdict) -> Markup {
    match verdict {
        Verdict::Agrees => html! { span.chip.good { "agrees" } },
        Verdict::Older => html! { span.chip { "moved since it was read" } },
        Verdict::Looking => html! { span.chip.busy { "looked into" } },
        Verdict::Unexplained => html! { span.chip.bad { "unexplained" } },
        Verdict::CountDiffers => html! { span.chip.warn { "counts differ" } },
    }
}

fn evidence(one: &Evidence, now: Timestamp) -> Markup {
    html! {
        time.aside datetime=(one.at()) { (ago(one.at(), now)) } " "
        @match one {
            Evidence::Order { number, state, explained, available, .. } => {
                "order " (number) ", " (word(*state)) ": what may be sold " (available)
                @if !explained.is_zero() { ", this shop's own number " (explained) }
            }
            Evidence::Correction { cause, available, .. } => { (cause) ": " (available) }
            Evidence::Wrote { level, .. } => { "we wrote " (level) }
            Evidence::Read { level, .. } => { "the shop was read and showed " (level) }
            Evidence::Told { level, .. } => { "the shop told " (level) }
        }
    }
}

pub(crate) fn word(state: OrderState) -> &'static str {
    match state {
        OrderState::Draft => "draft",
        OrderState::Pending => "pending",
        OrderState::Open => "open",
        OrderState::Fulfilled => "sent",
        OrderState::Refunded => "refunded",
        OrderState::Cancelled => "cancelled",
        OrderState::Failed => "failed",
        OrderState::Removed => "removed",
    }
}
