//! The pages that say why a number is what it is.

use domain::stock::EntryKind;
use domain::{Day, OnHand};
use hub::allocate::Offer;
use hub::why::{ItemWhy, LinkWhy, OrderWhy, TracedEntry};
use jiff::Timestamp;
use maud::{Markup, html};
use ports::{Answer, WriteNote};

use crate::bundle::bundle;
use crate::command::command;
use crate::drift::word;
use crate::figure::figure;
use crate::frame;
use crate::offers::{RefusedOffer, offers};
use crate::stock_room::{location, stock_room};
use crate::words::{ago, count, millis};

/// What the page of an item is made of.
#[derive(Debug, Clone, Copy)]
pub struct ItemPage<'a> {
    /// Why its numbers are what they are.
    pub why: &'a ItemWhy,
    /// What each shop may offer of it.
    pub offers: &'a [Offer],
    /// Names what its forms book: a form that is sent twice books once.
    pub key: &'a str,
    /// A form that was refused.
    pub refused: Option<&'a RefusedOffer>,
}

/// The page of why an item's numbers are what they are, and of what is done about them.
#[must_use]
pub fn why_of_item(page: &ItemPage<'_>, now: Timestamp) -> String {
    let ItemPage { why, key, .. } = *page;
    let body = html! {
        (frame::top(&html! { "Why " (why.item.sku) }))
        main {
            p.lead {
                (why.item.title) " · "
                @match why.at {
                    Some(at) => { "as it stood at " time datetime=(at) { (at.strftime("%Y-%m-%d %H:%M:%S")) " UTC" } }
                    None => "as it stands now"
                }
            }
            form.row method="get" action={ "/items/" (why.item.id) "/why" } {
                label for="at" { "At a past time (UTC)" }
                input #at name="at" type="datetime-local" step="1"
                    value=[why.at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S").to_string())];
                button.quiet type="submit" { "Show" }
            }
            section.panel aria-label="What it adds up to" {
                dl.totals {
                    (figure("On hand", &why.counted.on_hand.to_string(), ""))
                    (figure("Set aside for orders", &why.counted.reserved.units().to_string(), ""))
                    (figure("May be sold", &may_be_sold(why).to_string(), ""))
                }
                p.aside {
                    (count(why.booked, "entry", "entries")) " in the books; "
                    @match why.adds_up {
                        Some(true) => span.fine { "they add up to the balance." },
                        Some(false) => span.trouble { "they do not add up to the balance." },
                        None => "not added up here.",
                    }
                }
                ul.evidence { @for rule in why.rules { li { (rule) } } }
            }
            @if why.at.is_none() {
                (bundle(why))
                (offers(why, page.offers, page.refused, now))
                (stock_room(why, key))
            }
            h2 { "Entries" }
            (entries(why, now))
            (again(why))
            @for link in &why.links { (of_link(link, now)) }
        }
    };
    frame::page("Why", None, &body)
}

/// What may be sold: of a bundle, what its parts are enough for.
fn may_be_sold(why: &ItemWhy) -> OnHand {
    let made = why.recipe.as_ref().filter(|recipe| !recipe.parts.is_empty());
    made.map_or(why.counted.available, |recipe| recipe.available)
}

/// How the latest day on which the item moved is written again.
fn again(why: &ItemWhy) -> Markup {
    let day = why.entries.first().map(|one| Day::of(one.entry.at));
    html! {
        @if let Some(day) = day {
            p.aside {
                "Each follows from what was observed: " (command(&format!("storeloom replay-day {day}")))
                " writes that day again and compares."
            }
        }
    }
}

fn entries(why: &ItemWhy, now: Timestamp) -> Markup {
    let entries: &[TracedEntry] = &why.entries;
    let several = why.locations.len() > 1;
    html! {
        @if entries.is_empty() {
            p.aside { "None." }
        } @else {
            div.wide { table {
                thead { tr { th { "Booked" } th { "Kind" } th.number { "On hand" } th.number { "Set aside" } @if several { th { "Location" } } th { "Cause" } } }
                tbody { @for one in entries {
                    tr {
                        td { time datetime=(one.entry.at) { (ago(one.entry.at, now)) } }
                        td { (kind(one.entry.kind)) }
                        td.number { (one.entry.on_hand) }
                        td.number { (one.entry.reserved) }
                        @if several { td { (location(why, &one.entry.location)) } }
                        td {
                            @match (&one.order, &one.number) {
                                (Some(order), Some(number)) => {
                                    a href={ "/orders/" (order) "/why" } { "order " (number) }
                                    @if let Some(store) = &one.store_name { " of " (store) }
                                    @if let Some(state) = one.state { ", now " (word(state)) }
                                }
                                _ => (one.entry.cause)
                            }
                            @if let Some(actor) = &one.entry.actor { span.aside { " by " (actor) } }
                        }
                    }
                } }
            } }
        }
    }
}

fn of_link(link: &LinkWhy, now: Timestamp) -> Markup {
    html! {
        h2 { "In " (link.store_name) }
        @if let Some(one) = &link.standing {
            p {
                "We believe it shows " strong { (one.explained) }
                @if let Some(shows) = &one.shows { "; it showed " (shows.level) " " (ago(shows.at, now)) }
                "; it should show " strong { (one.target) } ". " (one.says)
            }
        }
        (writes(&link.writes, now))
    }
}

fn writes(writes: &[WriteNote], now: Timestamp) -> Markup {
    html! {
        @if writes.is_empty() {
            p.aside { "No write of ours is known." }
        } @else {
            div.wide { table {
                thead { tr { th { "Over" } th.number { "From" } th.number { "To" } th { "What the shop answered" } } }
                tbody { @for one in writes {
                    tr {
                        td { time datetime=(one.at) { (ago(one.at, now)) } }
                        td.number { (one.compare) }
                        td.number { (one.value) }
                        td {
                            @match (one.answer, one.shown) {
                                (Answer::Taken, _) => "taken",
                                (Answer::OtherNumber, Some(shown)) => { "not taken: it showed " (shown) }
                                (Answer::OtherNumber, None) => "not taken: it showed another number",
                                (Answer::NotTaken, _) => "not taken",
                            }
                        }
                    }
                } }
            } }
        }
    }
}

fn kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Opening => "opening count",
        EntryKind::Reserve => "set aside",
        EntryKind::Release => "released",
        EntryKind::Ship => "shipped",
        EntryKind::Restock => "put back",
        EntryKind::Adjust => "corrected",
        EntryKind::Receive => "received",
        EntryKind::Count => "counted",
        EntryKind::Transfer => "carried",
    }
}

/// The page of why an order did to the books what it did.
#[must_use]
pub fn why_of_order(why: &OrderWhy, now: Timestamp) -> String {
    let body = html! {
        (frame::top(&html! { "Order " (why.number) }))
        main {
            p.lead {
                (why.store_name) " · " (word(why.state)) " · placed " time datetime=(why.placed_at) { (ago(why.placed_at, now)) }
                " · " @if why.applied { "booked" } @else { "being booked" }
            }
            p { (why.rule) }
            h2 { "Lines" }
            div.wide { table {
                thead { tr { th { "SKU" } th { "Title" } th.number { "Bought" } th.number { "Paid back" }
                    th.number { "Set aside" } th.number { "Gone" } th.number { "Taken by the shop" } } }
                tbody { @for line in &why.lines {
                    tr {
                        td {
                            @match (&line.item, &line.line.sku) {
                                (Some(item), Some(sku)) => a href={ "/items/" (item) "/why" } { (sku) },
                                (Some(item), None) => a href={ "/items/" (item) "/why" } { "item" },
                                (None, _) => span.trouble { "matches no item" },
                            }
                        }
                        td { (line.line.title) }
                        td.number { (line.line.quantity.normalize()) }
                        td.number { (line.line.refunded.normalize()) }
                        td.number { (line.effect.reserved.normalize()) }
                        td.number { (line.effect.shipped.normalize()) }
                        td.number { (line.effect.taken.normalize()) }
                    }
                } }
            } }
            h2 { "In the books" }
            @for effect in &why.effects {
                p { (effect.sku.as_deref().unwrap_or("an item")) ": "
                    (effect.booked.effect.reserved.normalize()) " set aside, "
                    (effect.booked.effect.shipped.normalize()) " gone, "
                    (effect.booked.effect.taken.normalize()) " taken by the shop itself; "
                    @for (place, entry) in effect.entries.iter().enumerate() {
                        @if place > 0 { ", " }
                        (kind(entry.kind)) " " (ago(entry.at, now))
                    }
                }
            }
            @if why.effects.is_empty() { p.aside { "It did nothing to the books." } }
            h2 { "Messages about it" }
            @for event in &why.events {
                p {
                    time.aside datetime=(event.received_at) { (ago(event.received_at, now)) } " "
                    (event.topic)
                    @if event.duplicates > 0 { ", came " (count(event.duplicates + 1, "time", "times")) }
                    @if let Some(note) = &event.note { ": " (note) }
                }
            }
            @if why.events.is_empty() {
                p.aside { "None among " (count(why.looked_through, "message", "messages")) ": it was read from the shop." }
            }
            h2 { "When other shops showed it" }
            @for one in &why.reached {
                p { (one.store_name) ": " (one.value) " after " (millis(one.after_ms)) }
            }
            @if why.reached.is_empty() { p.aside { "No other shop was written to since." } }
        }
    };
    frame::page("Order", None, &body)
}
