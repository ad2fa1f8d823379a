//! What is kept about a person, for the merchant who must hand it over.

use std::sync::Arc;

use domain::RemoteCustomerId;
use domain::customer::Customer;
use domain::order::Order;
use domain::store::Store;
use ports::{Ask, Catalog, Ledger};
use serde::Serialize;

use crate::{Outside, Result};

/// Orders that are looked through at a time, unless fewer are asked for.
const LOOKED_THROUGH: u32 = 200;

/// Finding what is kept about a person.
#[derive(Clone)]
pub struct People {
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
}

/// What is kept about a person, as far as it was looked through.
#[derive(Serialize)]
pub struct Person {
    /// The account, if the shop knows one that was not erased.
    pub customer: Option<Customer>,
    /// Their orders among those that were looked through: of the account, or placed under its mail address.
    pub items: Vec<Order>,
    /// Where to go on among the store's orders; none if all were looked through.
    pub next: Option<String>,
}

impl std::fmt::Debug for Person {
    /// Names no person: a debug print may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("orders", &self.items.len()).finish_non_exhaustive()
    }
}

impl People {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self { catalog: Arc::clone(&outside.catalog), ledger: Arc::clone(&outside.ledger) }
    }

    /// What is kept about a customer of a store: the account, and the orders among the next few hundred of the store.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn person(
        &self,
        store: &Store,
        id: &RemoteCustomerId,
        after: Option<String>,
    ) -> Result<Person> {
        let customer = self.catalog.customer(&store.org, &store.id, id).await?;
        let email =
            customer.as_ref().and_then(|customer| customer.email.as_deref()).filter(|it| !it.is_empty());
        let page = self.ledger.orders(&store.org, &store.id, &Ask::after(LOOKED_THROUGH, after)).await?;
        let is_theirs = |order: &Order| {
            order.buyer.customer.as_ref() == Some(id)
                || email.is_some_and(|email| {
                    order.buyer.email.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(email))
                })
        };
        let items = page.items.into_iter().map(|record| record.order).filter(is_theirs).collect();
        Ok(Person { customer, items, next: page.next })
    }
}
