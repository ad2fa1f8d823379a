//! Webhook bodies of orders, refunds, fulfilments and customers.

use super::gid::gid;
use super::money::spell;
use super::order::{Fulfillment, Line, Order, Refund, Transaction};
use super::store::Store;
use rust_decimal::Decimal;
use serde_json::{Value, json};

impl Store {
    pub(crate) fn order_body(&self, order: &Order) -> Value {
        let at = |at| self.clock.local(at);
        let private = |value: Value| if self.config.protected_data { value } else { Value::Null };
        let buyer = order.presentment.as_ref().map_or(&self.config.currency, |(currency, _)| currency);
        let zero = Decimal::ZERO;
        let lines: Vec<Value> = order.lines.iter().map(|line| self.line_body(order, line)).collect();
        let sent = match order.fulfillment_status() {
            "FULFILLED" => json!("fulfilled"),
            "PARTIALLY_FULFILLED" => json!("partial"),
            _ => Value::Null,
        };
        let text = |amount: Decimal| json!(spell(amount));
        let mut body = json!({
            "id": order.id,
            "admin_graphql_api_id": gid("Order", order.id),
            "app_id": 580111,
            "browser_ip": null,
            "buyer_accepts_marketing": false,
            "cancel_reason": order.cancel_reason.as_ref().map(|reason| reason.to_lowercase()),
            "cancelled_at": order.cancelled.map(at),
            "cart_token": null,
            "checkout_id": null,
            "checkout_token": null,
            "client_details": null,
            "closed_at": order.closed.map(at),
            "company": null,
            "confirmation_number": format!("C{:08}", order.number),
            "confirmed": true,
            "contact_email": private(json!(order.email)),
            "created_at": at(order.created),
            "currency": self.config.currency,
            "presentment_currency": buyer,
            "discount_codes": [],
            "email": private(json!(order.email)),
            "estimated_taxes": false,
            "financial_status": order.financial().to_lowercase(),
            "fulfillment_status": sent,
            "landing_site": null,
            "location_id": null,
            "name": order.name(),
            "note": order.note,
            "note_attributes": [],
            "number": order.number - 1000,
            "order_number": order.number,
            "order_status_url": format!("https://{}/orders/{}", self.config.domain, order.id),
            "payment_gateway_names": ["bogus"],
            "phone": null,
            "po_number": null,
            "processed_at": at(order.created),
            "reference": null,
            "referring_site": null,
            "source_name": order.source,
            "tags": order.tags.join(", "),
            "tax_exempt": false,
            "tax_lines": self.tax_rows(order, order.tax(false)),
            "taxes_included": false,
            "test": order.test,
            "token": format!("{:032x}", order.id),
            "updated_at": at(order.changed.at),
        });
        let sums = json!({
            "subtotal_price": text(order.subtotal(false)), "subtotal_price_set": self.set(order.subtotal(false), order),
            "total_price": text(order.total(false)), "total_price_set": self.set(order.total(false), order),
            "total_tax": text(order.tax(false)), "total_tax_set": self.set(order.tax(false), order),
            "total_discounts": text(zero), "total_discounts_set": self.set(zero, order),
            "total_line_items_price": text(order.subtotal(false)),
            "total_line_items_price_set": self.set(order.subtotal(false), order),
            "total_shipping_price_set": self.set(order.shipping, order),
            "total_outstanding": text((order.total(true) - order.received() + order.refunded()).max(zero)),
            "total_tip_received": text(zero),
            "total_weight": order.lines.iter().map(|line| line.grams * line.quantity.max(0) as u64).sum::<u64>(),
            "current_subtotal_price": text(order.subtotal(true)),
            "current_subtotal_price_set": self.set(order.subtotal(true), order),
            "current_total_price": text(order.total(true)), "current_total_price_set": self.set(order.total(true), order),
            "current_total_tax": text(order.tax(true)), "current_total_tax_set": self.set(order.tax(true), order),
            "current_total_discounts": text(zero), "current_total_discounts_set": self.set(zero, order),
            "current_total_duties_set": null, "original_total_duties_set": null,
        });
        let parts = json!({
            "customer": order.customer.and_then(|id| self.customer_body(id)),
            "billing_address": private(order.address.clone()),
            "shipping_address": private(order.address.clone()),
            "discount_applications": [],
            "fulfillments": order.fulfillments.iter().map(|row| self.fulfillment_body(order, row)).collect::<Vec<_>>(),
            "line_items": lines,
            "payment_terms": null,
            "refunds": order.refunds.iter().map(|row| self.refund_body(order, row)).collect::<Vec<_>>(),
            "shipping_lines": [],
        });
        for more in [sums, parts] {
            if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
                body.extend(more);
            }
        }
        body
    }

    fn tax_rows(&self, order: &Order, tax: Decimal) -> Vec<Value> {
        if order.tax_percent.is_zero() {
            return Vec::new();
        }
        let rate = serde_json::Number::from_f64(
            (order.tax_percent / Decimal::ONE_HUNDRED).to_string().parse().unwrap_or(0.0),
        );
        vec![json!({
            "price": spell(tax), "rate": rate, "title": "VAT", "price_set": self.set(tax, order),
            "channel_liable": false,
        })]
    }

    fn line_body(&self, order: &Order, line: &Line) -> Value {
        let tax = line.price * Decimal::from(line.quantity) * order.tax_percent / Decimal::ONE_HUNDRED;
        let sent = match (line.fulfilled, line.unfulfilled()) {
            (0, _) => Value::Null,
            (_, 0) => json!("fulfilled"),
            _ => json!("partial"),
        };
        let exists = line.variant.is_some_and(|id| self.variants.contains_key(&id));
        json!({
            "id": line.id,
            "admin_graphql_api_id": gid("LineItem", line.id),
            "attributed_staffs": [],
            "current_quantity": line.current(),
            "fulfillable_quantity": line.unfulfilled(),
            "fulfillment_service": "manual",
            "fulfillment_status": sent,
            "gift_card": false,
            "grams": line.grams,
            "name": line.name(),
            "price": spell(line.price),
            "price_set": self.set(line.price, order),
            "product_exists": exists,
            "product_id": line.product.filter(|_| exists),
            "properties": [],
            "quantity": line.quantity,
            "requires_shipping": line.ships,
            "sku": if line.sku.is_empty() { Value::Null } else { json!(line.sku) },
            "taxable": true,
            "title": line.title,
            "total_discount": "0.00",
            "total_discount_set": self.set(Decimal::ZERO, order),
            "variant_id": line.variant.filter(|_| exists),
            "variant_inventory_management": line.tracked.then_some("shopify"),
            "variant_title": if line.variant_title == "Default Title" { Value::Null } else { json!(line.variant_title) },
            "vendor": line.vendor,
            "tax_lines": self.tax_rows(order, tax),
            "duties": [],
            "discount_allocations": [],
        })
    }

    pub(crate) fn refund_body(&self, order: &Order, refund: &Refund) -> Value {
        let rows: Vec<Value> = refund
            .lines
            .iter()
            .map(|row| {
                let tax = (row.subtotal * order.tax_percent / Decimal::ONE_HUNDRED).round_dp(2);
                json!({
                    "id": row.id, "line_item_id": row.line, "location_id": row.location, "quantity": row.units,
                    "restock_type": row.restock.to_lowercase(),
                    "subtotal": spell(row.subtotal).parse::<f64>().unwrap_or(0.0),
                    "subtotal_set": self.set(row.subtotal, order),
                    "total_tax": spell(tax).parse::<f64>().unwrap_or(0.0),
                    "total_tax_set": self.set(tax, order),
                    "line_item": order.line(row.line).map(|line| self.line_body(order, line)),
                })
            })
            .collect();
        let paid: Vec<Value> = order
            .transactions
            .iter()
            .filter(|row| row.kind == "REFUND" && row.at == refund.created)
            .map(|row| self.transaction_body(order, row))
            .collect();
        json!({
            "id": refund.id,
            "order_id": order.id,
            "admin_graphql_api_id": gid("Refund", refund.id),
            "created_at": self.clock.local(refund.created),
            "note": refund.note,
            "user_id": null,
            "processed_at": self.clock.local(refund.created),
            "restock": refund.lines.iter().any(|row| row.restock != "NO_RESTOCK"),
            "duties": [],
            "total_duties_set": self.set(Decimal::ZERO, order),
            "return": null,
            "refund_line_items": rows,
            "refund_shipping_lines": [],
            "transactions": paid,
            "order_adjustments": [],
        })
    }

    fn transaction_body(&self, order: &Order, row: &Transaction) -> Value {
        json!({
            "id": row.id, "order_id": order.id, "kind": row.kind.to_lowercase(), "gateway": "bogus",
            "status": "success", "message": null, "created_at": self.clock.local(row.at), "test": order.test,
            "amount": spell(row.amount), "currency": self.config.currency,
            "admin_graphql_api_id": gid("OrderTransaction", row.id),
        })
    }

    pub(crate) fn fulfillment_body(&self, order: &Order, row: &Fulfillment) -> Value {
        let lines: Vec<Value> = row
            .lines
            .iter()
            .filter_map(|(_, line, units)| {
                let mut body = self.line_body(order, order.line(*line)?);
                body["quantity"] = json!(units);
                Some(body)
            })
            .collect();
        let at = order.fulfillments.iter().position(|one| one.id == row.id).unwrap_or(0) + 1;
        json!({
            "id": row.id,
            "order_id": order.id,
            "status": row.status.to_lowercase(),
            "created_at": self.clock.local(row.created),
            "service": "manual",
            "updated_at": self.clock.local(row.changed),
            "tracking_company": row.company,
            "shipment_status": null,
            "location_id": row.location,
            "origin_address": null,
            "email": if self.config.protected_data { json!(order.email) } else { Value::Null },
            "destination": if self.config.protected_data { order.address.clone() } else { Value::Null },
            "line_items": lines,
            "tracking_number": row.numbers.first(),
            "tracking_numbers": row.numbers,
            "tracking_url": row.urls.first(),
            "tracking_urls": row.urls,
            "receipt": {},
            "name": format!("{}.{at}", order.name()),
            "admin_graphql_api_id": gid("Fulfillment", row.id),
        })
    }

    pub(crate) fn customer_body(&self, id: u64) -> Option<Value> {
        let row = self.customers.get(&id)?;
        let private = |value: Value| if self.config.protected_data { value } else { Value::Null };
        Some(json!({
            "id": id,
            "email": private(json!(row.email)),
            "created_at": self.clock.local(row.created),
            "updated_at": self.clock.local(row.changed.at),
            "first_name": private(json!(row.first)),
            "last_name": private(json!(row.last)),
            "state": "disabled",
            "note": row.note,
            "verified_email": true,
            "multipass_identifier": null,
            "tax_exempt": false,
            "phone": private(json!(row.phone)),
            "currency": self.config.currency,
            "tags": row.tags.join(", "),
            "tax_exemptions": [],
            "admin_graphql_api_id": gid("Customer", id),
            "default_address": private(row.address.clone()),
        }))
    }
}
