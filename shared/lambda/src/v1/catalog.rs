//! What a store lists: products, variants, customers; and writing prices and titles.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, patch};
use axum::{Json as Answer, Router};
use domain::customer::Customer;
use domain::money::Money;
use domain::product::Product;
use domain::work::{LaneWork, Priority, Verb};
use domain::{RemoteCustomerId, RemoteProductId, RemoteVariantId};
use hub::person::Person;
use ports::VariantRecord;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::json::Json;
use super::page::{Cursor, List, list};
use super::stores::store_of;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .route("/stores/{store}/products", get(products))
        .route("/stores/{store}/products/{product}", patch(title))
        .route("/stores/{store}/variants", get(variants))
        .route("/stores/{store}/variants/{variant}", get(variant).patch(price))
        .route("/stores/{store}/customers", get(customers))
        .route("/stores/{store}/customers/{customer}", get(person))
}

async fn products(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<Product>>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(list(desk.0.catalog.products(&org, &store.id, &cursor.ask()?).await?))
}

async fn variants(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<VariantRecord>>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(list(desk.0.catalog.variants(&org, &store.id, &cursor.ask()?).await?))
}

async fn variant(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path((store, variant)): Path<(String, String)>,
) -> Result<Answer<VariantRecord>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let id = RemoteVariantId::new(&variant);
    let record = desk.0.catalog.variant(&org, &store.id, &id).await?;
    Ok(Answer(record.ok_or_else(|| hub::HubError::not_found("variant", variant))?))
}

async fn customers(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(store): Path<String>,
    Query(cursor): Query<Cursor>,
) -> Result<Answer<List<Customer>>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    Ok(list(desk.0.catalog.customers(&org, &store.id, &cursor.ask()?).await?))
}

#[derive(Deserialize)]
struct Further {
    after: Option<String>,
}

/// All that is kept about a customer; of the store's orders a part at a time.
async fn person(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path((store, customer)): Path<(String, String)>,
    Query(further): Query<Further>,
) -> Result<Answer<Person>, Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let id = RemoteCustomerId::new(&customer);
    Ok(Answer(desk.0.people.person(&store, &id, further.after).await?))
}

#[derive(Deserialize)]
struct NewPrice {
    price: Money,
}

#[derive(Deserialize)]
struct NewTitle {
    title: String,
}

/// What was put into the store's lane.
#[derive(Serialize)]
struct Queued {
    task: domain::TaskId,
}

async fn price(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path((store, variant)): Path<(String, String)>,
    Json(new): Json<NewPrice>,
) -> Result<(StatusCode, Answer<Queued>), Problem> {
    let store = store_of(&desk, &org, &store).await?;
    if new.price.amount() < Decimal::ZERO {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "a price is not below zero"));
    }
    if store.currency.is_some_and(|currency| currency != new.price.currency()) {
        let detail = format!("the prices of {} are not in {}", store.name, new.price.currency());
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    let id = RemoteVariantId::new(&variant);
    let record = desk
        .0
        .catalog
        .variant(&org, &store.id, &id)
        .await?
        .ok_or_else(|| hub::HubError::not_found("variant", variant))?;
    let verb = Verb::Price { product: record.variant.product, variant: id, price: new.price };
    queue(&desk, LaneWork::new(&org, &store.id, Priority::Raise, verb, desk.0.clock.now())).await
}

async fn title(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path((store, product)): Path<(String, String)>,
    Json(new): Json<NewTitle>,
) -> Result<(StatusCode, Answer<Queued>), Problem> {
    let store = store_of(&desk, &org, &store).await?;
    let title = new.title.trim();
    if title.is_empty() || title.chars().count() > 200 {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "a title has from 1 to 200 characters"));
    }
    let id = RemoteProductId::new(&product);
    if desk.0.catalog.product(&org, &store.id, &id).await?.is_none() {
        return Err(hub::HubError::not_found("product", product).into());
    }
    let verb = Verb::Title { product: id, title: title.to_owned() };
    queue(&desk, LaneWork::new(&org, &store.id, Priority::Raise, verb, desk.0.clock.now())).await
}

async fn queue(desk: &Desk, work: LaneWork) -> Result<(StatusCode, Answer<Queued>), Problem> {
    desk.0.dispatch.work(std::slice::from_ref(&work)).await?;
    Ok((StatusCode::ACCEPTED, Answer(Queued { task: work.task })))
}
