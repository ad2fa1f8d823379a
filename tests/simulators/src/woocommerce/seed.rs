//! Fills an empty store: the shared range first, the shop's own range after it, then people and orders.

use super::config::{Catalogue, Generated};
use super::customer::{Customer, customer_address};
use super::ordering::Wanted;
use super::product::{Kind, Product, slug};
use super::store::{Attribute, Category, Store};
use crate::ground::random::Random;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const CATEGORIES: [&str; 9] =
    ["Uncategorized", "Shirts", "Trousers", "Shoes", "Mugs", "Lamps", "Chairs", "Toys", "Books"];
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
const FIRST: [&str; 8] = ["Ada", "Björn", "Chloé", "Dmitri", "Hana", "Noah", "Zoë", "Żaneta"];
const LAST: [&str; 7] = ["O'Neil", "García", "Smith", "Müller", "Ångström", "Nakamura", "Kowalski"];

/// Every shop sells items with these remainders of stock, to race for.
const SCARCE: usize = 60;
const DAY: i64 = 86_400;

/// Fills the store as its configuration says.
pub(crate) fn fill(store: &mut Store) {
    match store.config.catalogue.clone() {
        Catalogue::Empty => base(store),
        Catalogue::Listed(items) => {
            base(store);
            for item in &items {
                store.add_simple(item);
            }
        }
        Catalogue::Generated(plan) => generate(store, &plan),
    }
    store.jobs.clear();
    store.stock_log.clear();
    store.oversold = 0;
}

fn base(store: &mut Store) {
    while store.row_id("term") < 14 {}
    for name in CATEGORIES {
        let id = store.row_id("term");
        let row = Category { id, name: name.into(), slug: slug(name), parent: 0, description: String::new() };
        store.categories.insert(id, row);
    }
    for (id, name) in [(1, "Color"), (2, "Size")] {
        let slug = format!("pa_{}", name.to_lowercase());
        store.attributes.insert(id, Attribute { id, name: name.into(), slug });
    }
}

fn generate(store: &mut Store, plan: &Generated) {
    base(store);
    let seed = store.config.seed;
    let first = plan.first_id.unwrap_or(10 + (seed % 40) * 37);
    store.skip_posts_to(first);
    let own_prefix = plan.own_prefix.clone().unwrap_or_else(|| format!("OWN{seed}"));
    let begin = store.now() - 90 * DAY;
    for number in 1..=plan.count {
        let shared = number <= plan.shared;
        // What is shared depends on the number alone, so that every shop has the same.
        let mut dice = Random::new(number as u64 ^ if shared { 0x10_0000 } else { seed << 32 });
        let prefix = if shared { &plan.shared_prefix } else { &own_prefix };
        let sku = format!("{prefix}-{number:04}");
        let created = begin + number as i64 * 60;
        let variable = plan.variable_every > 0 && number % plan.variable_every == 0;
        if variable {
            variable_product(store, &mut dice, &sku, number, created, plan.oddities);
        } else {
            simple_product(store, &mut dice, &sku, number, created, plan);
        }
    }
    people(store, plan.customers);
    orders(store, plan.orders);
}

/// A price with the currency's decimals; the roll is the same whatever they are.
fn price(store: &Store, dice: &mut Random) -> String {
    let amount = Decimal::new((300 + dice.below(12_000)) as i64, 2);
    store.round(amount).to_string()
}

fn category(store: &Store, number: usize) -> Vec<u64> {
    let ids: Vec<u64> = store.categories.keys().copied().collect();
    vec![ids[1 + number % (ids.len() - 1)]]
}

fn simple_product(
    store: &mut Store,
    dice: &mut Random,
    sku: &str,
    number: usize,
    created: i64,
    plan: &Generated,
) {
    let id = store.post_id();
    let mut product = Product::new(id, Kind::Simple, created);
    product.name = format!("{} {number}", TITLES[number % TITLES.len()]);
    product.slug = slug(&product.name);
    product.sku = sku.into();
    product.regular_price = price(store, dice);
    product.categories = category(store, number);
    product.more.insert("short_description".into(), format!("<p>Item {number}</p>\n").into());
    product.more.insert(
        "description".into(),
        format!("<p>Item {number}, with <strong>markup</strong>.</p>\n").into(),
    );
    product.more.insert("weight".into(), format!("0.{:02}", 10 + dice.below(80)).into());
    product.meta.push(store.meta("_ean", format!("{:013}", 5_000_000_000_000_u64 + number as u64).into()));
    product.manage_stock = true;
    let units = if number <= SCARCE { 1 + dice.below(3) } else { 5 + dice.below(200) };
    product.quantity = Some(units as i64);
    if plan.oddities && number > SCARCE {
        odd(store, &mut product, number, plan);
    }
    product.settle_stock();
    store.insert_product(product);
}

/// What imports and habit leave behind.
fn odd(store: &Store, product: &mut Product, number: usize, plan: &Generated) {
    match number % 50 {
        11 => product.sku = String::new(),
        // The same SKU twice: only an import or the database can do that.
        22 => {
            let twin =
                store.products.values().find(|row| row.kind == Kind::Simple && row.id + 1 == product.id);
            if let Some(twin) = twin.filter(|_| number > plan.shared || plan.shared >= plan.count) {
                product.sku = twin.sku.clone();
            } else {
                product.sku =
                    format!("{}-0021", plan.shared_prefix).replace("-0021", &format!("-{:04}", number - 1));
            }
        }
        33 => product.manage_stock = false,
        44 => {
            product.manage_stock = false;
            product.stock_status = "outofstock".into();
        }
        46 => product.status = "draft".into(),
        47 => product.backorders = "notify".into(),
        48 => product.quantity = Some(0),
        _ => {}
    }
}

fn variable_product(
    store: &mut Store,
    dice: &mut Random,
    sku: &str,
    number: usize,
    created: i64,
    oddities: bool,
) {
    let id = store.post_id();
    let count = 2 + dice.below(3) as usize;
    let mut parent = Product::new(id, Kind::Variable, created);
    parent.name = format!("Variable {} {number}", TITLES[number % TITLES.len()]);
    parent.slug = slug(&parent.name);
    parent.sku = sku.into();
    parent.categories = category(store, number);
    parent.attributes = vec![
        json!({"id": 1, "name": "Color", "slug": "pa_color", "position": 0, "visible": true, "variation": true, "options": COLORS[..count]}),
    ];
    let held_by_parent = oddities && number.is_multiple_of(40);
    parent.manage_stock = held_by_parent;
    parent.quantity = held_by_parent.then(|| 5 + dice.below(30) as i64);
    parent.settle_stock();
    store.insert_product(parent);
    for color in COLORS.iter().take(count) {
        let child_id = store.post_id();
        let mut child = Product::new(child_id, Kind::Variation, created);
        child.parent = id;
        child.sku = format!("{sku}-{}", &color[..1]);
        child.regular_price = price(store, dice);
        child.slug = slug(&format!("variable {number} {color}"));
        child.attributes = vec![json!({"id": 1, "name": "Color", "slug": "pa_color", "option": color})];
        child.manage_stock = !held_by_parent;
        child.quantity = (!held_by_parent).then(|| 1 + dice.below(40) as i64);
        child.settle_stock();
        store.insert_product(child);
        store.products.get_mut(&id).unwrap().variations.push(child_id);
    }
}

fn people(store: &mut Store, count: usize) {
    let begin = store.now() - 60 * DAY;
    for number in 1..=count {
        let id = store.row_id("customer");
        let mut dice = store.random.clone();
        let (first, last) = ((*dice.pick(&FIRST)).to_owned(), (*dice.pick(&LAST)).to_owned());
        store.random = dice;
        let email = format!("customer{number}@example.test");
        let given = json!({
            "first_name": first, "last_name": last, "address_1": format!("{number} High Street"), "city": "London",
            "postcode": format!("N{number} 1AB"), "country": store.config.country, "email": email,
            "phone": format!("+44 20 7946 {number:04}"),
        });
        let customer = Customer {
            id,
            created: begin + number as i64 * 600,
            modified: Some(begin + number as i64 * 600),
            email,
            first_name: first,
            last_name: last,
            username: format!("customer{number}"),
            role: "customer".into(),
            billing: customer_address(Some(&given), true),
            shipping: customer_address(Some(&given), false),
            paying: false,
            meta: Vec::new(),
        };
        store.customers.insert(id, customer);
    }
}

/// Orders of the past: their units left the shelves before the stock that is seeded was counted.
fn orders(store: &mut Store, count: usize) {
    let goods: Vec<(u64, u64)> = store
        .products
        .values()
        .filter(|product| product.status == "publish" && product.kind != Kind::Variable)
        .map(|product| if product.parent > 0 { (product.parent, product.id) } else { (product.id, 0) })
        .collect();
    if goods.is_empty() {
        return;
    }
    let now = store.now();
    let customers: Vec<u64> = store.customers.keys().copied().collect();
    for number in 0..count {
        let at = now - 30 * DAY + (30 * DAY - 600) * number as i64 / count as i64;
        let mut order = store.blank_order(if number % 5 == 4 { "rest-api" } else { "checkout" });
        order.created = at;
        order.modified = at;
        let guest = number % 3 == 0 || customers.is_empty();
        let mut dice = store.random.clone();
        if guest {
            order.billing.insert("first_name".into(), (*dice.pick(&FIRST)).into());
            order.billing.insert("last_name".into(), (*dice.pick(&LAST)).into());
            order.billing.insert("email".into(), format!("guest{number}@example.test").into());
            order.billing.insert("country".into(), store.config.country.clone().into());
        } else {
            let customer = store.customers[dice.pick(&customers)].clone();
            order.customer = customer.id;
            order.billing.extend(customer.billing.clone());
            order.shipping.extend(customer.shipping.clone());
        }
        for _ in 0..=dice.below(3) {
            let (product, variation) = *dice.pick(&goods);
            let quantity = 1 + dice.below(3) as i64;
            let wanted = Wanted { product, variation, quantity, total: None, subtotal: None, name: None };
            let line = store.line(&wanted);
            order.lines.push(line);
        }
        store.random = dice;
        settle(store, &mut order, number, at);
        store.orders.insert(order.id, order);
    }
}

fn settle(store: &mut Store, order: &mut super::order::Order, number: usize, at: i64) {
    order.status = ["completed", "processing", "completed", "pending", "cancelled"][number % 5].into();
    order.texts.insert("payment_method".into(), "cod".into());
    order.texts.insert("payment_method_title".into(), "Cash on delivery".into());
    if !matches!(order.status.as_str(), "completed" | "processing") {
        return;
    }
    order.paid = Some(at + 30);
    order.completed = (order.status == "completed").then_some(at + 3600);
    order.modified = order.completed.unwrap_or(at + 30);
    order.stock_reduced = true;
    for at in 0..order.lines.len() {
        let (goods, quantity) = (order.lines[at].goods(), order.lines[at].quantity);
        if let Some(product) = store.products.get_mut(&goods) {
            product.total_sales += quantity;
        }
        if store.stock_holder(goods).is_some() {
            let meta = store.meta("_reduced_stock", Value::from(quantity.to_string()));
            order.lines[at].meta.push(meta);
        }
    }
    if let Some(customer) = store.customers.get_mut(&order.customer) {
        customer.paying = true;
    }
}
