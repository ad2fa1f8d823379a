//! Writing orders.

use super::super::args::Check;
use super::super::call::{Call, Reply};
use super::super::customer::amend_address;
use super::super::error::RestError;
use super::super::json::{Object, text, truth, whole};
use super::super::order::{Charge, Note, Order, STATUSES};
use super::super::ordering::Wanted;
use super::super::store::Store;
use rust_decimal::Decimal;
use serde_json::Value;

const TEXTS: [&str; 4] = ["payment_method", "payment_method_title", "transaction_id", "customer_note"];

fn check(call: &Call) -> Result<(), RestError> {
    if call.batched {
        return Ok(());
    }
    let mut check = Check::new(&call.args);
    check.one_of("status", &STATUSES);
    check.text("currency");
    check.int("customer_id", None, None);
    check.boolean("set_paid");
    check.done()
}

fn decimal(value: Option<&Value>) -> Option<Decimal> {
    text(value?).parse().ok()
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, RestError> {
    check(call)?;
    if call.args.get("id").and_then(whole).unwrap_or(0) > 0 {
        return Err(RestError::new(
            400,
            "woocommerce_rest_shop_order_exists",
            "Cannot create existing order.",
        ));
    }
    let customer = customer(store, &call.args)?;
    let mut order = store.blank_order("rest-api");
    order.customer = customer.unwrap_or(0);
    if let Some(via) = call.text("created_via") {
        order.created_via = via;
    }
    let id = order.id;
    fill(store, &mut order, &call.args);
    store.orders.insert(id, order);
    lines(store, id, &call.args)?;
    charges(store, id, &call.args);
    store.fire("order.created", id);
    finish(store, call, id, true);
    let value = store.order_value(&store.orders[&id]);
    Reply::created(value, store.link(&format!("orders/{id}")))
}

pub(crate) fn update(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    if !store.orders.contains_key(&id) {
        return Err(RestError::invalid_id("shop_order", 400));
    }
    check(call)?;
    let customer = customer(store, &call.args)?;
    let mut order = store.orders[&id].clone();
    if let Some(customer) = customer {
        order.customer = customer;
    }
    fill(store, &mut order, &call.args);
    store.orders.insert(id, order);
    lines(store, id, &call.args)?;
    charges(store, id, &call.args);
    finish(store, call, id, false);
    Reply::one(store.order_value(&store.orders[&id]))
}

fn customer(store: &Store, args: &Object) -> Result<Option<u64>, RestError> {
    let Some(id) = args.get("customer_id").and_then(whole) else { return Ok(None) };
    if id != 0 && !store.customers.contains_key(&(id as u64)) {
        return Err(RestError::new(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid."));
    }
    Ok(Some(id as u64))
}

fn fill(store: &mut Store, order: &mut Order, args: &Object) {
    if let Some(billing) = args.get("billing") {
        amend_address(&mut order.billing, billing);
    }
    if let Some(shipping) = args.get("shipping") {
        amend_address(&mut order.shipping, shipping);
    }
    if let Some(currency) = args.get("currency") {
        order.currency = text(currency);
    }
    for name in TEXTS {
        if let Some(value) = args.get(name) {
            order.texts.insert(name.into(), text(value).into());
        }
    }
    if let Some(meta) = args.get("meta_data") {
        store.amend_meta(&mut order.meta, meta);
    }
}

/// Status, payment and the save itself; a status given on creation moves stock as a change would.
fn finish(store: &mut Store, call: &Call, id: u64, creating: bool) {
    if let Some(status) = call.text("status") {
        let before = store.orders[&id].status.clone();
        if creating || before != status {
            store.set_order_status(id, &status);
        }
    }
    if call.flag("set_paid") {
        store.pay_order(id);
    }
    store.touch_order(id);
}

fn lines(store: &mut Store, id: u64, args: &Object) -> Result<(), RestError> {
    for row in args.get("line_items").and_then(Value::as_array).into_iter().flatten() {
        let line_id = row.get("id").and_then(whole).unwrap_or(0) as u64;
        if line_id == 0 {
            add_line(store, id, row);
        } else {
            edit_line(store, id, line_id, row)?;
        }
    }
    Ok(())
}

fn add_line(store: &mut Store, id: u64, row: &Value) {
    let number = |name: &str| row.get(name).and_then(whole);
    let by_sku = row.get("sku").map(text).and_then(|sku| store.with_sku(&sku).first().copied());
    let wanted = Wanted {
        product: number("product_id").map(|id| id as u64).or(by_sku).unwrap_or(0),
        variation: number("variation_id").unwrap_or(0) as u64,
        quantity: number("quantity").unwrap_or(1),
        total: decimal(row.get("total")),
        subtotal: decimal(row.get("subtotal")),
        name: row.get("name").map(text),
    };
    let mut line = store.line(&wanted);
    if let Some(meta) = row.get("meta_data") {
        store.amend_meta(&mut line.meta, meta);
    }
    let (line_id, quantity) = (line.id, line.quantity);
    if let Some(order) = store.orders.get_mut(&id) {
        order.lines.push(line);
    }
    store.adjust_line_stock(id, line_id, quantity);
}

fn edit_line(store: &mut Store, id: u64, line_id: u64, row: &Value) -> Result<(), RestError> {
    if store.line_mut(id, line_id).is_none() {
        return Err(RestError::new(
            400,
            "woocommerce_rest_invalid_item_id",
            "Order item ID provided is not associated with order.",
        ));
    }
    let quantity = row.get("quantity").and_then(whole);
    let gone = quantity == Some(0) || row.get("product_id").is_some_and(Value::is_null);
    if gone {
        store.adjust_line_stock(id, line_id, 0);
        if let Some(order) = store.orders.get_mut(&id) {
            order.lines.retain(|line| line.id != line_id);
        }
        return Ok(());
    }
    let old = store.line_mut(id, line_id).unwrap().clone();
    let mut line = old.clone();
    if let Some(quantity) = quantity {
        let each = if old.quantity == 0 { Decimal::ZERO } else { old.total / Decimal::from(old.quantity) };
        line.quantity = quantity;
        line.total = store.round(each * Decimal::from(quantity));
        line.subtotal = line.total;
    }
    if let Some(total) = decimal(row.get("total")) {
        line.total = store.round(total);
    }
    if let Some(subtotal) = decimal(row.get("subtotal")) {
        line.subtotal = store.round(subtotal);
    }
    line.total_tax = store.tax(line.total);
    line.subtotal_tax = store.tax(line.subtotal);
    if let Some(meta) = row.get("meta_data") {
        store.amend_meta(&mut line.meta, meta);
    }
    let wanted = line.quantity;
    *store.line_mut(id, line_id).unwrap() = line;
    store.adjust_line_stock(id, line_id, wanted);
    Ok(())
}

fn charges(store: &mut Store, id: u64, args: &Object) {
    for (name, title, method) in [("shipping_lines", "method_title", "method_id"), ("fee_lines", "name", "")]
    {
        for row in args.get(name).and_then(Value::as_array).into_iter().flatten() {
            let total = store.round(decimal(row.get("total")).unwrap_or_default());
            let given = row.get("id").and_then(whole).unwrap_or(0) as u64;
            let charge = Charge {
                id: if given > 0 { given } else { store.row_id("item") },
                title: row.get(title).map(text).unwrap_or_default(),
                method: row.get(method).map(text).unwrap_or_default(),
                total,
                total_tax: store.tax(total),
                meta: Vec::new(),
            };
            let Some(order) = store.orders.get_mut(&id) else { return };
            let rows = if name == "fee_lines" { &mut order.fee_lines } else { &mut order.shipping_lines };
            rows.retain(|old| old.id != charge.id);
            rows.push(charge);
        }
    }
}

pub(crate) fn delete(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    let Some(order) = store.orders.get(&id) else { return Err(RestError::invalid_id("shop_order", 404)) };
    let value = store.order_value(order);
    if call.flag("force") {
        store.orders.remove(&id);
        store.refunds.retain(|_, refund| refund.order != id);
        return Reply::one(value);
    }
    if order.status == "trash" {
        return Err(RestError::new(
            410,
            "woocommerce_rest_already_trashed",
            "The order has already been deleted.",
        ));
    }
    store.trash_order(id);
    Reply::one(value)
}

impl Store {
    /// To the trash; stock stays as it is.
    pub(crate) fn trash_order(&mut self, id: u64) {
        let now = self.now();
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.status_before_trash = std::mem::replace(&mut order.status, "trash".into());
        order.modified = now;
        self.fire("order.deleted", id);
        // The order's post goes into the trash, too, and the hook of posts is that of products.
        self.fire("product.deleted", id);
    }
}

pub(crate) fn create_note(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    if !store.orders.contains_key(&id) {
        return Err(RestError::new(404, "woocommerce_rest_order_invalid_id", "Invalid order ID."));
    }
    let note = Note {
        id: store.row_id("note"),
        at: store.now(),
        text: call.text("note").unwrap_or_default(),
        to_customer: call.args.get("customer_note").and_then(truth).unwrap_or(false),
    };
    let value = store.note_value(id, &note);
    let place = store.link(&format!("orders/{id}/notes/{}", note.id));
    store.orders.get_mut(&id).unwrap().notes.push(note);
    Reply::created(value, place)
}

pub(crate) fn note(store: &mut Store, call: &Call, order: u64, id: u64) -> Result<Reply, RestError> {
    let missing = || RestError::new(404, "woocommerce_rest_invalid_id", "Invalid resource ID.");
    let rows = store.orders.get(&order).ok_or_else(missing)?;
    let note = rows.notes.iter().find(|note| note.id == id).ok_or_else(missing)?;
    let value = store.note_value(order, note);
    if call.method == "DELETE" {
        if !call.flag("force") {
            return Err(RestError::no_trash("Webhooks"));
        }
        store.orders.get_mut(&order).unwrap().notes.retain(|note| note.id != id);
    }
    Reply::one(value)
}
