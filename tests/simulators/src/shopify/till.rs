//! The till: buyers check out like in a browser, and stock goes down in one step.

use super::house::House;
use super::orders::Wanted;
use super::rows::OrderRow;
use super::store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one buyer takes.
#[derive(Clone, Debug, Default)]
pub struct Basket {
    /// Variant ids with units; the id of a product with one variant does too.
    pub items: Vec<(u64, i64)>,
    /// A customer, or none for a guest.
    pub customer: Option<u64>,
    /// The guest's email address; empty makes one up.
    pub email: String,
    /// `web` when empty; `pos` and `shopify_draft_order` sell what is not there too.
    pub source: String,
    /// A test order.
    pub test: bool,
    /// Pays later: the order stays pending.
    pub unpaid: bool,
    /// Pays in the other currency of the shop.
    pub presentment: bool,
}

impl Basket {
    /// Units of one thing for a guest.
    pub fn of(id: u64, units: i64) -> Self {
        Self { items: vec![(id, units)], ..Self::default() }
    }
}

/// Why a buyer left without an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not enough units, and it does not sell on.
    OutOfStock {
        /// What was short.
        id: u64,
        /// Units left.
        left: i64,
    },
    /// Nothing like that is for sale.
    NotForSale {
        /// What was asked for.
        id: u64,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfStock { id, left } => write!(out, "variant {id} has {left} left"),
            Self::NotForSale { id } => write!(out, "variant {id} is not for sale"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Checks out: all or nothing, one step under the store's lock.
pub(crate) fn buy(house: &Arc<House>, basket: &Basket) -> Result<OrderRow, Refusal> {
    let row = {
        let mut store = house.store();
        let checked = matches!(basket.source.as_str(), "" | "web");
        let items = enough(&mut store, basket, checked)?;
        let source = if basket.source.is_empty() { "web".to_owned() } else { basket.source.clone() };
        let wanted = Wanted {
            items,
            customer: basket.customer.filter(|id| store.customers.contains_key(id)),
            email: basket.email.clone(),
            source,
            test: basket.test,
            paid: !basket.unpaid,
            presentment: basket.presentment,
        };
        let id = store.place(&wanted);
        store.order_row(id)
    };
    house.stirred.notify_one();
    Ok(row)
}

/// The variants with units, all of them for sale and there.
fn enough(store: &mut Store, basket: &Basket, checked: bool) -> Result<Vec<(u64, i64)>, Refusal> {
    let mut asked: BTreeMap<u64, i64> = BTreeMap::new();
    let mut items = Vec::new();
    for (id, units) in &basket.items {
        let nothing = Refusal::NotForSale { id: *id };
        let variant = match store.products.get(id) {
            Some(product) if product.variants.len() == 1 => product.variants[0],
            _ => *id,
        };
        let row = store.variants.get(&variant).filter(|_| *units > 0).ok_or(nothing.clone())?;
        let active = store.products.get(&row.product).is_some_and(|product| product.status == "ACTIVE");
        if checked && !active {
            return Err(nothing);
        }
        *asked.entry(variant).or_default() += units;
        items.push((variant, *units));
    }
    for (id, units) in asked {
        let tracked = store
            .variants
            .get(&id)
            .and_then(|row| store.items.get(&row.item))
            .is_some_and(|item| item.tracked);
        let left = store.available(id);
        let sells_on = store.variants[&id].sells_on;
        if !tracked || left >= units || sells_on {
            continue;
        }
        if checked {
            return Err(Refusal::OutOfStock { id, left });
        }
        store.oversold += units - left.max(0);
    }
    Ok(items)
}
