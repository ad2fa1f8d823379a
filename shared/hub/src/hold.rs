//! Holding a store that does not let us in: its work is kept until it is connected again.

use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::store::{Condition, Store};
use platform::Clock;
use ports::{Directory, Written};

use crate::alerts::{Alert, Alerts};
use crate::{Outside, Result};

/// Holding stores.
#[derive(Clone)]
pub struct Hold {
    directory: Arc<dyn Directory>,
    clock: Arc<dyn Clock>,
    alerts: Alerts,
}

impl Hold {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            clock: Arc::clone(&outside.clock),
            alerts: Alerts::new(outside),
        }
    }

    /// Holds a store, and says why where people look.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn hold(&self, store: &Store, reason: &str) -> Result<()> {
        let mut store = store.clone();
        for _ in 0..5 {
            store.condition = Condition::Held { reason: reason.to_owned(), since: self.clock.now() };
            if self.directory.change_store(&store).await? == Written::Done {
                break;
            }
            match self.directory.store(&store.org, &store.id).await? {
                Some(fresh) if fresh.is_callable() => store = fresh,
                _ => return Ok(()),
            }
        }
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::StoreHeld,
                subject: "",
                message: format!("{} no longer accepts our credentials: {reason}", store.name),
                advice: "Connect the store again; nothing is lost, its work goes on then.",
                facts: vec![],
            })
            .await
    }
}
