//! Reading orders, each with its lines and its refunds.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::RemoteOrderId;
use domain::order;
use jiff::Timestamp;
use platform::{Ask, Ctx, Extent, PullOrders, Pulled, Result};
use serde::Deserialize;
use serde_json::json;

use crate::Shopify;
use crate::bulk::Stream;
use crate::call::Shop;
use crate::documents::Document;
use crate::missing;
use crate::page::{Changed, changed_since, cursor_at, cursor_text, list};
use crate::read::{Asked, GraphError};
use crate::refunds;
use crate::wire::connection::Connection;
use crate::wire::loose::{gid, parts};
use crate::wire::order::OrderFacts;
use crate::wire::order_graph::{Line, Order};

const OP: &str = "pull_orders";
/// Orders per page to begin with: what fits even where every record that could come is paid for.
const FIRST: u32 = 8;

#[async_trait]
impl PullOrders for Shopify {
    async fn pull_orders(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<order::Order>>> {
        let shop = Shop::open(ctx)?;
        match ask.extent {
            Extent::Full => all(&shop, ask).await,
            Extent::Since(since) => changed(&shop, ask, since).await,
        }
    }

    async fn unlisted(&self, ctx: &Ctx<'_>, orders: &[RemoteOrderId]) -> Result<Vec<RemoteOrderId>> {
        missing::gone(&Shop::open(ctx)?, "unlisted", orders).await
    }
}

/// Whether the app may read who has an account.
pub(crate) fn sees_customers(shop: &Shop<'_>) -> bool {
    shop.credentials.allows("read_customers")
}

/// What an app that Shopify has not cleared for people's data may miss: an order counts without it.
pub(crate) fn is_personal(error: &GraphError) -> bool {
    const PERSONAL: [&str; 4] = ["customer", "billingAddress", "shippingAddress", "email"];
    error.code() == "ACCESS_DENIED" && error.path().any(|field| PERSONAL.contains(&field))
}

/// What a line of the file is, besides the record itself.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Everything, from the file of a bulk operation in which the lines of an order follow it.
async fn all(shop: &Shop<'_>, ask: &Ask) -> Result<Pulled<Vec<order::Order>>> {
    let stream = Stream {
        op: OP,
        begin: Document::OrdersBegin,
        progress: Document::OrdersProgress,
        query: if sees_customers(shop) { Document::BulkOrders } else { Document::BulkOrdersWithoutCustomers },
        grouped: true,
    };
    let step = stream.step(shop, ask).await?;
    let facts = from_file(&step.lines)?;
    let records = with_refunds(shop, OP, facts).await?;
    Ok(Pulled {
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        next: step.next,
        total: step.total,
        shop_time: step.shop_time,
        size: ask.size,
        wait: step.wait,
    })
}

/// The orders of some lines of a file.
pub(crate) fn from_file(lines: &[String]) -> Result<Vec<OrderFacts>> {
    let unreadable = || Asked { op: OP, writes: false }.unreadable("a line of the operation's file");
    let mut orders: Vec<(Order, Vec<Line>)> = Vec::new();
    for text in lines {
        let named: Named = serde_json::from_str(text).map_err(|_| unreadable())?;
        match (parts(&named.id).map(|(kind, _)| kind), orders.last_mut()) {
            (Some("Order"), _) => {
                orders.push((serde_json::from_str(text).map_err(|_| unreadable())?, Vec::new()));
            }
            (Some("LineItem"), Some((_, lines))) => {
                lines.push(serde_json::from_str(text).map_err(|_| unreadable())?);
            }
            _ => return Err(unreadable()),
        }
    }
    Ok(orders.into_iter().map(|(order, lines)| order.facts(lines)).collect())
}

/// The orders in the domain's words; the refunds of those that lost units are read.
async fn with_refunds(
    shop: &Shop<'_>,
    op: &'static str,
    orders: Vec<OrderFacts>,
) -> Result<Vec<order::Order>> {
    let lost: Vec<String> =
        orders.iter().filter(|order| order.lost_units()).filter_map(|order| order.id.clone()).collect();
    let mut refunds =
        if lost.is_empty() { BTreeMap::new() } else { refunds::of_orders(shop, op, &lost).await? };
    orders
        .into_iter()
        .map(|order| {
            let refunded = order.id.as_ref().and_then(|id| refunds.remove(id)).unwrap_or_default();
            order.with(&refunded).map_err(|why| why.error(op))
        })
        .collect()
}

#[derive(Deserialize)]
struct Page {
    orders: Connection<Order>,
}

/// What changed since a time.
async fn changed(shop: &Shop<'_>, ask: &Ask, since: Timestamp) -> Result<Pulled<Vec<order::Order>>> {
    let place: Changed = cursor_at(OP, ask)?;
    let search = changed_since(since);
    let customers = sees_customers(shop);
    let variables = |size: u32| json!({ "first": size, "after": place.after.as_deref(), "query": search.as_str(), "customers": customers });
    let (answer, size) = list(shop, OP, Document::OrdersChanged, place.size(ask, FIRST), variables).await?;
    let page: Page = answer.shaped_but(is_personal)?;
    let next = Changed::next(ask, page.orders.page_info.next(), size, &answer);
    let mut facts = Vec::with_capacity(page.orders.nodes.len());
    for order in page.orders.nodes {
        facts.push(with_lines(shop, OP, order).await?);
    }
    let records = with_refunds(shop, OP, facts).await?;
    let wait = next.as_ref().and_then(|next| answer.cost?.wait_for_page(size, next.size));
    Ok(Pulled {
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        size: next.as_ref().map_or(ask.size, |next| next.size),
        next: next.and_then(cursor_text),
        total: None,
        shop_time: answer.shop_time,
        wait,
    })
}

#[derive(Deserialize)]
struct MoreLines {
    order: Option<Lines>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lines {
    line_items: Connection<Line>,
}

/// An order with all its lines: those that did not come with it are read.
async fn with_lines(shop: &Shop<'_>, op: &'static str, mut order: Order) -> Result<OrderFacts> {
    let first = order.line_items.take();
    let mut after = first.as_ref().and_then(|lines| lines.page_info.next().map(str::to_owned));
    let mut lines = first.map(|lines| lines.nodes).unwrap_or_default();
    let id = gid("Order", order.id.0.as_deref().unwrap_or_default());
    while let Some(cursor) = after.take() {
        let answer = shop.ask(op, Document::OrderLines, json!({ "id": id, "after": cursor })).await?;
        // Deleted meanwhile: its own message says so.
        let Some(more) = answer.shaped::<MoreLines>()?.order else { break };
        after = more.line_items.page_info.next().map(str::to_owned);
        lines.extend(more.line_items.nodes);
    }
    Ok(order.facts(lines))
}

#[derive(Deserialize)]
struct One {
    order: Option<Order>,
}

/// One order, whole; none if the shop does not have it.
pub(crate) async fn one(shop: &Shop<'_>, op: &'static str, id: &str) -> Result<Option<order::Order>> {
    let variables = json!({ "id": gid("Order", id), "customers": sees_customers(shop) });
    let answer = shop.ask(op, Document::Order, variables).await?;
    let Some(order) = answer.shaped_but::<One>(is_personal)?.order else { return Ok(None) };
    let facts = with_lines(shop, op, order).await?;
    Ok(with_refunds(shop, op, vec![facts]).await?.into_iter().next())
}
