//! Erasing personal data: of orders, customers and raw messages. What the books count stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::event::{About, Erase, Event};
use domain::message::Body;
use domain::store::Store;
use domain::{OrderId, RemoteCustomerId, RemoteOrderId};
use platform::Message;
use ports::{Ask, Blobs, Catalog, EventRecord, Journal, Ledger};

use crate::{Outside, Platforms, Result};

/// Records that are looked at at a time.
const PAGE: u32 = 100;

/// Erasing personal data.
#[derive(Clone)]
pub struct Eraser {
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    blobs: Arc<dyn Blobs>,
    platforms: Platforms,
}

/// Whose data a record is.
struct Whose {
    customer: Option<RemoteCustomerId>,
    orders: BTreeSet<RemoteOrderId>,
    everybody: bool,
}

impl Eraser {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            blobs: Arc::clone(&outside.blobs),
            platforms: outside.platforms.clone(),
        }
    }

    /// Erases personal data of a store. A second call finds it erased; a crash anywhere is gone on from.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn erase(&self, store: &Store, whose: &Erase) -> Result<()> {
        let whose = match whose {
            Erase::Buyer { customer, orders } => Whose {
                customer: customer.clone(),
                orders: orders.iter().cloned().collect(),
                everybody: false,
            },
            Erase::Shop => Whose { customer: None, orders: BTreeSet::new(), everybody: true },
        };
        self.orders(store, &whose).await?;
        self.customers(store, &whose).await?;
        self.messages(store, &whose).await
    }

    async fn orders(&self, store: &Store, whose: &Whose) -> Result<()> {
        if !whose.everybody && whose.customer.is_none() {
            for order in &whose.orders {
                let id = OrderId::derive(&[store.id.as_str(), order.as_str()]);
                self.ledger.erase_buyer(&store.org, &id).await?;
            }
            return Ok(());
        }
        let mut ask = Some(Ask::first(PAGE));
        while let Some(at) = ask {
            let page = self.ledger.orders(&store.org, &store.id, &at).await?;
            for record in &page.items {
                let theirs = whose.customer.is_some() && record.order.buyer.customer == whose.customer;
                if whose.everybody || theirs || whose.orders.contains(&record.order.remote) {
                    self.ledger.erase_buyer(&store.org, &record.id).await?;
                }
            }
            ask = page.next.map(|next| Ask::after(PAGE, Some(next)));
        }
        Ok(())
    }

    async fn customers(&self, store: &Store, whose: &Whose) -> Result<()> {
        if let Some(customer) = &whose.customer {
            self.catalog.remove_customer(&store.org, &store.id, customer).await?;
        }
        if !whose.everybody {
            return Ok(());
        }
        // Those of the first page are gone when it is read again.
        loop {
            let page = self.catalog.customers(&store.org, &store.id, &Ask::first(PAGE)).await?;
            if page.items.is_empty() {
                return Ok(());
            }
            for customer in &page.items {
                self.catalog.remove_customer(&store.org, &store.id, &customer.remote).await?;
            }
        }
    }

    /// Raw messages about them: what came is forgotten, that it came is not.
    async fn messages(&self, store: &Store, whose: &Whose) -> Result<()> {
        let mut ask = Some(Ask::first(PAGE));
        while let Some(at) = ask {
            let page = self.journal.events(&store.org, &store.id, &at).await?;
            for record in &page.items {
                if self.is_about(store, record, whose).await? {
                    if let Body::Blob(key) = &record.inbox.raw.body {
                        self.blobs.remove(&store.org, key).await?;
                    }
                    self.journal.forget_body(&store.org, &record.id).await?;
                }
            }
            ask = page.next.map(|next| Ask::after(PAGE, Some(next)));
        }
        Ok(())
    }

    async fn is_about(&self, store: &Store, record: &EventRecord, whose: &Whose) -> Result<bool> {
        if whose.everybody {
            return Ok(true);
        }
        let bytes = match &record.inbox.raw.body {
            Body::Text(text) => text.as_bytes().to_vec(),
            Body::Base64(text) => STANDARD.decode(text).unwrap_or_default(),
            Body::Blob(key) => self.blobs.get(&store.org, key).await?.unwrap_or_default(),
        };
        let message = Message { headers: &record.inbox.raw.headers, body: &bytes, currency: store.currency };
        let platform = self.platforms.get(&store.platform)?;
        let Some(events) = platform.webhooks().and_then(|webhooks| webhooks.events(&message).ok()) else {
            // What cannot be read may name anybody; a parked event keeps its body until somebody looked.
            return Ok(false);
        };
        Ok(events.iter().any(|(_, event)| whose.is_named_in(event)))
    }
}

impl Whose {
    fn is_named_in(&self, event: &Event) -> bool {
        match event {
            Event::Order(order) => {
                let theirs = self.customer.is_some() && order.buyer.customer == self.customer;
                theirs || self.orders.contains(&order.remote)
            }
            Event::OrderGone(order) | Event::Hint(About::Order(order)) => self.orders.contains(order),
            Event::Customer(customer) => self.customer.as_ref() == Some(&customer.remote),
            Event::CustomerGone(customer) | Event::Hint(About::Customer(customer)) => {
                self.customer.as_ref() == Some(customer)
            }
            Event::Erase(Erase::Buyer { customer, orders }) => {
                (customer.is_some() && *customer == self.customer)
                    || orders.iter().any(|order| self.orders.contains(order))
            }
            Event::Catalog(_)
            | Event::ProductGone(_)
            | Event::Hint(About::Product(_) | About::Stock(_))
            | Event::SettingsChanged
            | Event::Withdrawn(_)
            | Event::Erase(Erase::Shop)
            | Event::Ignored(_) => false,
        }
    }
}
