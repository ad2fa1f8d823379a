//! `start`: begin to write numbers, after showing what would change.

use serde_json::json;

use crate::command::Start;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::Preview;
use crate::which::Stores;
use crate::words::{count, quoted};

/// Differences that are shown.
const SHOWN: usize = 15;

pub(crate) async fn start(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Start) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(&asked.store)?.store;
    let answer = hub.get(&["stores", &store.id, "preview"]).await?;
    let preview: Preview = read(&answer)?;
    show(page, &store.name, &preview)?;
    if !asked.yes && !page.agree(&format!("Begin to write numbers to {}?", store.name))? {
        return Err(Trouble::new("nothing was changed"));
    }
    let body = match &asked.rehearsal {
        Some(digest) => json!({"rehearsal": digest}),
        None => json!({}),
    };
    let started = hub.post(&["stores", &store.id, "start"], &body).await?;
    page.say(format!("{} is written to from now on.", store.name))?;
    page.say(format!(
        "next:  storeloom stores shows how it goes; storeloom stop {} ends it",
        quoted(&store.name)
    ))?;
    page.document(&json!({"preview": answer, "store": started}))
}

fn show(page: &mut Page<'_, '_>, name: &str, preview: &Preview) -> Result<()> {
    let links = count(preview.links, "number", "numbers");
    let Preview { lowered, raised, .. } = preview;
    page.say(format!("{name} has {links} in the books: {lowered} would be lowered, {raised} raised."))?;
    if preview.largest.is_empty() {
        return page.say("Nothing differs now.");
    }
    let mut table = Table::new(&["SKU", "TITLE", ">SHOWS", ">WOULD SHOW", ">DIFFERENCE"]);
    for one in preview.largest.iter().take(SHOWN) {
        let difference = one.difference.signed();
        table.row([
            one.sku.clone(),
            one.title.clone(),
            one.shows.to_string(),
            one.target.to_string(),
            difference,
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    let differing = lowered + raised;
    let shown = u64::try_from(preview.largest.len().min(SHOWN)).unwrap_or(0);
    if differing > shown {
        page.say(format!("... and {} smaller", count(differing - shown, "difference", "differences")))?;
    }
    Ok(())
}
