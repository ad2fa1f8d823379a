//! Stock: items with their balances, links and entries.

use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json as Answer, Router};
use domain::link::Link;
use domain::product::Sku;
use domain::stock::{AtLocation, Balance, Entry};
use domain::{ItemId, OnHand, OrgId};
use ports::{ItemRecord, Page};
use serde::{Deserialize, Serialize};

use super::drift::item_of;
use super::json::id;
use super::page::{Cursor, List, list};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/stock", get(stock))
        .route("/stock/{item}", get(one))
        .route("/stock/{item}/entries", get(entries))
}

/// An item with what may be sold of it and where it is listed.
#[derive(Serialize)]
struct Shelf {
    #[serde(flatten)]
    item: ItemRecord,
    balance: Balance,
    available: OnHand,
    links: Vec<Link>,
}

/// The same, with what lies where.
#[derive(Serialize)]
struct Shelves {
    #[serde(flatten)]
    shelf: Shelf,
    locations: Vec<AtLocation>,
}

#[derive(Deserialize)]
struct BySku {
    sku: Option<String>,
}

async fn shelf(desk: &Desk, org: &OrgId, item: ItemRecord) -> Result<Shelf, Problem> {
    let balance = desk.0.ledger.balance(org, &item.id).await?;
    let links = desk.0.ledger.links_of(org, &item.id).await?;
    let available = hub::bundle::available_of(&*desk.0.ledger, org, &balance).await?;
    Ok(Shelf { available, balance, links, item })
}

async fn stock(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Query(by): Query<BySku>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<Shelf>>, Problem> {
    let page = match by.sku.as_deref().and_then(Sku::read) {
        Some(sku) => {
            let item = hub::listings::item_of(&org, &sku);
            Page { items: desk.0.ledger.item(&org, &item).await?.into_iter().collect(), next: None }
        }
        None => desk.0.ledger.items(&org, &cursor.ask()?).await?,
    };
    let mut items = Vec::with_capacity(page.items.len());
    for item in page.items {
        items.push(shelf(&desk, &org, item).await?);
    }
    Ok(list(Page { items, next: page.next }))
}

async fn one(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
) -> Result<Answer<Shelves>, Problem> {
    let id = item_of(&org, &item)?;
    let item = desk.0.ledger.item(&org, &id).await?.ok_or_else(|| hub::HubError::not_found("item", id))?;
    let (_, locations) = desk.0.ledger.at_locations(&org, &item.id).await?;
    Ok(Answer(Shelves { shelf: shelf(&desk, &org, item).await?, locations }))
}

async fn entries(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<Entry>>, Problem> {
    let id: ItemId = id("item", &item)?;
    Ok(list(desk.0.ledger.entries(&org, &id, &cursor.ask()?).await?))
}
