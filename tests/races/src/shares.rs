//! Worlds in which units belong to single links.

use domain::LinkId;
use domain::link::Link;
use ports::Ledger as _;

use crate::gated::at_once;
use crate::job::Job;
use crate::shop::{ITEMS, Shop, sku, variant_id};
use crate::world::World;

/// Whether units belong to single links in the worlds that begin so.
#[must_use]
pub fn is_strict(beginning: u64) -> bool {
    (160..208).contains(&beginning)
}

impl World {
    /// Gives the units of each item to the links of the first merchant: to all three, or to two, and the third sells
    /// what is left.
    pub(crate) fn divide(&mut self, levels: [i64; ITEMS], all: bool) {
        let org = self.orgs[0].clone();
        for (item, level) in levels.into_iter().enumerate() {
            for place in 0..(if all { 3 } else { 2 }) {
                let units = (level + 2 - i64::try_from(place).expect("small")) / 3;
                let link = self.link_of(place, item);
                self.work(Job::Allot(org.clone(), link.id, units), None);
            }
        }
        self.drain();
    }

    /// The link of an item in a shop.
    #[must_use]
    pub fn link_of(&self, place: usize, item: usize) -> Link {
        self.link_in(&self.mall.shops().shops[place], item)
    }

    /// The same, where the shops are at hand.
    #[must_use]
    pub fn link_in(&self, shop: &Shop, item: usize) -> Link {
        let link = at_once(self.memory.link(&shop.org, &link_id(shop, item)));
        link.expect("memory never fails").expect("it is listed")
    }

    /// Whether a write to a shop's number of an item is noted, and its end is not.
    #[must_use]
    pub fn is_writing(&self, shop: &Shop, item: usize) -> bool {
        at_once(self.memory.link(&shop.org, &link_id(shop, item)))
            .expect("memory never fails")
            .is_some_and(|link| link.inflight.is_some())
    }
}

/// The link of an item in a shop.
pub(crate) fn link_id(shop: &Shop, item: usize) -> LinkId {
    let of_shop = hub::listings::item_of(&shop.org, &sku(item));
    Link::id_of(&shop.store, &variant_id(item), &of_shop)
}
