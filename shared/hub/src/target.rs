//! What a link should show: one way for all who ask: a push, a rehearsal, a shadow, the drift report.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use domain::allocation::Allocation;
use domain::bundle::makes;
use domain::link::Link;
use domain::stock::Balance;
use domain::store::Store;
use domain::{Delta, ItemId, OnHand, OrgId};
use ports::{Guard, Ledger};
use rust_decimal::Decimal;

use crate::Result;
use crate::bundle::balances_of;

/// Where a link's number should be, and how far it is from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    /// The number that the shop should show: whole units, never below zero.
    pub target: OnHand,
    /// Target minus explained: how the number must move.
    pub by: Delta,
}

/// An item as its numbers are computed from: what may be sold of it, and who has a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// Its balance.
    pub balance: Balance,
    /// The balances of its parts, if it is a bundle.
    parts: Vec<Balance>,
    /// Its links, where units belong to some of them; none where all is shared.
    links: Vec<Link>,
}

/// A link that units belong to.
struct Owner<'a> {
    link: &'a Link,
    owns: Decimal,
}

impl Shelf {
    /// Reads an item: the balance first, so that whatever moves it afterwards is met by its version.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn read(ledger: &dyn Ledger, org: &OrgId, item: &ItemId) -> Result<Self> {
        let balance = ledger.balance(org, item).await?;
        let links = if balance.divided { ledger.links_of(org, item).await? } else { Vec::new() };
        let parts = balances_of(ledger, org, &balance.parts).await?;
        Ok(Self { balance, parts, links })
    }

    /// Units that may be sold: of a bundle, as many as can be made of its parts.
    #[must_use]
    pub fn available(&self) -> OnHand {
        if self.balance.parts.is_empty() {
            self.balance.available()
        } else {
            makes(&self.balance.parts, &self.parts)
        }
    }

    /// Whether it is a bundle.
    #[must_use]
    pub fn is_bundle(&self) -> bool {
        !self.balance.parts.is_empty()
    }

    /// Whether it is a bundle or a part of one: then it cannot belong to single links.
    #[must_use]
    pub fn is_bundled(&self) -> bool {
        self.is_bundle() || self.balance.used_in > 0
    }

    /// Whether an order that is not booked yet may move what may be sold of it.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn is_pending(&self, ledger: &dyn Ledger, org: &OrgId) -> Result<bool> {
        let mut looked: BTreeSet<ItemId> = BTreeSet::new();
        for balance in std::iter::once(&self.balance).chain(&self.parts) {
            let mut items = vec![balance.item.clone()];
            if balance.used_in > 0 {
                items.extend(ledger.bundles_of(org, &balance.item).await?);
            }
            for item in items {
                if looked.insert(item.clone()) && ledger.is_pending(org, &item).await? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The number that a link should show, given the one that is explained.
    #[must_use]
    pub fn aim(&self, link: &Link, store: &Store, explained: OnHand) -> Aim {
        let free = match self.owned(link) {
            Some(owned) => owned,
            None => {
                let usual = store.allocation.unwrap_or(Allocation::ALL);
                let allocation = link.allocation.unwrap_or(usual);
                allocation.of_shared(self.shared(), link.margin.as_ref())
            }
        };
        let target = OnHand::new(free.sellable_units().into());
        Aim { target, by: target.since(explained) }
    }

    /// What must stand for a raise to be begun, where units belong to links.
    #[must_use]
    pub fn guard(&self) -> Option<Guard> {
        self.is_divided().then(|| Guard { item: self.balance.item.clone(), version: self.balance.version })
    }

    /// The most that a link may be raised to: what may be sold, less all that others may still sell by what they
    /// show now. None where nothing belongs to a link, and a raise needs to ask nobody.
    #[must_use]
    pub fn room(&self, link: &Link, lists: impl Fn(&Link) -> bool) -> Option<OnHand> {
        if !self.is_divided() {
            return None;
        }
        let others = || self.links.iter().filter(|other| other.id != link.id && lists(other));
        let owned: Decimal =
            others().filter(|other| is_owner(other)).map(|other| other.committed().units()).sum();
        // Links that share show the same units: the one that shows most counts.
        let shared = if is_owner(link) {
            others().filter(|other| !is_owner(other)).map(|other| other.committed().units()).max()
        } else {
            None
        };
        let room = self.available().units() - owned - shared.unwrap_or(Decimal::ZERO);
        Some(OnHand::new(OnHand::new(room).sellable_units().into()))
    }

    /// Units that may be given to a link: those that may be sold and belong to no other.
    #[must_use]
    pub fn unowned(&self, link: &Link) -> OnHand {
        let others: Decimal =
            self.owners().iter().filter(|owner| owner.link.id != link.id).map(|owner| owner.owns).sum();
        OnHand::new((self.available().units() - others).max(Decimal::ZERO))
    }

    /// Whether another link of it shows what nobody explains.
    #[must_use]
    pub fn is_asked_about(&self, link: &Link) -> bool {
        self.links.iter().any(|other| other.id != link.id && other.unexplained.is_some())
    }

    /// Links of the item, where units belong to some of them.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Whether units belong to single links now.
    fn is_divided(&self) -> bool {
        self.links.iter().any(is_owner)
    }

    /// The links that units belong to: who was given first comes first.
    fn owners(&self) -> Vec<Owner<'_>> {
        let owner = |link| -> Option<Owner<'_>> { Some(Owner { owns: owns(link)?, link }) };
        let mut owners: Vec<Owner<'_>> = self.links.iter().filter_map(owner).collect();
        owners.sort_by(|one, other| earlier(one.link, other.link));
        owners
    }

    /// What a link may offer of the units that belong to it; none if it shares.
    fn owned(&self, link: &Link) -> Option<OnHand> {
        owns(link)?;
        let mut left = self.available().units().max(Decimal::ZERO);
        for owner in self.owners() {
            let its = owner.owns.min(left);
            if owner.link.id == link.id {
                return Some(OnHand::new(its));
            }
            left -= its;
        }
        // It was given its units after the item was read: then its balance has moved, and nothing is begun.
        Some(OnHand::ZERO)
    }

    /// What may be sold and belongs to no link.
    fn shared(&self) -> OnHand {
        let owned: Decimal = self.owners().iter().map(|owner| owner.owns).sum();
        OnHand::new(self.available().units() - owned)
    }
}

fn owns(link: &Link) -> Option<Decimal> {
    link.allocation.as_ref()?.own(link.sold)
}

fn is_owner(link: &Link) -> bool {
    matches!(link.allocation, Some(Allocation::Quota { .. }))
}

fn earlier(one: &Link, other: &Link) -> Ordering {
    let since = |link: &Link| match link.allocation {
        Some(Allocation::Quota { since, .. }) => Some(since),
        _ => None,
    };
    since(one).cmp(&since(other)).then_with(|| one.id.cmp(&other.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fan_out::tests::store;
    use domain::allocation::Buffer;
    use domain::bundle::Part;
    use domain::link::{Inflight, Listed, Reading};
    use domain::product::Sku;
    use domain::store::Phase;
    use domain::{RemoteProductId, RemoteVariantId, WriteId};
    use jiff::{SignedDuration, Timestamp};

    fn shop() -> Store {
        store("shop", Phase::Writing)
    }

    fn balance(on_hand: Decimal, reserved: i64) -> Balance {
        let empty = Balance::empty(ItemId::derive(&["A"]));
        Balance { on_hand: OnHand::new(on_hand), reserved: Delta::whole(reserved), ..empty }
    }

    fn link(variant: &str, explained: i64, allocation: Option<Allocation>) -> Link {
        let listed = Listed {
            variant: RemoteVariantId::new(variant),
            product: RemoteProductId::new("1"),
            sku: Sku::read("A").unwrap(),
        };
        let mut link = Link::new(shop().org, shop().id, ItemId::derive(&["A"]), listed);
        link.explained = Some(OnHand::whole(explained));
        link.allocation = allocation;
        link
    }

    fn quota(units: i64, after: i64) -> Option<Allocation> {
        let since = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(after);
        Some(Allocation::Quota { until: Delta::whole(units), since })
    }

    fn shelf(on_hand: i64, links: &[Link]) -> Shelf {
        Shelf { balance: balance(on_hand.into(), 0), parts: Vec::new(), links: links.to_vec() }
    }

    fn targets(shelf: &Shelf) -> Vec<u64> {
        let target = |link: &Link| shelf.aim(link, &shop(), OnHand::ZERO).target.sellable_units();
        shelf.links.iter().map(target).collect()
    }

    #[test]
    fn a_link_shows_what_may_be_sold_in_whole_units_and_never_less_than_none() {
        let of = |on_hand: Decimal, reserved: i64, explained: i64| {
            let shelf = Shelf { balance: balance(on_hand, reserved), parts: Vec::new(), links: Vec::new() };
            let Aim { target, by } = shelf.aim(&link("1", 0, None), &shop(), OnHand::whole(explained));
            (target, by)
        };
        let whole = |target, by| (OnHand::whole(target), Delta::whole(by));
        assert_eq!(of(5.into(), 2, 4), whole(3, -1));
        assert_eq!(of(5.into(), 0, 5), whole(5, 0));
        assert_eq!(of(5.into(), 7, 1), whole(0, -1));
        assert_eq!(of(Decimal::new(55, 1), 0, 3), whole(5, 2));
        assert_eq!(of(0.into(), 0, -2), whole(0, 2));
    }

    #[test]
    fn a_bundle_shows_what_its_parts_are_enough_for() {
        let part = |name: &str, units: i64| Part { item: ItemId::derive(&[name]), units: units.into() };
        let of = |name: &str, on_hand: i64| Balance {
            on_hand: OnHand::whole(on_hand),
            ..Balance::empty(ItemId::derive(&[name]))
        };
        let kit = Balance { parts: vec![part("P", 2), part("Q", 1)], ..balance(7.into(), 0) };
        let shelf = Shelf { balance: kit, parts: vec![of("P", 9), of("Q", 6)], links: Vec::new() };
        let aim = |store: &Store| shelf.aim(&link("1", 0, None), store, OnHand::whole(6));
        assert_eq!(aim(&shop()), Aim { target: OnHand::whole(4), by: Delta::whole(-2) });
        let buffer = Buffer::Units { units: 3.into() };
        let careful = Store { allocation: Some(Allocation::Shared { buffer }), ..shop() };
        assert_eq!(aim(&careful).target, OnHand::whole(1));
        assert!(shelf.is_bundled() && shelf.guard().is_none());
    }

    #[test]
    fn what_is_said_of_a_link_goes_before_what_its_store_says() {
        let buffer = Buffer::Units { units: 2.into() };
        let store = Store { allocation: Some(Allocation::Shared { buffer }), ..shop() };
        let shelf = shelf(9, &[]);
        let target = |link: &Link| shelf.aim(link, &store, OnHand::ZERO).target;
        assert_eq!(target(&link("1", 0, None)), OnHand::whole(7));
        let cap = Allocation::Capped { at_most: OnHand::whole(4), buffer: Buffer::None };
        assert_eq!(target(&link("1", 0, Some(cap))), OnHand::whole(4));
        assert_eq!(target(&link("1", 0, Some(Allocation::ALL))), OnHand::whole(9));
    }

    #[test]
    fn units_of_a_link_are_nobody_elses() {
        let links = [link("1", 0, quota(5, 2)), link("2", 0, quota(3, 1)), link("3", 0, None)];
        assert_eq!(targets(&shelf(10, &links)), [5, 3, 2]);
        assert_eq!(targets(&shelf(8, &links)), [5, 3, 0]);
        // Who was given first keeps first.
        assert_eq!(targets(&shelf(6, &links)), [3, 3, 0]);
        assert_eq!(targets(&shelf(2, &links)), [0, 2, 0]);
        assert_eq!(targets(&shelf(-1, &links)), [0, 0, 0]);
        // What is sold through a link is taken off its own units only.
        let sold = Link { sold: Delta::whole(2), ..links[0].clone() };
        assert_eq!(targets(&shelf(8, &[sold, links[1].clone(), links[2].clone()])), [3, 3, 2]);
    }

    #[test]
    fn there_is_room_only_for_what_nobody_else_may_still_sell() {
        let room = |on_hand: i64, links: &[Link]| {
            shelf(on_hand, links).room(&links[0], |_| true).map(OnHand::sellable_units)
        };
        let mine = link("1", 2, quota(4, 1));
        let other = |explained| link("2", explained, quota(1, 2));
        assert_eq!(room(5, &[mine.clone(), other(1)]), Some(4));
        assert_eq!(room(5, &[mine.clone(), other(3)]), Some(2), "it was not brought down yet");
        let inflight = Inflight {
            write: WriteId::make(Timestamp::UNIX_EPOCH, [0; 10]),
            compare: OnHand::whole(1),
            value: OnHand::whole(3),
            at: Timestamp::UNIX_EPOCH,
        };
        let raising = Link { inflight: Some(inflight), ..other(1) };
        assert_eq!(room(5, &[mine.clone(), raising]), Some(2), "it may be raised already");
        let below = Reading { level: OnHand::whole(-2), at: Timestamp::UNIX_EPOCH };
        let oversold = Link { seen: Some(below), ..other(1) };
        assert_eq!(room(5, &[mine.clone(), oversold]), Some(2), "sales of it are on their way");
        let shared = |explained| link("3", explained, None);
        assert_eq!(room(5, &[mine.clone(), shared(2), shared(1)]), Some(3), "they show the same units");
        assert_eq!(room(5, &[shared(0), mine.clone()]), Some(3));
        assert_eq!(room(5, &[shared(0), shared(4)]), None, "nothing belongs to anybody");
        let gone = shelf(5, &[mine.clone(), other(3)]).room(&mine, |_| false);
        assert_eq!(gone, Some(OnHand::whole(5)));
    }

    #[test]
    fn units_that_belong_to_others_cannot_be_given() {
        let links = [link("1", 0, quota(5, 2)), link("2", 0, quota(3, 1)), link("3", 0, None)];
        let shelf = shelf(10, &links);
        let unowned: Vec<u64> = links.iter().map(|link| shelf.unowned(link).sellable_units()).collect();
        assert_eq!(unowned, [7, 5, 2]);
        assert_eq!(self::shelf(4, &links).unowned(&links[2]), OnHand::ZERO);
    }
}
