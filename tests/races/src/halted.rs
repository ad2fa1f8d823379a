//! Stores that people pause, stop writing to, and let go on.

use domain::store::{Condition, Phase};
use ports::Directory as _;

use crate::gated::at_once;
use crate::history::{Seen, Step};
use crate::job::{Halt, Job};
use crate::world::World;

/// Whether people halt stores in the worlds that begin so.
#[must_use]
pub fn is_halted(beginning: u64) -> bool {
    (64..112).contains(&beginning) && !beginning.is_multiple_of(8)
}

/// A person pauses a store or stops writing to it; or lets it go on.
pub fn halting(world: &World, step: Step, seen: &mut Seen) -> Option<Job> {
    let (org, id) = {
        let all = world.mall.shops();
        let shop = &all.shops[usize::from(step.a) % 3];
        (shop.org.clone(), shop.store.clone())
    };
    let store = at_once(world.memory.store(&org, &id)).expect("memory never fails")?;
    Some(match (&store.condition, store.phase) {
        (Condition::Paused, _) => {
            seen.things.push("a store goes on");
            Job::Halt(org, id, Halt::Resume)
        }
        (_, Phase::ReadOnly) => {
            seen.things.push("writing to a store goes on");
            Job::Start(org, id)
        }
        (_, Phase::Writing) if step.b.is_multiple_of(2) => {
            seen.things.push("writing to a store stops");
            Job::Halt(org, id, Halt::Stop)
        }
        _ => {
            seen.things.push("a store is paused");
            Job::Halt(org, id, Halt::Pause)
        }
    })
}

/// Everything that was halted goes on.
pub fn go_on(world: &mut World) {
    for org in world.orgs.clone() {
        let stores = at_once(world.memory.stores(&org)).expect("memory never fails");
        for store in stores {
            if store.condition == Condition::Paused {
                world.work(Job::Halt(org.clone(), store.id.clone(), Halt::Resume), None);
            }
            if store.phase == Phase::ReadOnly {
                world.work(Job::Start(org.clone(), store.id), None);
            }
        }
    }
}
