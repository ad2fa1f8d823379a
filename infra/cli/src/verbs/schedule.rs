//! `schedule`: how often a store is asked for what changed.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::command::Stream;
use crate::hub::{Hub, read, read_all};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::Result;
use crate::which::Stores;
use crate::words::lasting;

#[derive(Deserialize)]
struct ScheduleView {
    stream: String,
    every_seconds: u64,
}

pub(crate) async fn schedule(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    store: &str,
    new: Option<(Stream, u64)>,
) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(store)?.store;
    let path = ["stores", &store.id, "schedules"];
    if let Some((stream, seconds)) = new {
        let body = json!({"stream": stream.as_str(), "every_seconds": seconds});
        let answer = hub.put(&path, &body).await?;
        let view: ScheduleView = read(&answer)?;
        let every = lasting(view.every_seconds);
        page.say(format!("{}: {} every {every}.", store.name, view.stream))?;
        return page.document(&answer);
    }
    let answer = hub.get(&path).await?;
    let values = answer.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let schedules: Vec<ScheduleView> = read_all(&values)?;
    if schedules.is_empty() {
        page.say(format!("{} is not asked at an interval.", store.name))?;
    } else {
        let mut table = Table::new(&["STREAM", ">EVERY"]);
        for one in schedules {
            table.row([one.stream, lasting(one.every_seconds)]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
    }
    page.document(&answer)
}
