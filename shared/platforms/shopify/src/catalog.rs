//! Reading products and variants.

use async_trait::async_trait;
use domain::product::{Listings, Variant};
use jiff::Timestamp;
use platform::{Ask, Ctx, Extent, PullCatalog, Pulled, Result};
use serde::Deserialize;
use serde_json::json;

use crate::Shopify;
use crate::bulk::Stream;
use crate::call::Shop;
use crate::documents::Document;
use crate::page::{Changed, changed_since, cursor_at, cursor_text, list};
use crate::read::Asked;
use crate::wire::connection::Connection;
use crate::wire::loose::{gid, parts};
use crate::wire::product_graph;

const OP: &str = "pull_catalog";
/// Products per page to begin with: what fits even where every record that could come is paid for.
const FIRST: u32 = 8;

const ALL: Stream = Stream {
    op: OP,
    begin: Document::CatalogBegin,
    progress: Document::CatalogProgress,
    query: Document::BulkCatalog,
    grouped: false,
};

#[async_trait]
impl PullCatalog for Shopify {
    async fn pull_catalog(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Listings>> {
        let shop = Shop::open(ctx)?;
        match ask.extent {
            Extent::Full => all(&shop, ask).await,
            Extent::Since(since) => changed(&shop, ask, since).await,
        }
    }
}

/// What a line of the file is, besides the record itself.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Everything, from the file of a bulk operation. Each line stands alone: a variant names its product.
async fn all(shop: &Shop<'_>, ask: &Ask) -> Result<Pulled<Listings>> {
    let step = ALL.step(shop, ask).await?;
    let mut records = Listings::default();
    for line in &step.lines {
        take_line(shop, line, &mut records)?;
    }
    Ok(Pulled {
        count: count(&records),
        records,
        next: step.next,
        total: step.total,
        shop_time: step.shop_time,
        size: ask.size,
        wait: step.wait,
    })
}

/// The global id of a line: at its beginning, where it was asked for, or wherever it stands.
fn id_of(line: &str) -> Option<String> {
    let first = line.strip_prefix("{\"id\":").and_then(|rest| {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        values.next()?.ok()
    });
    first.or_else(|| Some(serde_json::from_str::<Named>(line).ok()?.id))
}

fn take_line(shop: &Shop<'_>, line: &str, records: &mut Listings) -> Result<()> {
    let unreadable = || Asked { op: OP, writes: false }.unreadable("a line of the operation's file");
    let id = id_of(line).ok_or_else(unreadable)?;
    match parts(&id).map(|(kind, _)| kind) {
        Some("Product") => {
            let product: product_graph::Product = serde_json::from_str(line).map_err(|_| unreadable())?;
            records.products.push(product.product().map_err(|why| why.error(OP))?);
        }
        Some("ProductVariant") => {
            let variant: product_graph::Variant = serde_json::from_str(line).map_err(|_| unreadable())?;
            let variant = variant.variant(None, shop.ctx.session.currency).map_err(|why| why.error(OP))?;
            records.variants.push(variant);
        }
        _ => return Err(unreadable()),
    }
    Ok(())
}

/// Products and variants alike: so the shop counts them in its file, and so the hub counts what it met.
fn count(records: &Listings) -> u64 {
    u64::try_from(records.products.len() + records.variants.len()).unwrap_or(u64::MAX)
}

#[derive(Deserialize)]
struct Page {
    products: Connection<product_graph::Product>,
}

/// What changed since a time.
async fn changed(shop: &Shop<'_>, ask: &Ask, since: Timestamp) -> Result<Pulled<Listings>> {
    let place: Changed = cursor_at(OP, ask)?;
    let search = changed_since(since);
    let variables =
        |size: u32| json!({ "first": size, "after": place.after.as_deref(), "query": search.as_str() });
    let (answer, size) = list(shop, OP, Document::ProductsChanged, place.size(ask, FIRST), variables).await?;
    let page: Page = answer.shaped()?;
    let mut records = Listings::default();
    for product in &page.products.nodes {
        let mut whole = listings(shop, OP, product).await?;
        records.products.append(&mut whole.products);
        records.variants.append(&mut whole.variants);
    }
    let next = Changed::next(ask, page.products.page_info.next(), size, &answer);
    let wait = next.as_ref().and_then(|next| answer.cost?.wait_for_page(size, next.size));
    Ok(Pulled {
        count: count(&records),
        records,
        size: next.as_ref().map_or(ask.size, |next| next.size),
        next: next.and_then(cursor_text),
        total: None,
        shop_time: answer.shop_time,
        wait,
    })
}

#[derive(Deserialize)]
struct MoreVariants {
    product: Option<Variants>,
}

#[derive(Deserialize)]
struct Variants {
    variants: Connection<product_graph::Variant>,
}

/// A product with all its variants: those that did not come with it are read.
pub(crate) async fn listings(
    shop: &Shop<'_>,
    op: &'static str,
    product: &product_graph::Product,
) -> Result<Listings> {
    let currency = shop.ctx.session.currency;
    let read = |variant: &product_graph::Variant| -> Result<Variant> {
        variant.variant(product.id.0.as_deref(), currency).map_err(|why| why.error(op))
    };
    let mut whole =
        Listings { products: vec![product.product().map_err(|why| why.error(op))?], variants: Vec::new() };
    let Some(first) = &product.variants else { return Ok(whole) };
    for variant in &first.nodes {
        whole.variants.push(read(variant)?);
    }
    let id = gid("Product", product.id.0.as_deref().unwrap_or_default());
    let mut after = first.page_info.next().map(str::to_owned);
    while let Some(cursor) = after.take() {
        let answer = shop.ask(op, Document::ProductVariants, json!({ "id": id, "after": cursor })).await?;
        // Deleted meanwhile: its own message says so.
        let Some(more) = answer.shaped::<MoreVariants>()?.product else { break };
        for variant in &more.variants.nodes {
            whole.variants.push(read(variant)?);
        }
        after = more.variants.page_info.next().map(str::to_owned);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_it_is_wherever_its_id_stands() {
        for line in [
            r#"{"id":"gid://shopify/Product/7","title":"Mug"}"#,
            r#"{"id":"gid:\/\/shopify\/Product\/7","title":"Mug"}"#,
            r#"{"title":"{\"id\":\"x\"}","id":"gid://shopify/Product/7"}"#,
            r#" { "id" : "gid://shopify/Product/7" }"#,
        ] {
            assert_eq!(id_of(line).as_deref().and_then(parts), Some(("Product", "7")), "{line}");
        }
        for line in ["", "{", r#"{"id":7}"#, r#"{"title":"Mug"}"#, "[]"] {
            assert_eq!(id_of(line), None, "{line}");
        }
    }
}
