//! The same order, as the API answers with it and as a delivery carries it, is the same order here.

use domain::RemoteOrderId;
use domain::event::{About, Event};
use domain::order::{Order, OrderState};
use platform::{Ask, Extent, Fetch as _, Message, PullOrders as _, Webhooks as _};
use serde_json::{Value, json};

use super::{PROVED, Reply, Script, data, run};
use crate::Shopify;

/// One line, in both shapes.
struct Line {
    id: u64,
    quantity: u32,
    current: u32,
    /// The variant, if it still exists.
    variant: Option<u64>,
    gift_card: bool,
}

/// Units of a line that were refunded: the line, how many, and the words for what happened to them.
type Back = (u64, u32, &'static str);

struct Case {
    lines: Vec<Line>,
    refunds: Vec<Vec<Back>>,
    cancelled: bool,
    financial: &'static str,
    /// The fulfilment's words: of the API, and of a delivery.
    fulfilment: (&'static str, Option<&'static str>),
    taxes_included: bool,
    person: bool,
}

fn line(id: u64, quantity: u32, current: u32) -> Line {
    Line { id, quantity, current, variant: Some(39_072_856), gift_card: false }
}

fn case(lines: Vec<Line>) -> Case {
    Case {
        lines,
        refunds: Vec::new(),
        cancelled: false,
        financial: "PAID",
        fulfilment: ("UNFULFILLED", None),
        taxes_included: false,
        person: true,
    }
}

const ID: u64 = 820_982_911_946_154_508;

fn bag(amount: &str) -> Value {
    json!({ "shopMoney": { "amount": amount, "currencyCode": "EUR" } })
}

fn set(amount: &str) -> Value {
    json!({
        "shop_money": { "amount": amount, "currency_code": "EUR" },
        "presentment_money": { "amount": "999.00", "currency_code": "JPY" },
    })
}

/// What the API answers.
fn graph(case: &Case) -> Value {
    let lines: Vec<Value> = case
        .lines
        .iter()
        .map(|line| {
            json!({
                "id": format!("gid://shopify/LineItem/{}", line.id), "name": "Mug - Red", "sku": " M-R ",
                "quantity": line.quantity, "currentQuantity": line.current, "isGiftCard": line.gift_card,
                "product": line.variant.map(|_| json!({ "id": "gid://shopify/Product/632910392" })),
                "variant": line.variant.map(|id| json!({ "id": format!("gid://shopify/ProductVariant/{id}") })),
                "originalUnitPriceSet": bag("10.0"),
                "discountAllocations": [{ "allocatedAmountSet": bag("1.5") }],
                "taxLines": [{ "priceSet": bag("0.95") }, { "priceSet": bag("0.05") }],
            })
        })
        .collect();
    json!({
        "id": format!("gid://shopify/Order/{ID}"), "name": "#1001",
        "createdAt": "2026-11-20T15:00:00Z", "updatedAt": "2026-11-20T16:38:15Z",
        "cancelledAt": case.cancelled.then_some("2026-11-20T16:38:15Z"),
        "displayFinancialStatus": case.financial, "displayFulfillmentStatus": case.fulfilment.0,
        "taxesIncluded": case.taxes_included, "email": case.person.then_some("a@example.com"),
        "totalPriceSet": bag("30.1"), "totalTaxSet": bag("1.0"), "totalShippingPriceSet": bag("5.0"),
        "totalDiscountsSet": bag("1.5"),
        "customer": case.person.then(|| json!({ "id": "gid://shopify/Customer/207119551", "firstName": "Bo", "lastName": "Ng" })),
        "billingAddress": case.person.then(|| json!({ "name": "Bo N. Ng", "countryCodeV2": "DE" })),
        "shippingAddress": Value::Null,
        "lineItems": { "nodes": lines, "pageInfo": { "hasNextPage": false, "endCursor": null } },
    })
}

/// What a delivery carries: other names, the shop's own time zone, ids as numbers.
fn rest(case: &Case) -> Value {
    let lines: Vec<Value> = case
        .lines
        .iter()
        .map(|line| {
            json!({
                "id": line.id, "admin_graphql_api_id": format!("gid://shopify/LineItem/{}", line.id),
                "name": "Mug - Red", "title": "Mug", "variant_title": "Red", "sku": " M-R ",
                "quantity": line.quantity, "current_quantity": line.current, "gift_card": line.gift_card,
                "product_id": 632_910_392, "variant_id": 39_072_856, "product_exists": line.variant.is_some(),
                "price": "10.00", "price_set": set("10.00"), "total_discount": "0.00",
                "discount_allocations": [{ "amount": "1.50", "amount_set": set("1.50"), "discount_application_index": 0 }],
                "tax_lines": [
                    { "title": "A", "price": "0.95", "rate": 0.06, "price_set": set("0.95") },
                    { "title": "B", "price": "0.05", "rate": 0.01, "price_set": set("0.05") },
                ],
            })
        })
        .collect();
    let refunds: Vec<Value> = case
        .refunds
        .iter()
        .map(|backs| {
            let rows: Vec<Value> = backs
                .iter()
                .map(|(line, units, kind)| {
                    json!({ "line_item_id": line, "quantity": units, "restock_type": kind.to_lowercase(), "subtotal": 8.5 })
                })
                .collect();
            json!({ "id": 1, "order_id": ID, "refund_line_items": rows })
        })
        .collect();
    json!({
        "id": ID, "admin_graphql_api_id": format!("gid://shopify/Order/{ID}"), "name": "#1001", "test": true,
        "created_at": "2026-11-20T10:00:00-05:00", "updated_at": "2026-11-20T11:38:15-05:00",
        "cancelled_at": case.cancelled.then_some("2026-11-20T11:38:15-05:00"),
        "financial_status": case.financial.to_lowercase(), "fulfillment_status": case.fulfilment.1,
        "taxes_included": case.taxes_included, "currency": "EUR", "presentment_currency": "JPY",
        "email": case.person.then_some("a@example.com"),
        "total_price": "30.10", "total_price_set": set("30.10"), "total_tax": "1.00", "total_tax_set": set("1.00"),
        "total_shipping_price_set": set("5.00"), "total_discounts": "1.50", "total_discounts_set": set("1.50"),
        "customer": case.person.then(|| json!({ "id": 207_119_551, "first_name": "Bo", "last_name": "Ng" })),
        "billing_address": case.person.then(|| json!({ "name": "Bo N. Ng", "country_code": "DE" })),
        "shipping_address": Value::Null,
        "line_items": lines, "refunds": refunds,
    })
}

/// The refunds as the API answers with them.
fn graph_refunds(case: &Case) -> Value {
    let refunds: Vec<Value> = case
        .refunds
        .iter()
        .map(|backs| {
            let rows: Vec<Value> = backs
                .iter()
                .map(|(line, units, kind)| {
                    json!({
                        "quantity": units, "restockType": kind, "restocked": *kind != "NO_RESTOCK",
                        "lineItem": { "id": format!("gid://shopify/LineItem/{line}") },
                    })
                })
                .collect();
            json!({ "id": "gid://shopify/Refund/1", "refundLineItems": { "nodes": rows, "pageInfo": { "hasNextPage": false } } })
        })
        .collect();
    json!({ "nodes": [{ "id": format!("gid://shopify/Order/{ID}"), "refunds": refunds }] })
}

fn pulled(case: &Case) -> Order {
    let page = json!({ "orders": { "nodes": [graph(case)], "pageInfo": { "hasNextPage": false } } });
    let mut replies = vec![data(&page.to_string())];
    if case.lines.iter().any(|line| line.current < line.quantity) {
        replies.push(data(&graph_refunds(case).to_string()));
    }
    let script = Script::of(PROVED, replies);
    let ask = Ask { extent: Extent::Since(jiff::Timestamp::UNIX_EPOCH), cursor: None, size: 250 };
    let order = run(Shopify.pull_orders(&script.ctx(), &ask)).unwrap().records.remove(0);
    script.is_done();
    order
}

fn delivered(topic: &str, case: &Case) -> Order {
    delivered_as(topic, &rest(case))
}

fn delivered_as(topic: &str, body: &Value) -> Order {
    let headers = [("x-shopify-topic".to_owned(), topic.to_owned())];
    let body = body.to_string();
    let message = Message { headers: &headers, body: body.as_bytes(), currency: None };
    match Shopify.events(&message).unwrap().remove(0).1 {
        Event::Order(order) => *order,
        other => panic!("{other:?}"),
    }
}

fn both(case: &Case) -> Order {
    let (pulled, delivered) = (pulled(case), delivered("orders/updated", case));
    assert_eq!(pulled, delivered);
    assert_eq!(serde_json::to_string(&pulled).unwrap(), serde_json::to_string(&delivered).unwrap());
    pulled
}

fn taken(order: &Order) -> Vec<String> {
    order.lines.iter().map(|line| line.taken.to_string()).collect()
}

#[test]
fn an_open_order_is_the_same_in_both_shapes() {
    let order = both(&case(vec![line(703_073_504, 2, 2), line(703_073_505, 1, 1)]));
    assert_eq!((order.remote.as_str(), order.number.as_str()), ("820982911946154508", "#1001"));
    assert_eq!((order.state, order.fence.revision), (OrderState::Open, 0));
    assert_eq!(order.fence.updated_at.to_string(), "2026-11-20T16:38:15Z");
    assert_eq!((order.total.to_string(), taken(&order)), ("30.10 EUR".into(), vec!["2".into(), "1".into()]));
    let first = &order.lines[0];
    assert_eq!(first.sku.as_ref().unwrap().as_str(), "M-R");
    assert_eq!(first.total.unwrap().to_string(), "18.50 EUR");
    assert_eq!((order.buyer.name.as_str(), order.buyer.country.as_deref()), ("Bo N. Ng", Some("DE")));
    assert_eq!(order.buyer.customer.unwrap().as_str(), "207119551");
}

/// A shop takes the units of a test order from its number and puts them back when it is cancelled, as it does with
/// any other: the books follow the shop.
#[test]
fn a_test_order_counts_as_its_shop_counts_it() {
    let mut body = rest(&case(vec![line(703_073_504, 2, 2)]));
    let mut read = |test: bool| {
        body["test"] = test.into();
        delivered_as("orders/create", &body)
    };
    let (real, test) = (read(false), read(true));
    assert_eq!(real, test);
    assert_eq!((test.state, taken(&test)), (OrderState::Open, vec!["2".to_owned()]));
}

#[test]
fn refunds_and_edits_are_the_same_in_both_shapes() {
    let some = Case {
        refunds: vec![vec![(1, 1, "RETURN")], vec![(1, 1, "NO_RESTOCK"), (2, 1, "CANCEL")]],
        financial: "PARTIALLY_REFUNDED",
        ..case(vec![line(1, 4, 2), line(2, 1, 0), line(3, 5, 3)])
    };
    let order = both(&some);
    let numbers: Vec<String> = order
        .lines
        .iter()
        .map(|it| format!("{} {} {} {}", it.quantity, it.refunded, it.restocked, it.taken))
        .collect();
    assert_eq!(numbers, ["4 2 1 3", "1 1 1 0", "3 0 0 3"]);
}

#[test]
fn states_are_the_same_in_both_shapes() {
    let all_back = || vec![vec![(1, 2, "CANCEL")]];
    let state = |case: &Case| both(case).state;
    assert_eq!(
        state(&Case { fulfilment: ("FULFILLED", Some("fulfilled")), ..case(vec![line(1, 2, 2)]) }),
        OrderState::Fulfilled
    );
    assert_eq!(
        state(&Case { fulfilment: ("PARTIALLY_FULFILLED", Some("partial")), ..case(vec![line(1, 2, 2)]) }),
        OrderState::Open
    );
    for financial in ["PENDING", "AUTHORIZED", "PARTIALLY_PAID", "VOIDED", "EXPIRED"] {
        let order = both(&Case { financial, ..case(vec![line(1, 2, 2)]) });
        assert_eq!((order.state, taken(&order)), (OrderState::Open, vec!["2".to_owned()]), "{financial}");
    }
    let cancelled =
        Case { cancelled: true, financial: "REFUNDED", refunds: all_back(), ..case(vec![line(1, 2, 0)]) };
    let order = both(&cancelled);
    assert_eq!((order.state, taken(&order)), (OrderState::Cancelled, vec!["0".to_owned()]));
    let kept =
        Case { cancelled: true, refunds: vec![vec![(1, 2, "NO_RESTOCK")]], ..case(vec![line(1, 2, 0)]) };
    assert_eq!(taken(&both(&kept)), ["2"]);
    let refunded = Case { financial: "REFUNDED", refunds: all_back(), ..case(vec![line(1, 2, 0)]) };
    assert_eq!(state(&refunded), OrderState::Refunded);
}

#[test]
fn what_can_no_longer_be_bought_names_no_variant() {
    let mut deleted = line(1, 1, 1);
    deleted.variant = None;
    let mut gift = line(2, 1, 1);
    gift.gift_card = true;
    let order = both(&Case { taxes_included: true, person: false, ..case(vec![deleted, gift]) });
    assert_eq!((&order.lines[0].product, &order.lines[0].variant), (&None, &None));
    assert!(order.lines[1].product.is_some() && order.lines[1].variant.is_none());
    assert_eq!(order.lines[0].total.unwrap().to_string(), "7.50 EUR");
    assert_eq!((order.buyer.customer, order.buyer.name.as_str(), order.buyer.email), (None, "", None));
}

#[test]
fn every_topic_of_an_order_carries_its_state() {
    let case = case(vec![line(1, 1, 1)]);
    for topic in
        ["orders/create", "orders/paid", "orders/cancelled", "orders/fulfilled", "orders/partially_fulfilled"]
    {
        assert_eq!(delivered(topic, &case), pulled(&case), "{topic}");
    }
}

const THERE: &str =
    r#"{"nodes":[{"id":"gid://shopify/Order/11"},null,null,{"id":"gid://shopify/Order/14"}]}"#;
const OLDEST: &str = r#"{"orders":{"nodes":[{"id":"gid://shopify/Order/13"}]}}"#;
const NONE: &str = r#"{"orders":{"nodes":[]}}"#;

#[test]
fn orders_that_are_gone_are_told_from_those_that_may_not_be_read() {
    let asked: Vec<RemoteOrderId> = ["11", "12", "13", "14", "x"].map(RemoteOrderId::new).to_vec();
    let unlisted = |document: &str, replies: Vec<Reply>| {
        let script = Script::of(document, replies);
        let found = run(Shopify.unlisted(&script.ctx(), &asked)).unwrap();
        script.is_done();
        assert_eq!(script.variables(0)["ids"].as_array().unwrap().len(), 4);
        found.iter().map(|order| order.as_str().to_owned()).collect::<Vec<_>>()
    };
    let all = PROVED.replace("read_orders", "read_all_orders");
    assert_eq!(unlisted(&all, vec![data(THERE)]), ["12", "13"]);
    assert_eq!(unlisted(PROVED, vec![data(THERE), data(OLDEST)]), ["13"], "12 may only be too old");
    assert_eq!(unlisted(PROVED, vec![data(THERE), data(NONE)]), [""; 0]);
    assert_eq!(
        unlisted(&all, vec![data(&THERE.replace("null", r#"{"id":"gid://shopify/Order/1"}"#))]),
        [""; 0]
    );
}

#[test]
fn an_order_that_the_app_may_not_read_is_not_gone() {
    let fetched = |replies: Vec<Reply>| {
        let script = Script::of(PROVED, replies);
        let about = About::Order(RemoteOrderId::new("12"));
        let events = run(Shopify.fetch(&script.ctx(), &about)).unwrap();
        script.is_done();
        events
    };
    let gone = r#"{"order":null}"#;
    let ignored = Event::Ignored("the order is older than this app may read");
    assert_eq!(fetched(vec![data(gone), data(OLDEST)]), std::slice::from_ref(&ignored));
    assert_eq!(fetched(vec![data(gone), data(NONE)]), [ignored]);
    let known = OLDEST.replace("13", "12");
    assert_eq!(fetched(vec![data(gone), data(&known)]), [Event::OrderGone(RemoteOrderId::new("12"))]);
}
