//! Worlds in which an item is made of the others.

use domain::bundle::{Part, makes};
use domain::{ItemId, OnHand, OrgId};
use hub::listings::item_of;
use ports::Ledger as _;
use rust_decimal::prelude::ToPrimitive as _;

use crate::gated::at_once;
use crate::job::Job;
use crate::shop::{ITEMS, sku};
use crate::world::World;

/// The item that is made of the others.
pub const KIT: usize = 2;

/// Whether an item is made of the others in the worlds that begin so.
#[must_use]
pub fn is_bundled(beginning: u64) -> bool {
    (208..256).contains(&beginning)
}

/// The parts of the first merchant's bundle, by number: of the two others, of one of them, or of none.
#[must_use]
pub fn parts(org: &OrgId, number: u64) -> Vec<Part> {
    let units: &[(usize, i64)] = match number % 8 {
        0..3 => &[(0, 1), (1, 1)],
        3..5 => &[(0, 1), (1, 2)],
        5 => &[(0, 2)],
        6 => &[(1, 1)],
        _ => &[],
    };
    let part =
        |(item, units): &(usize, i64)| Part { item: item_of(org, &sku(*item)), units: (*units).into() };
    units.iter().map(part).collect()
}

impl World {
    /// Makes the first merchant's last item a bundle of the others.
    pub(crate) fn bundle(&mut self, number: u64) {
        let org = self.orgs[0].clone();
        let kit = item_of(&org, &sku(KIT));
        let parts = parts(&org, number % 5);
        self.work(Job::Make(org, kit, parts), None);
        self.drain();
    }

    /// How many bundles the parts are enough for.
    #[must_use]
    pub fn makes(&self, org: &OrgId, kit: &ItemId) -> Option<i64> {
        let of = |item| at_once(self.memory.balance(org, item)).expect("memory never fails");
        let parts = of(kit).parts;
        let balances: Vec<_> = parts.iter().map(|part| of(&part.item)).collect();
        (!parts.is_empty()).then(|| makes(&parts, &balances).units().to_i64().unwrap_or(i64::MAX))
    }

    /// What is left of a merchant's items, by the shops' own orders, where so many were there to be sold; less than
    /// nothing where more was sold. Of a bundle, what its parts are enough for.
    #[must_use]
    pub fn left(&self, which: usize, base: [i64; ITEMS]) -> [i64; ITEMS] {
        let mut left = base;
        let org = &self.orgs[which];
        let all = self.mall.shops();
        let shops = || all.shops.iter().filter(|shop| (shop.place == 3) == (which == 1));
        for order in shops().flat_map(|shop| &shop.orders) {
            for (item, left) in left.iter_mut().enumerate() {
                *left -= order.demand(item);
            }
        }
        if !self.bundled || which != 0 {
            return left;
        }
        let items = [0, 1, 2].map(|item| item_of(org, &sku(item)));
        let place = |part: &Part| items.iter().position(|item| *item == part.item).expect("a part is listed");
        let whole = |units: rust_decimal::Decimal| units.to_i64().unwrap_or(i64::MIN);
        let now = at_once(self.memory.balance(org, &items[KIT])).expect("memory never fails").parts;
        for shop in shops() {
            for order in &shop.orders {
                let demand = order.demand(KIT);
                if demand == 0 {
                    continue;
                }
                let id = domain::OrderId::derive(&[shop.store.as_str(), order.remote().as_str()]);
                let effects = self.memory.booked_order(org, &id).map(|(_, effects)| effects);
                let mut booked = effects.into_iter().flatten().filter(|booked| booked.item == items[KIT]);
                // While it owes nothing, an order takes the bundle as it is now.
                let sold_as =
                    booked.find(|booked| !booked.effect.demand().is_zero()).map(|booked| booked.parts);
                let sold_as = sold_as.as_ref().unwrap_or(&now);
                for part in sold_as {
                    left[place(part)] -= demand * whole(part.units);
                }
                left[KIT] += if sold_as.is_empty() { 0 } else { demand };
            }
        }
        let of_part = |part: &Part| left[place(part)].div_euclid(whole(part.units));
        left[KIT] = now.iter().map(of_part).min().unwrap_or(left[KIT]);
        left
    }

    /// Units of a merchant's items that the orders of bundles owe of them: of the parts that they were sold as, and
    /// of the bundle itself where it was sold as an item.
    #[must_use]
    pub fn owed_in_bundles(&self, which: usize) -> [i64; ITEMS] {
        let mut owed = [0; ITEMS];
        let org = &self.orgs[which];
        let items = [0, 1, 2].map(|item| item_of(org, &sku(item)));
        let all = self.mall.shops();
        for shop in all.shops.iter().filter(|shop| (shop.place == 3) == (which == 1)) {
            for order in &shop.orders {
                let id = domain::OrderId::derive(&[shop.store.as_str(), order.remote().as_str()]);
                let effects = self.memory.booked_order(org, &id).map(|(_, effects)| effects);
                for booked in effects.into_iter().flatten().filter(|booked| booked.item == items[KIT]) {
                    let demand = booked.effect.demand();
                    if booked.parts.is_empty() {
                        owed[KIT] += demand.to_i64().unwrap_or(i64::MIN);
                    }
                    for part in &booked.parts {
                        let place =
                            items.iter().position(|item| *item == part.item).expect("a part is listed");
                        owed[place] += (demand * part.units).to_i64().unwrap_or(i64::MIN);
                    }
                }
            }
        }
        owed
    }
}

/// What a shop shows of a bundle that is made of so many parts, when it joins.
pub(crate) fn shown(levels: [i64; ITEMS], number: u64) -> i64 {
    let org = OrgId::derive(&["any"]);
    let of = |part: &Part| {
        let item = (0..ITEMS).find(|item| item_of(&org, &sku(*item)) == part.item).expect("it is listed");
        OnHand::whole(levels[item]).units().checked_div(part.units).unwrap_or_default().floor()
    };
    let parts = parts(&org, number % 5);
    parts.iter().map(of).min().unwrap_or_default().to_i64().unwrap_or(0)
}
