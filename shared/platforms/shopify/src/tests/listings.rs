use domain::money::Money;
use domain::order::{OrderState, Shipment};
use domain::{RemoteOrderId, RemoteProductId, RemoteVariantId};
use platform::{ErrorKind, Fulfil as _, VariantName, WriteListing as _};

use super::{PROVED, Reply, Script, data, run, says};
use crate::Shopify;

fn name() -> VariantName {
    VariantName { product: RemoteProductId::new("1"), variant: RemoteVariantId::new("2") }
}

fn variant(price: &str, before: &str) -> String {
    format!(
        r#"{{"id":"gid://shopify/ProductVariant/2","displayName":"Mug","price":"{price}","compareAtPrice":{before},"updatedAt":"2026-11-21T10:00:00Z","inventoryItem":{{"id":"gid://shopify/InventoryItem/3","tracked":false}},"product":{{"id":"gid://shopify/Product/1"}}}}"#
    )
}

fn euros(cents: i64) -> Money {
    Money::new(rust_decimal::Decimal::new(cents, 2), "EUR".parse().unwrap())
}

fn written(answer: &str) -> Reply {
    data(&format!(r#"{{"productVariantsBulkUpdate":{answer}}}"#))
}

#[test]
fn a_price_is_written_and_a_sale_kept() {
    let now = |json: String| data(&format!(r#"{{"productVariant":{json}}}"#));
    let after = format!(r#"{{"productVariants":[{}],"userErrors":[]}}"#, variant("8.00", "\"12.00\""));
    let script = Script::of(PROVED, vec![now(variant("8.00", "\"10.00\"")), written(&after)]);
    let shown = run(Shopify.write_price(&script.ctx(), &name(), euros(1200))).unwrap();
    assert_eq!(shown.variants[0].regular_price.unwrap().to_string(), "12.00 EUR");
    assert_eq!(shown.variants[0].price.unwrap().to_string(), "8.00 EUR");
    assert_eq!(
        script.variables(1).to_string(),
        r#"{"product":"gid://shopify/Product/1","variants":[{"id":"gid://shopify/ProductVariant/2","compareAtPrice":"12.00"}]}"#
    );
    let refused = r#"{"productVariants":null,"userErrors":[{"field":["variants","0","price"],"message":"Price must be greater than or equal to 0","code":"GREATER_THAN_OR_EQUAL_TO"}]}"#;
    let script = Script::of(PROVED, vec![now(variant("8.00", "null")), written(refused)]);
    let error = run(Shopify.write_price(&script.ctx(), &name(), euros(-100))).unwrap_err();
    assert_eq!((error.kind, error.may_have_taken_effect), (ErrorKind::Rejected, false));
    assert!(error.message.contains("`price`: Price must be"), "{}", error.message);
    let script = Script::of(PROVED, vec![data(r#"{"productVariant":null}"#)]);
    let error = run(Shopify.write_price(&script.ctx(), &name(), euros(100))).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    let dollars = Money::new(1.into(), "USD".parse().unwrap());
    let script = Script::of(PROVED, Vec::new());
    assert_eq!(
        run(Shopify.write_price(&script.ctx(), &name(), dollars)).unwrap_err().kind,
        ErrorKind::Rejected
    );
}

#[test]
fn a_title_is_written() {
    let product = r#"{"id":"gid://shopify/Product/1","title":"New","status":"ACTIVE","updatedAt":"2026-11-21T10:00:00Z"}"#;
    let answer = format!(r#"{{"productUpdate":{{"product":{product},"userErrors":[]}}}}"#);
    let script = Script::of(PROVED, vec![data(&answer)]);
    let id = RemoteProductId::new("1");
    let shown = run(Shopify.write_title(&script.ctx(), &id, "New")).unwrap();
    assert_eq!(shown.products[0].title, "New");
    assert_eq!(
        script.variables(0)["product"].to_string(),
        r#"{"id":"gid://shopify/Product/1","title":"New"}"#
    );
    let gone = r#"{"productUpdate":{"product":null,"userErrors":[{"field":["id"],"message":"Product does not exist"}]}}"#;
    let script = Script::of(PROVED, vec![data(gone)]);
    assert_eq!(run(Shopify.write_title(&script.ctx(), &id, "New")).unwrap_err().kind, ErrorKind::NotFound);
    let script = Script::of(PROVED, vec![says(502, "<html>")]);
    assert!(run(Shopify.write_title(&script.ctx(), &id, "New")).unwrap_err().may_have_taken_effect);
    let script = Script::of(PROVED, Vec::new());
    assert_eq!(run(Shopify.write_title(&script.ctx(), &id, " ")).unwrap_err().kind, ErrorKind::Rejected);
}

fn to_fulfil(fulfillments: &str, left: u32) -> Reply {
    data(&format!(
        r#"{{"order":{{"id":"gid://shopify/Order/5","fulfillments":[{fulfillments}],"fulfillmentOrders":{{"nodes":[{{"id":"gid://shopify/FulfillmentOrder/6","status":"OPEN","assignedLocation":{{"location":{{"id":"gid://shopify/Location/9"}}}},"lineItems":{{"nodes":[{{"id":"gid://shopify/FulfillmentOrderLineItem/7","remainingQuantity":{left},"lineItem":{{"id":"gid://shopify/LineItem/8"}}}}],"pageInfo":{{"hasNextPage":false}}}}}}],"pageInfo":{{"hasNextPage":false}}}}}}}}"#
    ))
}

fn order() -> Reply {
    data(
        r#"{"order":{"id":"gid://shopify/Order/5","name":"5","createdAt":"2026-11-21T09:35:00Z","updatedAt":"2026-11-21T09:40:00Z","displayFinancialStatus":"PAID","displayFulfillmentStatus":"FULFILLED","totalPriceSet":{"shopMoney":{"amount":"1","currencyCode":"EUR"}},"lineItems":{"nodes":[],"pageInfo":{"hasNextPage":false}}}}"#,
    )
}

fn shipment() -> Shipment {
    Shipment {
        lines: Vec::new(),
        tracking_number: Some("T1".into()),
        carrier: Some("DHL".into()),
        tracking_url: None,
        tell_buyer: true,
        asked_at: None,
    }
}

#[test]
fn a_shipment_is_noted_once() {
    let noted =
        data(r#"{"fulfillmentCreate":{"fulfillment":{"id":"gid://shopify/Fulfillment/1"},"userErrors":[]}}"#);
    let script = Script::of(PROVED, vec![to_fulfil("", 2), noted, order()]);
    let id = RemoteOrderId::new("5");
    let latest = run(Shopify.fulfil(&script.ctx(), &id, &shipment())).unwrap();
    assert_eq!(latest.state, OrderState::Fulfilled);
    assert_eq!(
        script.variables(1)["fulfillment"].to_string(),
        r#"{"lineItemsByFulfillmentOrder":[{"fulfillmentOrderId":"gid://shopify/FulfillmentOrder/6","fulfillmentOrderLineItems":[{"id":"gid://shopify/FulfillmentOrderLineItem/7","quantity":2}]}],"notifyCustomer":true,"trackingInfo":{"number":"T1","company":"DHL"}}"#
    );
    let sent = r#"{"status":"SUCCESS","trackingInfo":[{"number":"T1"}],"fulfillmentLineItems":{"nodes":[{"quantity":2,"lineItem":{"id":"gid://shopify/LineItem/8"}}]}}"#;
    let script = Script::of(PROVED, vec![to_fulfil(sent, 0), order()]);
    run(Shopify.fulfil(&script.ctx(), &id, &shipment())).unwrap();
    assert_eq!(script.calls(), ["ToFulfil", "Order"]);
}

#[test]
fn nothing_left_to_send_is_refused() {
    let id = RemoteOrderId::new("5");
    let script = Script::of(PROVED, vec![to_fulfil("", 0)]);
    assert_eq!(run(Shopify.fulfil(&script.ctx(), &id, &shipment())).unwrap_err().kind, ErrorKind::Rejected);
    let script = Script::of(PROVED, vec![data(r#"{"order":null}"#)]);
    assert_eq!(run(Shopify.fulfil(&script.ctx(), &id, &shipment())).unwrap_err().kind, ErrorKind::NotFound);
    let refused = data(
        r#"{"fulfillmentCreate":{"fulfillment":null,"userErrors":[{"field":["fulfillment"],"message":"Invalid quantity requested"}]}}"#,
    );
    let script = Script::of(PROVED, vec![to_fulfil("", 1), refused]);
    assert_eq!(run(Shopify.fulfil(&script.ctx(), &id, &shipment())).unwrap_err().kind, ErrorKind::Rejected);
    let script = Script::of(PROVED, vec![to_fulfil("", 1), says(504, "")]);
    assert!(run(Shopify.fulfil(&script.ctx(), &id, &shipment())).unwrap_err().may_have_taken_effect);
}
