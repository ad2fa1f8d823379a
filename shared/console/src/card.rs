//! One store, as a card.

use domain::store::{Condition, Phase, Store};
use hub::overview::{Agreement, Freshness, StoreView};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::command::{command, connect_again};
use crate::figure::figure;
use crate::run;
use crate::words::{ago, grouped, millis, quoted};

/// A store with its condition, its runs and its numbers.
pub(crate) fn card(view: &StoreView, now: Timestamp) -> Markup {
    let store = &view.store;
    html! {
        article.card.(class(store)) aria-labelledby=(store.id) {
            header {
                h2 #(store.id.as_str()) {
                    @if is_link(&store.address) {
                        a href=(store.address) rel="noreferrer noopener" { (store.name) }
                    } @else {
                        (store.name)
                    }
                }
                span.platform { (store.platform) }
                span.chips {
                    (phase(store.phase))
                    (condition(&store.condition))
                }
            }
            (advice(store, now))
            @if store.holds_raises() {
                p { a.trouble href={ "/stores/" (store.id) "#raises" } { "Its raises are held" } }
            }
            @if !view.runs.is_empty() {
                ul.runs aria-label="Readings" { @for run in &view.runs { (run::row(run, now)) } }
            }
            dl {
                (agreement(store, &view.agreement))
                (freshness(&view.freshness))
                (figure("Events", &grouped(view.events), &format!("{} came twice", grouped(view.duplicates))))
                (figure("Numbers written", &grouped(view.writes), ""))
            }
            (links(store))
        }
    }
}

/// Only a web address becomes a link: a shop may call itself anything.
fn is_link(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

fn class(store: &Store) -> &'static str {
    match (&store.condition, store.phase) {
        (Condition::Active, Phase::Joining) => "joining",
        (Condition::Active, Phase::ReadOnly | Phase::Shadow | Phase::Writing) => "active",
        (Condition::Paused, _) => "paused",
        (Condition::Held { .. }, _) => "held",
        (Condition::Disconnected, _) => "disconnected",
    }
}

fn phase(phase: Phase) -> Markup {
    match phase {
        Phase::Joining => html! { span.chip.busy { "joining" } },
        Phase::ReadOnly => html! { span.chip { "read only" } },
        Phase::Shadow => html! { span.chip.busy { "shadow" } },
        Phase::Writing => html! { span.chip.good { "writing" } },
    }
}

fn condition(condition: &Condition) -> Markup {
    match condition {
        Condition::Active => html! {},
        Condition::Paused => html! { span.chip.warn { "paused" } },
        Condition::Held { .. } => html! { span.chip.bad { "held" } },
        Condition::Disconnected => html! { span.chip { "disconnected" } },
    }
}

/// What its owner can do about how it stands.
fn advice(store: &Store, now: Timestamp) -> Markup {
    let name = quoted(&store.name);
    match (&store.condition, store.phase) {
        (Condition::Held { reason, since }, _) => html! {
            div.notice.bad role="status" {
                p { strong { "It is not called: " } (reason) }
                p {
                    "Connect it again; nothing is lost, its work goes on then. "
                    time.aside datetime=(since) { "Since " (ago(*since, now)) "." }
                }
                p.command { (command(&connect_again(store))) }
            }
        },
        (Condition::Paused, _) => html! {
            div.notice.warn {
                p { "It is not called; what it tells us still counts." }
                p.command { (command(&format!("storeloom resume {name}"))) }
            }
        },
        (Condition::Disconnected, _) => html! {
            div.notice {
                p { "It was taken out; its history stays." }
                p.command { (command(&connect_again(store))) }
            }
        },
        (Condition::Active, Phase::Joining) => html! {
            p.aside { "Its stock and orders are being read until two readings agree." }
        },
        (Condition::Active, Phase::ReadOnly) => html! {
            div.notice {
                p { "Its sales count; nothing is written to it yet. See what would change, and begin:" }
                p.command { (command(&format!("storeloom rehearse {name}"))) }
                p.command { (command(&format!("storeloom start {name}"))) }
            }
        },
        (Condition::Active, Phase::Shadow) => html! {
            p.aside { "Each write is worked out and noted as if it were made; none is sent." }
        },
        (Condition::Active, Phase::Writing) => html! {},
    }
}

fn agreement(store: &Store, agreement: &Agreement) -> Markup {
    let parts: Vec<String> = [
        (agreement.joining, "joining"),
        (agreement.inflight, "in flight"),
        (u64::from(agreement.waiting), "waiting"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{} {word}", grouped(number)))
    .collect();
    html! {
        div.figure {
            dt { "Links in the books" }
            dd {
                span.large { (grouped(agreement.links)) }
                @if agreement.unexplained > 0 {
                    " " a.trouble href={ "/stores/" (store.id) "/drift" } { (grouped(agreement.unexplained)) " unexplained" }
                } @else if agreement.links > 0 {
                    " " span.fine { "none unexplained" }
                }
                @if !parts.is_empty() { " " span.aside { (parts.join(", ")) } }
            }
        }
    }
}

fn freshness(freshness: &Freshness) -> Markup {
    let name = "A sale elsewhere shows after";
    let waits = freshness.oldest_sale_ms;
    html! {
        div.figure {
            dt { (name) }
            dd {
                @match (freshness.p50_ms, freshness.p95_ms, freshness.p99_ms) {
                    (Some(half), Some(more), Some(most)) => {
                        span.large { (millis(half)) }
                        " " span.aside {
                            "95% within " (millis(more)) ", 99% within " (millis(most)) "; last " (grouped(freshness.samples))
                        }
                    }
                    _ => { span.large { "–" } " " span.aside { "no sale yet" } }
                }
                @if let Some(waits) = waits {
                    " " span.trouble { "one has waited for " (millis(waits)) }
                }
            }
        }
    }
}

/// Where more is told of the store's numbers.
fn links(store: &Store) -> Markup {
    let page = |name: &str| format!("/stores/{}/{name}", store.id);
    html! {
        @if store.phase != Phase::Joining {
            p.links {
                a href={ "/stores/" (store.id) } { "Store" }
                a href=(page("drift")) { "Drift" }
                a href=(page("rehearsal")) { "Rehearsal" }
                a href=(page("shadow")) { "Shadow" }
                a href=(page("undo")) { "Take back writes" }
            }
        }
    }
}
