//! Why an item's numbers are what they are, now or at a time that is past.

use std::collections::BTreeMap;

use domain::location::Location;
use domain::order::OrderState;
use domain::stock::{AtLocation, Entry};
use domain::{Delta, ItemId, LocationId, OnHand, OrderId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{Ask, ItemRecord, WriteNote};
use serde::Serialize;

use super::{AVAILABLE, EXPLAINED, TARGET, WRITES, Why, name_of};
use crate::bundle::{Recipe, recipe};
use crate::drift::Standing;
use crate::outside::trials;
use crate::trail::order_of;
use crate::{HubError, Result};

/// Entries that are read at a time.
const PAGE: u32 = 200;
/// An item with more entries than this is not added up whole.
const MOST: u64 = 20_000;
/// Entries that are told.
const TOLD: usize = 50;
/// Writes of a link that are told.
const WRITTEN: u32 = 20;

/// What an item's entries add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Units on the shelf.
    pub on_hand: OnHand,
    /// Units set aside for orders.
    pub reserved: Delta,
    /// Units that may be sold.
    pub available: OnHand,
}

/// An entry with the order that it was booked for.
#[derive(Debug, Clone, Serialize)]
pub struct TracedEntry {
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// The order, if an order caused it.
    pub order: Option<OrderId>,
    /// The number that buyer and merchant use.
    pub number: Option<String>,
    /// Where the order stands now.
    pub state: Option<OrderState>,
    /// What people call the store that it came from.
    pub store_name: Option<String>,
}

/// How a link's number stands, and what its shop answered.
#[derive(Debug, Clone, Serialize)]
pub struct LinkWhy {
    /// How it stands now; none where a past time is asked for.
    pub standing: Option<Standing>,
    /// The store.
    pub store: StoreId,
    /// What people call it.
    pub store_name: String,
    /// The writes through it and what came of them, the newest first, at most twenty.
    pub writes: Vec<WriteNote>,
}

/// What lies of an item at one location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What people call the location.
    pub name: String,
    /// The sums of the entries there.
    #[serde(flatten)]
    pub there: AtLocation,
}

/// Why an item's numbers are what they are.
#[derive(Debug, Clone, Serialize)]
pub struct ItemWhy {
    /// The item.
    pub item: ItemRecord,
    /// The time that was asked for; none for now.
    pub at: Option<Timestamp>,
    /// What its entries add up to, at that time.
    pub counted: Counted,
    /// What lies where, at that time: the main location first.
    pub places: Vec<Place>,
    /// What it is made of and what is made of it, now; none if it is neither a bundle nor a part of one.
    pub recipe: Option<Recipe>,
    /// The locations that units may be moved to.
    pub locations: Vec<Location>,
    /// Whether all its entries add up to its balance, and to that of each location; none if it has too many to tell.
    pub adds_up: Option<bool>,
    /// Entries that were booked by then.
    pub booked: u64,
    /// The latest of them, the newest first, at most fifty.
    pub entries: Vec<TracedEntry>,
    /// Its numbers in the shops.
    pub links: Vec<LinkWhy>,
    /// What the numbers follow from.
    pub rules: [&'static str; 4],
}

/// What is found by adding up entries.
struct Sums {
    counted: Counted,
    booked: u64,
    latest: Vec<Entry>,
    /// The sums at each location at the time; none if they were too many.
    at: Option<BySpot>,
    /// The sums of all entries at each location; none if they were too many.
    whole: Option<BySpot>,
}

/// Sums of entries by location: on hand and set aside.
type BySpot = BTreeMap<LocationId, (Delta, Delta)>;

impl Why {
    /// Why an item's numbers are what they are; with `at`, what its entries added up to at that time.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such item.
    pub async fn item(&self, org: &OrgId, id: &ItemId, at: Option<Timestamp>) -> Result<ItemWhy> {
        let item = self.ledger.item(org, id).await?.ok_or_else(|| HubError::not_found("item", id))?;
        let (mut sums, mut adds_up) = self.checked(org, id, at).await?;
        if adds_up != Some(true) {
            // What was booked a moment ago may stand in the balance and not in the list yet: it is read once more.
            (sums, adds_up) = self.checked(org, id, at).await?;
        }
        let names = self.names(org).await?;
        let locations = self.ledger.locations(org).await?;
        let places = self.places(org, id, sums.at.take(), &locations).await?;
        let bundled = |recipe: &Recipe| !recipe.parts.is_empty() || !recipe.used_in.is_empty();
        let recipe = Some(recipe(&*self.ledger, org, id).await?).filter(bundled).filter(|_| at.is_none());
        let mut entries = Vec::with_capacity(sums.latest.len());
        for entry in sums.latest {
            entries.push(self.traced(org, entry, &names).await?);
        }
        let standings = self.drift.of_item(org, id).await?.standings;
        let mut links = Vec::new();
        for link in self.ledger.links_of(org, id).await? {
            let standing = standings.iter().find(|one| one.link == link.id).filter(|_| at.is_none()).cloned();
            let asked = Ask::first(if at.is_some() { PAGE } else { WRITTEN });
            let mut writes = trials(&self.journal)?.writes(org, &link.id, &asked).await?.items;
            writes.retain(|write| at.is_none_or(|at| write.at <= at));
            writes.truncate(usize::try_from(WRITTEN).unwrap_or(usize::MAX));
            let store_name = name_of(&names, &link.store);
            links.push(LinkWhy { standing, store: link.store, store_name, writes });
        }
        Ok(ItemWhy {
            item,
            at,
            counted: sums.counted,
            places,
            recipe,
            locations,
            adds_up,
            booked: sums.booked,
            entries,
            links,
            rules: [AVAILABLE, TARGET, EXPLAINED, WRITES],
        })
    }

    /// Adds up an item's entries, and compares them with its balance if that stood still meanwhile.
    async fn checked(&self, org: &OrgId, id: &ItemId, at: Option<Timestamp>) -> Result<(Sums, Option<bool>)> {
        let (before, there) = self.ledger.at_locations(org, id).await?;
        let sums = self.add_up(org, id, at).await?;
        let after = self.ledger.balance(org, id).await?;
        let steady = before.version == after.version;
        let adds_up = sums.whole.as_ref().filter(|_| steady).map(|sums| {
            let on_hand: Delta = sums.values().map(|sum| sum.0).sum();
            let reserved: Delta = sums.values().map(|sum| sum.1).sum();
            let whole = after.on_hand.units() == on_hand.units() && after.reserved == reserved;
            let none = (Delta::ZERO, Delta::ZERO);
            whole
                && there.iter().all(|one| {
                    let (on_hand, reserved) = sums.get(&one.location).copied().unwrap_or(none);
                    one.on_hand.units() == on_hand.units() && one.reserved == reserved
                })
        });
        Ok((sums, adds_up))
    }

    /// What lies at each location: as it was added up, or as the balances say where there was too much to add up.
    async fn places(
        &self,
        org: &OrgId,
        id: &ItemId,
        sums: Option<BySpot>,
        locations: &[Location],
    ) -> Result<Vec<Place>> {
        let there = match sums {
            Some(mut sums) => {
                sums.entry(LocationId::main()).or_default();
                let at = |(location, (on_hand, reserved)): (LocationId, (Delta, Delta))| AtLocation {
                    location,
                    on_hand: OnHand::new(on_hand.units()),
                    reserved,
                };
                sums.into_iter().map(at).collect()
            }
            None => self.ledger.at_locations(org, id).await?.1,
        };
        Ok(there
            .into_iter()
            .map(|there| {
                let known = locations.iter().find(|location| location.id == there.location);
                let name = known.map_or_else(|| there.location.to_string(), |known| known.name.clone());
                Place { name, there }
            })
            .collect())
    }

    /// Adds up an item's entries, those after a time apart.
    async fn add_up(&self, org: &OrgId, id: &ItemId, at: Option<Timestamp>) -> Result<Sums> {
        let (mut on_hand, mut reserved) = (Delta::ZERO, Delta::ZERO);
        let (mut later_on_hand, mut later_reserved) = (Delta::ZERO, Delta::ZERO);
        let (mut booked, mut read) = (0, 0);
        let (mut then, mut whole) = (BySpot::new(), BySpot::new());
        let mut latest = Vec::new();
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.entries(org, id, &ask).await?;
            for entry in page.items {
                read += 1;
                add(&mut whole, &entry);
                if at.is_some_and(|at| entry.at > at) {
                    later_on_hand = later_on_hand + entry.on_hand;
                    later_reserved = later_reserved + entry.reserved;
                    continue;
                }
                booked += 1;
                add(&mut then, &entry);
                on_hand = on_hand + entry.on_hand;
                reserved = reserved + entry.reserved;
                if latest.len() < TOLD {
                    latest.push(entry);
                }
            }
            if page.next.is_none() {
                let counted = counted(on_hand, reserved);
                return Ok(Sums { counted, booked, latest, at: Some(then), whole: Some(whole) });
            }
            if read >= MOST {
                // Too many to add up: the balance, less what came after the time.
                let balance = self.ledger.balance(org, id).await?;
                let on_hand = Delta::new(balance.on_hand.units()) - later_on_hand;
                let counted = counted(on_hand, balance.reserved - later_reserved);
                return Ok(Sums { counted, booked, latest, at: None, whole: None });
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    async fn traced(&self, org: &OrgId, entry: Entry, names: &[(StoreId, String)]) -> Result<TracedEntry> {
        let order = order_of(&entry);
        let record = match &order {
            Some(order) => self.ledger.order(org, order).await?,
            None => None,
        };
        Ok(TracedEntry {
            entry,
            order,
            number: record.as_ref().map(|record| record.order.number.clone()),
            state: record.as_ref().map(|record| record.order.state),
            store_name: record.as_ref().map(|record| name_of(names, &record.store)),
        })
    }
}

fn add(sums: &mut BySpot, entry: &Entry) {
    let sum = sums.entry(entry.location.clone()).or_default();
    *sum = (sum.0 + entry.on_hand, sum.1 + entry.reserved);
}

fn counted(on_hand: Delta, reserved: Delta) -> Counted {
    let on_hand = OnHand::new(on_hand.units());
    Counted { on_hand, reserved, available: on_hand.moved(-reserved) }
}
