//! The functions that answer requests, each as its `main` in `functions/` wires it, by the name of its folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub::receive::Receive;
use hub::{Outside, Platforms};
use lambda::Desk;
use platform::Platform;

use crate::front::{Front, FrontError};
use crate::wiring::{Route, Wiring};

/// The start of the names of functions that take one platform's deliveries.
const WEBHOOK: &str = "webhook-";
/// The start of the names of functions that take one platform's events out of a bus.
const EVENTS: &str = "events-";

/// The front of the wiring: its routes, and the functions behind them.
///
/// # Errors
/// If a route or a bus leads to a function that is not there.
pub fn front(wiring: &Wiring, outside: &Outside) -> Result<Front, FrontError> {
    let desk = Desk::new(outside);
    let mut functions = BTreeMap::from([
        ("oauth".to_owned(), lambda::oauth(desk.clone())),
        ("api-stores".to_owned(), lambda::api_of_stores(desk.clone())),
        ("api-books".to_owned(), lambda::api_of_books(desk.clone())),
        ("page".to_owned(), lambda::console(desk.clone())),
    ]);
    for platform in platforms_all::all() {
        let platform: Arc<dyn Platform> = Arc::from(platform);
        let name = platform.slug().to_string();
        // It knows this platform and no other, as there.
        let alone = Outside { platforms: Platforms::new(vec![platform]), ..outside.clone() };
        functions.insert(format!("{WEBHOOK}{name}"), lambda::webhooks(Receive::new(&alone)));
        functions.insert(format!("{EVENTS}{name}"), lambda::buses(Desk::new(&alone)));
    }
    let mut routes = wiring.routes.clone();
    for function in &wiring.takers {
        // A desk has no bus: what one would bring may be handed in here, by whoever has a key.
        let platform = function.strip_prefix(EVENTS).unwrap_or(function);
        let path = format!("/v1/envelopes/{platform}");
        routes.push(Route { method: Some("POST".to_owned()), path, function: function.clone() });
    }
    Front::new(&routes, &functions)
}
