//! Deliveries: an order of 5 KB as WooCommerce sends it, each with an id of its own, signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

/// How long every body is.
pub const BYTES: usize = 5 * 1024;

/// An order with this id, of exactly [`BYTES`] bytes.
#[must_use]
pub fn order(id: u64, product: u64, sku: &str) -> Vec<u8> {
    let address = json!({
        "first_name": "Ada", "last_name": "Example", "company": "Example & Daughters Ltd",
        "address_1": "12 Harbour Street", "address_2": "", "city": "London", "state": "", "postcode": "N1 1AA",
        "country": "GB", "email": "ada@example.test", "phone": "020 7946 0000"
    });
    let line = |number: u64| {
        json!({
            "id": id * 4 + number, "name": "A thing \u{201c}of note\u{201d}", "product_id": product, "variation_id": 0,
            "quantity": 1, "tax_class": "", "subtotal": "10.00", "subtotal_tax": "2.00", "total": "10.00",
            "total_tax": "2.00", "taxes": [{"id": 1, "total": "2.00", "subtotal": "2.00"}], "sku": sku, "price": 10,
            "image": {"id": "17", "src": "https://shop.example/wp-content/uploads/2026/11/thing.jpg"},
            "meta_data": [{"id": 5, "key": "_reduced_stock", "value": "1"}], "parent_name": null
        })
    };
    let mut order = json!({
        "id": id, "parent_id": 0, "status": "processing", "currency": "GBP", "version": "10.7.0",
        "prices_include_tax": false, "date_created": "2026-11-20T10:00:00", "date_modified": "2026-11-20T10:00:01",
        "date_created_gmt": "2026-11-20T10:00:00", "date_modified_gmt": "2026-11-20T10:00:01",
        "date_paid_gmt": "2026-11-20T10:00:00", "date_completed_gmt": null, "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": "0.00", "shipping_tax": "0.00", "cart_tax": "4.00",
        "total": "24.00", "total_tax": "4.00", "customer_id": 0, "order_key": format!("wc_order_{id}"),
        "billing": address, "shipping": address, "payment_method": "bacs",
        "payment_method_title": "Direct bank transfer", "transaction_id": "", "customer_note": "",
        "number": id.to_string(), "line_items": [line(1), line(2)], "tax_lines": [], "shipping_lines": [],
        "fee_lines": [], "coupon_lines": [], "refunds": [], "currency_symbol": "\u{a3}",
        "_links": {"self": [{"href": format!("https://shop.example/wp-json/wc/v3/orders/{id}")}]}
    });
    let bare = order.to_string().len();
    let note = "Please leave it with the neighbours. ".bytes().cycle().take(BYTES.saturating_sub(bare));
    order["customer_note"] = String::from_utf8(note.collect()).unwrap_or_default().into();
    order.to_string().into_bytes()
}

/// The signature of a body.
///
/// # Panics
/// Never: HMAC takes keys of every length.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn bodies_are_5_kb_and_differ() {
        let (one, other) = (super::order(900_001, 12, "S1"), super::order(900_002, 12, "S1"));
        assert_eq!((one.len(), other.len()), (super::BYTES, super::BYTES));
        assert_ne!(one, other);
    }
}
