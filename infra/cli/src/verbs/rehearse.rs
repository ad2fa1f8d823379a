//! `rehearse`: every write that beginning to write to a store would cause, none sent.

use serde_json::json;

use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::Result;
use crate::view::{MoneyView, Number, Rehearsed};
use crate::which::Stores;
use crate::words::{count, quoted};

pub(crate) async fn rehearse(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    typed: &str,
    limit: usize,
) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(typed)?.store;
    let answer = hub.post(&["stores", &store.id, "rehearsals"], &json!({})).await?;
    let Rehearsed { rehearsal, items } = read(&answer)?;
    let links = count(rehearsal.links, "number", "numbers");
    page.say(format!("{} has {links} in the books. Beginning to write would", store.name))?;
    let sums = |units: &Number, money: &[MoneyView]| {
        let money: Vec<String> = money.iter().map(|sum| format!(", {sum}")).collect();
        format!("{units} units{}", money.concat())
    };
    let lowered = sums(&rehearsal.units_lowered, &rehearsal.money_lowered);
    let raised = sums(&rehearsal.units_raised, &rehearsal.money_raised);
    page.say(format!("  lower {} ({lowered} no longer offered)", rehearsal.lowered))?;
    page.say(format!("  raise {} ({raised} offered anew)", rehearsal.raised))?;
    if rehearsal.held > 0 {
        page.say(format!(
            "  of these, {} would wait for what holds them",
            count(rehearsal.held, "raise", "raises")
        ))?;
    }
    if rehearsal.unpriced > 0 {
        let many = count(rehearsal.unpriced, "number has", "numbers have");
        page.say(format!("  {many} no price here: in no sum of money"))?;
    }
    if !items.is_empty() {
        let heads = ["SKU", "TITLE", ">SHOWS", ">WOULD SHOW", ">DIFFERENCE", ">WORTH", "HELD BY"];
        let mut table = Table::new(&heads);
        for one in items.iter().take(limit) {
            table.row([
                one.sku.clone(),
                one.title.clone(),
                one.shows.to_string(),
                one.target.to_string(),
                one.difference.signed(),
                one.money.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
                one.held.clone().unwrap_or_else(|| "-".to_owned()),
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
        let shown = u64::try_from(items.len().min(limit)).unwrap_or(u64::MAX);
        let more = (rehearsal.lowered + rehearsal.raised).saturating_sub(shown);
        if more > 0 {
            page.say(format!("... and {}", count(more, "smaller difference", "smaller differences")))?;
        }
    }
    page.say("Nothing was sent. To begin as it was shown here, and not if a number moves beyond it:")?;
    page.say(format!("next:  storeloom start {} --rehearsal {}", quoted(&store.name), rehearsal.digest))?;
    page.document(&answer)
}
