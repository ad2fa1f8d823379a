//! A synchronisation run as a progress bar.

use domain::run::{RunState, Stream};
use hub::overview::RunView;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::words::{ago, grouped, lasting, rate};

/// A run: a bar while it reads, one line once it has ended.
pub(crate) fn row(view: &RunView, now: Timestamp) -> Markup {
    let run = &view.run;
    let name = name(run.stream);
    html! {
        li.run.(class(run.state)) {
            span.stream { (name) }
            @match (run.state, run.expected) {
                (RunState::Running, Some(expected)) => {
                    progress value=(run.done) max=(expected.max(run.done).max(1)) aria-label={ "Reading " (name) } {}
                }
                (RunState::Running, None) => { progress aria-label={ "Reading " (name) } {} }
                _ => {}
            }
            span.numbers { (numbers(view, now)) }
            @if let (RunState::Failed, Some(message)) = (run.state, &run.message) {
                span.why { (message) }
            }
        }
    }
}

fn numbers(view: &RunView, now: Timestamp) -> Markup {
    let run = &view.run;
    let ended = run.finished_at.map_or_else(String::new, |at| ago(at, now));
    html! {
        @match run.state {
            RunState::Running => {
                (grouped(run.done))
                @if let Some(expected) = run.expected { " of " (grouped(expected)) }
                @if let Some(percent) = view.progress.percent { " (" (percent) "%)" }
                @if view.progress.per_second_tenths > 0 { ", " (rate(view.progress.per_second_tenths)) }
                @if let Some(left) = view.progress.eta_seconds { ", about " (lasting(left)) " left" }
            }
            RunState::Completed => { (grouped(run.done)) " read, " (ended) }
            RunState::Failed => { "failed at " (grouped(run.done)) ", " (ended) }
            RunState::Cancelled => { "stopped at " (grouped(run.done)) ", " (ended) }
        }
    }
}

fn name(stream: Stream) -> &'static str {
    match stream {
        Stream::Catalog => "Catalogue",
        Stream::Orders => "Orders",
        Stream::Customers => "Customers",
    }
}

fn class(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Completed => "completed",
        RunState::Failed => "failed",
        RunState::Cancelled => "cancelled",
    }
}
