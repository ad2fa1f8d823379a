//! The JSON API, version 1: everything a merchant may see and do, behind its key.

mod allocations;
mod apps;
mod bundles;
mod catalog;
mod days;
mod drift;
mod events;
mod exceptions;
mod freshness;
mod items;
mod json;
mod locations;
mod movements;
mod orders;
mod page;
mod rehearsals;
mod rules;
mod runs;
mod stores;
mod undo;
mod why;

use axum::Router;

use crate::desk::Desk;

pub(crate) use bundles::parts_of;
pub(crate) use drift::item_of;
pub(crate) use json::id;
pub(crate) use stores::store_of;
pub(crate) use why::When;

/// What is about stores: their life, their runs, our apps.
pub(crate) fn of_stores() -> Router<Desk> {
    Router::new()
        .merge(apps::routes())
        .merge(stores::routes())
        .merge(runs::routes())
        .merge(allocations::of_stores())
        .merge(drift::of_stores())
        .merge(rehearsals::routes())
        .merge(freshness::routes())
        .merge(undo::routes())
        .merge(locations::of_stores())
}

/// What is about what stores have, and about the books.
pub(crate) fn of_books() -> Router<Desk> {
    Router::new()
        .merge(catalog::routes())
        .merge(items::routes())
        .merge(movements::routes())
        .merge(locations::routes())
        .merge(orders::routes())
        .merge(events::routes())
        .merge(exceptions::routes())
        .merge(allocations::of_items())
        .merge(bundles::routes())
        .merge(drift::of_items())
        .merge(rules::routes())
        .merge(why::routes())
        .merge(days::routes())
}

/// Where an event bus has no way of its own to us: on a desk.
pub(crate) fn of_buses() -> Router<Desk> {
    apps::bus()
}
