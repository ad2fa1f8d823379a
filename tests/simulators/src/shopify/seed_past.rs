//! People, and orders of the past.

use super::clock::{DAY, Millis};
use super::goods::Changed;
use super::order::Customer;
use super::orders::Wanted;
use super::stock::Hand;
use super::store::Store;
use serde_json::{Value, json};

const FIRST: [&str; 8] = ["Ada", "Björn", "Chloé", "Dmitri", "Hana", "Noah", "Zoë", "Żaneta"];
const LAST: [&str; 7] = ["O'Neil", "García", "Smith", "Müller", "Ångström", "Nakamura", "Kowalski"];

pub(crate) fn people(store: &mut Store, count: usize) {
    let begin = store.now() - 60 * DAY;
    for number in 1..=count {
        let mut dice = store.random.clone();
        let (first, last) = ((*dice.pick(&FIRST)).to_owned(), (*dice.pick(&LAST)).to_owned());
        store.random = dice;
        let created = begin + number as Millis * 600_000;
        store.add_customer(&first, &last, &format!("customer{number}@example.test"), Some(number), created);
    }
}

/// Orders of the past ninety days: their units left the shelves before the stock that is seeded was counted.
pub(crate) fn orders(store: &mut Store, count: usize) {
    let goods: Vec<u64> = store
        .variants
        .values()
        .filter(|row| store.products.get(&row.product).is_some_and(|product| product.status == "ACTIVE"))
        .map(|row| row.id)
        .collect();
    if goods.is_empty() {
        return;
    }
    let now = store.now();
    let customers: Vec<u64> = store.customers.keys().copied().collect();
    for number in 0..count {
        let at = now - 90 * DAY + (90 * DAY - 600_000) * number as Millis / count as Millis;
        let mut dice = store.random.clone();
        let mut items = Vec::new();
        for _ in 0..=dice.below(3) {
            items.push((*dice.pick(&goods), 1 + dice.below(3) as i64));
        }
        let guest = number % 3 == 0 || customers.is_empty();
        let customer = (!guest).then(|| *dice.pick(&customers));
        store.random = dice;
        let source = if number % 7 == 6 { "pos" } else { "web" }.to_owned();
        let paid = number % 5 != 3;
        let wanted =
            Wanted { items, customer, source, paid, presentment: number % 4 == 1, ..Wanted::default() };
        past(store, &wanted, at, number % 5);
    }
}

fn past(store: &mut Store, wanted: &Wanted, at: Millis, fate: usize) {
    let id = store.build_order(wanted, at);
    let hand = Hand::new("seed");
    if fate != 4 {
        // The units it takes are put there first: what is for sale stays what the range says.
        for line in store.orders[&id].lines.clone() {
            if let (Some(item), Some(first)) =
                (store.item_of(&line), store.active_locations().first().copied())
                && line.tracked
            {
                store.move_stock(item, first, "available", line.quantity, &hand);
            }
        }
    }
    store.assign(id, at, &hand);
    let mut changed = at + 30_000;
    match fate {
        0 | 2 => {
            let open: Vec<u64> =
                store.fulfillment_orders.values().filter(|row| row.order == id).map(|row| row.id).collect();
            for part in open {
                let _ = store.fulfil(
                    &[(part, None)],
                    (Some("Royal Mail".into()), vec![format!("RM{part}")], Vec::new()),
                );
            }
            changed = at + 3_600_000;
        }
        4 => {
            let _ = store.cancel(id, "CUSTOMER", true, true);
            changed = at + 7_200_000;
        }
        _ => {}
    }
    for part in store.fulfillment_orders.values_mut().filter(|part| part.order == id) {
        part.changed = changed;
    }
    if let Some(order) = store.orders.get_mut(&id) {
        order.changed = Changed::new(changed);
        order.cancelled = order.cancelled.map(|_| changed);
        order.closed = order.closed.map(|_| changed);
        order.fulfillments.iter_mut().for_each(|row| (row.created, row.changed) = (changed, changed));
        order.refunds.iter_mut().for_each(|row| row.created = changed);
        order.transactions.iter_mut().filter(|row| row.kind == "REFUND").for_each(|row| row.at = changed);
    }
}

impl Store {
    /// Writes a customer down; a number gives an address and a phone.
    pub(crate) fn add_customer(
        &mut self,
        first: &str,
        last: &str,
        email: &str,
        number: Option<usize>,
        at: Millis,
    ) -> u64 {
        let id = self.numbers.next("Customer");
        let country = &self.config.country;
        let phone = number.map(|number| format!("+44207946{number:04}"));
        let address = number.map_or(Value::Null, |number| {
            json!({
                "first_name": first, "last_name": last, "name": format!("{first} {last}"), "company": null,
                "address1": format!("{number} High Street"), "address2": null, "city": "London",
                "zip": format!("N{number} 1AB"), "province": null, "province_code": null, "country": country,
                "country_code": country, "phone": phone,
            })
        });
        let row = Customer {
            id,
            first: first.into(),
            last: last.into(),
            email: email.into(),
            phone,
            address,
            created: at,
            changed: Changed::new(at),
            note: None,
            tags: Vec::new(),
        };
        self.customers.insert(id, row);
        id
    }
}
