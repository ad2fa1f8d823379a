//! The JSON API, version 1: everything a merchant may see and do, behind its key.

mod apps;
mod catalog;
mod events;
mod exceptions;
mod items;
mod json;
mod orders;
mod page;
mod runs;
mod stores;

use axum::Router;

use crate::desk::Desk;

pub(crate) fn routes() -> Router<Desk> {
    Router::new()
        .merge(apps::routes())
        .merge(stores::routes())
        .merge(runs::routes())
        .merge(catalog::routes())
        .merge(items::routes())
        .merge(orders::routes())
        .merge(events::routes())
        .merge(exceptions::routes())
}
