//! Telling the shop that an order was sent.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::RemoteOrderId;
use domain::order::{Order, Shipment};
use platform::{Ctx, ErrorKind, Fulfil, PlatformError, Result};
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Shopify;
use crate::call::Shop;
use crate::documents::Document;
use crate::orders;
use crate::read::Asked;
use crate::refusal::{UserError, accepted};
use crate::wire::connection::Connection;
use crate::wire::loose::{Id, Moment, Number, gid, is_digits};
use crate::wire::order_graph::OnlyId;

const OP: &str = "fulfil";

#[derive(Debug, Deserialize)]
struct Answer {
    order: Option<ToSend>,
}

/// What of an order was sent, and what is still to be sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToSend {
    #[serde(default)]
    fulfillments: Vec<Sent>,
    fulfillment_orders: Connection<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    #[serde(default)]
    status: String,
    #[serde(default)]
    created_at: Moment,
    #[serde(default)]
    tracking_info: Vec<Tracking>,
    fulfillment_line_items: Connection<SentLine>,
}

#[derive(Debug, Deserialize)]
struct Tracking {
    #[serde(default)]
    number: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentLine {
    #[serde(default)]
    quantity: Number,
    line_item: OnlyId,
}

/// What one location is to send.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    id: String,
    status: String,
    assigned_location: Assigned,
    line_items: Connection<PartLine>,
}

#[derive(Debug, Deserialize)]
struct Assigned {
    #[serde(default)]
    location: Option<OnlyId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartLine {
    id: String,
    remaining_quantity: Number,
    line_item: OnlyId,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    fulfillment_create: Option<Complaints>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaints {
    user_errors: Vec<UserError>,
}

fn rejected(message: impl Into<String>) -> PlatformError {
    PlatformError::new(ErrorKind::Rejected, OP, message)
}

#[async_trait]
impl Fulfil for Shopify {
    async fn fulfil(&self, ctx: &Ctx<'_>, order: &RemoteOrderId, shipment: &Shipment) -> Result<Order> {
        let shop = Shop::open(ctx)?;
        let gone =
            || PlatformError::new(ErrorKind::NotFound, OP, "the shop does not have this order any more");
        if !is_digits(order.as_str()) {
            return Err(gone());
        }
        let answer = shop.ask(OP, Document::ToFulfil, json!({ "id": gid("Order", order.as_str()) })).await?;
        let open = answer.shaped::<Answer>()?.order.ok_or_else(gone)?;
        for parcel in parcels(&open, shipment)? {
            send(&shop, shipment, parcel).await?;
        }
        orders::one(&shop, OP, order.as_str()).await?.ok_or_else(gone)
    }
}

/// What leaves one location: its parts, each with its lines and units.
type Parcel = BTreeMap<String, Vec<(String, u64)>>;

/// What is to be noted, location by location; nothing if all of it was noted before.
fn parcels(open: &ToSend, shipment: &Shipment) -> Result<Vec<Parcel>> {
    let noted = noted(open, shipment);
    if shipment.lines.is_empty() && noted.is_some() {
        return Ok(Vec::new());
    }
    let noted = noted.unwrap_or_default();
    if open.fulfillment_orders.page_info.next().is_some()
        || open.fulfillment_orders.nodes.iter().any(|part| part.line_items.page_info.next().is_some())
    {
        return Err(rejected(
            "the order has more parts than can be noted from here; note it in the shop's admin",
        ));
    }
    let mut wanted: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &shipment.lines {
        *wanted.entry(line.line.as_str()).or_default() += u64::from(line.units);
    }
    for (line, units) in &mut wanted {
        *units = units.saturating_sub(noted.get(*line).copied().unwrap_or(0));
    }
    let everything = shipment.lines.is_empty();
    if !everything && wanted.values().all(|units| *units == 0) {
        return Ok(Vec::new());
    }
    let mut parcels: BTreeMap<Option<String>, Parcel> = BTreeMap::new();
    let ready = |part: &&Part| matches!(part.status.as_str(), "OPEN" | "IN_PROGRESS");
    for part in open.fulfillment_orders.nodes.iter().filter(ready) {
        for line in &part.line_items.nodes {
            let left = line.remaining_quantity.whole().unwrap_or(0);
            let Some(id) = line.line_item.id.0.as_deref() else { continue };
            let take = if everything { left } else { left.min(wanted.get(id).copied().unwrap_or(0)) };
            if take == 0 {
                continue;
            }
            if let Some(units) = wanted.get_mut(id) {
                *units -= take;
            }
            let place = part.assigned_location.location.as_ref().and_then(|location| location.id.0.clone());
            parcels
                .entry(place)
                .or_default()
                .entry(part.id.clone())
                .or_default()
                .push((line.id.clone(), take));
        }
    }
    if let Some((line, missing)) = wanted.iter().find(|(_, units)| **units > 0) {
        return Err(rejected(format!(
            "{missing} units of line {line} are more than what is left to send; look at the order in the shop"
        )));
    }
    if parcels.is_empty() {
        return Err(rejected("nothing of the order is left to send; look at it in the shop"));
    }
    Ok(parcels.into_values().collect())
}

/// Units by line that were noted of this shipment before; none if nothing was.
fn noted(open: &ToSend, shipment: &Shipment) -> Option<BTreeMap<String, u64>> {
    let mut units: Option<BTreeMap<String, u64>> = None;
    for sent in &open.fulfillments {
        if matches!(sent.status.as_str(), "CANCELLED" | "ERROR" | "FAILURE") || !sent.is(shipment) {
            continue;
        }
        let all = units.get_or_insert_default();
        for line in &sent.fulfillment_line_items.nodes {
            if let (Id(Some(id)), Some(count)) = (&line.line_item.id, line.quantity.0) {
                *all.entry(id.clone()).or_default() += count.to_u64().unwrap_or(0);
            }
        }
    }
    units
}

impl Sent {
    /// Whether it is this shipment: it carries its number, or neither has one and it was made since it was asked for (the
    /// shop tells times in whole seconds).
    fn is(&self, shipment: &Shipment) -> bool {
        let bare = |number: &Option<String>| {
            number.as_deref().map(str::trim).filter(|number| !number.is_empty()).map(str::to_owned)
        };
        let mut numbers = self.tracking_info.iter().filter_map(|it| bare(&it.number));
        match bare(&shipment.tracking_number) {
            Some(number) => numbers.any(|it| it == number),
            None => {
                let since = shipment.asked_at.zip(self.created_at.0);
                numbers.next().is_none()
                    && since.is_some_and(|(asked, made)| made.as_second() >= asked.as_second())
            }
        }
    }
}

async fn send(shop: &Shop<'_>, shipment: &Shipment, parcel: Parcel) -> Result<()> {
    let parts: Vec<Value> = parcel
        .into_iter()
        .map(|(part, lines)| {
            let lines: Vec<Value> =
                lines.into_iter().map(|(id, quantity)| json!({ "id": id, "quantity": quantity })).collect();
            json!({ "fulfillmentOrderId": part, "fulfillmentOrderLineItems": lines })
        })
        .collect();
    let mut fulfillment = json!({
        "lineItemsByFulfillmentOrder": parts,
        "notifyCustomer": shipment.tell_buyer,
    });
    let mut tracking = serde_json::Map::new();
    for (name, value) in [
        ("number", &shipment.tracking_number),
        ("company", &shipment.carrier),
        ("url", &shipment.tracking_url),
    ] {
        if let Some(value) = value.as_deref().map(str::trim).filter(|value| !value.is_empty()) {
            tracking.insert(name.to_owned(), Value::from(value));
        }
    }
    if let (false, Some(map)) = (tracking.is_empty(), fulfillment.as_object_mut()) {
        map.insert("trackingInfo".to_owned(), Value::Object(tracking));
    }
    let answer = shop.change(OP, Document::Fulfil, json!({ "fulfillment": fulfillment })).await?;
    let asked = Asked { op: OP, writes: true };
    let created = answer
        .shaped::<Created>()?
        .fulfillment_create
        .ok_or_else(|| asked.unreadable("no answer to the shipment"))?;
    accepted(OP, &created.user_errors)
}

#[cfg(test)]
mod tests {
    use domain::order::Shipped;

    use super::*;

    fn open(fulfillments: &str) -> ToSend {
        let json = format!(
            r#"{{"fulfillments":[{fulfillments}],"fulfillmentOrders":{{"nodes":[
              {{"id":"F1","status":"OPEN","assignedLocation":{{"location":{{"id":"gid://shopify/Location/1"}}}},
                "lineItems":{{"nodes":[{{"id":"L1","remainingQuantity":2,"lineItem":{{"id":"gid://shopify/LineItem/11"}}}},
                                       {{"id":"L2","remainingQuantity":1,"lineItem":{{"id":"gid://shopify/LineItem/12"}}}}]}}}},
              {{"id":"F2","status":"IN_PROGRESS","assignedLocation":{{"location":{{"id":"gid://shopify/Location/2"}}}},
                "lineItems":{{"nodes":[{{"id":"L3","remainingQuantity":3,"lineItem":{{"id":"gid://shopify/LineItem/11"}}}}]}}}},
              {{"id":"F3","status":"CLOSED","assignedLocation":{{"location":null}},
                "lineItems":{{"nodes":[{{"id":"L4","remainingQuantity":9,"lineItem":{{"id":"gid://shopify/LineItem/11"}}}}]}}}}]}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    const SENT: &str = r#"{"status":"SUCCESS","trackingInfo":[{"number":"T1"}],
        "fulfillmentLineItems":{"nodes":[{"quantity":1,"lineItem":{"id":"gid://shopify/LineItem/11"}}]}}"#;

    fn shipment(lines: &[(&str, u32)], number: Option<&str>) -> Shipment {
        let shipped = |(line, units): &(&str, u32)| Shipped { line: (*line).into(), units: *units };
        Shipment {
            lines: lines.iter().map(shipped).collect(),
            tracking_number: number.map(Into::into),
            carrier: None,
            tracking_url: None,
            tell_buyer: false,
            asked_at: "2026-11-21T10:00:00.9Z".parse().ok(),
        }
    }

    fn said(sent: &str, shipment: &Shipment) -> Vec<String> {
        match parcels(&open(sent), shipment) {
            Ok(parcels) => parcels.iter().map(|parcel| format!("{parcel:?}")).collect(),
            Err(error) => vec![error.message],
        }
    }

    #[test]
    fn units_are_taken_part_by_part_and_location_by_location() {
        assert_eq!(
            said("", &shipment(&[], None)),
            [r#"{"F1": [("L1", 2), ("L2", 1)]}"#, r#"{"F2": [("L3", 3)]}"#]
        );
        assert_eq!(said("", &shipment(&[("12", 1)], None)), [r#"{"F1": [("L2", 1)]}"#]);
        assert_eq!(
            said("", &shipment(&[("11", 4)], Some("T1"))),
            [r#"{"F1": [("L1", 2)]}"#, r#"{"F2": [("L3", 2)]}"#]
        );
        assert!(said("", &shipment(&[("11", 6)], None))[0].contains("1 units of line 11"));
        assert!(said("", &shipment(&[("99", 1)], None))[0].contains("line 99"));
    }

    #[test]
    fn what_was_noted_is_not_noted_again() {
        assert!(said(SENT, &shipment(&[], Some("T1"))).is_empty());
        assert!(said(SENT, &shipment(&[("11", 1)], Some(" T1 "))).is_empty());
        assert_eq!(said(SENT, &shipment(&[("11", 2)], Some("T1"))), [r#"{"F1": [("L1", 1)]}"#]);
        assert_eq!(said(SENT, &shipment(&[("11", 1)], Some("T2"))), [r#"{"F1": [("L1", 1)]}"#]);
        let bare = |at: &str| SENT.replace(r#"[{"number":"T1"}]"#, &format!(r#"[],"createdAt":"{at}""#));
        let (before, since) = (bare("2026-11-21T09:59:59Z"), bare("2026-11-21T10:00:00Z"));
        assert!(said(&since, &shipment(&[], None)).is_empty());
        assert!(said(&since, &shipment(&[("11", 1)], None)).is_empty());
        assert_eq!(said(&since, &shipment(&[("11", 2)], None)), [r#"{"F1": [("L1", 1)]}"#]);
        assert_eq!(said(&before, &shipment(&[("11", 1)], None)), [r#"{"F1": [("L1", 1)]}"#]);
        assert_eq!(said(&since, &shipment(&[("11", 1)], Some("T1"))), [r#"{"F1": [("L1", 1)]}"#]);
        assert_eq!(said(SENT, &shipment(&[("11", 1)], None)), [r#"{"F1": [("L1", 1)]}"#]);
        let cancelled = SENT.replace("SUCCESS", "CANCELLED");
        assert_eq!(said(&cancelled, &shipment(&[("11", 1)], Some("T1"))), [r#"{"F1": [("L1", 1)]}"#]);
    }
}
