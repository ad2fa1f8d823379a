//! Deliveries made by hand: signed, unsigned, repeated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

/// A delivery made by hand.
pub struct Post {
    client: reqwest::Client,
}

impl Default for Post {
    fn default() -> Self {
        Self { client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }
}

impl Post {
    /// Sends a body with a topic and a signature; answers the status.
    pub async fn send(&self, url: &str, topic: &str, body: &[u8], signature: Option<&str>) -> u16 {
        let (resource, event) = topic.split_once('.').unwrap();
        let mut request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("x-wc-webhook-topic", topic)
            .header("x-wc-webhook-resource", resource)
            .header("x-wc-webhook-event", event)
            .header("x-wc-webhook-id", "1")
            .header("x-wc-webhook-delivery-id", "d")
            .body(body.to_vec());
        if let Some(signature) = signature {
            request = request.header("x-wc-webhook-signature", signature);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Sends a signed delivery; none if the connection broke.
    pub async fn try_signed(&self, url: &str, topic: &str, body: &[u8], secret: &str) -> Option<u16> {
        let (resource, event) = topic.split_once('.').unwrap();
        let sent = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("x-wc-webhook-topic", topic)
            .header("x-wc-webhook-resource", resource)
            .header("x-wc-webhook-event", event)
            .header("x-wc-webhook-signature", sign(secret, body))
            .body(body.to_vec())
            .send()
            .await;
        sent.ok().map(|answer| answer.status().as_u16())
    }
}

/// The signature of a body.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// An order of one line, as WooCommerce sends it: placed, paid, its units taken.
pub fn order_body(order: u64, product: u64, sku: &str, units: u64) -> Vec<u8> {
    json!({
        "id": order, "parent_id": 0, "status": "processing", "currency": "GBP", "version": "10.7.0",
        "prices_include_tax": false,
        "date_created": "2026-11-20T05:00:00", "date_modified": "2026-11-20T05:00:01",
        "date_created_gmt": "2026-11-20T10:00:00", "date_modified_gmt": "2026-11-20T10:00:01",
        "date_paid_gmt": "2026-11-20T10:00:00", "date_completed_gmt": null,
        "discount_total": "0.00", "discount_tax": "0.00", "shipping_total": "0.00", "shipping_tax": "0.00",
        "cart_tax": "0.00", "total": "10.00", "total_tax": "0.00", "customer_id": 0, "number": order.to_string(),
        "billing": {"first_name": "Ada", "last_name": "Example", "email": "ada@example.test", "country": "GB"},
        "shipping": {"first_name": "", "last_name": "", "country": ""},
        "line_items": [{
            "id": 1, "name": "A thing", "product_id": product, "variation_id": 0, "quantity": units,
            "subtotal": "10.00", "total": "10.00", "total_tax": "0.00", "sku": sku, "price": 10,
            "meta_data": [{"id": 5, "key": "_reduced_stock", "value": units.to_string()}]
        }],
        "refunds": []
    })
    .to_string()
    .into_bytes()
}
