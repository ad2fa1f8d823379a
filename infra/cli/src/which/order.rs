//! Which order a person means: an id, or the number that buyer and merchant use.

use super::{StoreView, Stores};
use crate::hub::{Ask, Hub, read_all};
use crate::trouble::{Result, Trouble};
use crate::view::OrderView;
use crate::words::quoted;

/// Orders of one store that are looked through for a number.
const LOOKED_THROUGH: usize = 10_000;

/// Whether an order was named by the hub's own id.
pub(crate) fn is_id(typed: &str) -> bool {
    typed.starts_with("ord_")
}

/// The id of the order with a number, in one store or in all.
///
/// # Errors
/// If there is none, or more than one: a number is not the same order everywhere.
pub(crate) async fn numbered(
    hub: &Hub<'_>,
    stores: &Stores,
    store: Option<&str>,
    typed: &str,
) -> Result<String> {
    let number = typed.trim().trim_start_matches('#');
    let looked_through = stores.some(store)?;
    let mut found = Vec::new();
    for view in &looked_through {
        found.extend(in_store(hub, view, number).await?);
    }
    if found.len() > 1 {
        let shown: Vec<String> =
            found.iter().map(|order| format!("{} ({})", order.id, stores.name(&order.store))).collect();
        return Err(
            Trouble::usage(format!("order {number} may be {}", shown.join(", "))).next("give the order's id")
        );
    }
    found.pop().map(|order| order.id).ok_or_else(|| none(number, store.and(looked_through.first().copied())))
}

/// The orders with that number; where none has it, those that the shop's own id names so.
async fn in_store(hub: &Hub<'_>, view: &StoreView, number: &str) -> Result<Vec<OrderView>> {
    let ask = Ask { filter: None, limit: Some(LOOKED_THROUGH) };
    let listed = hub.list(&["stores", &view.store.id, "orders"], &ask).await?;
    let orders: Vec<OrderView> = read_all(&listed.items)?;
    let (numbered, others): (Vec<_>, Vec<_>) =
        orders.into_iter().partition(|order| order.number.trim_start_matches('#') == number);
    if !numbered.is_empty() {
        return Ok(numbered);
    }
    Ok(others.into_iter().filter(|order| order.remote == number).collect())
}

fn none(number: &str, of: Option<&StoreView>) -> Trouble {
    let (whose, list) = match of {
        Some(view) => (view.store.name.clone(), format!("storeloom orders {}", quoted(&view.store.name))),
        None => ("no store".to_owned(), "storeloom orders".to_owned()),
    };
    let has = if of.is_some() { "has no order" } else { "has an order" };
    Trouble::new(format!("{whose} {has} {number} among those that were read"))
        .next(format!("list them with `{list}`, or read them anew with `storeloom sync`"))
}
