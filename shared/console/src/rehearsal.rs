//! The page of what beginning to write to a store would change.

use domain::money::Money;
use domain::store::{Phase, Store};
use jiff::Timestamp;
use maud::{Markup, html};
use ports::{Rehearsal, RehearsedWrite};

use crate::command::command;
use crate::figure::figure;
use crate::frame;
use crate::words::{ago, count, grouped, quoted};

/// The page of the latest rehearsal of a store, if there is one, with its largest differences.
#[must_use]
pub fn rehearsal(store: &Store, latest: Option<(&Rehearsal, &[RehearsedWrite])>, now: Timestamp) -> String {
    let body = html! {
        (frame::top(&html! { "Rehearsal of " (store.name) }))
        main {
            p.lead { "What beginning to write would change: each write worked out, none sent." }
            form method="post" action={ "/rehearse/" (store.id) } {
                button type="submit" { @if latest.is_some() { "Rehearse again" } @else { "Rehearse" } }
            }
            @match latest {
                None => div.panel { p { "Not rehearsed yet." } },
                Some((rehearsal, largest)) => { (shown(store, rehearsal, largest, now)) }
            }
        }
    };
    frame::page("Rehearsal", None, &body)
}

fn shown(store: &Store, rehearsal: &Rehearsal, largest: &[RehearsedWrite], now: Timestamp) -> Markup {
    let changed = rehearsal.lowered + rehearsal.raised;
    html! {
        section.panel aria-label="What would change" {
            p.aside { "Worked out " time datetime=(rehearsal.at) { (ago(rehearsal.at, now)) } }
            dl.totals {
                (figure("Numbers in the books", &grouped(rehearsal.links), ""))
                (figure("Lowered", &grouped(rehearsal.lowered), &units(&rehearsal.units_lowered, &rehearsal.money_lowered)))
                (figure("Raised", &grouped(rehearsal.raised), &units(&rehearsal.units_raised, &rehearsal.money_raised)))
                @if rehearsal.held > 0 { (figure("Of these held for now", &grouped(rehearsal.held), "")) }
                @if rehearsal.unpriced > 0 { (figure("Without a price", &grouped(rehearsal.unpriced), "in no sum of money")) }
            }
            @if store.phase != Phase::Writing {
                p { "To approve exactly this; a number that moves beyond it by anything but orders refuses the start:" }
                p.command { (command(&format!("storeloom start {} --rehearsal {}", quoted(&store.name), rehearsal.digest))) }
            }
        }
        @if changed == 0 {
            p { "Nothing differs: the first writes will come with the next sale." }
        } @else {
            div.wide {
                table {
                    thead { tr { th { "SKU" } th { "Title" } th.number { "Shows" } th.number { "Would show" }
                        th.number { "Difference" } th.number { "Worth" } th { "Held by" } } }
                    tbody { @for one in largest { (row(one)) } }
                }
            }
            @let more = changed.saturating_sub(u64::try_from(largest.len()).unwrap_or(0));
            @if more > 0 { p.aside { "and " (count(more, "smaller difference", "smaller differences")) } }
        }
    }
}

fn row(one: &RehearsedWrite) -> Markup {
    html! {
        tr {
            td { a href={ "/items/" (one.item) "/drift" } { (one.sku) } }
            td { (one.title) }
            td.number { (one.shows) }
            td.number { (one.target) }
            td.number { (one.difference) }
            td.number { @if let Some(money) = &one.money { (money) } @else { "–" } }
            td { (one.held.as_deref().unwrap_or_default()) }
        }
    }
}

fn units(units: &domain::Delta, money: &[Money]) -> String {
    let mut text = format!("{} units", units.units());
    for sum in money {
        text.push_str(&format!(", {sum}"));
    }
    text
}
