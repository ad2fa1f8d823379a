//! Customers; what is protected is null unless the app may see it.

use super::super::super::clock::z;
use super::super::super::gid::gid;
use super::super::super::order::Customer;
use super::super::execute::Context;
use super::super::search::{Attribute, filter};
use super::super::thing::{Call, Fail, Key, Out, Row, Thing};
use serde_json::{Value as Json, json};

const FILTERS: &[&str] = &[
    "country",
    "customer_date",
    "email",
    "first_name",
    "id",
    "last_name",
    "orders_count",
    "phone",
    "tag",
    "updated_at",
];

/// An address as GraphQL gives it.
pub(super) fn mailing(id: u64, address: &Json) -> Json {
    if !address.is_object() {
        return Json::Null;
    }
    json!({
        "id": gid("MailingAddress", id), "firstName": address["first_name"], "lastName": address["last_name"],
        "name": address["name"], "company": address["company"], "address1": address["address1"],
        "address2": address["address2"], "city": address["city"], "zip": address["zip"],
        "province": address["province"], "provinceCode": address["province_code"], "country": address["country"],
        "countryCode": address["country_code"], "countryCodeV2": address["country_code"], "phone": address["phone"],
        "formatted": [address["address1"], address["zip"], address["city"]], "coordinatesValidated": false,
    })
}

pub(super) fn customers(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let store = &context.store;
    let (now, lag, searched) = (store.now(), store.lag(), call.get("query").is_some());
    let sort = call.text("sortKey").unwrap_or("ID");
    let key = |row: &Customer| match sort {
        "UPDATED_AT" => Key::Number(i128::from(row.changed.indexed(now, lag))),
        "CREATED_AT" => Key::Number(i128::from(row.created)),
        "NAME" => Key::Text(format!("{} {}", row.last, row.first).to_lowercase()),
        _ => Key::Number(i128::from(row.id)),
    };
    let rows = store.customers.values().filter(|row| !searched || row.created + lag <= now);
    let rows: Vec<Row> =
        rows.map(|row| Row { id: row.id, key: key(row), thing: Thing::Customer(row.id) }).collect();
    let rows = filter(context, call, FILTERS, tell, rows)?;
    Ok(super::goods::sorted(rows))
}

fn tell(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let store = &context.store;
    let Thing::Customer(id) = thing else { return Attribute::Nothing };
    let Some(row) = store.customers.get(id) else { return Attribute::Nothing };
    match field {
        "id" => Attribute::Number(i128::from(*id)),
        "updated_at" => Attribute::Time(row.changed.indexed(store.now(), store.lag())),
        "customer_date" => Attribute::Time(row.created),
        "email" => Attribute::Word(row.email.clone()),
        "first_name" => Attribute::Word(row.first.clone()),
        "last_name" => Attribute::Word(row.last.clone()),
        "phone" => row.phone.clone().map_or(Attribute::Nothing, Attribute::Word),
        "country" => Attribute::Word(row.address["country"].as_str().unwrap_or_default().into()),
        "tag" => Attribute::Words(row.tags.clone()),
        "orders_count" => Attribute::Number(
            store.orders.values().filter(|order| order.customer == Some(*id)).count() as i128,
        ),
        _ => Attribute::Nothing,
    }
}

pub(super) fn customer(context: &mut Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.customers.get(&id) else { return Out::Null };
    let open = store.config.protected_data;
    let private = |value: Json| Out::leaf(if open { value } else { Json::Null });
    let bought = || store.orders.values().filter(|order| order.customer == Some(id));
    match call.field {
        "id" => Out::leaf(gid("Customer", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "firstName" => private(json!(row.first)),
        "lastName" => private(json!(row.last)),
        "email" => private(json!(row.email)),
        "phone" => private(json!(row.phone)),
        "displayName" => Out::leaf(if open { format!("{} {}", row.first, row.last) } else { String::new() }),
        "defaultEmailAddress" if open => Out::plain(
            "CustomerEmailAddress",
            json!({
                "emailAddress": row.email, "validFormat": true, "marketingState": "NOT_SUBSCRIBED",
            }),
        ),
        "defaultPhoneNumber" if open && row.phone.is_some() => Out::plain(
            "CustomerPhoneNumber",
            json!({
                "phoneNumber": row.phone, "marketingState": "NOT_SUBSCRIBED",
            }),
        ),
        "defaultEmailAddress" | "defaultPhoneNumber" => Out::Null,
        "defaultAddress" => {
            Out::plain("MailingAddress", if open { mailing(id, &row.address) } else { Json::Null })
        }
        "addresses" => {
            Out::plain("MailingAddress", if open { json!([mailing(id, &row.address)]) } else { json!([]) })
        }
        "addressesV2" => {
            let thing = Thing::Plain("MailingAddress", mailing(id, &row.address).into());
            Out::Rows(if open { vec![Row::new(id, thing)] } else { Vec::new() })
        }
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed.at)),
        "note" => Out::leaf(json!(row.note)),
        "tags" => Out::leaf(json!(row.tags)),
        "state" => Out::leaf("DISABLED"),
        "locale" => Out::leaf("en"),
        "verifiedEmail" | "validEmailAddress" => Out::leaf(true),
        "taxExempt" => Out::leaf(false),
        "numberOfOrders" => Out::leaf(bought().count().to_string()),
        "amountSpent" => {
            Out::plain("MoneyV2", store.coin(bought().map(|order| order.received() - order.refunded()).sum()))
        }
        "lastOrder" => {
            Out::maybe(bought().max_by_key(|order| order.created).map(|order| Thing::Order(order.id)))
        }
        "orders" => {
            let ids = bought().map(|order| order.id).collect();
            let sort = call.text("sortKey").unwrap_or("ID").to_owned();
            super::order::rows(context, call, ids, &sort).map_or_else(Out::Fail, Out::Rows)
        }
        "metafields" => Out::Rows(Vec::new()),
        _ => Out::Unknown,
    }
}
