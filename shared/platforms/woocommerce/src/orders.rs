//! Reading orders, each with its refunds.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{RemoteOrderId, order};
use platform::{Ask, Ctx, ErrorKind, PullOrders, Pulled, Result};
use serde::Deserialize;

use crate::WooCommerce;
use crate::call::{Call, Shop};
use crate::catalog::odd;
use crate::limits::MOST_PER_PAGE;
use crate::page::{Page, bearable, cursor_at, cursor_text, of_extent, read_page};
use crate::wire::loose::Id;
use crate::wire::order::{ORDER_FIELDS, Order, REFUND_FIELDS, Refund, Refunded};

const OP: &str = "pull_orders";

#[async_trait]
impl PullOrders for WooCommerce {
    async fn pull_orders(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<order::Order>>> {
        let shop = Shop::open(ctx)?;
        let (offset, size): (u64, u32) = cursor_at(OP, ask)?;
        let call = Call::get(OP, "orders").with("status", "any").with("_fields", ORDER_FIELDS);
        let page: Page<Order> = read_page(ctx, &shop, &of_extent(call, ask.extent), offset, size).await?;
        let mut records = Vec::with_capacity(page.rows.len());
        for order in page.rows {
            records.push(whole(ctx, &shop, OP, order).await?);
        }
        Ok(Pulled {
            records,
            count: page.count,
            next: page.next.and_then(|next| cursor_text(next, bearable(ask, page.size))),
            total: page.total,
            shop_time: page.shop_time,
            size: page.size,
            wait: None,
        })
    }

    async fn unlisted(&self, ctx: &Ctx<'_>, orders: &[RemoteOrderId]) -> Result<Vec<RemoteOrderId>> {
        const OP: &str = "unlisted";
        let shop = Shop::open(ctx)?;
        let ids: Vec<&str> = orders.iter().map(RemoteOrderId::as_str).collect();
        let call = Call::get(OP, "orders")
            .with("status", "any")
            .with("include", ids.join(","))
            .with("_fields", "id");
        let mut there = BTreeSet::new();
        let mut from = Some(0);
        while let Some(offset) = from {
            let page: Page<Named> = read_page(ctx, &shop, &call, offset, MOST_PER_PAGE).await?;
            there.extend(page.rows.into_iter().filter_map(|row| row.id.0));
            from = page.next;
        }
        Ok(orders.iter().filter(|order| !there.contains(order.as_str())).cloned().collect())
    }
}

/// An order of which only the id was asked for.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    id: Id,
}

/// The order in the domain's words; its refunds are read if it has some.
pub(crate) async fn whole(
    ctx: &Ctx<'_>,
    shop: &Shop<'_>,
    op: &'static str,
    order: Order,
) -> Result<order::Order> {
    let mut refunds: Vec<Refund> = Vec::new();
    if let (true, Some(id)) = (order.has_refunds(), order.id.0.as_deref()) {
        let call = Call::get(op, format!("orders/{id}/refunds")).with("_fields", REFUND_FIELDS);
        let mut from = Some(0);
        while let Some(offset) = from {
            match read_page(ctx, shop, &call, offset, MOST_PER_PAGE).await {
                Ok(page) => {
                    refunds.extend(page.rows);
                    from = page.next;
                }
                // Deleted since the list was read: the next reading of the order says so.
                Err(error) if error.kind == ErrorKind::NotFound => from = None,
                Err(error) => return Err(error),
            }
        }
    }
    order.with(&Refunded::of(&refunds)).map_err(|why| odd(op, &why))
}
