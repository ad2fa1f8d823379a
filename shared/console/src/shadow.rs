//! The page of what would have been written to a shadowed store.

use domain::store::{Phase, Store};
use hub::shadow::ShadowReport;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::command::command;
use crate::figure::figure;
use crate::frame;
use crate::words::{ago, grouped, quoted};

/// The page of what would have been written while a store was shadowed.
#[must_use]
pub fn shadow(store: &Store, report: &ShadowReport, now: Timestamp) -> String {
    let name = quoted(&store.name);
    let body = html! {
        (frame::top(&html! { "Shadow of " (store.name) }))
        main {
            p.lead {
                "While a store is shadowed, each write is worked out and noted as if it were made, and none is sent."
            }
            @match (&report.shadowing, store.phase) {
                (None, _) => div.panel {
                    p { "It was not shadowed yet. It can be for as long as you like, before writing begins:" }
                    p.command { (command(&format!("storeloom shadow {name} --begin"))) }
                },
                (Some(span), phase) => {
                    section.panel aria-label="What would have been written" {
                        p.aside {
                            "Since " time datetime=(span.since) { (ago(span.since, now)) }
                            @if let Some(until) = span.until { ", until " time datetime=(until) { (ago(until, now)) } }
                            @if phase == Phase::Shadow { ". It ends with " (command(&format!("storeloom stop {name}"))) }
                        }
                        dl.totals {
                            (figure("Sold twice, would not have been", &report.total.units_prevented.units().to_string(), "units"))
                            (figure("Numbers lowered", &grouped(report.total.lowered), &format!("by {} units", report.total.units_lowered.units())))
                            (figure("Numbers raised", &grouped(report.total.raised), &format!("by {} units", report.total.units_raised.units())))
                        }
                    }
                    (told(report, now))
                }
            }
        }
    };
    frame::page("Shadow", None, &body)
}

fn told(report: &ShadowReport, now: Timestamp) -> Markup {
    html! {
        @if !report.prevented.is_empty() {
            h2 { "Sales of units that other shops had sold" }
            div.wide { table {
                thead { tr { th { "When" } th { "SKU" } th { "Order" } th.number { "Units" } } }
                tbody { @for one in &report.prevented {
                    tr {
                        td { time datetime=(one.what.at) { (ago(one.what.at, now)) } }
                        td { (one.sku) }
                        td { (one.what.number) }
                        td.number { (one.what.units.units()) }
                    }
                } }
            } }
        }
        @if !report.days.is_empty() {
            h2 { "By day" }
            div.wide { table {
                thead { tr { th { "Day (UTC)" } th.number { "Lowered" } th.number { "Raised" } th.number { "Sold twice" } } }
                tbody { @for day in &report.days {
                    tr {
                        td { (day.day) }
                        td.number { (grouped(day.total.lowered)) }
                        td.number { (grouped(day.total.raised)) }
                        td.number { (day.total.units_prevented.units()) }
                    }
                } }
            } }
        }
        @if !report.writes.is_empty() {
            h2 { "The latest writes" }
            div.wide { table {
                thead { tr { th { "When" } th { "SKU" } th.number { "From" } th.number { "To" } th { "Cause" } } }
                tbody { @for one in &report.writes {
                    tr {
                        td { time datetime=(one.what.at) { (ago(one.what.at, now)) } }
                        td { (one.sku) }
                        td.number { (one.what.from) }
                        td.number { (one.what.to) }
                        td { (one.what.cause) }
                    }
                } }
            } }
        }
    }
}
