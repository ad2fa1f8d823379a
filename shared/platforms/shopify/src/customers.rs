//! Reading customers.

use async_trait::async_trait;
use domain::customer;
use platform::{Ask, Ctx, ErrorKind, Extent, PlatformError, PullCustomers, Pulled, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Shopify;
use crate::call::Shop;
use crate::documents::Document;
use crate::page::{Changed, changed_since, cursor_at, cursor_text, list};
use crate::wire::connection::{Connection, Count};
use crate::wire::customer::Graph;

const OP: &str = "pull_customers";
/// Customers per page to begin with: what fits even where every record that could come is paid for.
const FIRST: u32 = 100;
/// A list ends in an error after 25,000 records: before that it is begun anew above the last number that was read.
const STRETCH: u64 = 20_000;

/// Where the reading stands.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    #[serde(flatten)]
    page: Changed,
    /// Only customers with a higher number are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    above: Option<String>,
    /// How many were read in this stretch.
    #[serde(default)]
    read: u64,
    /// How many there are in all, as the first page said.
    #[serde(default)]
    total: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    customers_count: Option<Count>,
    customers: Connection<Graph>,
}

#[async_trait]
impl PullCustomers for Shopify {
    async fn pull_customers(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<customer::Customer>>> {
        let shop = Shop::open(ctx)?;
        if !shop.credentials.allows("read_customers") {
            return nobody(ask);
        }
        let place: Place = cursor_at(OP, ask)?;
        let (search, sort) = match (ask.extent, &place.above) {
            (Extent::Since(since), _) => (Some(changed_since(since)), "UPDATED_AT"),
            (Extent::Full, Some(above)) => (Some(format!("id:>{above}")), "ID"),
            (Extent::Full, None) => (None, "ID"),
        };
        let variables = |size: u32| json!({ "first": size, "after": place.page.after.as_deref(), "query": search.as_deref(), "sort": sort });
        let first = place.page.size(ask, FIRST);
        let (answer, size) = list(&shop, OP, Document::Customers, first, variables).await?;
        let page: Page = answer.shaped()?;
        let last = page.customers.nodes.iter().rev().find_map(|row| row.id.0.clone());
        let counted = page.customers_count.map_or(0, |count| count.count);
        let total = if place == Place::default() { counted } else { place.total };
        let found = u64::try_from(page.customers.nodes.len()).unwrap_or(u64::MAX);
        let next = Changed::next(ask, page.customers.page_info.next(), size, &answer);
        let next = next.map(|page| onward(page, &place, last, found, total));
        let mut records = Vec::with_capacity(page.customers.nodes.len());
        for row in page.customers.nodes {
            records.push(customer::Customer::try_from(row).map_err(|why| why.error(OP))?);
        }
        let wait = next.as_ref().and_then(|next| answer.cost?.wait_for_page(size, next.page.size));
        Ok(Pulled {
            count: found,
            records,
            size: next.as_ref().map_or(ask.size, |next| next.page.size),
            next: next.and_then(cursor_text),
            total: (ask.extent == Extent::Full).then_some(total),
            shop_time: answer.shop_time,
            wait,
        })
    }
}

fn onward(page: Changed, before: &Place, last: Option<String>, found: u64, total: u64) -> Place {
    let read = before.read + found;
    if read < STRETCH {
        return Place { page, above: before.above.clone(), read, total };
    }
    Place { page: Changed { after: None, size: page.size }, above: last, read: 0, total }
}

/// What an app gets that may not read customers: nothing new, and no word that there are none.
fn nobody(ask: &Ask) -> Result<Pulled<Vec<customer::Customer>>> {
    if ask.extent == Extent::Full {
        let message = "the app may not read customers: it lacks `read_customers`; allow it in the app's settings and \
                       connect the store again, or leave it so: stock and orders do without";
        return Err(PlatformError::new(ErrorKind::Rejected, OP, message).code("ACCESS_DENIED"));
    }
    let records = Vec::new();
    Ok(Pulled { records, count: 0, next: None, total: None, shop_time: None, size: ask.size, wait: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_read_in_stretches() {
        let page = || Changed { after: Some("x".into()), size: 250 };
        let place = Place { read: 19_500, total: 60_000, ..Place::default() };
        let next = onward(page(), &place, Some("77".into()), 250, 60_000);
        assert_eq!((next.page.after.as_deref(), next.above.as_deref()), (Some("x"), None));
        let next = onward(page(), &next, Some("78".into()), 250, 60_000);
        assert_eq!((next.page.after.as_deref(), next.above.as_deref()), (None, Some("78")));
        assert_eq!((next.read, next.total), (0, 60_000));
        // Frozen: kept places must load for ever.
        let frozen = r#"{"after":null,"size":250,"above":"78","read":0,"total":60000}"#;
        assert_eq!(serde_json::to_string(&next).unwrap(), frozen);
        assert_eq!(serde_json::from_str::<Place>(frozen).unwrap(), next);
    }
}
