//! I8: the books follow from their vouchers, and from nothing else.

use domain::{Day, OnHand, OrgId};
use hub::daybook::{Balances, Sheet, sheet};

use crate::gate::at;
use crate::world::World;

/// One of so many histories is checked so: writing all books again takes some seven hundredths of a history's time.
const ONE_OF: u64 = 4;

/// Whether the books of the history of this seed are written again.
#[must_use]
pub fn is_replayed(seed: u64) -> bool {
    seed.is_multiple_of(ONE_OF)
}

/// Writes the books of a merchant again from all their vouchers, from an empty book on, and compares.
///
/// # Errors
/// The first thing that differs.
pub fn replayed(world: &World, org: &OrgId) -> Result<(), String> {
    let vouchers = world.memory.all_vouchers(org);
    // All days are taken for one: the beginning of all is an empty book.
    let day = Day::of(at(0));
    let again = Sheet::again(day, &Balances::default(), vouchers.iter().map(|one| &**one));
    let mut lying = Balances::default();
    for (item, there) in world.memory.all_lying(org) {
        lying.add(&item, &there.location, (there.on_hand.since(OnHand::ZERO), there.reserved));
    }
    let entries = world.memory.all_entries(org);
    let books = Sheet::new(day, entries, lying);
    let (_, mut differences) = sheet::orders(vouchers.iter().map(|one| &**one));
    differences.extend(books.differences(&again));
    if let Some(first) = differences.first() {
        return Err(format!("I8: the books do not follow from their vouchers: {first:?}"));
    }
    if books == again {
        return Ok(());
    }
    Err("I8: the books and what follows from their vouchers are not the same".to_owned())
}
