//! `person`: what is kept about a customer, for whoever must hand it over.

use serde_json::{Value, json};

use crate::hub::{Ask, Hub};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::which::Stores;

pub(crate) async fn show(hub: &Hub<'_>, page: &mut Page<'_, '_>, store: &str, customer: &str) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let view = stores.which(store)?;
    let path = ["stores", view.store.id.as_str(), "customers", customer];
    let account = hub.get(&path).await?.get("customer").cloned().unwrap_or_default();
    let orders = hub.list(&path, &Ask { filter: None, limit: None }).await?.items;
    if account.is_null() && orders.is_empty() {
        return Err(Trouble::new(format!("nothing is kept of a customer {customer} of {}", view.store.name))
            .next("take the number that the shop gives its customer; what was erased is not kept any more"));
    }
    match account.as_object() {
        None => page.say("No account is kept of this customer.")?,
        Some(account) => {
            for (name, value) in account {
                if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                    page.say(format!("{name}: {text}"))?;
                }
            }
        }
    }
    if !orders.is_empty() {
        let mut table =
            Table::new(&["NUMBER", "PLACED", "STATE", "BUYER", "MAIL", "COUNTRY", "ID IN THE SHOP"]);
        for order in &orders {
            let text = |at: &str| order.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
            table.row([
                text("/number"),
                text("/placed_at"),
                text("/state"),
                text("/buyer/name"),
                text("/buyer/email"),
                text("/buyer/country"),
                text("/remote"),
            ]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
    }
    page.say("next:  the same with --json is the document to hand over")?;
    page.document(&json!({"store": view.store.id, "customer": account, "orders": orders}))
}
