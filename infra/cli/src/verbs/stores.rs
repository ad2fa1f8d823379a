//! `stores`: how all of them stand.

use serde_json::json;

use crate::hub::Hub;
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::Result;
use crate::view::{RunState, StoreView};
use crate::which::Stores;
use crate::words::{count, lasting, millis};

pub(crate) async fn list(hub: &Hub<'_>, page: &mut Page<'_, '_>) -> Result<()> {
    let stores = Stores::of(hub).await?;
    if stores.views.is_empty() {
        page.say("No store is connected.")?;
        page.say("next:  storeloom connect woocommerce --url https://your-shop.example --browser")?;
    } else {
        let mut table = Table::new(&[
            "NAME",
            "PLATFORM",
            "PHASE",
            "CONDITION",
            "AGREEMENT",
            "FRESHNESS",
            "PROGRESS",
            "ID",
        ]);
        for view in &stores.views {
            let store = &view.store;
            table.row([
                store.name.clone(),
                store.platform.clone(),
                store.phase.clone(),
                store.condition.is.clone(),
                agreement(view),
                freshness(view),
                progress(view),
                store.id.clone(),
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
        for view in &stores.views {
            if let Some(reason) = &view.store.condition.reason {
                page.say(format!("{}: {reason}", view.store.name))?;
            }
        }
    }
    page.document(&json!({"items": stores.values}))
}

fn agreement(view: &StoreView) -> String {
    let agreement = view.agreement;
    let mut parts = vec![count(agreement.links, "link", "links")];
    for (number, word) in [
        (agreement.joining, "joining"),
        (agreement.unexplained, "unexplained"),
        (agreement.inflight, "in flight"),
        (agreement.waiting, "waiting"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    parts.join(", ")
}

fn freshness(view: &StoreView) -> String {
    match (view.freshness.p50_ms, view.freshness.p99_ms) {
        (Some(half), Some(most)) => format!("{} / {}", millis(half), millis(most)),
        _ => "-".to_owned(),
    }
}

fn progress(view: &StoreView) -> String {
    let running: Vec<String> = view
        .runs
        .iter()
        .filter_map(|run| match run.state {
            RunState::Running => {
                let seen = match (run.progress.percent, run.done) {
                    (Some(percent), _) => format!("{} {percent}%", run.stream),
                    (None, done) => format!("{} {done}", run.stream),
                };
                let left = run.progress.eta_seconds.map(|left| format!(" ({} left)", lasting(left)));
                Some(seen + &left.unwrap_or_default())
            }
            RunState::Failed => Some(format!("{} failed", run.stream)),
            RunState::Completed | RunState::Cancelled => None,
        })
        .collect();
    if running.is_empty() { "-".to_owned() } else { running.join(", ") }
}
