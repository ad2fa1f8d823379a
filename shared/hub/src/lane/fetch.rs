//! Reading one record afresh, and doing what it says.

use domain::event::{About, Event};
use ports::Seen;

use super::{Lane, Turn};
use crate::Result;
use crate::access::Shop;

impl Lane {
    /// Reads one record afresh.
    pub(super) async fn fetch(&self, shop: &Shop, about: &About) -> Result<Turn> {
        let store = &shop.store;
        let Some(fetch) = shop.platform.fetch() else { return Ok(Turn::Done) };
        let asked = self.clock.now();
        for event in fetch.fetch(&shop.ctx(), about).await? {
            let seen = Seen { at: self.clock.now(), run: None };
            match event {
                Event::Order(order) => {
                    let (waits, remote) = (order.waits_for_payment(), order.remote.clone());
                    self.book.order(store, *order, true).await?;
                    if waits {
                        self.ask_if_unpaid(shop, &remote).await?;
                    }
                }
                Event::OrderGone(order) => self.book.gone(store, &order).await?,
                Event::Catalog(listings) => {
                    self.shelves.put(store, &listings, &seen).await?;
                    self.shelves.lacks(store, &listings, asked).await?;
                }
                Event::ProductGone(product) => self.shelves.gone(store, &product).await?,
                Event::Customer(customer) => {
                    self.catalog.put_customers(&store.org, &store.id, &[*customer], &seen).await?;
                }
                Event::CustomerGone(customer) => {
                    self.catalog.remove_customer(&store.org, &store.id, &customer).await?;
                }
                Event::Hint(_)
                | Event::SettingsChanged
                | Event::Withdrawn(_)
                | Event::Erase(_)
                | Event::Ignored(_) => {}
            }
        }
        Ok(Turn::Done)
    }
}
