//! How many of an item's units each shop may offer.

use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json as Answer, Router};
use domain::link::Link;
use domain::store::Store;
use hub::allocate::{Offer, Wish};
use serde::Deserialize;

use super::drift::item_of;
use super::json::{Json, id};
use super::page::{List, list};
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn of_stores() -> Router<Desk> {
    Router::new().route("/stores/{store}/allocation", put(for_store))
}

pub(crate) fn of_items() -> Router<Desk> {
    Router::new()
        .route("/items/{item}/offers", get(offers))
        .route("/items/{item}/stores/{store}/allocation", put(for_link))
}

async fn offers(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(item): Path<String>,
) -> Result<Answer<List<Offer>>, Problem> {
    let items = desk.0.allocate.offers(&org, &item_of(&org, &item)?).await?;
    Ok(list(ports::Page { items, next: None }))
}

async fn for_store(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Json(wish): Json<Wish>,
) -> Result<Answer<Store>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(Answer(desk.0.allocate.store(&org, &store.id, wish).await?))
}

/// What a link of an item shall offer.
#[derive(Deserialize)]
struct ForLink {
    /// Which, where a store lists the item more than once.
    link: Option<String>,
    #[serde(flatten)]
    wish: Wish,
}

async fn for_link(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path((item, store)): Path<(String, String)>,
    Json(asked): Json<ForLink>,
) -> Result<Answer<Offer>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let item = item_of(&org, &item)?;
    let links = desk.0.ledger.links_of(&org, &item).await?;
    let here: Vec<&Link> = links.iter().filter(|link| link.store == store.id).collect();
    let named = asked.link.as_deref().map(|text| id("link", text)).transpose()?;
    let link = match (&named, here.as_slice()) {
        (Some(named), here) => here.iter().find(|link| link.id == *named).copied(),
        (None, [link]) => Some(*link),
        (None, []) => None,
        (None, _) => {
            return Err(hub::HubError::Invalid(format!(
                "{} lists the item more than once: say which `link`",
                store.name
            ))
            .into());
        }
    };
    let Some(link) = link else {
        return Err(hub::HubError::not_found("link of the item in this store", store.name).into());
    };
    Ok(Answer(desk.0.allocate.link(&org, &link.id, asked.wish).await?))
}
