//! Reading one record afresh, and doing what it says.

use domain::event::{About, Event};
use jiff::SignedDuration;
use ports::Seen;

use super::{Lane, Turn};
use crate::Result;
use crate::access::Shop;

/// How far workers' clocks may be apart, and more.
const APART: SignedDuration = SignedDuration::from_secs(6);

impl Lane {
    /// Reads one record afresh.
    pub(super) async fn fetch(&self, shop: &Shop, about: &About) -> Result<Turn> {
        let store = &shop.store;
        let Some(fetch) = shop.platform.fetch() else { return Ok(Turn::Done) };
        // What was seen since, or by a clock that is behind, may be newer than the shop's answer.
        let before = self.clock.now() - APART;
        let mut certain = true;
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
                    certain &= self.shelves.lacks(store, &listings, before).await?;
                }
                Event::ProductGone(product) => certain &= self.shelves.gone(store, &product, before).await?,
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
        Ok(if certain { Turn::Done } else { Turn::Later(self.clock.now() + APART) })
    }
}
