//! Reading what the refunds of orders say: they are no part of a list of orders, nor of a file of a bulk operation.

use std::collections::BTreeMap;

use platform::Result;
use serde::Deserialize;
use serde_json::json;

use crate::call::Shop;
use crate::documents::Document;
use crate::page::nodes;
use crate::wire::connection::Connection;
use crate::wire::loose::{Id, gid};
use crate::wire::order::Refunded;
use crate::wire::order_graph::{Refund, RefundLine};

/// Orders per call to begin with.
const FIRST: u32 = 4;
/// So many refunds of an order are asked for at once.
const REFUNDS: usize = 10;

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    refunds: Vec<Refund>,
}

#[derive(Deserialize)]
struct OneOrder {
    order: Option<Ids>,
}

#[derive(Deserialize)]
struct Ids {
    refunds: Vec<Refund>,
}

#[derive(Deserialize)]
struct OneRefund {
    node: Option<Lines>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lines {
    #[serde(default)]
    refund_line_items: Option<Connection<RefundLine>>,
}

/// What the refunds of each of these orders say.
pub(crate) async fn of_orders(
    shop: &Shop<'_>,
    op: &'static str,
    orders: &[String],
) -> Result<BTreeMap<String, Refunded>> {
    let ids: Vec<String> = orders.iter().map(|id| gid("Order", id)).collect();
    let found: Vec<Option<Node>> = nodes(shop, op, Document::OrdersRefunds, &ids, FIRST, &json!({})).await?;
    let mut all = BTreeMap::new();
    for node in found.into_iter().flatten() {
        let Some(id) = node.id.0 else { continue };
        let refunded = match whole(&node.refunds) {
            Some(refunded) => refunded,
            None => of_order(shop, op, &id).await?,
        };
        all.insert(id, refunded);
    }
    Ok(all)
}

/// What refunds say, if all of them came with all their lines.
fn whole(refunds: &[Refund]) -> Option<Refunded> {
    if refunds.len() >= REFUNDS {
        return None;
    }
    let mut refunded = Refunded::default();
    for refund in refunds {
        let lines = refund.refund_line_items.as_ref()?;
        if lines.page_info.next().is_some() {
            return None;
        }
        lines.nodes.iter().for_each(|line| line.add_to(&mut refunded));
    }
    Some(refunded)
}

/// What the refunds of one order say, read refund by refund.
async fn of_order(shop: &Shop<'_>, op: &'static str, order: &str) -> Result<Refunded> {
    let mut refunded = Refunded::default();
    let answer = shop.ask(op, Document::OrderRefundIds, json!({ "id": gid("Order", order) })).await?;
    let refunds = answer.shaped::<OneOrder>()?.order.map(|order| order.refunds).unwrap_or_default();
    for refund in refunds {
        let mut after: Option<String> = None;
        loop {
            let variables = json!({ "id": refund.id, "after": after });
            let answer = shop.ask(op, Document::RefundLines, variables).await?;
            let Some(lines) = answer.shaped::<OneRefund>()?.node.and_then(|node| node.refund_line_items)
            else {
                break;
            };
            lines.nodes.iter().for_each(|line| line.add_to(&mut refunded));
            match lines.page_info.next() {
                Some(next) => after = Some(next.to_owned()),
                None => break,
            }
        }
    }
    Ok(refunded)
}
