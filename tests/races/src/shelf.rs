//! Products that come and go: what one shop lists changes while it sells.

use domain::exception::{Exception, ExceptionKind};

use crate::gated::at_once;
use crate::history::{Seen, Step};
use crate::shop::{ITEMS, Shop, Told, product_id, variant_id};
use crate::world::World;

/// The shop whose products come and go.
pub const PLACE: usize = 2;

/// Whether products of a shop come and go in the worlds that begin so.
#[must_use]
pub fn is_shelved(beginning: u64) -> bool {
    (256..288).contains(&beginning)
}

/// What a shop lists when a world begins so: the third may lack one or two, which come later.
#[must_use]
pub fn listed(beginning: u64, place: usize) -> [bool; ITEMS] {
    let lacks = is_shelved(beginning) && place == PLACE;
    [true, !(lacks && beginning.is_multiple_of(2)), !(lacks && beginning.is_multiple_of(3))]
}

impl World {
    /// Whether products of a shop come and go.
    #[must_use]
    pub fn is_shelved(&self) -> bool {
        self.mall.shops().shops[PLACE].shelved.is_some()
    }

    /// The item of a shop that was listed once, and that the books cannot know: nobody told of it in time, or its number
    /// was not read before it went.
    #[must_use]
    pub fn is_unheard_of(&self, shop: &Shop, item: usize) -> bool {
        shop.shelved.is_some()
            && !shop.listed[item]
            && self.maybe_link(shop, item).is_none_or(|link| link.explained.is_none())
    }

    /// What a shop lists is in the books.
    ///
    /// # Errors
    /// What is not.
    pub fn all_in_books(&self, shop: &Shop) -> Result<(), String> {
        for item in (0..ITEMS).filter(|item| shop.listed[*item]) {
            if self.maybe_link(shop, item).is_none_or(|link| link.explained.is_none()) {
                return Err(format!("I6: shop {} lists item {item}, and it is not in the books", shop.place));
            }
        }
        Ok(())
    }

    /// Whether a person is asked about a write of an item that a shop refused.
    #[must_use]
    pub fn is_refused(&self, shop: &Shop, item: usize) -> bool {
        let about = variant_id(item);
        let id = Exception::id_of(&shop.org, ExceptionKind::WriteRefused, Some(&shop.store), about.as_str());
        let asked = at_once(ports::Journal::exception(&*self.memory, &shop.org, &id));
        shop.shelved.is_some()
            && asked.expect("memory never fails").is_some_and(|asked| asked.resolved_at.is_none())
    }

    fn maybe_link(&self, shop: &Shop, item: usize) -> Option<domain::link::Link> {
        at_once(ports::Ledger::link(&*self.memory, &shop.org, &crate::shares::link_id(shop, item)))
            .expect("memory never fails")
    }
}

/// A product comes, or goes.
pub fn shelve(world: &World, step: Step, seen: &mut Seen) -> String {
    let now = world.gate.millis();
    let mut all = world.mall.shops();
    let shop = &mut all.shops[PLACE];
    let item = usize::from(step.b) % ITEMS;
    if !shop.listed[item] {
        seen.things.push("a product comes");
        shop.lists(item, now);
        let listings = shop.listings(std::iter::once(item));
        shop.tell(Told::Listed(Box::new(listings)));
        format!("shop {PLACE}: item {item} is listed, {} of it", shop.levels[item])
    } else {
        seen.things.push("a product goes");
        shop.listed[item] = false;
        shop.tell(Told::Gone(product_id(item)));
        format!("shop {PLACE}: item {item} is no longer listed")
    }
}
