//! Orders with their lines, refunds and transactions.

use super::super::super::clock::{DAY, z};
use super::super::super::gid::gid;
use super::super::super::money::spell;
use super::super::super::order::{Order, RefundLine};
use super::super::execute::Context;
use super::super::search::{Attribute, filter};
use super::super::thing::{Call, Fail, Key, Out, Row, Thing};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

const FILTERS: &[&str] = &[
    "created_at",
    "customer_id",
    "email",
    "financial_status",
    "fulfillment_status",
    "id",
    "name",
    "processed_at",
    "sku",
    "source_name",
    "status",
    "tag",
    "test",
    "updated_at",
];

/// Whether this token may see an order: without all orders, only those of the last sixty days.
pub(super) fn visible(context: &Context<'_>, id: u64) -> bool {
    let recent = context.store.now() - 60 * DAY;
    let all = context.scopes.contains("read_all_orders");
    context.store.orders.get(&id).is_some_and(|order| all || order.created >= recent)
}

pub(super) fn orders(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let ids: Vec<u64> = context.store.orders.keys().copied().collect();
    let sort = call.text("sortKey").unwrap_or("PROCESSED_AT").to_owned();
    rows(context, call, ids, &sort)
}

/// Orders as rows, searched and sorted.
pub(super) fn rows(
    context: &mut Context<'_>,
    call: &Call<'_>,
    ids: Vec<u64>,
    sort: &str,
) -> Result<Vec<Row>, Fail> {
    let store = &context.store;
    let (now, lag, searched) = (store.now(), store.lag(), call.get("query").is_some());
    let ids = ids.into_iter().filter(|id| visible(context, *id));
    let key = |order: &Order| match sort {
        "UPDATED_AT" => Key::Number(i128::from(order.changed.indexed(now, lag))),
        "CREATED_AT" | "PROCESSED_AT" => Key::Number(i128::from(order.created)),
        "ORDER_NUMBER" => Key::Number(i128::from(order.number)),
        "TOTAL_PRICE" | "CURRENT_TOTAL_PRICE" => Key::Text(format!("{:>20}", spell(order.total(false)))),
        "FINANCIAL_STATUS" => Key::Text(order.financial().into()),
        _ => Key::Number(i128::from(order.id)),
    };
    let seen =
        ids.filter_map(|id| store.orders.get(&id)).filter(|order| !searched || order.created + lag <= now);
    let rows: Vec<Row> =
        seen.map(|row| Row { id: row.id, key: key(row), thing: Thing::Order(row.id) }).collect();
    let rows = filter(context, call, FILTERS, tell, rows)?;
    Ok(super::goods::sorted(rows))
}

fn tell(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let store = &context.store;
    let Thing::Order(id) = thing else { return Attribute::Nothing };
    let Some(row) = store.orders.get(id) else { return Attribute::Nothing };
    match field {
        "id" => Attribute::Number(i128::from(*id)),
        "updated_at" => Attribute::Time(row.changed.indexed(store.now(), store.lag())),
        "created_at" | "processed_at" => Attribute::Time(row.created),
        "name" => Attribute::Words(vec![row.name(), row.number.to_string()]),
        "email" => Attribute::Word(row.email.clone()),
        "tag" => Attribute::Words(row.tags.clone()),
        "sku" => Attribute::Words(row.lines.iter().map(|line| line.sku.clone()).collect()),
        "test" => Attribute::Flag(row.test),
        "customer_id" => row.customer.map_or(Attribute::Nothing, |id| Attribute::Number(i128::from(id))),
        "source_name" => Attribute::Word(row.source.clone()),
        "financial_status" => Attribute::Word(row.financial().into()),
        "fulfillment_status" => Attribute::Word(match row.fulfillment_status() {
            "PARTIALLY_FULFILLED" => "partial".into(),
            "FULFILLED" => "fulfilled".into(),
            _ => "unfulfilled".into(),
        }),
        "status" => {
            let mut words = vec!["any".to_owned()];
            words.push(if row.closed.is_some() { "closed" } else { "open" }.into());
            if row.cancelled.is_some() {
                words.push("cancelled".into());
            }
            Attribute::Words(words)
        }
        _ => Attribute::Nothing,
    }
}

pub(super) fn order(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.orders.get(&id) else { return Out::Null };
    if let Some(out) = sum(context, row, call.field) {
        return out;
    }
    let private = |value: Json| Out::plain("", if store.config.protected_data { value } else { Json::Null });
    match call.field {
        "id" => Out::leaf(gid("Order", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "name" => Out::leaf(row.name()),
        "number" => Out::leaf(row.number),
        "createdAt" | "processedAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed.at)),
        "cancelledAt" => Out::leaf(json!(row.cancelled.map(z))),
        "cancelReason" => Out::leaf(json!(row.cancel_reason)),
        "cancellation" => {
            row.cancelled.map_or(Out::Null, |_| Out::plain("OrderCancellation", json!({"staffNote": null})))
        }
        "closed" => Out::leaf(row.closed.is_some()),
        "closedAt" => Out::leaf(json!(row.closed.map(z))),
        "confirmed" => Out::leaf(true),
        "confirmationNumber" => Out::leaf(format!("C{:08}", row.number)),
        "test" => Out::leaf(row.test),
        "edited" => Out::leaf(row.edited),
        "sourceName" => Out::leaf(row.source.clone()),
        "app" => {
            let (name, app) = match row.source.as_str() {
                "pos" => ("Point of Sale", 129_785),
                "shopify_draft_order" => ("Draft Orders", 1_354_745),
                _ => ("Online Store", 580_111),
            };
            Out::plain("OrderApp", json!({"id": gid("App", app), "name": name}))
        }
        "email" => private(json!(row.email)),
        "phone" => Out::Null,
        "note" => Out::leaf(json!(row.note)),
        "tags" => Out::leaf(json!(row.tags)),
        "customer" => {
            Out::maybe(row.customer.filter(|id| store.customers.contains_key(id)).map(Thing::Customer))
        }
        "billingAddress" | "shippingAddress" | "displayAddress" => {
            private(super::people::mailing(id, &row.address))
        }
        "currencyCode" => Out::leaf(store.config.currency.clone()),
        "presentmentCurrencyCode" => {
            Out::leaf(row.presentment.as_ref().map_or(store.config.currency.clone(), |buyer| buyer.0.clone()))
        }
        "displayFinancialStatus" => Out::leaf(row.financial()),
        "displayFulfillmentStatus" => Out::leaf(row.fulfillment_status()),
        "fullyPaid" => Out::leaf(matches!(row.financial(), "PAID" | "PARTIALLY_REFUNDED" | "REFUNDED")),
        "unpaid" => Out::leaf(row.received().is_zero()),
        "fulfillable" => {
            Out::leaf(row.cancelled.is_none() && row.lines.iter().any(|line| line.unfulfilled() > 0))
        }
        "refundable" => Out::leaf(row.received() > row.refunded()),
        "restockable" => Out::leaf(row.lines.iter().any(|line| line.tracked && line.current() > 0)),
        "requiresShipping" => Out::leaf(row.lines.iter().any(|line| line.ships)),
        "taxesIncluded" | "dutiesIncluded" => Out::leaf(false),
        "subtotalLineItemsQuantity" => Out::leaf(row.lines.iter().map(|line| line.quantity).sum::<i64>()),
        "currentSubtotalLineItemsQuantity" => {
            Out::leaf(row.lines.iter().map(|line| line.current()).sum::<i64>())
        }
        "lineItems" => {
            Out::Rows(row.lines.iter().map(|line| Row::new(line.id, Thing::Line(id, line.id))).collect())
        }
        "fulfillments" => Out::things(few(call, &row.fulfillments).map(|one| Thing::Fulfillment(id, one.id))),
        "fulfillmentsCount" => {
            Out::plain("Count", json!({"count": row.fulfillments.len(), "precision": "EXACT"}))
        }
        "fulfillmentOrders" => {
            let rows = store.fulfillment_orders.values().filter(|one| one.order == id);
            Out::Rows(rows.map(|one| Row::new(one.id, Thing::FulfillmentOrder(one.id))).collect())
        }
        "refunds" => Out::things(few(call, &row.refunds).map(|one| Thing::Refund(id, one.id))),
        "transactions" => Out::things(few(call, &row.transactions).map(|one| Thing::Transaction(id, one.id))),
        "transactionsCount" => {
            Out::plain("Count", json!({"count": row.transactions.len(), "precision": "EXACT"}))
        }
        "paymentGatewayNames" => Out::leaf(json!(["bogus"])),
        "taxLines" => Out::plain("TaxLine", tax_lines(context, row, row.tax(false))),
        "currentTaxLines" => Out::plain("TaxLine", tax_lines(context, row, row.tax(true))),
        "returnStatus" => Out::leaf("NO_RETURN"),
        "statusPageUrl" => Out::leaf(format!("https://{}/orders/{id}", store.config.domain)),
        "merchantEditable" => Out::leaf(row.cancelled.is_none()),
        "shippingLines" | "metafields" | "discountApplications" => Out::Rows(Vec::new()),
        _ => Out::Unknown,
    }
}

fn few<'a, T>(call: &Call<'_>, rows: &'a [T]) -> impl Iterator<Item = &'a T> {
    rows.iter().take(call.whole("first").map_or(usize::MAX, |first| first.max(0) as usize))
}

/// Sums as bags, and as plain text where the field is an old one.
fn sum(context: &Context<'_>, row: &Order, field: &str) -> Option<Out> {
    let zero = Decimal::ZERO;
    let owed = (row.total(true) - row.received() + row.refunded()).max(zero);
    let amount = match field.strip_suffix("Set").unwrap_or(field) {
        "totalPrice" | "originalTotalPrice" => row.total(false),
        "currentTotalPrice" => row.total(true),
        "subtotalPrice" => row.subtotal(false),
        "currentSubtotalPrice" => row.subtotal(true),
        "totalTax" => row.tax(false),
        "currentTotalTax" => row.tax(true),
        "totalShippingPrice" | "currentShippingPrice" => row.shipping,
        "totalRefunded" => row.refunded(),
        "totalReceived" => row.received(),
        "netPayment" => row.received() - row.refunded(),
        "totalOutstanding" => owed,
        "totalDiscounts"
        | "currentTotalDiscounts"
        | "cartDiscountAmount"
        | "currentCartDiscountAmount"
        | "totalRefundedShipping"
        | "refundDiscrepancy"
        | "totalCapturable"
        | "totalTipReceived" => zero,
        _ => return None,
    };
    Some(if field.ends_with("Set") {
        Out::plain("MoneyBag", context.store.bag(amount, Some(row)))
    } else if field == "totalTipReceived" {
        Out::plain("MoneyV2", context.store.coin(amount))
    } else {
        Out::leaf(spell(amount))
    })
}

fn tax_lines(context: &Context<'_>, row: &Order, tax: Decimal) -> Json {
    if row.tax_percent.is_zero() {
        return json!([]);
    }
    let rate: f64 = (row.tax_percent / Decimal::ONE_HUNDRED).to_string().parse().unwrap_or(0.0);
    json!([{
        "title": "VAT", "rate": rate, "ratePercentage": rate * 100.0, "price": spell(tax),
        "priceSet": context.store.bag(tax, Some(row)), "channelLiable": false,
    }])
}

pub(super) fn line(context: &Context<'_>, order: u64, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(order) = store.orders.get(&order) else { return Out::Null };
    let Some(row) = order.line(id) else { return Out::Null };
    let bag = |amount: Decimal| Out::plain("MoneyBag", store.bag(amount, Some(order)));
    let units = Decimal::from(row.quantity);
    match call.field {
        "id" => Out::leaf(gid("LineItem", id)),
        "title" => Out::leaf(row.title.clone()),
        "variantTitle" => Out::leaf(if row.variant_title == "Default Title" {
            Json::Null
        } else {
            json!(row.variant_title)
        }),
        "name" => Out::leaf(row.name()),
        "sku" => Out::leaf(if row.sku.is_empty() { Json::Null } else { json!(row.sku) }),
        "vendor" => Out::leaf(row.vendor.clone()),
        "quantity" => Out::leaf(row.quantity),
        "currentQuantity" | "refundableQuantity" => Out::leaf(row.current()),
        "unfulfilledQuantity" | "fulfillableQuantity" => Out::leaf(row.unfulfilled()),
        "nonFulfillableQuantity" => Out::leaf((row.quantity - row.unfulfilled()).max(0)),
        "fulfillmentStatus" => Out::leaf(match (row.fulfilled, row.unfulfilled()) {
            (0, _) => "unfulfilled",
            (_, 0) => "fulfilled",
            _ => "partial",
        }),
        "requiresShipping" => Out::leaf(row.ships),
        "restockable" => Out::leaf(row.tracked),
        "taxable" | "merchantEditable" => Out::leaf(true),
        "isGiftCard" => Out::leaf(false),
        "product" => Out::maybe(row.product.filter(|id| store.products.contains_key(id)).map(Thing::Product)),
        "variant" => Out::maybe(row.variant.filter(|id| store.variants.contains_key(id)).map(Thing::Variant)),
        "originalUnitPriceSet" | "discountedUnitPriceSet" | "discountedUnitPriceAfterAllDiscountsSet" => {
            bag(row.price)
        }
        "originalUnitPrice" | "discountedUnitPrice" => Out::leaf(spell(row.price)),
        "originalTotalSet" | "discountedTotalSet" | "priceAfterAllDiscountsBeforeTaxesSet" => {
            bag(row.price * units)
        }
        "originalTotal" | "discountedTotal" => Out::leaf(spell(row.price * units)),
        "unfulfilledOriginalTotalSet" | "unfulfilledDiscountedTotalSet" => {
            bag(row.price * Decimal::from(row.unfulfilled()))
        }
        "totalDiscountSet" => bag(Decimal::ZERO),
        "taxLines" => {
            let tax = (row.price * units * order.tax_percent / Decimal::ONE_HUNDRED).round_dp(2);
            Out::plain("TaxLine", tax_lines(context, order, tax))
        }
        "weight" => Out::plain("Weight", json!({"unit": "KILOGRAMS", "value": row.grams as f64 / 1000.0})),
        _ => Out::Unknown,
    }
}

pub(super) fn refund(context: &Context<'_>, order: u64, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(of) = store.orders.get(&order) else { return Out::Null };
    let Some(row) = of.refunds.iter().find(|row| row.id == id) else { return Out::Null };
    match call.field {
        "id" => Out::leaf(gid("Refund", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "createdAt" | "processedAt" | "updatedAt" => Out::leaf(z(row.created)),
        "note" => Out::leaf(json!(row.note)),
        "order" => Out::One(Thing::Order(order)),
        "totalRefundedSet" => Out::plain("MoneyBag", store.bag(row.amount, Some(of))),
        "totalRefunded" => Out::plain("MoneyV2", store.coin(row.amount)),
        "refundLineItems" => Out::Rows(
            row.lines.iter().map(|line| Row::new(line.id, Thing::RefundLine(order, id, line.id))).collect(),
        ),
        "transactions" => {
            let paid = of.transactions.iter().filter(|one| one.kind == "REFUND" && one.at == row.created);
            Out::Rows(paid.map(|one| Row::new(one.id, Thing::Transaction(order, one.id))).collect())
        }
        "duties" => Out::leaf(json!([])),
        _ => Out::Unknown,
    }
}

pub(super) fn refund_line(
    context: &Context<'_>,
    (order, refund, id): (u64, u64, u64),
    call: &Call<'_>,
) -> Out {
    let store = &context.store;
    let Some(of) = store.orders.get(&order) else { return Out::Null };
    let rows = of.refunds.iter().filter(|row| row.id == refund).flat_map(|row| &row.lines);
    let Some(row) = rows.into_iter().find(|row: &&RefundLine| row.id == id) else { return Out::Null };
    let price = of.line(row.line).map_or(Decimal::ZERO, |line| line.price);
    let tax = (row.subtotal * of.tax_percent / Decimal::ONE_HUNDRED).round_dp(2);
    match call.field {
        "id" => Out::leaf(gid("RefundLineItem", id)),
        "quantity" => Out::leaf(row.units),
        "restockType" => Out::leaf(row.restock.clone()),
        "restocked" => Out::leaf(row.restock != "NO_RESTOCK"),
        "lineItem" => Out::One(Thing::Line(order, row.line)),
        "location" => Out::maybe(row.location.map(Thing::Location)),
        "priceSet" => Out::plain("MoneyBag", store.bag(price, Some(of))),
        "price" => Out::leaf(spell(price)),
        "subtotalSet" => Out::plain("MoneyBag", store.bag(row.subtotal, Some(of))),
        "subtotal" => Out::leaf(spell(row.subtotal)),
        "totalTaxSet" => Out::plain("MoneyBag", store.bag(tax, Some(of))),
        "totalTax" => Out::leaf(spell(tax)),
        _ => Out::Unknown,
    }
}

pub(super) fn transaction(context: &Context<'_>, order: u64, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(of) = store.orders.get(&order) else { return Out::Null };
    let Some(row) = of.transactions.iter().find(|row| row.id == id) else { return Out::Null };
    match call.field {
        "id" => Out::leaf(gid("OrderTransaction", id)),
        "kind" => Out::leaf(row.kind),
        "status" => Out::leaf("SUCCESS"),
        "gateway" => Out::leaf("bogus"),
        "formattedGateway" => Out::leaf("Bogus"),
        "test" => Out::leaf(of.test),
        "amountSet" => Out::plain("MoneyBag", store.bag(row.amount, Some(of))),
        "amount" => Out::leaf(spell(row.amount)),
        "amountV2" => Out::plain("MoneyV2", store.coin(row.amount)),
        "createdAt" | "processedAt" => Out::leaf(z(row.at)),
        "order" => Out::One(Thing::Order(order)),
        _ => Out::Unknown,
    }
}

/// An order that is being edited.
pub(super) fn edit(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(edit) = store.edits.get(&id) else { return Out::Null };
    let Some(order) = store.orders.get(&edit.order) else { return Out::Null };
    let row = |line: u64, title: &str, sku: &str, price: Decimal, units: i64| {
        let plain = json!({
            "id": gid("CalculatedLineItem", line), "title": title, "sku": sku, "quantity": units,
            "editableQuantity": units, "editableQuantityBeforeChanges": units, "restockable": true, "restocking": true,
            "originalUnitPriceSet": store.bag(price, Some(order)), "discountedUnitPriceSet": store.bag(price, Some(order)),
        });
        Row::new(line, Thing::Plain("CalculatedLineItem", plain.into()))
    };
    let added = || {
        edit.added.iter().map(|(line, variant, units)| {
            let price = store.variants.get(variant).map_or(Decimal::ZERO, |row| row.price);
            row(*line, "Added", &store.sku_of(*variant), price, *units)
        })
    };
    let kept = order.lines.iter().map(|line| {
        let units = edit.quantities.get(&line.id).map_or(line.current(), |wanted| wanted.0);
        row(line.id, &line.title, &line.sku, line.price, units)
    });
    match call.field {
        "id" => Out::leaf(gid("CalculatedOrder", id)),
        "originalOrder" => Out::One(Thing::Order(edit.order)),
        "committed" => Out::leaf(edit.committed),
        "lineItems" => Out::Rows(kept.chain(added()).collect()),
        "addedLineItems" => Out::Rows(added().collect()),
        _ => Out::Unknown,
    }
}
