//! A history: what happens, step by step. It is made from a seed, and any part of it is a history too.

use domain::run::Stream;
use hub::settle::Right;
use rust_decimal::prelude::ToPrimitive as _;

use crate::bundled::{KIT, is_bundled, parts};
use crate::dice::Chance;
use crate::gate::Fault;
use crate::gated::at_once;
use crate::halted::{halting, is_halted};
use crate::shares::is_strict;
use crate::shelf::{is_shelved, shelve};
use crate::shop::{Change, ITEMS, Told};
use crate::world::{Job, Turn, World};

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Somebody buys.
    Buy,
    /// An order is paid, edited, refunded, sent or called off.
    Change,
    /// A number is changed by hand.
    Count,
    /// A message of a shop reaches us, once, twice or never.
    Deliver,
    /// A worker takes a message from a queue.
    Work,
    /// A worker that stopped goes on.
    Run,
    /// Time passes.
    Wait,
    /// A schedule says: read what changed.
    Tick,
    /// The sweep begins.
    Sweep,
    /// All workers die at once.
    Restart,
    /// A person settles an exception.
    Settle,
    /// A message that cannot be read reaches us.
    Garble,
    /// Units are given to a link, or taken from it.
    Allot,
    /// A bundle is made of something else.
    Make,
    /// A product comes, or goes.
    Shelve,
    /// A store is halted, or goes on.
    Halt,
}

impl Act {
    /// Everything that may happen.
    pub const ALL: [Self; 16] = [
        Self::Buy,
        Self::Change,
        Self::Count,
        Self::Deliver,
        Self::Work,
        Self::Run,
        Self::Wait,
        Self::Tick,
        Self::Sweep,
        Self::Restart,
        Self::Settle,
        Self::Garble,
        Self::Allot,
        Self::Make,
        Self::Shelve,
        Self::Halt,
    ];
}

/// One step. The numbers choose among what there is, so a step means something wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub act: Act,
    /// Chooses.
    pub a: u16,
    /// Chooses.
    pub b: u16,
    /// Chooses.
    pub c: u16,
}

/// A history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Its seed: it also seeds the hub's own dice.
    pub seed: u64,
    /// What it begins with.
    pub beginning: u64,
    /// What happens.
    pub steps: Vec<Step>,
}

/// So many beginnings there are.
pub const BEGINNINGS: u64 = 288;

impl History {
    /// The history of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed);
        let beginning = chance.below(BEGINNINGS);
        let length = 40 + chance.below(32);
        // Each history has its own weather: some have no trouble of a kind, some have much.
        let mut weather = || [0, 1, 2][usize::try_from(chance.below(3)).unwrap_or(0)];
        let (count, tick, settle, garble) = (weather(), 1 + weather(), weather(), weather() / 2);
        let weights: [(Act, u64); 16] = [
            (Act::Buy, 22),
            (Act::Change, 12),
            (Act::Count, count),
            (Act::Deliver, 16),
            (Act::Work, 24),
            (Act::Run, 12),
            (Act::Wait, 6),
            (Act::Tick, tick),
            (Act::Sweep, 2),
            (Act::Restart, 1),
            (Act::Settle, settle),
            (Act::Garble, garble),
            (Act::Allot, if is_strict(beginning) { 5 } else { 0 }),
            (Act::Make, if is_bundled(beginning) { 2 } else { 0 }),
            (Act::Shelve, if is_shelved(beginning) { 6 } else { 0 }),
            (Act::Halt, if is_halted(beginning) { 4 } else { 0 }),
        ];
        let sum: u64 = weights.iter().map(|(_, weight)| weight).sum();
        let steps = (0..length)
            .map(|_| {
                let mut left = chance.below(sum);
                let act = weights
                    .iter()
                    .find(|(_, weight)| {
                        let is_it = left < *weight;
                        left = left.saturating_sub(*weight);
                        is_it
                    })
                    .map_or(Act::Buy, |(act, _)| *act);
                let mut any = || u16::try_from(chance.below(1 << 16)).unwrap_or(0);
                Step { act, a: any(), b: any(), c: any() }
            })
            .collect();
        Self { seed, beginning, steps }
    }
}

/// What happened, for coverage.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Things that happened, by name.
    pub things: Vec<&'static str>,
    /// Calls before which a worker died.
    pub deaths: Vec<&'static str>,
    /// Units that buyers wanted, per item.
    pub wanted: [i64; ITEMS],
}

fn pick(number: u16, of: usize) -> usize {
    usize::from(number) % of.max(1)
}

impl Step {
    /// How many calls a worker may make, the trouble that the last one meets, and whether it waits for a shop.
    fn turn(self) -> (u32, Option<Fault>, bool) {
        let calls = match self.b % 8 {
            0..4 => u32::MAX,
            _ => 1 + u32::from(self.b / 8) % 36,
        };
        // Trouble comes after so many calls, however far a worker would go without it.
        let fault = match self.c % 16 {
            0 => Some(Fault::Conflict),
            1 => Some(Fault::Throttle),
            2 => Some(Fault::Fails),
            3 => Some(Fault::Lost),
            4 => Some(Fault::Crash),
            _ => None,
        };
        let of_shop = match self.c % 16 {
            5 => Some(Fault::Conflict),
            6 => Some(Fault::Throttle),
            7 => Some(Fault::Fails),
            8 => Some(Fault::Lost),
            _ => None,
        };
        match (fault, of_shop) {
            (Some(_), _) => (1 + u32::from(self.b / 8) % 60, fault, false),
            (None, Some(_)) => (u32::MAX, of_shop, true),
            (None, None) => (calls, None, false),
        }
    }

    fn skew(self) -> i64 {
        if (self.c / 16).is_multiple_of(8) { i64::from(self.c / 128 % 4000) - 2000 } else { 0 }
    }
}

/// Does a step; returns what to say about it.
pub fn step(world: &mut World, step: Step, seen: &mut Seen, telling: bool) -> String {
    let now = world.gate.millis();
    let say = |text: String| if telling { text } else { String::new() };
    match step.act {
        Act::Buy => buy(world, step, seen, telling),
        Act::Change => change(world, step, seen, telling),
        Act::Count => {
            let mut all = world.mall.shops();
            let place = pick(step.a, all.shops.len());
            let shop = &mut all.shops[place];
            let item = pick(step.b, ITEMS);
            let by = i64::from(step.c % 5) - 2;
            if !shop.listed[item] {
                return String::new();
            }
            let by = if by == 0 || shop.levels[item] + by < 0 { 1 } else { by };
            shop.moves(item, by, now);
            shop.by_hand[item] += by;
            shop.counted[item] = true;
            let listings = shop.listings(std::iter::once(item));
            shop.tell(Told::Listed(Box::new(listings)));
            seen.things.push("count by hand");
            say(format!("shop {place}: item {item} is counted {by:+} by hand"))
        }
        Act::Deliver => deliver(world, step, seen, telling),
        Act::Work => {
            let Some((job, receipt)) = world.take(pick(step.a, 64)) else { return String::new() };
            if step.skew() != 0 {
                seen.things.push("clock skew");
            }
            let place = world.spawn(job, Some(receipt), step.skew());
            turn(world, place, step, seen, telling)
        }
        Act::Run => {
            if world.tasks.is_empty() {
                return String::new();
            }
            let place = pick(step.a, world.tasks.len());
            turn(world, place, step, seen, telling)
        }
        Act::Wait => {
            let millis = match step.a % 16 {
                0..6 => 500 + i64::from(step.b % 2000),
                6..11 => 3_000 + i64::from(step.b % 8000),
                11..14 => 20_000 + i64::from(step.b % 20_000),
                14 => 100_000,
                _ => 200_000,
            };
            world.wait(millis);
            say(format!("{millis} ms pass"))
        }
        Act::Tick => {
            let (place, org, store) = store_at(world, step.a);
            let stream = if step.b.is_multiple_of(3) { Stream::Catalog } else { Stream::Orders };
            world.work(Job::Tick(org, store, stream), None);
            say(format!("shop {place}: its {} are to be read", stream.as_str()))
        }
        Act::Sweep => {
            let place = world.spawn(Job::Sweep, None, step.skew());
            turn(world, place, step, seen, telling)
        }
        Act::Restart => {
            world.kill_all();
            seen.things.push("restart");
            say("all workers die".to_owned())
        }
        Act::Settle => {
            let Some(job) = settling(world, step) else { return String::new() };
            seen.things.push("settled by a person");
            world.settled = true;
            let place = world.spawn(job, None, 0);
            turn(world, place, step, seen, telling)
        }
        Act::Allot => {
            let place = pick(step.a, 3);
            let item = pick(step.b, ITEMS);
            let link = world.link_of(place, item);
            let Some(owns) = link.allocation.and_then(|allocation| allocation.own(link.sold)) else {
                return String::new();
            };
            let owns = owns.to_i64().unwrap_or(0);
            let units = if step.c.is_multiple_of(2) { owns + 1 } else { (owns - 1).max(0) };
            seen.things.push("units given to another");
            let org = world.orgs[0].clone();
            let worker = world.spawn(Job::Allot(org, link.id, units), None, 0);
            turn(world, worker, step, seen, telling);
            say(format!("shop {place}: {units} of item {item} shall be its own, {owns} were"))
        }
        Act::Make => {
            let org = world.orgs[0].clone();
            let parts = parts(&org, u64::from(step.a));
            let kit = hub::listings::item_of(&org, &crate::shop::sku(KIT));
            seen.things.push("bundle made anew");
            let job = Job::Make(org, kit, parts);
            let said = say(job.named());
            let worker = world.spawn(job, None, 0);
            turn(world, worker, step, seen, telling);
            said
        }
        Act::Shelve => {
            let said = shelve(world, step, seen);
            say(said)
        }
        Act::Halt => {
            let Some(job) = halting(world, step, seen) else { return String::new() };
            let place = world.spawn(job, None, 0);
            turn(world, place, step, seen, telling)
        }
        Act::Garble => {
            let place = pick(step.a, world.mall.shops().shops.len());
            // Nothing was sent under this number: what it says cannot be read.
            world.work(Job::Receive(place, 1_000_000 + u64::from(step.b % 4)), None);
            seen.things.push("unreadable message");
            say(format!("shop {place}: a message that cannot be read comes"))
        }
    }
}

fn store_at(world: &World, number: u16) -> (usize, domain::OrgId, domain::StoreId) {
    let all = world.mall.shops();
    let place = pick(number, all.shops.len());
    let shop = &all.shops[place];
    (place, shop.org.clone(), shop.store.clone())
}

/// A person settles one of the exceptions that are open.
fn settling(world: &World, step: Step) -> Option<Job> {
    let org = &world.orgs[pick(step.b, 8) / 7];
    let open = at_once(ports::Journal::exceptions(&*world.memory, org, false, &ports::Ask::first(20)));
    let open = open.ok()?.items;
    let exception = open.get(pick(step.a, open.len()))?;
    let right = if step.c.is_multiple_of(2) { Right::Shop } else { Right::Books };
    Some(Job::Settle(org.clone(), exception.id.clone(), right))
}

fn buy(world: &mut World, step: Step, seen: &mut Seen, telling: bool) -> String {
    let now = world.gate.millis();
    let mut all = world.mall.shops();
    // Most buyers are in the three shops that share their stock.
    let place = if step.a.is_multiple_of(16) { 3 } else { pick(step.a / 16, 3) };
    let shop = &mut all.shops[place];
    let first = (pick(step.b, ITEMS), 1 + i64::from((step.b / 8).is_multiple_of(8)));
    let mut lines = vec![first];
    if (step.b / 64).is_multiple_of(4) {
        lines.push(((first.0 + 1 + pick(step.b / 256, ITEMS - 1)) % ITEMS, 1));
    }
    let pays = !step.c.is_multiple_of(8);
    let lag = lag(shop.way, step.c, seen);
    if place < 3 {
        for (item, units) in &lines {
            seen.wanted[*item] += units;
        }
    }
    let bought = shop.buy(&lines, pays, now, lag, (step.c / 8).is_multiple_of(8));
    if bought && (step.c / 64).is_multiple_of(4) {
        let listings = shop.listings(lines.iter().map(|(item, _)| *item));
        shop.tell(Told::Listed(Box::new(listings)));
    }
    if !telling {
        return String::new();
    }
    let how = match (bought, pays) {
        (true, true) => "buys",
        (true, false) => "orders, unpaid,",
        (false, _) => "wants and does not get",
    };
    let what: Vec<String> = lines.iter().map(|(item, units)| format!("{units} of item {item}")).collect();
    format!("shop {place}: somebody {how} {}", what.join(" and "))
}

/// How long lists do not show a change.
fn lag(way: crate::shop::Way, number: u16, seen: &mut Seen) -> i64 {
    match number / 512 % 4 {
        0 => {
            seen.things.push("index lag");
            way.lag() * i64::from(number / 2048 % 4 + 1) / 4
        }
        _ => 0,
    }
}

fn change(world: &mut World, step: Step, seen: &mut Seen, telling: bool) -> String {
    let now = world.gate.millis();
    let mut all = world.mall.shops();
    let place = pick(step.a, all.shops.len());
    let shop = &mut all.shops[place];
    if shop.orders.is_empty() {
        return String::new();
    }
    let order = pick(step.b, shop.orders.len());
    let line = pick(step.b / 256, 2);
    let change = match step.c % 8 {
        0 | 1 => Change::Pay,
        2 => Change::Cancel { restock: !(step.a / 8).is_multiple_of(4) },
        3 | 4 => Change::Refund { line, restock: (step.a / 8).is_multiple_of(2) },
        5 | 6 => Change::Edit { line, more: (step.a / 8).is_multiple_of(2) },
        _ => Change::Send,
    };
    let lag = lag(shop.way, step.c, seen);
    let done = shop.change(order, change, now, lag, (step.c / 8).is_multiple_of(8));
    if done {
        seen.things.push(match change {
            Change::Pay => "payment",
            Change::Cancel { .. } => "cancellation",
            Change::Refund { restock: true, .. } => "refund with restock",
            Change::Refund { restock: false, .. } => "refund without restock",
            Change::Edit { .. } => "edit",
            Change::Send => "shipment",
        });
    }
    if telling && done { format!("shop {place}: order {order}: {change:?}") } else { String::new() }
}

fn deliver(world: &mut World, step: Step, seen: &mut Seen, telling: bool) -> String {
    let (place, name, last, what) = {
        let all = world.mall.shops();
        let waiting: Vec<usize> =
            (0..all.shops.len()).filter(|place| !all.shops[*place].tells.is_empty()).collect();
        if waiting.is_empty() {
            return String::new();
        }
        let place = waiting[pick(step.a, waiting.len())];
        let tells = &all.shops[place].tells;
        let at = if step.b.is_multiple_of(2) { 0 } else { pick(step.b / 2, tells.len()) };
        if at > 0 {
            seen.things.push("message out of order");
        }
        (place, tells[at].name, tells.len(), if telling { said(&tells[at].what) } else { String::new() })
    };
    let how = step.c % 16;
    if how == 0 || how == 1 {
        world.mall.shops().shops[place].tells.retain(|telling| telling.name != name);
        seen.things.push("message dropped");
        return if telling { format!("shop {place}: {what} is lost") } else { String::new() };
    }
    if last > 3 {
        seen.things.push("message delayed");
    }
    let times = if how < 5 { 2 } else { 1 };
    if times == 2 {
        seen.things.push("message twice");
    }
    for _ in 0..times {
        world.work(Job::Receive(place, name), None);
    }
    if telling { format!("shop {place}: {what} comes {times} time(s)") } else { String::new() }
}

fn said(what: &Told) -> String {
    match what {
        Told::Order(order) => format!("a message about order {} ({:?})", order.remote, order.state),
        Told::Look(order) => format!("a hint about order {order}"),
        Told::Gone(product) => format!("a message that {product} is gone"),
        Told::Listed(listings) => {
            let levels: Vec<String> = listings
                .variants
                .iter()
                .map(|one| format!("{}={}", one.remote, one.level().unwrap_or_default()))
                .collect();
            format!("a message that it shows {}", levels.join(" "))
        }
    }
}

fn turn(world: &mut World, place: usize, step: Step, seen: &mut Seen, telling: bool) -> String {
    let (calls, fault, at_shop) = step.turn();
    if at_shop {
        world.gate.at_shop();
    }
    let (ended, met) = world.turn(place, calls, fault);
    if let Some((fault, op)) = met {
        seen.things.push(named(fault, op));
    }
    if let Turn::Died(before) = ended {
        seen.things.push("worker dies");
        seen.deaths.push(before);
    }
    let _ = telling;
    String::new()
}

fn named(fault: Fault, op: &str) -> &'static str {
    let of_shop = !op.contains('.');
    match (fault, of_shop) {
        (Fault::Conflict, true) => "shop answers 500",
        (Fault::Conflict, false) => "transaction conflict",
        (Fault::Throttle, true) => "shop throttles",
        (Fault::Throttle, false) => "port throttles",
        (Fault::Fails, true) => "shop times out",
        (Fault::Fails, false) => "port fails",
        (Fault::Lost, true) if op == "push_stock" => "write took effect, answer lost",
        (Fault::Lost, true) => "shop's answer lost",
        (Fault::Lost, false) => "port's answer lost",
        (Fault::Crash, _) => "worker dies",
    }
}
