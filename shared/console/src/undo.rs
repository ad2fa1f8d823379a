//! The page on which our writes to a store are taken back.

use domain::run::{Run, Stream};
use domain::store::{Phase, Store};
use hub::undo::{Back, Left, Row, Undo};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::command::command;
use crate::figure::figure;
use crate::frame;
use crate::words::{ago, count, grouped, quoted};

/// Numbers that the page lists.
const SHOWN: usize = 200;
/// Readings that a time may be taken from.
const READINGS: usize = 4;
/// While numbers are being set back the page is read afresh after so many seconds.
const REFRESH: u32 = 3;

/// How far a person is with taking writes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoStep {
    /// Looking at what was written, and what would go back.
    Look,
    /// Asked whether it shall be done.
    Confirm,
    /// It was begun: what came of it.
    Begun,
}

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct UndoPage<'a> {
    /// The store.
    pub store: &'a Store,
    /// Its latest readings: times at which something may have gone wrong.
    pub readings: &'a [Run],
    /// Since when writes are looked at.
    pub since: Timestamp,
    /// What taking them back comes to; none if the time is none that can be looked at.
    pub undo: Option<&'a Undo>,
    /// How far the person is.
    pub step: UndoStep,
    /// Why what was asked for was not done.
    pub refused: Option<&'a str>,
}

/// The page on which our writes to a store are taken back: looked at, confirmed, and what came of it.
#[must_use]
pub fn undo(page: &UndoPage<'_>, now: Timestamp) -> String {
    let store = page.store;
    let waits = page.step == UndoStep::Begun && page.undo.is_some_and(|undo| going_on(undo) > 0);
    let body = html! {
        (frame::top(&html! { "Take back writes to " (store.name) }))
        main {
            p.lead {
                "Numbers go back to what the shop showed before we wrote, where nothing newer happened. What the books \
                 say is not touched."
            }
            @if let Some(refused) = page.refused { div.notice.bad role="alert" { p { (refused) } } }
            @match (page.step, page.undo) {
                (UndoStep::Begun, Some(undo)) => (outcome(page, undo)),
                (UndoStep::Confirm, Some(undo)) if undo.set_back > 0 => (question(page, undo)),
                _ => (choice(page, now)),
            }
            @if let Some(undo) = page.undo { (looked_at(page, undo, now)) }
        }
    };
    frame::page("Take back", waits.then_some(REFRESH), &body)
}

fn own(store: &Store) -> String {
    format!("/stores/{}/undo", store.id)
}

/// Since when writes shall be looked at.
fn choice(page: &UndoPage<'_>, now: Timestamp) -> Markup {
    let own = own(page.store);
    html! {
        form.row method="get" action=(own) {
            label for="since" { "Written since (UTC)" }
            input #since name="since" type="datetime-local" step="1" required
                value=(page.since.strftime("%Y-%m-%dT%H:%M:%S"));
            button.quiet type="submit" { "Show" }
        }
        p.links {
            @for (word, since) in times(page, now) {
                a href={ (own) "?since=" (since.strftime("%Y-%m-%dT%H:%M:%SZ")) } { (word) }
            }
        }
    }
}

/// Times from which writes are often to be taken back.
fn times(page: &UndoPage<'_>, now: Timestamp) -> Vec<(String, Timestamp)> {
    let spans = [("the last quarter of an hour", 900), ("the last hour", 3600), ("the last day", 86_400)];
    let mut times: Vec<(String, Timestamp)> = spans
        .into_iter()
        .map(|(word, seconds)| (word.to_owned(), now - SignedDuration::from_secs(seconds)))
        .collect();
    if let Some(since) = page.store.writing_since {
        times.push((format!("since writing began, {}", ago(since, now)), since));
    }
    for run in page.readings.iter().take(READINGS) {
        let word = match run.stream {
            Stream::Catalog => "catalogue was",
            Stream::Orders => "orders were",
            Stream::Customers => "customers were",
        };
        times.push((format!("since its {word} read, {}", ago(run.started_at, now)), run.started_at));
    }
    times
}

/// What was written, and what would become of it.
fn looked_at(page: &UndoPage<'_>, undo: &Undo, now: Timestamp) -> Markup {
    let all = undo.set_back + undo.as_before + undo.left;
    let under_way = under_way(undo);
    html! {
        section.panel aria-label="What was written" {
            p { "Written since " time datetime=(undo.since) { (undo.since.strftime("%Y-%m-%d %H:%M:%S")) " UTC" } ":" }
            dl.totals {
                (figure("Numbers written", &grouped(all), ""))
                (figure("Can be taken back", &grouped(undo.set_back), ""))
                @if under_way > 0 { (figure("Being written", &grouped(under_way), "")) }
                (figure("Left as they are", &grouped(undo.left.saturating_sub(under_way)), ""))
                (figure("As before already", &grouped(undo.as_before), ""))
            }
            @if page.step == UndoStep::Look && undo.set_back > 0 {
                form method="get" action=(own(page.store)) {
                    input type="hidden" name="since" value=(undo.since);
                    input type="hidden" name="step" value="confirm";
                    button type="submit" { "Take back " (count(undo.set_back, "number", "numbers")) " …" }
                }
            }
        }
        @if undo.items.is_empty() {
            p.aside { "Nothing was written to it since then." }
        } @else {
            div.wide { table {
                thead { tr { th { "SKU" } th { "Title" } th.number { "Before" } th.number { "Written" } th.number { "Now" }
                    th.number { "By the books" } th { "Last written" } th { "Taking it back" } } }
                tbody { @for one in undo.items.iter().take(SHOWN) { (row(one, now)) } }
            } }
            @let more = all.saturating_sub(u64::try_from(undo.items.len().min(SHOWN)).unwrap_or(0));
            @if more > 0 {
                p.aside { "and " (grouped(more)) " more: "
                    (command(&format!("storeloom undo {} --since {} --json", quoted(&page.store.name), undo.since)))
                }
            }
        }
    }
}

fn row(one: &Row, now: Timestamp) -> Markup {
    let number =
        |number: Option<domain::OnHand>| number.map_or("–".to_owned(), |number| number.to_string());
    html! {
        tr {
            td { a href={ "/items/" (one.item) "/why" } { (one.sku) } }
            td { (one.title) }
            td.number { (number(one.before)) }
            td.number {
                (number(one.written))
                @if one.writes > 1 { " " span.aside { "in " (grouped(one.writes)) " writes" } }
            }
            td.number { (number(one.shows)) }
            td.number { (one.by_the_books) }
            td { time datetime=(one.written_at) { (ago(one.written_at, now)) } }
            td {
                @match one.back {
                    Back::SetBack { to, .. } => {
                        span.chip.good { "back to " (to) }
                        @if to > one.by_the_books { " " span.trouble { "more than there are" } }
                    }
                    Back::AsBefore { .. } => span.chip { "as before" },
                    Back::Left { why: Left::WriteUnderWay } => span.chip.busy { "being written" },
                    Back::Left { why } => { span.chip.warn { "left" } " " (left(why)) }
                }
            }
        }
    }
}

/// Why a number is left, for a person.
fn left(why: Left) -> &'static str {
    match why {
        Left::WriteUnderWay => "the outcome of a write is not known yet",
        Left::Unexplained => "the shop shows a number that nobody can explain",
        Left::Moved => "something newer happened: an order, a count, or somebody moved it",
        Left::TraceLost => "what came of one of our writes is not kept",
        Left::NotListed => "the shop does not list it any more, or does not count it",
    }
}

/// Whether it shall be done.
fn question(page: &UndoPage<'_>, undo: &Undo) -> Markup {
    let store = page.store;
    html! {
        div.notice.warn {
            p { strong { "Take back " (count(undo.set_back, "number", "numbers")) " of " (store.name) "?" } }
            @if store.phase != Phase::ReadOnly {
                p { "It becomes read-only, so that they are not written again; its sales still count." }
            }
            @if undo.above_the_books > 0 {
                p { (count(undo.above_the_books, "number", "numbers")) " would offer more units than the books have." }
            }
            @if undo.left > 0 { p { (count(undo.left, "number is", "numbers are")) " left, for the reasons below." } }
            form method="post" action={ "/undo/" (store.id) } {
                input type="hidden" name="since" value=(undo.since);
                input type="hidden" name="digest" value=(undo.digest);
                button type="submit" { "Yes, take back " (count(undo.set_back, "number", "numbers")) }
            }
            p { a href={ (own(store)) "?since=" (undo.since) } { "No, change nothing" } }
        }
    }
}

/// Numbers of which a write's outcome is not known yet.
fn under_way(undo: &Undo) -> u64 {
    let rows = undo.items.iter().filter(|row| row.back == Back::Left { why: Left::WriteUnderWay });
    u64::try_from(rows.count()).unwrap_or(u64::MAX)
}

/// Numbers that are being set back: those that are not yet, and those of which it is not known yet.
fn going_on(undo: &Undo) -> u64 {
    undo.set_back + under_way(undo)
}

/// What came of it.
fn outcome(page: &UndoPage<'_>, undo: &Undo) -> Markup {
    let store = page.store;
    let going_on = going_on(undo);
    html! {
        div.notice role="status" {
            @if going_on > 0 {
                p { strong { (count(going_on, "number is", "numbers are")) " being set back" } ", "
                    (grouped(undo.as_before)) " done." }
                p.aside { "This page reads itself afresh every " (REFRESH) " seconds." }
                @if !store.is_callable() { p { "The store may not be called now: resume or connect it, and this goes on." } }
            } @else {
                p { strong { "Done: " (count(undo.as_before, "number is", "numbers are")) " as before" }
                    @if undo.left > 0 { ", " (count(undo.left, "was", "were")) " left" } "." }
            }
            @if store.phase == Phase::ReadOnly {
                p { (store.name) " is read-only. When it may follow the books again:" }
                p.command { (command(&format!("storeloom start {}", quoted(&store.name)))) }
            }
        }
    }
}
