//! What a field can be about, and what a field can give.

use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// An object of the schema: a row of the store, or plain values.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    Query,
    Mutation,
    Shop,
    App,
    Installation,
    Product(u64),
    Variant(u64),
    Item(u64),
    Level(u64, u64),
    Location(u64),
    Order(u64),
    /// Order, line.
    Line(u64, u64),
    Customer(u64),
    /// Order, refund.
    Refund(u64, u64),
    /// Order, refund, row.
    RefundLine(u64, u64, u64),
    /// Order, transaction.
    Transaction(u64, u64),
    /// Order, fulfilment.
    Fulfillment(u64, u64),
    /// Order, fulfilment, row.
    FulfillmentLine(u64, u64, u64),
    FulfillmentOrder(u64),
    /// Fulfilment order, row.
    FulfillmentOrderLine(u64, u64),
    Subscription(u64),
    Bulk(u64),
    Operation(u64),
    Group(u64),
    Edit(u64),
    /// Values by field name, objects and lists below them too.
    Plain(&'static str, Arc<Json>),
    /// What fields give, by name.
    Made(&'static str, Arc<Vec<(&'static str, Out)>>),
    Page(Arc<Page>),
    Edge(Arc<Page>, usize),
}

impl Thing {
    /// The type of the object, where it is not the declared one.
    pub(crate) fn type_name(&self) -> Option<&str> {
        Some(match self {
            Self::Query => "QueryRoot",
            Self::Mutation => "Mutation",
            Self::Shop => "Shop",
            Self::App => "App",
            Self::Installation => "AppInstallation",
            Self::Product(_) => "Product",
            Self::Variant(_) => "ProductVariant",
            Self::Item(_) => "InventoryItem",
            Self::Level(..) => "InventoryLevel",
            Self::Location(_) => "Location",
            Self::Order(_) => "Order",
            Self::Line(..) => "LineItem",
            Self::Customer(_) => "Customer",
            Self::Refund(..) => "Refund",
            Self::RefundLine(..) => "RefundLineItem",
            Self::Transaction(..) => "OrderTransaction",
            Self::Fulfillment(..) => "Fulfillment",
            Self::FulfillmentLine(..) => "FulfillmentLineItem",
            Self::FulfillmentOrder(_) => "FulfillmentOrder",
            Self::FulfillmentOrderLine(..) => "FulfillmentOrderLineItem",
            Self::Subscription(_) => "WebhookSubscription",
            Self::Bulk(_) => "BulkOperation",
            Self::Operation(_) => "ProductSetOperation",
            Self::Group(_) => "InventoryAdjustmentGroup",
            Self::Edit(_) => "CalculatedOrder",
            Self::Plain(name, json) => json.get("__typename").and_then(Json::as_str).unwrap_or(name),
            Self::Made(name, _) => name,
            Self::Page(_) | Self::Edge(..) => "",
        })
        .filter(|name| !name.is_empty())
    }
}

/// What a field gives.
#[derive(Clone, Debug)]
pub(crate) enum Out {
    Null,
    Leaf(Json),
    One(Thing),
    Many(Vec<Out>),
    /// The rows of a connection, not yet cut into a page.
    Rows(Vec<Row>),
    /// The simulator keeps no value for this field.
    Unknown,
    Fail(Fail),
}

impl Out {
    pub(crate) fn leaf(value: impl Into<Json>) -> Self {
        Self::Leaf(value.into())
    }

    pub(crate) fn maybe(thing: Option<Thing>) -> Self {
        thing.map_or(Self::Null, Self::One)
    }

    pub(crate) fn plain(name: &'static str, value: Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Array(rows) => Self::Many(rows.into_iter().map(|row| Self::plain(name, row)).collect()),
            value @ Json::Object(_) => Self::One(Thing::Plain(name, Arc::new(value))),
            leaf => Self::Leaf(leaf),
        }
    }

    pub(crate) fn made(name: &'static str, fields: Vec<(&'static str, Out)>) -> Self {
        Self::One(Thing::Made(name, Arc::new(fields)))
    }

    pub(crate) fn things(things: impl IntoIterator<Item = Thing>) -> Self {
        Self::Many(things.into_iter().map(Self::One).collect())
    }
}

/// One row of a connection with what it is sorted by.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) key: Key,
    pub(crate) thing: Thing,
}

impl Row {
    pub(crate) fn new(id: u64, thing: Thing) -> Self {
        Self { id, key: Key::Number(id as i128), thing }
    }
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Number(i128),
    Text(String),
}

impl Key {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// A page of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    pub(crate) next: bool,
    pub(crate) previous: bool,
}

/// Why a field gives nothing.
#[derive(Clone, Debug)]
pub(crate) struct Fail {
    pub(crate) message: String,
    pub(crate) extensions: Json,
}

impl Fail {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { message: message.into(), extensions: serde_json::json!({"code": code}) }
    }
}

/// The arguments of a field.
pub(crate) struct Call<'a> {
    pub(crate) field: &'a str,
    pub(crate) args: &'a Map<String, Json>,
}

impl Call<'_> {
    /// An argument; null counts as not given.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.args.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Json::as_bool).unwrap_or(false)
    }

    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// The number of a global id of this kind.
    pub(crate) fn id(&self, name: &str, kind: &str) -> Option<u64> {
        super::super::gid::number(self.text(name)?, kind)
    }
}

/// A user error with its field path and code.
pub(crate) fn user_error(field: &[&str], message: impl Into<String>, code: Option<&str>) -> Json {
    let message: String = message.into();
    serde_json::json!({
        "field": if field.is_empty() { Json::Null } else { serde_json::json!(field) },
        "message": message, "code": code,
    })
}
