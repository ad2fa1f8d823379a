//! `bundle`: what an item is made of.

use serde_json::{Value, json};

use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::stock_command::Bundle;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::Recipe;

pub(crate) async fn bundle(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Bundle) -> Result<()> {
    let path = ["items", asked.sku.as_str(), "parts"];
    let answer = if asked.of.is_empty() && !asked.apart {
        hub.get(&path).await
    } else {
        let parts: Vec<Value> =
            asked.of.iter().map(|part| json!({"item": part.sku, "units": part.units})).collect();
        hub.put(&path, &json!({"parts": parts})).await
    };
    let answer = answer.map_err(|trouble| unknown(trouble, asked))?;
    show(page, &read(&answer)?)?;
    page.document(&answer)
}

pub(crate) fn show(page: &mut Page<'_, '_>, recipe: &Recipe) -> Result<()> {
    let sku = &recipe.sku;
    for one in &recipe.used_in {
        page.say(format!("{sku} is a part of {}: {} in each", one.sku, one.units))?;
    }
    if recipe.parts.is_empty() {
        return if recipe.used_in.is_empty() {
            page.say(format!("{sku} is no bundle, and a part of none."))
        } else {
            Ok(())
        };
    }
    page.say(format!("{sku} is a bundle: {} may be sold, by what there is of its parts", recipe.available))?;
    let mut table = Table::new(&["PART", "TITLE", ">IN EACH", ">AVAILABLE", ">ENOUGH FOR"]);
    for part in &recipe.parts {
        table.row([
            part.sku.clone(),
            part.title.clone(),
            part.units.to_string(),
            part.available.to_string(),
            part.enough_for.to_string(),
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    Ok(())
}

fn unknown(trouble: Trouble, asked: &Bundle) -> Trouble {
    if !trouble.is_not_found() || trouble.is_passing() {
        return trouble;
    }
    let parts: Vec<&str> = asked.of.iter().map(|part| part.sku.as_str()).collect();
    let among =
        if parts.is_empty() { String::new() } else { format!(", or one of its parts {}", parts.join(", ")) };
    Trouble::new(format!("nothing in the books has the SKU `{}`{among}", asked.sku))
        .next("list what there is with `storeloom stock`")
}
