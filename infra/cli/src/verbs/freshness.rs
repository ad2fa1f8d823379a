//! `freshness`: how long a sale takes to every other shop, and what is still on its way.

use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::Result;
use crate::view::{Fresh, Times};
use crate::words::{count, millis};

pub(crate) async fn freshness(hub: &Hub<'_>, page: &mut Page<'_, '_>) -> Result<()> {
    let answer = hub.get(&["freshness"]).await?;
    let fresh: Fresh = read(&answer)?;
    if fresh.stores.is_empty() {
        page.say("No store is written to yet.")?;
        return page.document(&answer);
    }
    let [half, more, most] = shown(&fresh.every_shop);
    let sales = count(fresh.every_shop.samples, "sale", "sales");
    page.say(format!("From a sale being seen to every other shop showing it, over {sales}:"))?;
    page.say(format!("  half within {half}, 95% within {more}, 99% within {most}"))?;
    match fresh.oldest_sale_ms {
        None => page.say("No sale is on its way.")?,
        Some(age) => {
            page.say(format!("The oldest sale that some shop does not show yet is {} old.", millis(age)))?
        }
    }
    page.say("")?;
    let mut table = Table::new(&["STORE", ">SALES", ">50%", ">95%", ">99%", ">WAITING", ">OLDEST"]);
    for store in &fresh.stores {
        let [half, more, most] = shown(&store.times);
        table.row([
            store.name.clone(),
            store.times.samples.to_string(),
            half,
            more,
            most,
            store.waiting.to_string(),
            time(store.oldest_sale_ms),
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    page.document(&answer)
}

fn shown(times: &Times) -> [String; 3] {
    [times.p50_ms, times.p95_ms, times.p99_ms].map(time)
}

fn time(time: Option<u64>) -> String {
    time.map_or_else(|| "-".to_owned(), millis)
}
