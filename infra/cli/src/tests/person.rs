//! What is kept about a customer.

use serde_json::{Value, json};

use super::answers::two;
use super::fake::FakeHub;
use super::stage::play;

const CUSTOMERS: &str = "/v1/stores/sto_aaaaaaaaaaaaaaaaaaaaaaaaaa/customers";

fn hub(customer: &Value, orders: &Value) -> FakeHub {
    let first = json!({"customer": customer, "items": orders, "next": "more"});
    let second = json!({"customer": customer, "items": [], "next": null});
    FakeHub::default()
        .on("GET /v1/stores", two())
        .on(&format!("GET {CUSTOMERS}/77"), first.clone())
        .on(&format!("GET {CUSTOMERS}/77?limit=200"), first)
        .on(&format!("GET {CUSTOMERS}/77?limit=200&after=more"), second)
}

#[tokio::test]
async fn all_that_is_kept_is_shown_and_can_be_handed_over() {
    let customer = json!({"remote": "77", "name": "Ada Example", "email": "ada@shop.example", "phone": null});
    let orders = json!([{"remote": "1", "number": "1001", "placed_at": "2026-11-20T10:00:00Z", "state": "open",
        "buyer": {"customer": "77", "name": "Ada Example", "email": "ada@shop.example", "country": "GB"}}]);
    let hub = hub(&customer, &orders);
    let shown = play(&hub, &["person", "North", "77"]).await;
    let out = &shown.done().out;
    for word in ["Ada Example", "ada@shop.example", "1001", "GB"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let shown = play(&hub, &["person", "North", "77", "--json"]).await;
    let document: Value = serde_json::from_str(&shown.done().out).unwrap();
    assert_eq!((&document["customer"], &document["orders"]), (&customer, &orders));
}

#[tokio::test]
async fn a_customer_of_whom_nothing_is_kept_is_told() {
    let shown = play(&hub(&Value::Null, &json!([])), &["person", "North", "77"]).await;
    assert!(shown.failed().err.contains("nothing is kept of a customer 77"), "{}", shown.err);
}
