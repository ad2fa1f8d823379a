//! What must hold after every step, and in the end, against the shops' own truth.

use domain::allocation::Allocation;
use domain::order::OrderState;
use domain::stock::EntryKind;
use domain::{Delta, ItemId, OnHand, OrderId, OrgId};
use hub::listings::item_of;
use rust_decimal::prelude::ToPrimitive as _;

use crate::bundled::KIT;
use crate::gated::{at_once, whole};
use crate::shelf::PLACE;
use crate::shop::{ITEMS, Line, Shop, ShopOrder, Way, sku};
use crate::world::World;

/// Sums of what was booked for an item.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    entries: usize,
    on_hand: i64,
    reserved: i64,
    /// What openings and corrections made available: it moves by decisions, not by orders.
    base: i64,
}

/// The checks, and what they must remember.
pub struct Checks {
    items: Vec<(OrgId, [ItemId; ITEMS])>,
    sums: [[Sums; ITEMS]; 2],
    entries: [usize; 2],
    /// Units sold elsewhere, and so on, that a shop may still show too many: per shop and item.
    window: [[i64; ITEMS]; 4],
    before: [[Counters; ITEMS]; 4],
    /// What was left of each merchant's items, less than nothing where more was sold than there was.
    left: [[i64; ITEMS]; 2],
    /// Units that somebody put there by hand, per shop and item: nobody can know of them at once.
    by_hand: [[i64; ITEMS]; 4],
    /// Units that came back in a shop and were not booked after the last step: a write of this step may have come
    /// before they were.
    back: [[i64; ITEMS]; 4],
    wrong_told: usize,
    writes_seen: usize,
    /// Units that were sold without being there.
    pub oversold: i64,
    /// Units that may have been sold so.
    pub bound: i64,
    /// Units that were sold without being there where they belong to single links.
    pub strictly_oversold: i64,
    /// Units that may have been sold so: where a shop's number is only replaced, sales that a write hid.
    pub strict_bound: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counters {
    sold: i64,
    returned: i64,
    by_hand: i64,
    missing: i64,
}

fn units(delta: Delta) -> i64 {
    delta.units().to_i64().unwrap_or(i64::MIN)
}

impl Checks {
    /// The checks of a world that begins now.
    #[must_use]
    pub fn begin(world: &World) -> Self {
        let items =
            world.orgs.iter().map(|org| (org.clone(), [0, 1, 2].map(|item| item_of(org, &sku(item)))));
        let mut checks = Self {
            items: items.collect(),
            sums: Default::default(),
            entries: [0; 2],
            window: Default::default(),
            before: Default::default(),
            left: Default::default(),
            by_hand: Default::default(),
            back: Default::default(),
            wrong_told: 0,
            writes_seen: world.mall.shops().applied.len(),
            oversold: 0,
            bound: 0,
            strictly_oversold: 0,
            strict_bound: 0,
        };
        let _ = checks.conservation(world);
        for which in 0..2 {
            checks.left[which] = world.left(which, checks.sums[which].map(|sums| sums.base));
        }
        let all = world.mall.shops();
        for shop in &all.shops {
            for item in 0..ITEMS {
                checks.before[shop.place][item] = counters(shop, item, 0);
            }
        }
        checks
    }

    /// What must hold after every step.
    ///
    /// # Errors
    /// What does not hold.
    pub fn after_step(&mut self, world: &World) -> Result<(), String> {
        {
            let all = world.mall.shops();
            if let Some(wrong) = all.wrong.get(self.wrong_told) {
                return Err(wrong.clone());
            }
        }
        if world.inbox.repeats() + world.doorbell.repeats() > 0 {
            return Err("I6: a send was swallowed: the queue took it for a repeat of another".to_owned());
        }
        let before = self.sums;
        self.conservation(world)?;
        if world.strict {
            self.strictly(world)?;
        }
        if world.joins || world.is_shelved() { Ok(()) } else { self.windows(world, before) }
    }

    /// I4: where units belong to single links, no more are sold than there are; where a number is only replaced, at
    /// most what a write hid between its reading and its writing.
    fn strictly(&mut self, world: &World) -> Result<(), String> {
        let all = world.mall.shops();
        let shops = &all.shops[..3];
        let (mut oversold, mut bound) = (0, 0);
        for item in 0..ITEMS {
            // What a person counted or decided about a number is theirs.
            let counted: i64 = shops.iter().map(|shop| shop.by_hand[item] - shop.undone[item]).sum();
            if counted != 0 || self.sums[0][item].base != world.stock[item] || world.settled {
                continue;
            }
            // A unit that a shop puts back by itself may be sold again.
            let gone = |order: &ShopOrder| {
                let lines = order.lines.iter().filter(|line| line.item == item);
                order.demand(item).min(lines.map(|line| line.taken).sum())
            };
            let sold: i64 = shops.iter().flat_map(|shop| &shop.orders).map(gone).sum();
            let hidden: i64 = shops.iter().map(|shop| shop.undone[item]).sum();
            let missing = (sold - world.stock[item]).max(0);
            oversold += missing;
            bound += hidden;
            if missing > hidden {
                return Err(format!(
                    "I4: {sold} of item {item} are sold where there were {}, though units belong to links; \
                     writes hid {hidden} sales",
                    world.stock[item]
                ));
            }
        }
        self.strictly_oversold = self.strictly_oversold.max(oversold);
        self.strict_bound = self.strict_bound.max(bound);
        Ok(())
    }

    /// I1: on hand and reserved are the sums of their entries.
    fn conservation(&mut self, world: &World) -> Result<(), String> {
        for (which, (org, items)) in self.items.iter().enumerate() {
            let count = world.memory.entry_count(org);
            if count == self.entries[which] {
                continue;
            }
            self.entries[which] = count;
            for (place, item) in items.iter().enumerate() {
                let sums = &mut self.sums[which][place];
                for entry in world.memory.entries_after(org, item, sums.entries) {
                    sums.entries += 1;
                    sums.on_hand += units(entry.on_hand);
                    sums.reserved += units(entry.reserved);
                    if matches!(entry.kind, EntryKind::Opening | EntryKind::Adjust) {
                        sums.base += units(entry.on_hand) - units(entry.reserved);
                    }
                }
                let balance = at_once(ports::Ledger::balance(&*world.memory, org, item)).expect("memory");
                if whole(balance.on_hand) != sums.on_hand || units(balance.reserved) != sums.reserved {
                    return Err(format!(
                        "I1: item {place} has {} on hand and {} reserved; its entries come to {} and {}",
                        balance.on_hand, balance.reserved, sums.on_hand, sums.reserved
                    ));
                }
            }
        }
        Ok(())
    }

    /// I5: a shop shows more than there is only by what others sold between a sale and its lowering.
    fn windows(&mut self, world: &World, before: [[Sums; ITEMS]; 2]) -> Result<(), String> {
        let all_left = [0, 1].map(|which| world.left(which, self.sums[which].map(|sums| sums.base)));
        let all = world.mall.shops();
        let shops = &all.shops;
        for item in 0..ITEMS {
            for which in 0..2 {
                let of = |shop: &&Shop| (shop.place == 3) == (which == 1);
                let base = self.sums[which][item].base;
                let left = all_left[which][item];
                let (there, missing) = (left.max(0), (-left).max(0));
                let corrected = (before[which][item].base - base).max(0);
                let news: Vec<(usize, Counters, Counters)> = shops
                    .iter()
                    .filter(of)
                    .map(|shop| (shop.place, self.before[shop.place][item], counters(shop, item, missing)))
                    .collect();
                for (place, old, new) in &news {
                    let by_hand = &mut self.by_hand[*place][item];
                    *by_hand += (new.by_hand - old.by_hand).abs();
                    // Units that came back there and are not booked: a difference that is sent meanwhile counts
                    // them a second time, until they are.
                    let back = returns(world, &shops[*place], item);
                    let before = self.back[*place][item];
                    // A write that was noted before they were booked may reach the shop after that.
                    let noted = before > 0 && world.is_writing(&shops[*place], item);
                    self.back[*place][item] = if noted { back.max(before) } else { back };
                    let by_hand = *by_hand + back.max(before);
                    let window = &mut self.window[*place][item];
                    let elsewhere: i64 = if world.bundled && which == 0 {
                        // The same shop sells it in bundles, and a bundle's parts by themselves.
                        (self.left[which][item] - left - (new.sold - old.sold).max(0)).max(0)
                    } else {
                        let others = news.iter().filter(|(other, ..)| other != place);
                        others.map(|(_, old, new)| (new.sold - old.sold).max(0)).sum()
                    };
                    *window += elsewhere + corrected;
                    *window += (new.returned - old.returned).max(0) + (new.by_hand - old.by_hand).abs();
                    for (_, _, target) in all.applied[self.writes_seen..]
                        .iter()
                        .filter(|(shop, of, _)| shop == place && *of == item)
                    {
                        *window = (*window).max(target - there + by_hand);
                    }
                    let oversells = (new.missing - old.missing).max(0);
                    if oversells > 0 && new.sold > old.sold {
                        self.oversold += oversells;
                        self.bound += *window;
                        if oversells > *window {
                            return Err(format!(
                                "I5: shop {place} sells {oversells} of item {item} that are not there; others \
                                 sold {window} since it was brought down last"
                            ));
                        }
                    }
                    let gap = shops[*place].levels[item] - there;
                    if gap <= 0 {
                        *window = by_hand;
                    } else if gap > (*window).max(by_hand) {
                        return Err(format!(
                            "I5: shop {place} shows {} of item {item} where {there} are left; others sold \
                             {window} since it was brought down last",
                            shops[*place].levels[item]
                        ));
                    }
                    self.before[*place][item] = *new;
                }
            }
        }
        self.writes_seen = all.applied.len();
        self.left = all_left;
        Ok(())
    }

    /// I2: each unit of each order is booked exactly once.
    ///
    /// # Errors
    /// The order that is not.
    pub fn once(&self, world: &World) -> Result<(), String> {
        let all = world.mall.shops();
        for shop in &all.shops {
            for order in &shop.orders {
                let id = OrderId::derive(&[shop.store.as_str(), order.remote().as_str()]);
                let Some((record, effects)) = world.memory.booked_order(&shop.org, &id) else {
                    return Err(format!("I2: order {} of shop {} is not in the books", order.id, shop.place));
                };
                if !record.applied || record.order.lines != order.read().lines {
                    return Err(format!("I2: order {} of shop {} is not booked whole", order.id, shop.place));
                }
                let items = &self.items[usize::from(shop.place == 3)].1;
                for (place, item) in items.iter().enumerate() {
                    let effects = effects.iter().filter(|effect| effect.item == *item);
                    let booked = effects.fold((0, 0), |sum, booked| {
                        let effect = booked.effect;
                        let owed = (effect.reserved + effect.shipped).to_i64().unwrap_or(i64::MIN);
                        (sum.0 + owed, sum.1 + effect.taken.to_i64().unwrap_or(i64::MIN))
                    });
                    let lines = order.lines.iter().filter(|line| line.item == place);
                    if lines.clone().next().is_some() && world.is_unheard_of(shop, place) {
                        continue;
                    }
                    let truth = (order.demand(place), lines.map(|line| line.taken).sum::<i64>());
                    if booked != truth {
                        return Err(format!(
                            "I2: order {} of shop {} owes and took {truth:?} of item {place}; booked are \
                             {booked:?}",
                            order.id, shop.place
                        ));
                    }
                }
            }
        }
        drop(all);
        if world.joins || world.is_shelved() {
            return Ok(());
        }
        for (which, sums) in self.sums.iter().enumerate() {
            let bundled = world.bundled && which == 0;
            let in_bundles = if bundled { world.owed_in_bundles(which) } else { [0; ITEMS] };
            let all = world.mall.shops();
            for (item, sums) in sums.iter().enumerate() {
                let of = |shop: &&Shop| (shop.place == 3) == (which == 1);
                let orders = all.shops.iter().filter(of).flat_map(|shop| &shop.orders);
                let alone: i64 = orders.map(|order| order.demand(item)).sum();
                let alone = if bundled && item == KIT { 0 } else { alone };
                let owed = alone + in_bundles[item];
                let available = sums.on_hand - sums.reserved;
                if available != sums.base - owed {
                    return Err(format!(
                        "I2: {available} of item {item} are available; there were {} and {owed} are owed",
                        sums.base
                    ));
                }
            }
        }
        Ok(())
    }

    /// I6: every link shows its target; with `but_asked`, except those that a person is asked about.
    ///
    /// # Errors
    /// The link that does not.
    pub fn converged(&self, world: &World, but_asked: bool) -> Result<(), String> {
        let all = world.mall.shops();
        world.all_in_books(&all.shops[PLACE])?;
        for (which, (org, items)) in self.items.iter().enumerate() {
            let stores = at_once(ports::Directory::stores(&*world.memory, org)).expect("memory never fails");
            for link in world.memory.all_links(org) {
                let Some(place) = items.iter().position(|item| *item == link.item) else {
                    return Err(format!("I7: {} is of an item that nobody lists", link.id));
                };
                let Some(shop) = all.shops.iter().find(|shop| shop.store == link.store) else {
                    return Err(format!("I7: {} is of a store of nobody", link.id));
                };
                if !shop.listed[place] {
                    continue;
                }
                if world.strict && which == 0 {
                    self.divided(world, &all.shops, place, but_asked)?;
                    continue;
                }
                let sums = self.sums[which][place];
                let own = OnHand::whole(sums.on_hand - sums.reserved);
                let made = world.makes(org, &link.item).filter(|_| world.bundled);
                let target = made.map_or(own, OnHand::whole).sellable_units();
                let shown = shop.levels[place];
                let held = stores.iter().any(|store| store.id == link.store && store.holds_raises());
                let waits = held && i64::try_from(target).is_ok_and(|target| shown < target);
                if but_asked && (link.unexplained.is_some() || waits || world.is_refused(shop, place)) {
                    continue;
                }
                if u64::try_from(shown) != Ok(target) {
                    return Err(format!(
                        "I6: shop {} shows {shown} of item {place} and should show {target}; it can explain \
                         {:?}, inflight {:?}, unexplained {:?}",
                        shop.place,
                        link.explained.map(whole),
                        link.inflight.map(|inflight| (whole(inflight.compare), whole(inflight.value))),
                        link.unexplained.map(|unexplained| units(unexplained.difference)),
                    ));
                }
            }
        }
        Ok(())
    }

    /// I6 where units belong to single links: each shows its own, and one that owns none what is left.
    fn divided(&self, world: &World, shops: &[Shop], item: usize, but_asked: bool) -> Result<(), String> {
        let links = [0, 1, 2].map(|place| world.link_in(&shops[place], item));
        if but_asked && links.iter().any(|link| link.unexplained.is_some()) {
            return Ok(());
        }
        let sums = self.sums[0][item];
        let available = (sums.on_hand - sums.reserved).max(0);
        let mut owners = Vec::new();
        for (link, shop) in links.iter().zip(shops) {
            let owed: i64 = shop.orders.iter().map(|order| order.demand(item)).sum();
            if units(link.sold) != owed {
                return Err(format!(
                    "I6: {owed} of item {item} are owed by shop {}; its link counts {}",
                    shop.place, link.sold
                ));
            }
            if let Some(Allocation::Quota { until, .. }) = link.allocation {
                owners.push((shop, (units(until) - owed).max(0)));
            }
        }
        let owned: i64 = owners.iter().map(|(_, owns)| owns).sum();
        let of_owners: i64 = owners.iter().map(|(shop, _)| shop.levels[item]).sum();
        for (shop, owns) in owners {
            let shows = shop.levels[item];
            // Who was given first keeps first: where there are too few, whoever comes later shows less.
            if shows > owns || owned <= available && shows != owns {
                return Err(format!(
                    "I6: shop {} shows {shows} of item {item}, and {owns} are its own",
                    shop.place
                ));
            }
        }
        if owned > available && of_owners != available {
            return Err(format!(
                "I6: {of_owners} of item {item} are shown where {owned} were given and {available} are left"
            ));
        }
        for (link, shop) in links.iter().zip(shops) {
            let left = (available - owned).max(0);
            if !matches!(link.allocation, Some(Allocation::Quota { .. })) && shop.levels[item] != left {
                return Err(format!(
                    "I6: shop {} shows {} of item {item}, and {left} belong to nobody",
                    shop.place, shop.levels[item]
                ));
            }
        }
        Ok(())
    }

    /// I6: nobody is asked about a number that orders and writes explain. With `guessed`, what a write did
    /// was not known at once: where writes have no names, what it did may have been guessed, to the side of fewer units.
    ///
    /// # Errors
    /// The number that somebody is asked about.
    pub fn asked(&self, world: &World, guessed: bool) -> Result<(), String> {
        let all = world.mall.shops();
        for (org, items) in &self.items {
            for link in world.memory.all_links(org) {
                let shop = all.shops.iter().find(|shop| shop.store == link.store);
                let place = items.iter().position(|item| *item == link.item);
                let (Some(shop), Some(place), Some(odd)) = (shop, place, link.unexplained) else { continue };
                // An order that lists did not show yet may be in the number that the books take in, and is booked again.
                if shop.came_later(place) || !shop.listed[place] {
                    continue;
                }
                let guess = guessed && shop.way != Way::Compare && odd.difference.lowers();
                let counted = shop.by_hand[place] != 0 || shop.counted[place];
                if !counted && !shop.hid_return[place] && !guess {
                    return Err(format!(
                        "I6: somebody is asked about {} of item {place} of shop {}, where nobody counted",
                        units(odd.difference),
                        shop.place
                    ));
                }
            }
        }
        Ok(())
    }

    /// Differences that were settled by a rule: the place of the shop and of the item, once for each time.
    #[must_use]
    pub fn ruled(&self, world: &World) -> Vec<(usize, usize)> {
        let mut ruled = Vec::new();
        for (org, items) in &self.items {
            for (place, item) in items.iter().enumerate() {
                for entry in world.memory.entries_after(org, item, 0) {
                    let by_rule =
                        entry.cause.split_once("(shop ").filter(|_| entry.cause.contains("'s rule"));
                    let shop = by_rule.and_then(|(_, rest)| rest.split(',').next()?.parse().ok());
                    ruled.extend(shop.map(|shop| (shop, place)));
                }
            }
        }
        ruled
    }

    /// I6: no rule settles a number that orders and writes explain; but where answers were lost, some may be guessed.
    ///
    /// # Errors
    /// The number that was settled.
    pub fn ruled_fairly(&self, world: &World) -> Result<(), String> {
        let all = world.mall.shops();
        // Who counted may have counted back since.
        match self
            .ruled(world)
            .into_iter()
            .find(|(shop, item)| self.by_hand[*shop][*item] == 0 && !all.shops[*shop].hid_return[*item])
        {
            Some((shop, item)) => {
                Err(format!("I6: a rule settles item {item} of shop {shop}, where nobody counted"))
            }
            None => Ok(()),
        }
    }

    /// I7: no row of a merchant names what is another's.
    ///
    /// # Errors
    /// The row that does.
    pub fn apart(&self, world: &World) -> Result<(), String> {
        for (org, _) in &self.items {
            if let Some(stranger) = world.memory.strangers(org).first() {
                return Err(format!("I7: {stranger} is not of the merchant whose row names it"));
            }
        }
        Ok(())
    }
}

/// Units that came back to the shelf of a shop and are not booked yet.
fn returns(world: &World, shop: &Shop, item: usize) -> i64 {
    if shop.returned[item] == 0 {
        return 0;
    }
    let unbooked = |order: &ShopOrder| {
        let of_item = order.lines.iter().filter(|line| line.item == item);
        let taken: i64 = of_item.map(|line| line.taken).sum();
        let id = OrderId::derive(&[shop.store.as_str(), order.remote().as_str()]);
        let effects = world.memory.booked_order(&shop.org, &id).map(|(_, effects)| effects);
        let booked =
            effects.into_iter().flatten().filter(|effect| effect.item == item_of(&shop.org, &sku(item)));
        let booked: Option<i64> =
            booked.map(|effect| effect.effect.taken.to_i64().unwrap_or(0)).reduce(|one, other| one + other);
        // Whoever read the order before they came back may book the whole of it still.
        let cancelled = order.state == OrderState::Cancelled;
        let held = |line: &Line| if cancelled { line.quantity } else { line.taken + line.restocked };
        let whole = || order.lines.iter().filter(|line| line.item == item).map(held).sum();
        (booked.unwrap_or_else(whole) - taken).max(0)
    };
    shop.orders.iter().map(unbooked).sum()
}

fn counters(shop: &Shop, item: usize, missing: i64) -> Counters {
    Counters { sold: shop.sold[item], returned: shop.returned[item], by_hand: shop.by_hand[item], missing }
}
