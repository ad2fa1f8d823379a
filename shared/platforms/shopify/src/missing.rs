//! Which orders a shop does not have any more, as far as the app may know.

use domain::RemoteOrderId;
use jiff::SignedDuration;
use platform::Result;
use serde::Deserialize;
use serde_json::json;

use crate::call::Shop;
use crate::documents::Document;
use crate::page::nodes;
use crate::wire::connection::Connection;
use crate::wire::loose::{gid, is_digits};
use crate::wire::order_graph::OnlyId;

/// An app that may not read all orders reads those of 60 days; a day less leaves room for what happens meanwhile.
const KNOWN: SignedDuration = SignedDuration::from_hours(59 * 24);
/// Orders that are asked about at a time to begin with.
const FIRST: u32 = 100;

/// The orders among these that the shop does not have. Those that are older than the app may read are left out: the shop
/// answers about them as if they were gone.
pub(crate) async fn gone(
    shop: &Shop<'_>,
    op: &'static str,
    orders: &[RemoteOrderId],
) -> Result<Vec<RemoteOrderId>> {
    let known: Vec<&RemoteOrderId> = orders.iter().filter(|order| is_digits(order.as_str())).collect();
    let ids: Vec<String> = known.iter().map(|order| gid("Order", order.as_str())).collect();
    let found: Vec<Option<OnlyId>> = nodes(shop, op, Document::OrdersThere, &ids, FIRST, &json!({})).await?;
    let absent: Vec<&RemoteOrderId> =
        known.into_iter().zip(found).filter(|(_, found)| found.is_none()).map(|(order, _)| order).collect();
    if absent.is_empty() {
        return Ok(Vec::new());
    }
    let readable = readable(shop, op).await?;
    Ok(absent.into_iter().filter(|order| readable.holds(order.as_str())).cloned().collect())
}

/// From which order on the app would see one that is there.
pub(crate) enum Readable {
    /// All of them.
    All,
    /// This one and those after it.
    From(u64),
    /// None of which it could be told.
    None,
}

impl Readable {
    /// Whether the app would see an order of this id, if it were there: ids grow with time.
    pub(crate) fn holds(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::From(oldest) => id.parse::<u64>().is_ok_and(|id| id >= *oldest),
            Self::None => false,
        }
    }
}

#[derive(Deserialize)]
struct Oldest {
    orders: Connection<OnlyId>,
}

/// Finds out from which order on the app would see one that is there.
pub(crate) async fn readable(shop: &Shop<'_>, op: &'static str) -> Result<Readable> {
    if shop.credentials.allows("read_all_orders") {
        return Ok(Readable::All);
    }
    let from = shop.ctx.clock.now() - KNOWN;
    let query = format!("created_at:>='{}'", from.strftime("%Y-%m-%dT%H:%M:%SZ"));
    let answer = shop.ask(op, Document::OldestOrder, json!({ "query": query })).await?;
    let oldest = answer.shaped::<Oldest>()?.orders.nodes.into_iter().next().and_then(|order| order.id.0);
    Ok(oldest.and_then(|id| id.parse().ok()).map_or(Readable::None, Readable::From))
}
