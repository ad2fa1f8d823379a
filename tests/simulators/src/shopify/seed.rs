//! Fills an empty shop: the shared range first, the shop's own range after it, then people and orders.
//!
//! What is shared is made by the same rolls as in the other simulators, so that a SKU means the same thing in every
//! shop; a test holds the two together.

use super::clock::{DAY, Millis};
use super::config::{Catalogue, Generated, Item};
use super::gid::BEYOND_DOUBLE;
use super::goods::{Changed, Choice, Picture, Product, handle_of};
use super::graphql::mutations::product::{VARIANTS, add_variant};
use super::graphql::mutations::stock_calls::new_location;
use super::store::Store;
use crate::ground::random::Random;
use rust_decimal::Decimal;

const TITLES: [&str; 10] = [
    "Café Mug",
    "Løvetann Lamp",
    "日本のカップ",
    "Blue Shirt",
    "Straße Poster",
    "\"Quoted\" Toy",
    "Crème Brûlée Dish",
    "Zażółć Notebook",
    "Oak & Ash Chair",
    "Emoji 🎁 Box",
];
const COLORS: [&str; 4] = ["Red", "Blue", "Green", "Ochre"];
/// Every shop sells items with these remainders of stock, to race for.
const SCARCE: usize = 60;

/// Fills the store as its configuration says.
pub(crate) fn fill(store: &mut Store) {
    for number in 0..store.config.locations.max(1) {
        let name = if number == 0 { "Shop location".to_owned() } else { format!("Warehouse {number}") };
        let country = store.config.country.clone();
        let id = new_location(store, &name, &country);
        if let Some(place) = store.locations.get_mut(&id) {
            place.created = store.created;
            place.changed = store.created;
        }
    }
    match store.config.catalogue.clone() {
        Catalogue::Empty => {}
        Catalogue::Listed(items) => {
            for item in &items {
                store.add_simple(item);
            }
        }
        Catalogue::Generated(plan) => generate(store, &plan),
    }
    // Orders from now on have ids that no double can tell apart.
    let seed = store.config.seed;
    store.numbers.skip_to("Order", BEYOND_DOUBLE + seed * 1_000_000);
    store.jobs.clear();
    store.stock_log.clear();
    store.oversold = 0;
}

fn generate(store: &mut Store, plan: &Generated) {
    let seed = store.config.seed;
    let own_prefix = plan.own_prefix.clone().unwrap_or_else(|| format!("OWN{seed}"));
    let begin = store.now() - 90 * DAY;
    for number in 1..=plan.count {
        let shared = number <= plan.shared;
        // What is shared depends on the number alone, so that every shop has the same.
        let mut dice = Random::new(number as u64 ^ if shared { 0x10_0000 } else { seed << 32 });
        let prefix = if shared { &plan.shared_prefix } else { &own_prefix };
        let created = begin + number as Millis * 60_000;
        if plan.variable_every > 0 && number % plan.variable_every == 0 {
            several(store, &mut dice, prefix, number, created, plan);
        } else {
            single(store, &mut dice, prefix, number, created, plan);
        }
    }
    super::seed_past::people(store, plan.customers);
    super::seed_past::orders(store, plan.orders);
}

fn price(dice: &mut Random) -> Decimal {
    Decimal::new((300 + dice.below(12_000)) as i64, 2)
}

/// A product without variants yet.
fn blank(store: &mut Store, title: &str, number: usize, created: Millis, option: &str) -> u64 {
    let id = store.numbers.next("Product");
    let handle = store.free_handle(&handle_of(title));
    let mut product = Product::new(id, title, handle, created);
    product.vendor = store.config.name.clone();
    product.kind = ["Mugs", "Lamps", "Shirts", "Toys"][number % 4].into();
    product.tags = vec!["shared".into()];
    product.html = format!("<p>Item {number}, with <strong>markup</strong>.</p>");
    product.published = Some(created);
    if number.is_multiple_of(3) {
        let picture = store.numbers.next("MediaImage");
        let src = format!(
            "https://cdn.shopify.com/s/files/1/{}/files/item-{number}.jpg?v={}",
            store.shop_id % 10_000,
            created / 1000
        );
        product.pictures.push(Picture { id: picture, src, alt: None });
    }
    let choice = store.numbers.next("ProductOption");
    product.choices = vec![Choice { id: choice, name: option.into(), values: Vec::new() }];
    store.insert_product(product);
    id
}

/// Adds a variant with its value, SKU, price and units at the first location.
fn stocked(
    store: &mut Store,
    product: u64,
    value: &str,
    sku: &str,
    price: Decimal,
    units: Option<i64>,
    created: Millis,
) -> u64 {
    let known = store.numbers.next("ProductOptionValue");
    if let Some(choice) = store.products.get_mut(&product).and_then(|row| row.choices.first_mut()) {
        choice.values.push((known, value.into()));
    }
    let id = add_variant(store, product, vec![value.into()]);
    let item = store.variants[&id].item;
    store.change_sku(item, sku);
    if let Some(row) = store.variants.get_mut(&id) {
        row.price = price;
        row.created = created;
        row.changed = Changed::new(created);
    }
    if let Some(row) = store.items.get_mut(&item) {
        row.tracked = units.is_some();
        row.created = created;
        row.changed = Changed::new(created);
        if let Some(level) = row.levels.values_mut().next() {
            level.available = units.unwrap_or(0);
            level.created = created;
            level.changed = created;
        }
    }
    id
}

fn single(
    store: &mut Store,
    dice: &mut Random,
    prefix: &str,
    number: usize,
    created: Millis,
    plan: &Generated,
) {
    let title = format!("{} {number}", TITLES[number % TITLES.len()]);
    let product = blank(store, &title, number, created, "Title");
    let cost = price(dice);
    let grams = (10 + dice.below(80)) * 10;
    let units = if number <= SCARCE { 1 + dice.below(3) } else { 5 + dice.below(200) };
    let odd = if plan.oddities && number > SCARCE { number % 50 } else { 0 };
    let sku = match odd {
        11 => String::new(),
        // The same SKU twice.
        22 => {
            let prefix =
                if number > plan.shared || plan.shared >= plan.count { prefix } else { &plan.shared_prefix };
            format!("{prefix}-{:04}", number - 1)
        }
        _ => format!("{prefix}-{number:04}"),
    };
    let units = match odd {
        33 => None,
        44 | 48 => Some(0),
        _ => Some(units as i64),
    };
    let variant = stocked(store, product, "Default Title", &sku, cost, units, created);
    if let Some(row) = store.variants.get_mut(&variant) {
        row.sells_on = odd == 47;
        row.barcode = Some(format!("{:013}", 5_000_000_000_000_u64 + number as u64));
        let item = row.item;
        if let Some(item) = store.items.get_mut(&item) {
            item.grams = grams;
        }
    }
    if odd == 46
        && let Some(row) = store.products.get_mut(&product)
    {
        row.status = "DRAFT".into();
        row.published = None;
    }
    spread(store, variant, number);
}

fn several(
    store: &mut Store,
    dice: &mut Random,
    prefix: &str,
    number: usize,
    created: Millis,
    plan: &Generated,
) {
    let title = format!("Variable {} {number}", TITLES[number % TITLES.len()]);
    let product = blank(store, &title, number, created, "Color");
    let rolled = 2 + dice.below(3) as usize;
    // Where another platform lets the parent hold the stock, the first variant has it here.
    let held = (plan.oddities && number.is_multiple_of(40)).then(|| 5 + dice.below(30) as i64);
    let count = plan.variants.unwrap_or(rolled).clamp(1, VARIANTS);
    for at in 0..count {
        let (value, end) = match COLORS.get(at).filter(|_| plan.variants.is_none() || at < COLORS.len()) {
            Some(color) => ((*color).to_owned(), color[..1].to_owned()),
            None => (format!("Shade {}", at + 1), format!("{}", at + 1)),
        };
        let cost = price(dice);
        let units = match held {
            Some(held) => {
                if at == 0 {
                    held
                } else {
                    0
                }
            }
            None => 1 + dice.below(40) as i64,
        };
        let sku = format!("{prefix}-{number:04}-{end}");
        let variant = stocked(store, product, &value, &sku, cost, Some(units), created);
        spread(store, variant, number);
    }
}

/// With several locations, every fourth product lies in two of them; the sum stays the same.
fn spread(store: &mut Store, variant: u64, number: usize) {
    let places = store.active_locations();
    if places.len() < 2 || !number.is_multiple_of(4) {
        return;
    }
    let other = places[1 + number / 4 % (places.len() - 1)];
    let item = store.variants[&variant].item;
    let Some(row) = store.items.get_mut(&item) else { return };
    let Some(mut level) = row.levels.get(&places[0]).cloned() else { return };
    let moved = level.available / 2;
    if let Some(first) = row.levels.get_mut(&places[0]) {
        first.available -= moved;
    }
    level.available = moved;
    row.levels.insert(other, level);
}

impl Store {
    /// A product with one variant, as the merchant types it; returns the variant's id.
    pub(crate) fn add_simple(&mut self, item: &Item) -> u64 {
        let now = self.now();
        let title = if item.name.is_empty() { item.sku.clone() } else { item.name.clone() };
        let number = self.products.len() + 1;
        let product = blank(self, &title, number, now, "Title");
        let variant = stocked(self, product, "Default Title", "", Decimal::ZERO, None, now);
        self.dress(variant, item);
        variant
    }

    /// Gives a variant the SKU, price and units of a listed item.
    pub(crate) fn dress(&mut self, variant: u64, item: &Item) {
        let id = self.variants[&variant].item;
        self.change_sku(id, &item.sku);
        if let Some(row) = self.variants.get_mut(&variant) {
            row.price = item.price.parse().unwrap_or_default();
        }
        if let Some(row) = self.items.get_mut(&id) {
            row.tracked = item.stock.is_some();
            if let (Some(level), Some(units)) = (row.levels.values_mut().next(), item.stock) {
                level.available = units;
            }
        }
    }
}
