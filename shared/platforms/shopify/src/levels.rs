//! Reading the numbers that the shop shows.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{OnHand, RemoteVariantId};
use platform::{Ctx, ReadStock, Result, ShownLevel, VariantName};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

use crate::Shopify;
use crate::call::Shop;
use crate::documents::Document;
use crate::page::nodes;
use crate::wire::connection::Connection;
use crate::wire::loose::{Id, Number, gid, is_digits};

const OP: &str = "read_stock";

/// How the number of a variant stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What the shop counts.
    pub(crate) item: String,
    /// Whether the shop counts it.
    pub(crate) tracked: bool,
    /// The sum of what is available at its active locations.
    pub(crate) sum: Decimal,
    /// Whether it is stocked at the location that was asked about.
    pub(crate) stocked: bool,
    /// What is available at each location, where that was asked for; the one with the most first.
    pub(crate) levels: Vec<(String, Decimal)>,
}

/// Which locations are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look<'a> {
    /// None: the sum will do.
    Sum,
    /// Whether it is stocked at this one.
    At(&'a str),
    /// All of them.
    Everywhere,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    #[serde(default)]
    inventory_quantity: Number,
    #[serde(default)]
    inventory_item: Option<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: Id,
    #[serde(default)]
    tracked: bool,
    #[serde(default)]
    inventory_level: Option<Active>,
    #[serde(default)]
    inventory_levels: Option<Connection<Level>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Active {
    is_active: bool,
}

#[derive(Debug, Deserialize)]
struct Level {
    location: Location,
    #[serde(default)]
    quantities: Vec<Quantity>,
}

#[derive(Debug, Deserialize)]
struct Location {
    id: Id,
}

#[derive(Debug, Deserialize)]
struct Quantity {
    quantity: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MoreLevels {
    inventory_item: Option<Levels>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Levels {
    inventory_levels: Connection<Level>,
}

impl Level {
    fn pair(&self) -> Option<(String, Decimal)> {
        let units = self.quantities.first().and_then(|quantity| quantity.quantity.0);
        Some((self.location.id.0.clone()?, units.unwrap_or_default()))
    }
}

/// How the numbers of some variants stand; those that are gone are not among them.
pub(crate) async fn standings(
    shop: &Shop<'_>,
    op: &'static str,
    variants: &[&RemoteVariantId],
    look: Look<'_>,
) -> Result<BTreeMap<RemoteVariantId, Standing>> {
    let variants: Vec<&RemoteVariantId> =
        variants.iter().copied().filter(|variant| is_digits(variant.as_str())).collect();
    let ids: Vec<String> = variants.iter().map(|variant| gid("ProductVariant", variant.as_str())).collect();
    let (document, first, more) = match look {
        Look::Sum => (Document::Levels, 250, json!({})),
        Look::At(location) => (Document::LevelsAt, 150, json!({ "location": gid("Location", location) })),
        Look::Everywhere => (Document::LevelsEverywhere, 12, json!({})),
    };
    let found: Vec<Option<Node>> = nodes(shop, op, document, &ids, first, &more).await?;
    let mut standings = BTreeMap::new();
    for (variant, node) in variants.into_iter().zip(found) {
        let Some(node) = node else { continue };
        let sum = node.inventory_quantity.0.unwrap_or_default();
        let Some(item) = node.inventory_item else { continue };
        let Some(id) = item.id.0.clone() else { continue };
        let levels = match &item.inventory_levels {
            Some(first) => all_levels(shop, op, &id, first).await?,
            None => Vec::new(),
        };
        let stocked = item.inventory_level.is_some_and(|level| level.is_active);
        let standing = Standing { item: id, tracked: item.tracked, sum, stocked, levels };
        standings.insert(variant.clone(), standing);
    }
    Ok(standings)
}

/// What is available at every location of an item, the one with the most first.
async fn all_levels(
    shop: &Shop<'_>,
    op: &'static str,
    item: &str,
    first: &Connection<Level>,
) -> Result<Vec<(String, Decimal)>> {
    let mut levels: Vec<(String, Decimal)> = first.nodes.iter().filter_map(Level::pair).collect();
    let mut after = first.page_info.next().map(str::to_owned);
    while let Some(cursor) = after.take() {
        let variables = json!({ "id": gid("InventoryItem", item), "after": cursor });
        let answer = shop.ask(op, Document::ItemLevels, variables).await?;
        let Some(more) = answer.shaped::<MoreLevels>()?.inventory_item else { break };
        levels.extend(more.inventory_levels.nodes.iter().filter_map(Level::pair));
        after = more.inventory_levels.page_info.next().map(str::to_owned);
    }
    levels.sort_by(|(a, most), (b, more)| more.cmp(most).then_with(|| (a.len(), a).cmp(&(b.len(), b))));
    Ok(levels)
}

#[async_trait]
impl ReadStock for Shopify {
    async fn read_stock(&self, ctx: &Ctx<'_>, variants: &[VariantName]) -> Result<Vec<ShownLevel>> {
        let shop = Shop::open(ctx)?;
        let names: Vec<&RemoteVariantId> = variants.iter().map(|name| &name.variant).collect();
        let standings = standings(&shop, OP, &names, Look::Sum).await?;
        let shown = |name: &VariantName| {
            let standing = standings.get(&name.variant).filter(|standing| standing.tracked);
            let level = standing.map(|standing| OnHand::new(standing.sum));
            ShownLevel { variant: name.variant.clone(), level }
        };
        Ok(variants.iter().map(shown).collect())
    }
}
