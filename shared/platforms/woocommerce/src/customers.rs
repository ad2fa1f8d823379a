//! Reading customers.

use async_trait::async_trait;
use domain::customer;
use platform::{Ask, Ctx, Extent, PullCustomers, Pulled, Result};

use crate::WooCommerce;
use crate::call::{Call, Shop};
use crate::catalog::odd;
use crate::page::{Page, bearable, cursor_at, cursor_text, read_page};
use crate::wire::customer::Customer;

const OP: &str = "pull_customers";
const FIELDS: &str = "id,email,first_name,last_name,date_created_gmt,date_modified_gmt,billing,shipping";

#[async_trait]
impl PullCustomers for WooCommerce {
    async fn pull_customers(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<customer::Customer>>> {
        let shop = Shop::open(ctx)?;
        let (offset, size): (u64, u32) = cursor_at(OP, ask)?;
        let order = match ask.extent {
            Extent::Full => "id",
            Extent::Since(_) => "registered_date",
        };
        let call =
            Call::get(OP, "customers").with("orderby", order).with("order", "desc").with("_fields", FIELDS);
        let mut page: Page<Customer> = read_page(ctx, &shop, &call, offset, size).await?;
        let mut next = page.next;
        let mut total = page.total;
        if let Extent::Since(since) = ask.extent {
            // The shop cannot list by time of change: new accounts are found here, changed ones by webhook and in
            // full readings. The newest come first, so the first old one ends the reading.
            let before = page.rows.len();
            page.rows.retain(|row| row.date_created_gmt.0.is_none_or(|created| created > since));
            if page.rows.len() < before {
                next = None;
            }
            page.count = u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
            total = None;
        }
        let mut records = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            records.push(customer::Customer::try_from(row).map_err(|why| odd(OP, &why))?);
        }
        let next = next.and_then(|next| cursor_text(next, bearable(ask, page.size)));
        Ok(Pulled {
            records,
            count: page.count,
            next,
            total,
            shop_time: page.shop_time,
            size: page.size,
            wait: None,
        })
    }
}
