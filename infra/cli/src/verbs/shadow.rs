//! `shadow`: what would have been written to a store, while nothing is.

use jiff::Timestamp;
use serde_json::json;

use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::Result;
use crate::view::ShadowReport;
use crate::which::Stores;
use crate::words::{ago, count, quoted};

/// Writes and sales that are shown.
const SHOWN: usize = 15;

pub(crate) async fn begin(hub: &Hub<'_>, page: &mut Page<'_, '_>, typed: &str) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(typed)?.store;
    let answer = hub.post(&["stores", &store.id, "shadow"], &json!({})).await?;
    page.say(format!("{} is shadowed: each write is worked out and noted, none is sent.", store.name))?;
    let name = quoted(&store.name);
    page.say(format!(
        "next:  storeloom shadow {name} shows what would have been; storeloom stop {name} ends it"
    ))?;
    page.document(&answer)
}

pub(crate) async fn report(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    typed: &str,
    now: Timestamp,
) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(typed)?.store;
    let answer = hub.get(&["stores", &store.id, "shadow"]).await?;
    if page.is_json() {
        return page.document(&answer);
    }
    let report: ShadowReport = read(&answer)?;
    let Some(span) = &report.shadowing else {
        page.say(format!("{} was not shadowed yet.", store.name))?;
        return page.say(format!("next:  storeloom shadow {} --begin", quoted(&store.name)));
    };
    let until = span.until.map_or_else(String::new, |until| format!(", until {}", ago(until, now)));
    page.say(format!(
        "{}, shadowed since {}{until}; nothing of this was sent:",
        store.name,
        ago(span.since, now)
    ))?;
    let total = &report.total;
    let links = count(report.links, "number", "numbers");
    page.say(format!("  {} units were sold twice that would not have been", total.units_prevented))?;
    page.say(format!(
        "  {links} would have moved: lowered {} by {} units, raised {} by {} units",
        count(total.lowered, "time", "times"),
        total.units_lowered,
        count(total.raised, "time", "times"),
        total.units_raised
    ))?;
    told(page, &report, now)
}

fn told(page: &mut Page<'_, '_>, report: &ShadowReport, now: Timestamp) -> Result<()> {
    if !report.prevented.is_empty() {
        page.say("")?;
        page.say("Sales of units that other shops had sold:")?;
        let mut table = Table::new(&["BOOKED", "SKU", "ORDER", ">UNITS"]);
        for one in report.prevented.iter().take(SHOWN) {
            table.row([ago(one.at, now), one.sku.clone(), one.number.clone(), one.units.to_string()]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
    }
    if !report.days.is_empty() {
        page.say("")?;
        let mut table = Table::new(&["DAY (UTC)", ">LOWERED", ">RAISED", ">SOLD TWICE"]);
        for day in &report.days {
            table.row([
                day.day.clone(),
                day.total.lowered.to_string(),
                day.total.raised.to_string(),
                day.total.units_prevented.to_string(),
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
    }
    if !report.writes.is_empty() {
        page.say("")?;
        page.say("The latest writes that would have been made:")?;
        let mut table = Table::new(&["WHEN", "SKU", ">FROM", ">TO", "CAUSE"]);
        for one in report.writes.iter().take(SHOWN) {
            table.row([
                ago(one.at, now),
                one.sku.clone(),
                one.from.to_string(),
                one.to.to_string(),
                one.cause.clone(),
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
    }
    Ok(())
}
