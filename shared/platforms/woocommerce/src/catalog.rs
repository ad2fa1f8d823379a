//! Reading products and variants.

use async_trait::async_trait;
use domain::money::Currency;
use domain::product::Listings;
use platform::{Ask, Ctx, ErrorKind, Extent, PlatformError, PullCatalog, Pulled, Result};
use serde::{Deserialize, Serialize};

use crate::WooCommerce;
use crate::call::{Call, Shop};
use crate::page::{Page, bearable, cursor_at, cursor_text, of_extent, read_page};
use crate::wire::Unreadable;
use crate::wire::loose::Id;
use crate::wire::product::{PRODUCT_FIELDS, Product, VARIATION_FIELDS};

const OP: &str = "pull_catalog";

/// Where the reading of a catalog stands: products, then variations, from one list or parent by parent.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
enum Place {
    /// Not begun.
    #[default]
    Start,
    /// Among the products.
    Products {
        offset: u64,
        /// How many variations the shop has, if it said.
        variations: Option<u64>,
    },
    /// In the list of all variations.
    Variations { offset: u64, products: Option<u64> },
    /// In the variations of one product after the other.
    Parents {
        /// Where the list of variable products goes on; none when it was read to its end.
        parents: Option<u64>,
        /// Products whose variations are still to be read, the next one first.
        of: Vec<String>,
        /// Where the variations of the next one go on.
        offset: u64,
        products: Option<u64>,
        /// Variations counted so far.
        counted: u64,
    },
}

/// A row that only says its id.
#[derive(Debug, Deserialize)]
struct OnlyId {
    id: Id,
}

#[async_trait]
impl PullCatalog for WooCommerce {
    async fn pull_catalog(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Listings>> {
        let shop = Shop::open(ctx)?;
        let (place, size) = cursor_at(OP, ask)?;
        let reading = Reading { ctx, shop: &shop, ask, size };
        match place {
            Place::Start => {
                let variations = reading.variations_there_are().await?;
                reading.products(0, variations).await
            }
            Place::Products { offset, variations } => reading.products(offset, variations).await,
            Place::Variations { offset, products } => match reading.variations(offset, products).await {
                Err(error) if offset == 0 && error.kind == ErrorKind::Unsupported => {
                    reading.children(Place::parents(products)).await
                }
                answer => answer,
            },
            place @ Place::Parents { .. } => reading.children(place).await,
        }
    }
}

impl Place {
    /// The beginning of reading parent by parent.
    fn parents(products: Option<u64>) -> Self {
        Self::Parents { parents: Some(0), of: Vec::new(), offset: 0, products, counted: 0 }
    }
}

struct Reading<'a> {
    ctx: &'a Ctx<'a>,
    shop: &'a Shop<'a>,
    ask: &'a Ask,
    /// How many records are asked for at a time.
    size: u32,
}

impl Reading<'_> {
    /// How many variations the shop has: asked once, so that the total stays the same from the first page on.
    async fn variations_there_are(&self) -> Result<Option<u64>> {
        if !self.shop.route.variations || self.ask.extent != Extent::Full {
            return Ok(None);
        }
        let call = Call::get(OP, "variations").with("per_page", 1).with("_fields", "id");
        match self.shop.ask(&call).await {
            Ok(answer) => Ok(answer.total),
            Err(error) if error.kind == ErrorKind::Unsupported => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn products(&self, offset: u64, variations: Option<u64>) -> Result<Pulled<Listings>> {
        let call = Call::get(OP, "products").with("status", "any").with("_fields", PRODUCT_FIELDS);
        let page = self.page(&of_extent(call, self.ask.extent), offset).await?;
        let place = match page.next {
            Some(offset) => Place::Products { offset, variations },
            None if self.shop.route.variations => Place::Variations { offset: 0, products: page.total },
            None => Place::parents(page.total),
        };
        let total = page.total.zip(variations).map(|(products, variations)| products + variations);
        self.pulled(page, None, Some(place), total)
    }

    async fn variations(&self, offset: u64, products: Option<u64>) -> Result<Pulled<Listings>> {
        let call = Call::get(OP, "variations").with("_fields", VARIATION_FIELDS);
        let page = self.page(&of_extent(call, self.ask.extent), offset).await?;
        let next = page.next.map(|offset| Place::Variations { offset, products });
        let total = page.total.zip(products).map(|(variations, products)| products + variations);
        self.pulled(page, None, next, total)
    }

    /// The variations of the next parent; where none is at hand, the next page of parents is read first.
    async fn children(&self, place: Place) -> Result<Pulled<Listings>> {
        let Place::Parents { mut parents, mut of, offset, products, mut counted } = place else {
            return Err(PlatformError::new(
                ErrorKind::Unexpected,
                OP,
                "the reading lost its place; begin anew",
            ));
        };
        if of.is_empty()
            && let Some(from) = parents
        {
            // A variation that changed does not date its parent: every parent is looked at, also for changes only.
            let call = Call::get(OP, "products")
                .with("type", "variable")
                .with("status", "any")
                .with("orderby", "id")
                .with("order", "desc")
                .with("_fields", "id");
            let page: Page<OnlyId> = read_page(self.ctx, self.shop, &call, from, self.size).await?;
            parents = page.next;
            of = page.rows.into_iter().filter_map(|row| row.id.0).collect();
            if of.is_empty() {
                let place = Place::Parents { parents, of: Vec::new(), offset: 0, products, counted };
                let most = bearable(self.ask, page.size);
                let next = parents.and_then(|_| cursor_text(place, most));
                let total = if next.is_none() { products.map(|products| products + counted) } else { None };
                let size = page.size;
                let shop_time = page.shop_time;
                return Ok(Pulled {
                    records: Listings::default(),
                    count: 0,
                    next,
                    total,
                    shop_time,
                    size,
                    wait: None,
                });
            }
        }
        let Some(parent) = of.first().cloned() else {
            let total = products.map(|products| products + counted);
            let size = self.size;
            return Ok(Pulled {
                records: Listings::default(),
                count: 0,
                next: None,
                total,
                shop_time: None,
                size,
                wait: None,
            });
        };
        let call = Call::get(OP, format!("products/{parent}/variations")).with("_fields", VARIATION_FIELDS);
        let page = match self.page(&of_extent(call, self.ask.extent), offset).await {
            Ok(page) => page,
            // The parent was deleted while its brothers were being read.
            Err(error) if error.kind == ErrorKind::NotFound => Page {
                rows: Vec::new(),
                count: 0,
                next: None,
                total: Some(0),
                shop_time: None,
                size: self.size,
            },
            Err(error) => return Err(error),
        };
        counted += page.count;
        let offset = page.next.unwrap_or_else(|| {
            of.remove(0);
            0
        });
        let next = if of.is_empty() && parents.is_none() {
            None
        } else {
            Some(Place::Parents { parents, of, offset, products, counted })
        };
        let total = if next.is_none() { products.map(|products| products + counted) } else { None };
        self.pulled(page, Some(&parent), next, total)
    }

    async fn page(&self, call: &Call, offset: u64) -> Result<Page<Product>> {
        read_page(self.ctx, self.shop, call, offset, self.size).await
    }

    fn pulled(
        &self,
        page: Page<Product>,
        parent: Option<&str>,
        next: Option<Place>,
        total: Option<u64>,
    ) -> Result<Pulled<Listings>> {
        let next = next.and_then(|place| cursor_text(place, bearable(self.ask, page.size)));
        let records = gather(&page.rows, parent, self.ctx.session.currency).map_err(|why| odd(OP, &why))?;
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

/// The records of many rows.
pub(crate) fn gather(
    rows: &[Product],
    parent: Option<&str>,
    currency: Option<Currency>,
) -> Result<Listings, Unreadable> {
    let mut all = Listings::default();
    for row in rows {
        let mut listings = row.listings(parent, currency)?;
        all.products.append(&mut listings.products);
        all.variants.append(&mut listings.variants);
    }
    Ok(all)
}

/// The error of a record that lacks what it cannot do without.
pub(crate) fn odd(op: &'static str, why: &Unreadable) -> PlatformError {
    PlatformError::new(
        ErrorKind::Malformed,
        op,
        format!("{why}; see whether a plugin of the shop changes the answers of its REST API"),
    )
    .code("shape")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frozen: these places were kept in cursors once and must load for ever.
    const FROZEN: [&str; 5] = [
        r#"{"in":"start"}"#,
        r#"{"in":"products","offset":100,"variations":92}"#,
        r#"{"in":"products","offset":100,"variations":null}"#,
        r#"{"in":"variations","offset":50,"products":320}"#,
        r#"{"in":"parents","parents":100,"of":["310","322"],"offset":0,"products":320,"counted":7}"#,
    ];

    #[test]
    fn frozen_places_load_and_are_written_alike() {
        for text in FROZEN {
            let place: Place = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&place).unwrap(), text);
            let cursor = cursor_text(place.clone(), None);
            let ask = Ask { extent: Extent::Full, cursor, size: 100 };
            assert_eq!(cursor_at::<Place>("t", &ask).unwrap(), (place, 100));
        }
    }
}
