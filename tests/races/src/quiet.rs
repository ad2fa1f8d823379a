//! The world goes quiet: no buyer, no trouble; what is under way ends, and then nothing happens any more.

use domain::exception::{Exception, ExceptionKind};
use domain::run::Stream;
use domain::store::Phase;
use hub::settle::Right;

use crate::check::Checks;
use crate::gated::at_once;
use crate::halted::go_on;
use crate::replayed::{is_replayed, replayed};
use crate::shop::ITEMS;
use crate::world::{Job, World};

/// After so many rounds without an end, the world will not come to rest.
const ROUNDS: usize = 40;
/// How far the clock moves in a round.
const ROUND: i64 = 61_000;
/// Sweeps of a world in which nothing happens.
const IDLE: usize = 10;

/// Ends a history, and checks what must hold in the end. `settled` says that a person decided about a number
/// before all was known: what follows from that is theirs. `unknown` says that what some
/// write did was not known at once: a shop's answer was lost, or whoever wrote died before it was put down.
///
/// # Errors
/// What does not hold.
pub fn quiet(
    world: &mut World,
    checks: &mut Checks,
    seed: u64,
    settled: bool,
    unknown: bool,
) -> Result<(), String> {
    while !world.tasks.is_empty() {
        world.turn(0, u32::MAX, None);
        checks.after_step(world)?;
    }
    if !world.joins {
        go_on(world);
    }
    // What was sent to the dead comes again, leases run out, lists show all.
    world.wait(205_000);
    deliver(world, checks)?;
    world.drain();
    // A message that cannot be read holds raises until a person has looked.
    settle(world, checks, seed, |exception| exception.kind == ExceptionKind::ParkedEvent)?;
    rest(world, checks, true)?;
    if counted_by_hand(world) {
        // A number that somebody changed by hand may have matched by coincidence: the daily reading finds that.
        read_whole(world);
        rest(world, checks, false)?;
    }
    if !world.joins {
        checks.once(world)?;
        checks.converged(world, true)?;
    }
    if !world.joins && !settled {
        checks.asked(world, unknown)?;
    }
    if !world.joins && !settled && !unknown {
        checks.ruled_fairly(world)?;
    }
    settle_all(world, checks, seed)?;
    checks.once(world)?;
    checks.converged(world, false)?;
    idle(world)?;
    for org in world.orgs.iter().filter(|_| is_replayed(seed)) {
        replayed(world, org)?;
    }
    checks.apart(world)
}

/// All that shops still have to tell comes.
fn deliver(world: &mut World, checks: &mut Checks) -> Result<(), String> {
    loop {
        let next = {
            let all = world.mall.shops();
            all.shops.iter().find_map(|shop| Some((shop.place, shop.tells.first()?.name)))
        };
        let Some((place, name)) = next else { return Ok(()) };
        world.work(Job::Receive(place, name), None);
        checks.after_step(world)?;
    }
}

/// Works until no work is left.
fn rest(world: &mut World, checks: &mut Checks, reads: bool) -> Result<(), String> {
    for round in 0..ROUNDS {
        if reads && round == 0 {
            tick(world);
        }
        world.work(Job::Sweep, None);
        world.drain();
        deliver(world, checks)?;
        world.drain();
        checks.after_step(world)?;
        start_joined(world);
        if is_done(world) {
            return Ok(());
        }
        world.wait(ROUND);
    }
    Err(format!("I6: the world does not come to rest: {:?}", left(world)))
}

/// Everything that schedules read is read once.
fn tick(world: &mut World) {
    let stores: Vec<_> =
        world.mall.shops().shops.iter().map(|shop| (shop.org.clone(), shop.store.clone())).collect();
    for (org, store) in stores {
        for stream in [Stream::Orders, Stream::Catalog] {
            world.work(Job::Tick(org.clone(), store.clone(), stream), None);
        }
    }
}

fn counted_by_hand(world: &World) -> bool {
    world.mall.shops().shops.iter().any(|shop| shop.by_hand != [0; ITEMS])
}

/// Every store's catalogue is read whole.
fn read_whole(world: &mut World) {
    for org in world.orgs.clone() {
        let stores = at_once(ports::Directory::stores(&*world.memory, &org)).expect("memory never fails");
        for store in stores {
            world.work(Job::Read(Box::new(store)), None);
        }
    }
}

/// Writing begins in stores that have joined meanwhile.
fn start_joined(world: &mut World) {
    if !world.joins {
        return;
    }
    for org in world.orgs.clone() {
        let stores = at_once(ports::Directory::stores(&*world.memory, &org)).expect("memory never fails");
        for store in stores.into_iter().filter(|store| store.phase == Phase::ReadOnly) {
            world.work(Job::Start(org.clone(), store.id), None);
        }
    }
}

fn left(world: &World) -> Vec<String> {
    let work = world.orgs.iter().flat_map(|org| world.memory.all_work(org));
    let mut left: Vec<String> = work
        .map(|work| {
            format!("{} {} at {}, {}th", work.verb.name(), work.verb.about(), work.due, work.attempts)
        })
        .collect();
    left.push(format!("{} messages, {} doorbells", world.inbox.len(), world.doorbell.len()));
    left
}

fn is_done(world: &World) -> bool {
    let works = world
        .orgs
        .iter()
        .all(|org| world.memory.all_work(org).is_empty() && !world.memory.has_left_overs(org));
    works && world.inbox.is_empty() && world.doorbell.is_empty() && world.tasks.is_empty()
}

/// People settle whatever is open, until nothing is.
fn settle_all(world: &mut World, checks: &mut Checks, seed: u64) -> Result<(), String> {
    for turn in 0..12 {
        if !settle(world, checks, seed >> turn, |_| true)? {
            return Ok(());
        }
        rest(world, checks, false)?;
    }
    Err("I6: there is always something to settle".to_owned())
}

/// People settle what is open and fits; false if nothing is.
fn settle(
    world: &mut World,
    checks: &mut Checks,
    seed: u64,
    fits: impl Fn(&Exception) -> bool,
) -> Result<bool, String> {
    let mut any = false;
    for (which, org) in world.orgs.clone().into_iter().enumerate() {
        let open = at_once(ports::Journal::exceptions(&*world.memory, &org, false, &ports::Ask::first(50)));
        let open = open.expect("memory never fails").items;
        for (place, exception) in open.into_iter().filter(&fits).enumerate() {
            any = true;
            // What a shop shows of a bundle cannot be taken into the books.
            let kit = world.bundled && exception.facts.get("item") == Some(&kit_of(world).to_string());
            let right = if kit {
                Right::Books
            } else if (seed >> ((place + which) % 16)) & 1 == 0 {
                Right::Shop
            } else {
                Right::Books
            };
            world.work(Job::Settle(org.clone(), exception.id, right), None);
            checks.after_step(world)?;
        }
    }
    Ok(any)
}

/// The first merchant's bundle.
fn kit_of(world: &World) -> domain::ItemId {
    hub::listings::item_of(&world.orgs[0], &crate::shop::sku(crate::bundled::KIT))
}

/// Ten idle sweeps: nothing is called.
fn idle(world: &mut World) -> Result<(), String> {
    let before = world.mall.shops().calls;
    for _ in 0..IDLE {
        world.wait(ROUND);
        world.work(Job::Sweep, None);
        world.drain();
    }
    let after = world.mall.shops().calls;
    if after == before {
        Ok(())
    } else {
        Err(format!("I6: idle sweeps call shops: {before:?}, then {after:?}"))
    }
}
