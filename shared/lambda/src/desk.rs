//! The use-cases that the routers call, and a router for each function.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::get;
use hub::allocate::Allocate;
use hub::authority::Authorities;
use hub::bundle::Bundles;
use hub::connect::Connect;
use hub::daybook::Daybook;
use hub::drift::Drift;
use hub::freshness::Fresh;
use hub::keys::Keys;
use hub::locations::Locations;
use hub::overview::Look;
use hub::person::People;
use hub::receive::Receive;
use hub::rehearse::Rehearse;
use hub::replay::Replay;
use hub::rules::RuleBook;
use hub::settle::Settle;
use hub::shadow::Shadows;
use hub::ship::Ship;
use hub::stock_room::StockRoom;
use hub::stores::Stores;
use hub::sync::Sync;
use hub::undo::Undoing;
use hub::why::Why;
use hub::{Outside, Settings};
use platform::{Clock, Dice};
use ports::{Catalog, Directory, Journal, Ledger, Runs, Schedules};

use crate::budget::Budget;

/// A body of the API above this is refused.
const API_BODY: usize = 256 * 1024;
/// A delivery above this is refused.
const DELIVERY_BODY: usize = 4 * 1024 * 1024;

/// The use-cases and ports that the routers call.
#[derive(Clone)]
pub struct Desk(pub(crate) Arc<Rooms>);

pub(crate) struct Rooms {
    pub(crate) authorities: Authorities,
    pub(crate) bundles: Bundles,
    pub(crate) connect: Connect,
    pub(crate) allocate: Allocate,
    pub(crate) daybook: Daybook,
    pub(crate) drift: Drift,
    pub(crate) fresh: Fresh,
    pub(crate) keys: Keys,
    pub(crate) locations: Locations,
    pub(crate) look: Look,
    pub(crate) people: People,
    pub(crate) receive: Receive,
    pub(crate) rehearse: Rehearse,
    pub(crate) replay: Replay,
    pub(crate) rules: RuleBook,
    pub(crate) settle: Settle,
    pub(crate) shadows: Shadows,
    pub(crate) ship: Ship,
    pub(crate) stock_room: StockRoom,
    pub(crate) stores: Stores,
    pub(crate) sync: Sync,
    pub(crate) undoing: Undoing,
    pub(crate) why: Why,
    pub(crate) dispatch: hub::dispatch::Dispatch,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) runs: Arc<dyn Runs>,
    pub(crate) schedules: Arc<dyn Schedules>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) dice: Arc<dyn Dice>,
    pub(crate) settings: Settings,
    pub(crate) budget: Budget,
}

impl Desk {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self(Arc::new(Rooms {
            authorities: Authorities::new(outside),
            bundles: Bundles::new(outside),
            connect: Connect::new(outside),
            allocate: Allocate::new(outside),
            daybook: Daybook::new(outside),
            drift: Drift::new(outside),
            fresh: Fresh::new(outside),
            keys: Keys::new(outside),
            locations: Locations::new(outside),
            look: Look::new(outside),
            people: People::new(outside),
            receive: Receive::new(outside),
            rehearse: Rehearse::new(outside),
            replay: Replay::new(outside),
            rules: RuleBook::new(outside),
            settle: Settle::new(outside),
            shadows: Shadows::new(outside),
            ship: Ship::new(outside),
            stock_room: StockRoom::new(outside),
            stores: Stores::new(outside),
            sync: Sync::new(outside),
            undoing: Undoing::new(outside),
            why: Why::new(outside),
            dispatch: hub::dispatch::Dispatch::new(outside),
            directory: Arc::clone(&outside.directory),
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            runs: Arc::clone(&outside.runs),
            schedules: Arc::clone(&outside.schedules),
            clock: Arc::clone(&outside.clock),
            dice: Arc::clone(&outside.dice),
            settings: outside.settings.clone(),
            budget: Budget::new(Arc::clone(&outside.clock)),
        }))
    }
}

impl FromRef<Desk> for Receive {
    fn from_ref(desk: &Desk) -> Self {
        desk.0.receive.clone()
    }
}

/// The routes of deliveries alone.
pub fn webhooks(receive: Receive) -> Router {
    let routes = crate::webhooks::routes().layer(DefaultBodyLimit::max(DELIVERY_BODY));
    finished(routes).with_state(receive)
}

/// The routes of connecting through a browser alone.
pub fn oauth(desk: Desk) -> Router {
    finished(crate::oauth::routes().layer(DefaultBodyLimit::max(DELIVERY_BODY))).with_state(desk)
}

/// The routes of the API that are about stores: their life, their runs, our apps.
pub fn api_of_stores(desk: Desk) -> Router {
    finished(api(crate::v1::of_stores())).with_state(desk)
}

/// The routes of the API that are about what stores have, and about the books; with what the page's forms do.
pub fn api_of_books(desk: Desk) -> Router {
    finished(api(crate::v1::of_books()).merge(crate::pages::acts())).with_state(desk)
}

/// The routes of the page alone.
pub fn console(desk: Desk) -> Router {
    finished(crate::pages::routes()).with_state(desk)
}

fn api(routes: Router<Desk>) -> Router<Desk> {
    Router::new().nest("/v1", routes).layer(DefaultBodyLimit::max(API_BODY))
}

fn finished<S: Clone + Send + std::marker::Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .route("/health", get(|| async { "ok" }))
        .fallback(crate::problem::no_route)
        .method_not_allowed_fallback(crate::problem::no_method)
}

/// Where messages of an event bus are handed in, where there is no bus: on a desk.
pub fn buses(desk: Desk) -> Router {
    finished(api(crate::v1::of_buses())).with_state(desk)
}
