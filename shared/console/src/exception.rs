//! What a person should look at, with the command that settles it.

use domain::exception::{Exception, ExceptionKind};
use domain::store::Store;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::command::{command, connect_again};
use crate::words::ago;

/// One thing that a person should look at.
pub(crate) fn row(exception: &Exception, store: Option<&Store>, now: Timestamp) -> Markup {
    html! {
        li.exception #(exception.id.as_str()) {
            p.what {
                span.chip.warn { (word(exception.kind)) }
                @if let Some(store) = store { " " span.of { (store.name) } }
                " " time.aside datetime=(exception.opened_at) { (ago(exception.opened_at, now)) }
            }
            p { (exception.message) }
            p.advice { (exception.advice) }
            @if let (Some(store), Some(place)) = (store, place(exception.kind)) {
                p { a href={ "/stores/" (store.id) "#" (place) } { "Look at it and decide" } }
            }
            @for (text, meaning) in commands(exception, store) {
                p.command { (command(&text)) " " span.aside { (meaning) } }
            }
        }
    }
}

/// Where on its store's page it is told with its ways out, if it is.
fn place(kind: ExceptionKind) -> Option<&'static str> {
    match kind {
        ExceptionKind::RaisesHeld => Some("raises"),
        ExceptionKind::FellToZero => Some("fall"),
        _ => None,
    }
}

/// The commands that settle it, and what each does.
fn commands(exception: &Exception, store: Option<&Store>) -> Vec<(String, &'static str)> {
    let resolve = format!("storeloom resolve {}", exception.id);
    match (exception.kind, store) {
        (ExceptionKind::Unexplained | ExceptionKind::CountDiffers | ExceptionKind::FellToZero, _) => vec![
            (format!("{resolve} --right shop"), "the books take the shop's number"),
            (format!("{resolve} --right books"), "the shop will follow the books"),
        ],
        (ExceptionKind::ParkedEvent, _) => exception
            .facts
            .get("event")
            .map(|event| (format!("storeloom replay {event}"), "read it again"))
            .into_iter()
            .chain([(resolve, "pass over it")])
            .collect(),
        (ExceptionKind::UnpaidOrder, _) => vec![(resolve, "keep its units set aside")],
        (ExceptionKind::RaisesHeld, _) => vec![(resolve, "let them go")],
        (ExceptionKind::StoreHeld, Some(store)) => {
            vec![(connect_again(store), "connect it again; this settles itself then")]
        }
        (
            ExceptionKind::WriteRefused
            | ExceptionKind::StoreSetup
            | ExceptionKind::SyncFailed
            | ExceptionKind::WebhooksMissing,
            _,
        ) => vec![(resolve, "try it again")],
        (
            ExceptionKind::MissingSku
            | ExceptionKind::DuplicateSku
            | ExceptionKind::AmbiguousSku
            | ExceptionKind::UnmatchedLine
            | ExceptionKind::StoreHeld,
            _,
        ) => vec![(resolve, "leave it as it is")],
    }
}

fn word(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::MissingSku => "no SKU",
        ExceptionKind::DuplicateSku => "SKU twice",
        ExceptionKind::AmbiguousSku => "SKU not clear",
        ExceptionKind::CountDiffers => "counts differ",
        ExceptionKind::UnmatchedLine => "sold without a match",
        ExceptionKind::ParkedEvent => "unreadable message",
        ExceptionKind::Unexplained => "unexplained number",
        ExceptionKind::WriteRefused => "write refused",
        ExceptionKind::SyncFailed => "reading failed",
        ExceptionKind::WebhooksMissing => "webhooks missing",
        ExceptionKind::StoreHeld => "keys refused",
        ExceptionKind::StoreSetup => "shop's set-up",
        ExceptionKind::FellToZero => "fell to zero",
        ExceptionKind::RaisesHeld => "raises held",
        ExceptionKind::UnpaidOrder => "unpaid order",
    }
}
