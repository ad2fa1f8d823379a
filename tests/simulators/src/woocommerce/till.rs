//! The till: buyers check out like in a browser, and stock goes down in one step.

use super::house::House;
use super::ordering::Wanted;
use super::store::Store;
use super::window::OrderRow;
use std::sync::Arc;

/// What one buyer takes.
#[derive(Clone, Debug, Default)]
pub struct Basket {
    /// Product or variation ids with units.
    pub items: Vec<(u64, i64)>,
    /// A registered customer, or none for a guest.
    pub customer: Option<u64>,
    /// Whether it is to be paid by a transfer that has yet to come.
    pub pays_later: bool,
    /// The guest's email address; empty takes one of the shop's.
    pub email: String,
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
    /// Not enough units, backorders off.
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
            Self::OutOfStock { id, left } => write!(out, "product {id} has {left} left"),
            Self::NotForSale { id } => write!(out, "product {id} is not for sale"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Checks out: all or nothing, one step under the store's lock.
pub(crate) fn buy(house: &Arc<House>, basket: &Basket) -> Result<OrderRow, Refusal> {
    let row = {
        let mut store = house.store();
        enough(&store, basket)?;
        let mut order = store.blank_order("checkout");
        let id = order.id;
        match basket.customer.and_then(|customer| store.customers.get(&customer)) {
            Some(customer) => {
                order.customer = customer.id;
                order.billing.extend(customer.billing.clone());
                order.shipping.extend(customer.shipping.clone());
            }
            None => {
                let email = if basket.email.is_empty() {
                    format!("guest{id}@example.test")
                } else {
                    basket.email.clone()
                };
                order.billing.insert("email".into(), email.into());
                order.billing.insert("first_name".into(), "Guest".into());
                order.billing.insert("country".into(), store.config.country.clone().into());
            }
        }
        let (method, title, status) = if basket.pays_later {
            ("bacs", "Direct bank transfer", "on-hold")
        } else {
            ("cod", "Cash on delivery", "processing")
        };
        order.texts.insert("payment_method".into(), method.into());
        order.texts.insert("payment_method_title".into(), title.into());
        for (goods, quantity) in &basket.items {
            let parent = store.products[goods].parent;
            let wanted = Wanted {
                product: if parent > 0 { parent } else { *goods },
                variation: if parent > 0 { *goods } else { 0 },
                quantity: *quantity,
                total: None,
                subtotal: None,
                name: None,
            };
            let line = store.line(&wanted);
            order.lines.push(line);
        }
        store.orders.insert(id, order);
        store.fire("order.created", id);
        store.set_order_status(id, status);
        store.touch_order(id);
        store.order_row(id)
    };
    house.stirred.notify_one();
    Ok(row)
}

fn enough(store: &Store, basket: &Basket) -> Result<(), Refusal> {
    let mut asked: std::collections::BTreeMap<u64, i64> = std::collections::BTreeMap::new();
    for (id, units) in &basket.items {
        let product = store.products.get(id).filter(|product| product.status == "publish" && *units > 0);
        let product = product.ok_or(Refusal::NotForSale { id: *id })?;
        match store.stock_holder(*id) {
            Some(holder) => *asked.entry(holder).or_default() += units,
            None if product.stock_status == "outofstock" => {
                return Err(Refusal::OutOfStock { id: *id, left: 0 });
            }
            None => {}
        }
    }
    for (holder, units) in asked {
        let product = &store.products[&holder];
        let left = product.quantity.unwrap_or(0);
        if left < units && product.backorders == "no" {
            return Err(Refusal::OutOfStock { id: holder, left });
        }
    }
    Ok(())
}
