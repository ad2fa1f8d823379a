//! Rehearsing: every write that beginning to write to a store would cause, worked out as a push does and none sent.
//!
//! What was approved binds: a start that names a rehearsal is refused if a number moved beyond it. Beyond means more
//! than was approved, plus or minus what orders did to the item since.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::link::Link;
use domain::money::Money;
use domain::product::Stock;
use domain::store::{Phase, Store};
use domain::{Delta, ItemId, LinkId, OrgId, RemoteVariantId, StoreId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use platform::Clock;
use ports::{Ask, Catalog, Journal, Ledger, Rehearsal, RehearsedWrite, VariantRecord};
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use crate::access::Access;
use crate::outside::trials;
use crate::stores::Stores;
use crate::target::{Aim, Shelf};
use crate::trail::order_of;
use crate::{HubError, Outside, Result};

/// Links that are looked at together.
const PAGE: u32 = 200;
/// Numbers that are worked out at the same time.
const AT_ONCE: usize = 16;
/// Writes that are kept together.
const PART: usize = 100;
/// Numbers that moved beyond what was approved and are named.
const NAMED: usize = 5;

/// Rehearsing.
#[derive(Clone)]
pub struct Rehearse {
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    access: Access,
    stores: Stores,
}

/// What the writes come to.
struct Worked {
    links: u64,
    /// The largest differences first.
    writes: Vec<RehearsedWrite>,
}

impl Rehearse {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            clock: Arc::clone(&outside.clock),
            access: Access::new(outside),
            stores: Stores::new(outside),
        }
    }

    /// Works out what beginning to write would change, and keeps it. Nothing is sent.
    ///
    /// # Errors
    /// [`HubError::Conflict`] while the store is still joining.
    pub async fn rehearse(&self, org: &OrgId, id: &StoreId) -> Result<Rehearsal> {
        let store = self.access.store(org, id).await?;
        if store.phase == Phase::Joining {
            return Err(HubError::Conflict(format!(
                "{} is still joining: wait until its numbers are in the books",
                store.name
            )));
        }
        let at = self.clock.now();
        let worked = self.work_out(&store).await?;
        let parts: Vec<Vec<RehearsedWrite>> = worked.writes.chunks(PART).map(<[_]>::to_vec).collect();
        let rehearsal = summed(&store, at, &worked, u32::try_from(parts.len()).unwrap_or(u32::MAX));
        trials(&self.journal)?.put_rehearsal(&rehearsal, &parts).await?;
        Ok(rehearsal)
    }

    /// A store's rehearsals, the newest first.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn all(&self, org: &OrgId, id: &StoreId) -> Result<Vec<Rehearsal>> {
        Ok(trials(&self.journal)?.rehearsals(org, id).await?)
    }

    /// A rehearsal by its digest.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is none, or none any more.
    pub async fn one(&self, org: &OrgId, id: &StoreId, digest: &str) -> Result<Rehearsal> {
        let found = trials(&self.journal)?.rehearsal(org, id, digest).await?;
        found.ok_or_else(|| HubError::not_found("rehearsal", digest))
    }

    /// A part of a rehearsal's writes, the largest differences in the first one.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn part(&self, rehearsal: &Rehearsal, part: u32) -> Result<Vec<RehearsedWrite>> {
        let Rehearsal { org, store, digest, .. } = rehearsal;
        Ok(trials(&self.journal)?.rehearsed(org, store, digest, part).await?)
    }

    /// Begins to write to a store as it was rehearsed.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if there is no such rehearsal, or if a number moved beyond it.
    pub async fn start(&self, org: &OrgId, id: &StoreId, digest: &str) -> Result<Store> {
        let store = self.access.store(org, id).await?;
        let Some(approved) = trials(&self.journal)?.rehearsal(org, id, digest).await? else {
            return Err(HubError::Conflict(format!(
                "{} was not rehearsed with the digest `{digest}`, or too long ago: rehearse it again",
                store.name
            )));
        };
        let beyond = self.beyond(&store, &approved).await?;
        if beyond.is_empty() {
            return self.stores.start(org, id).await;
        }
        let named: Vec<String> = beyond.iter().take(NAMED).cloned().collect();
        Err(HubError::Conflict(format!(
            "{} number(s) moved beyond what was approved ({}): rehearse {} again",
            beyond.len(),
            named.join("; "),
            store.name
        )))
    }

    /// The numbers that would now move further than was approved, for a person.
    async fn beyond(&self, store: &Store, approved: &Rehearsal) -> Result<Vec<String>> {
        let mut known: BTreeMap<LinkId, Delta> = BTreeMap::new();
        for part in 0..approved.parts {
            for write in
                trials(&self.journal)?.rehearsed(&store.org, &store.id, &approved.digest, part).await?
            {
                known.insert(write.link, write.difference);
            }
        }
        let mut beyond = Vec::new();
        for write in self.work_out(store).await?.writes {
            let agreed = known.get(&write.link).copied().unwrap_or(Delta::ZERO);
            if is_within(write.difference, agreed, (Delta::ZERO, Delta::ZERO)) {
                continue;
            }
            let ordered = self.ordered_since(&store.org, &write.item, approved.at).await?;
            if !is_within(write.difference, agreed, ordered) {
                beyond.push(format!("{}: {agreed} was approved, {} it is now", write.sku, write.difference));
            }
        }
        Ok(beyond)
    }

    /// What orders took from an item, and what they gave back, since a time.
    async fn ordered_since(&self, org: &OrgId, item: &ItemId, since: Timestamp) -> Result<(Delta, Delta)> {
        let (mut taken, mut given) = (Delta::ZERO, Delta::ZERO);
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.entries(org, item, &ask).await?;
            for entry in &page.items {
                if entry.at < since {
                    return Ok((taken, given));
                }
                if order_of(entry).is_none() {
                    continue;
                }
                let by = entry.on_hand - entry.reserved;
                if by.lowers() {
                    taken = taken + by;
                } else {
                    given = given + by;
                }
            }
            if page.next.is_none() {
                return Ok((taken, given));
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    async fn work_out(&self, store: &Store) -> Result<Worked> {
        let parked = self.journal.has_parked(&store.org, &store.id).await?;
        let mut worked = Worked { links: 0, writes: Vec::new() };
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.links_of_store(&store.org, &store.id, &ask).await?;
            let ids: Vec<RemoteVariantId> = page.items.iter().map(|link| link.variant.clone()).collect();
            let records = self.catalog.variants_by_id(&store.org, &store.id, &ids).await?;
            let records: BTreeMap<&RemoteVariantId, &VariantRecord> =
                records.iter().map(|record| (&record.variant.remote, record)).collect();
            let listed: Vec<(Link, &VariantRecord)> = page
                .items
                .into_iter()
                .filter_map(|link| {
                    let record = *records.get(&link.variant)?;
                    is_written(&link, record).then_some((link, record))
                })
                .collect();
            worked.links += u64::try_from(listed.len()).unwrap_or(u64::MAX);
            let looks: Vec<BoxFuture<'_, Result<Option<RehearsedWrite>>>> =
                listed.iter().map(|(link, record)| self.write(store, link, record, parked).boxed()).collect();
            let found: Vec<Option<RehearsedWrite>> =
                futures::stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
            worked.writes.extend(found.into_iter().flatten());
            if page.next.is_none() {
                break;
            }
            ask = Ask::after(PAGE, page.next);
        }
        worked.writes.sort_by(|one, other| {
            let (large, small) = (one.difference.units().abs(), other.difference.units().abs());
            small.cmp(&large).then_with(|| one.link.cmp(&other.link))
        });
        Ok(worked)
    }

    /// The write that a push would make through a link now, or that it would hold.
    async fn write(
        &self,
        store: &Store,
        link: &Link,
        record: &VariantRecord,
        parked: bool,
    ) -> Result<Option<RehearsedWrite>> {
        let Some(shows) = link.explained else { return Ok(None) };
        let shelf = Shelf::read(&*self.ledger, &link.org, &link.item).await?;
        let Aim { target, by } = shelf.aim(link, store, shows);
        if by.is_zero() {
            return Ok(None);
        }
        let held = if by.lowers() {
            None
        } else if link.unexplained.is_some() {
            Some("a difference that no order explains".to_owned())
        } else if parked {
            Some("a message that may be a sale and could not be read".to_owned())
        } else if shelf.is_pending(&*self.ledger, &link.org).await? {
            Some("an order that is being booked".to_owned())
        } else {
            None
        };
        let variant = &record.variant;
        let price = variant.price.or(variant.regular_price);
        Ok(Some(RehearsedWrite {
            link: link.id.clone(),
            item: link.item.clone(),
            variant: link.variant.clone(),
            sku: link.sku.clone(),
            title: variant.title.clone(),
            shows,
            target,
            difference: by,
            money: price.and_then(|price| worth(price, by.units().abs())),
            held,
        }))
    }
}

/// Whether a push would write through the link: it is in the books, listed for its item, and counted.
fn is_written(link: &Link, record: &VariantRecord) -> bool {
    link.explained.is_some()
        && record.gone_at.is_none()
        && record.item.as_ref() == Some(&link.item)
        && !matches!(record.variant.stock, Stock::Untracked { .. })
}

fn worth(price: Money, units: Decimal) -> Option<Money> {
    Some(Money::new(price.amount().checked_mul(units)?, price.currency()))
}

/// Whether a movement lies between none and what was agreed, widened by what orders took and gave since.
fn is_within(by: Delta, agreed: Delta, (taken, given): (Delta, Delta)) -> bool {
    let zero = Decimal::ZERO;
    let lowest = agreed.units().min(zero) + taken.units();
    let highest = agreed.units().max(zero) + given.units();
    (lowest..=highest).contains(&by.units())
}

fn summed(store: &Store, at: Timestamp, worked: &Worked, parts: u32) -> Rehearsal {
    let mut rehearsal = Rehearsal {
        digest: digest(&store.id, &worked.writes),
        org: store.org.clone(),
        store: store.id.clone(),
        at,
        links: worked.links,
        lowered: 0,
        raised: 0,
        held: 0,
        units_lowered: Delta::ZERO,
        units_raised: Delta::ZERO,
        money_lowered: Vec::new(),
        money_raised: Vec::new(),
        unpriced: 0,
        parts,
    };
    for write in &worked.writes {
        let units = Delta::new(write.difference.units().abs());
        let money = if write.difference.lowers() {
            rehearsal.lowered += 1;
            rehearsal.units_lowered = rehearsal.units_lowered + units;
            &mut rehearsal.money_lowered
        } else {
            rehearsal.raised += 1;
            rehearsal.units_raised = rehearsal.units_raised + units;
            &mut rehearsal.money_raised
        };
        rehearsal.unpriced += u64::from(!write.money.is_some_and(|worth| add(money, worth)));
        rehearsal.held += u64::from(write.held.is_some());
    }
    rehearsal
}

/// Adds to the sum of the same currency; false if the sum does not fit.
fn add(sums: &mut Vec<Money>, more: Money) -> bool {
    match sums.iter_mut().find(|sum| sum.currency() == more.currency()) {
        None => {
            sums.push(more);
            true
        }
        Some(sum) => match sum.plus(more) {
            Ok(total) => {
                *sum = total;
                true
            }
            Err(_) => false,
        },
    }
}

/// Names the writes: the same numbers have the same digest, whenever they are worked out.
fn digest(store: &StoreId, writes: &[RehearsedWrite]) -> String {
    let mut lines: Vec<String> =
        writes.iter().map(|write| format!("{} {} {}\n", write.link, write.shows, write.target)).collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(store.as_str().as_bytes());
    for line in lines {
        hash.update(line.as_bytes());
    }
    let mut hex = data_encoding::HEXLOWER.encode(&hash.finalize());
    hex.truncate(32);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::OnHand;
    use domain::product::Sku;

    fn write(name: &str, shows: i64, target: i64, cents: Option<i64>) -> RehearsedWrite {
        let (shows, target) = (OnHand::whole(shows), OnHand::whole(target));
        let difference = target.since(shows);
        let price = |cents| Money::new(Decimal::new(cents, 2), "EUR".parse().unwrap());
        RehearsedWrite {
            link: LinkId::derive(&[name]),
            item: ItemId::derive(&[name]),
            variant: RemoteVariantId::new(name),
            sku: Sku::read(name).unwrap(),
            title: name.to_owned(),
            shows,
            target,
            difference,
            money: cents.and_then(|cents| worth(price(cents), difference.units().abs())),
            held: None,
        }
    }

    #[test]
    fn a_digest_names_the_numbers_and_not_their_order() {
        let store = StoreId::derive(&["s"]);
        let (one, two) = (write("A", 5, 3, None), write("B", 1, 2, None));
        let named = digest(&store, &[one.clone(), two.clone()]);
        assert_eq!(named.len(), 32);
        assert_eq!(named, digest(&store, &[two.clone(), one.clone()]));
        assert_ne!(named, digest(&store, std::slice::from_ref(&one)));
        assert_ne!(named, digest(&StoreId::derive(&["t"]), &[one, two.clone()]));
        assert_ne!(named, digest(&store, &[write("A", 5, 4, None), two]));
    }

    #[test]
    fn within_is_what_was_approved_and_what_orders_did_since() {
        let by = Delta::whole;
        let none = (by(0), by(0));
        for (now, agreed, ordered, expected) in [
            (-3, -3, none, true),
            (-2, -3, none, true),
            (-4, -3, none, false),
            (-4, -3, (by(-1), by(0)), true),
            (-5, -3, (by(-1), by(0)), false),
            (2, 3, none, true),
            (4, 3, none, false),
            (4, 3, (by(-9), by(0)), false),
            (4, 3, (by(0), by(1)), true),
            (1, -3, none, false),
            (-1, 3, none, false),
            (-1, 0, (by(-1), by(0)), true),
        ] {
            assert_eq!(is_within(by(now), by(agreed), ordered), expected, "{now} of {agreed}, {ordered:?}");
        }
    }

    #[test]
    fn units_and_money_are_summed_by_direction() {
        let store = crate::fan_out::tests::store("s", Phase::ReadOnly);
        let mut held = write("C", 0, 4, Some(250));
        held.held = Some("an order".into());
        let writes = vec![write("A", 9, 2, Some(100)), write("B", 5, 3, None), held];
        let worked = Worked { links: 10, writes };
        let summed = summed(&store, Timestamp::UNIX_EPOCH, &worked, 1);
        assert_eq!(
            (summed.links, summed.lowered, summed.raised, summed.held, summed.unpriced),
            (10, 2, 1, 1, 1)
        );
        assert_eq!((summed.units_lowered, summed.units_raised), (Delta::whole(9), Delta::whole(4)));
        assert_eq!(summed.money_lowered[0].to_string(), "7.00 EUR");
        assert_eq!(summed.money_raised[0].to_string(), "10.00 EUR");
    }
}
