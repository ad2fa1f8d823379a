//! Orders, refunds, customers and webhooks as REST shows them, and the payload of a delivery.

use super::customer::Customer;
use super::json::Object;
use super::order::{Charge, Line, Note, Order, Refund};
use super::product::Meta;
use super::show_product::{meta, take};
use super::store::Store;
use super::webhook::Webhook;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

impl Store {
    fn money(&self, amount: Decimal) -> String {
        self.round(amount).to_string()
    }

    fn taxes(&self, total: Decimal, subtotal: Option<Decimal>) -> Vec<Value> {
        if self.config.tax_percent.is_zero() || total.is_sign_negative() {
            return Vec::new();
        }
        let subtotal = subtotal.map_or(String::new(), |subtotal| self.money(subtotal));
        vec![json!({"id": 1, "total": self.money(total), "subtotal": subtotal})]
    }

    fn line_meta(&self, rows: &[Meta]) -> Vec<Value> {
        rows.iter()
            .map(|row| {
                let attribute = self.attributes.values().find(|attribute| attribute.slug == row.key);
                let (key, value) = match attribute {
                    Some(attribute) => (attribute.name.clone(), capital(&super::json::text(&row.value)).into()),
                    None => (row.key.clone(), row.value.clone()),
                };
                json!({"id": row.id, "key": row.key, "value": row.value, "display_key": key, "display_value": value})
            })
            .collect()
    }

    fn line_value(&self, line: &Line) -> Value {
        let goods = self.products.get(&line.goods());
        let parent = self.products.get(&line.product).filter(|_| line.variation > 0);
        let price = match line.quantity {
            0 => 0.0,
            units => (line.total / Decimal::from(units)).round_dp(10).to_f64().unwrap_or(0.0),
        };
        let price = if price.fract() == 0.0 { json!(price as i64) } else { json!(price) };
        json!({
            "id": line.id,
            "name": line.name,
            "product_id": line.product,
            "variation_id": line.variation,
            "quantity": line.quantity,
            "tax_class": "",
            "subtotal": self.money(line.subtotal),
            "subtotal_tax": self.money(line.subtotal_tax),
            "total": self.money(line.total),
            "total_tax": self.money(line.total_tax),
            "taxes": self.taxes(line.total_tax, Some(line.subtotal_tax)),
            "meta_data": self.line_meta(&line.meta),
            "sku": goods.map_or(Value::Null, |goods| goods.sku.clone().into()),
            "global_unique_id": goods.map(|_| ""),
            "price": price,
            "image": {"id": if line.variation > 0 || goods.is_none() { json!(0) } else { json!("") }, "src": ""},
            "parent_name": parent.map(|parent| parent.name.clone()),
        })
    }

    fn shipping_value(&self, line: &Charge) -> Value {
        json!({
            "id": line.id,
            "method_title": line.title,
            "method_id": line.method,
            "instance_id": "",
            "total": self.money(line.total),
            "total_tax": self.money(line.total_tax),
            "taxes": self.taxes(line.total_tax, None),
            "tax_status": "taxable",
            "meta_data": self.line_meta(&line.meta),
        })
    }

    fn fee_value(&self, line: &Charge) -> Value {
        json!({
            "id": line.id,
            "name": line.title,
            "tax_class": "",
            "tax_status": "taxable",
            "amount": self.money(line.total),
            "total": self.money(line.total),
            "total_tax": self.money(line.total_tax),
            "taxes": self.taxes(line.total_tax, None),
            "meta_data": self.line_meta(&line.meta),
        })
    }

    fn tax_lines(&self, order: &Order) -> Vec<Value> {
        if self.config.tax_percent.is_zero() || (order.lines.is_empty() && order.shipping_lines.is_empty()) {
            return Vec::new();
        }
        let country = &self.config.country;
        vec![json!({
            "id": order.tax_line,
            "rate_code": format!("{country}-VAT-1"),
            "rate_id": 1,
            "label": "VAT",
            "compound": false,
            "tax_total": self.money(order.cart_tax()),
            "shipping_tax_total": self.money(order.shipping_tax()),
            "rate_percent": self.config.tax_percent.to_i64().unwrap_or(0),
            "meta_data": [],
        })]
    }

    /// An order as `/orders` shows it.
    pub(crate) fn order_value(&self, order: &Order) -> Value {
        let refunds: Vec<Value> = order
            .refunds
            .iter()
            .rev()
            .filter_map(|id| self.refunds.get(id))
            .map(|refund| json!({"id": refund.id, "reason": refund.reason, "total": self.money(-refund.amount)}))
            .collect();
        let discount: Decimal = order.lines.iter().map(|line| line.subtotal - line.total).sum();
        let discount_tax: Decimal = order.lines.iter().map(|line| line.subtotal_tax - line.total_tax).sum();
        let path = format!("orders/{}", order.id);
        let mut links = self.links(&path, "orders", None);
        links.insert(
            "email_templates".into(),
            json!([{"embeddable": true, "href": self.link(&format!("{path}/actions/email_templates"))}]),
        );
        if order.customer > 0 {
            links.insert(
                "customer".into(),
                json!([{"href": self.link(&format!("customers/{}", order.customer))}]),
            );
        }
        let pay =
            format!("{}/checkout/order-pay/{}/?pay_for_order=true&key={}", self.home, order.id, order.key);
        let unpaid = matches!(order.status.as_str(), "pending" | "failed") && !order.total().is_zero();
        let mut out = Object::new();
        let first = json!({
            "id": order.id,
            "parent_id": 0,
            "status": order.status,
            "currency": order.currency,
            "version": self.config.version,
            "prices_include_tax": false,
            "date_created": self.local(Some(order.created)),
            "date_modified": self.local(Some(order.modified)),
            "discount_total": self.money(discount),
            "discount_tax": self.money(discount_tax),
            "shipping_total": self.money(order.shipping_total()),
            "shipping_tax": self.money(order.shipping_tax()),
            "cart_tax": self.money(order.cart_tax()),
            "total": self.money(order.total()),
            "total_tax": self.money(order.cart_tax() + order.shipping_tax()),
            "customer_id": order.customer,
            "order_key": order.key,
            "billing": order.billing,
            "shipping": order.shipping,
            "payment_method": order.text("payment_method"),
            "payment_method_title": order.text("payment_method_title"),
            "transaction_id": order.text("transaction_id"),
            "customer_ip_address": "",
            "customer_user_agent": "",
            "created_via": order.created_via,
            "customer_note": order.text("customer_note"),
            "date_completed": self.local(order.completed),
            "date_paid": self.local(order.paid),
            "cart_hash": "",
            "number": format!("{}{}", self.config.order_number_prefix, order.id),
            "meta_data": meta(&order.meta),
        });
        let second = json!({
            "line_items": order.lines.iter().map(|line| self.line_value(line)).collect::<Vec<_>>(),
            "tax_lines": self.tax_lines(order),
            "shipping_lines": order.shipping_lines.iter().map(|line| self.shipping_value(line)).collect::<Vec<_>>(),
            "fee_lines": order.fee_lines.iter().map(|line| self.fee_value(line)).collect::<Vec<_>>(),
            "coupon_lines": [],
            "refunds": refunds,
            "payment_url": pay,
            "is_editable": matches!(order.status.as_str(), "pending" | "on-hold" | "auto-draft" | "failed"),
            "needs_payment": unpaid,
            "needs_processing": true,
            "date_created_gmt": self.gmt(Some(order.created)),
            "date_modified_gmt": self.gmt(Some(order.modified)),
            "date_completed_gmt": self.gmt(order.completed),
            "date_paid_gmt": self.gmt(order.paid),
            "currency_symbol": super::currency::symbol(&order.currency),
            "_links": links,
        });
        take(&mut out, first);
        take(&mut out, second);
        out.into()
    }

    /// A refund as `/orders/{id}/refunds` shows it; the global list adds the order's id.
    pub(crate) fn refund_value(&self, refund: &Refund, global: bool) -> Value {
        let up = format!("orders/{}", refund.order);
        let collection = if global { "refunds".to_owned() } else { format!("{up}/refunds") };
        let item = format!("{up}/refunds/{}", refund.id);
        let mut out = Object::new();
        out.insert("id".into(), refund.id.into());
        if global {
            out.insert("parent_id".into(), refund.order.into());
        }
        take(
            &mut out,
            json!({
                "date_created": self.local(Some(refund.created)),
                "date_created_gmt": self.gmt(Some(refund.created)),
                "amount": self.money(refund.amount),
                "reason": refund.reason,
                "refunded_by": refund.by,
                "refunded_payment": false,
                "meta_data": meta(&refund.meta),
                "line_items": refund.lines.iter().map(|line| self.line_value(line)).collect::<Vec<_>>(),
                "shipping_lines": [],
                "tax_lines": [],
                "fee_lines": [],
                "_links": self.links_allowing(&["GET", "DELETE"], &item, &collection, Some(&up)),
            }),
        );
        out.into()
    }

    /// A note as `/orders/{id}/notes` shows it.
    pub(crate) fn note_value(&self, order: u64, note: &Note) -> Value {
        let up = format!("orders/{order}");
        let item = format!("{up}/notes/{}", note.id);
        json!({
            "id": note.id,
            "author": "WooCommerce",
            "date_created": self.local(Some(note.at)),
            "date_created_gmt": self.gmt(Some(note.at)),
            "note": note.text,
            "customer_note": note.to_customer,
            "_links": self.links_allowing(&["GET", "DELETE"], &item, &format!("{up}/notes"), Some(&up)),
        })
    }

    /// A customer as `/customers` shows it.
    pub(crate) fn customer_value(&self, customer: &Customer) -> Value {
        json!({
            "id": customer.id,
            "date_created": self.local(Some(customer.created)),
            "date_created_gmt": self.gmt(Some(customer.created)),
            "date_modified": self.local(customer.modified),
            "date_modified_gmt": self.gmt(customer.modified),
            "email": customer.email,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "role": customer.role,
            "username": customer.username,
            "billing": customer.billing,
            "shipping": customer.shipping,
            "is_paying_customer": customer.paying,
            "avatar_url": "https://secure.gravatar.com/avatar/?s=96&d=mm&r=g",
            "meta_data": meta(&customer.meta),
            "_links": self.links(&format!("customers/{}", customer.id), "customers", None),
        })
    }

    /// A webhook as `/webhooks` shows it: never with its secret.
    pub(crate) fn webhook_value(&self, webhook: &Webhook) -> Value {
        json!({
            "id": webhook.id,
            "name": webhook.name,
            "status": webhook.status,
            "topic": webhook.topic,
            "resource": webhook.resource(),
            "event": webhook.event(),
            "hooks": webhook.hooks(),
            "delivery_url": webhook.delivery_url,
            "date_created": self.local(Some(webhook.created)),
            "date_created_gmt": self.gmt(Some(webhook.created)),
            "date_modified": self.local(Some(webhook.modified)),
            "date_modified_gmt": self.gmt(Some(webhook.modified)),
            "_links": self.links(&format!("webhooks/{}", webhook.id), "webhooks", None),
        })
    }

    /// The body of a delivery, from what the resource is now.
    pub(crate) fn payload(&self, webhook: &Webhook, id: u64) -> Value {
        let event = webhook.event();
        if event == "deleted" {
            return json!({"id": id});
        }
        if webhook.resource() == "action" {
            return json!({"action": event, "arg": id});
        }
        if self.owner_demoted {
            let error = super::error::RestError::new(
                403,
                "woocommerce_rest_cannot_view",
                "Sorry, you cannot view this resource.",
            );
            return error.body();
        }
        let found = match webhook.resource() {
            "product" => self.products.get(&id).map(|product| self.product_value(product)),
            "order" => self.orders.get(&id).map(|order| self.order_value(order)),
            "customer" => self.customers.get(&id).map(|customer| self.customer_value(customer)),
            _ => None,
        };
        found.unwrap_or_else(|| {
            let kind = match webhook.resource() {
                "order" => "shop_order",
                "customer" => {
                    return super::error::RestError::new(
                        404,
                        "woocommerce_rest_invalid_id",
                        "Invalid resource ID.",
                    )
                    .body();
                }
                other => other,
            };
            super::error::RestError::invalid_id(kind, 404).body()
        })
    }
}

fn capital(word: &str) -> String {
    let mut signs = word.chars();
    signs.next().map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}
