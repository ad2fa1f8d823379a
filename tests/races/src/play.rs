//! Playing a history from its beginning to its end.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::link::Link;
use domain::{OnHand, OrgId};
use hub::listings::item_of;
use memory::Memory;
use ports::Ledger;

use crate::check::Checks;
use crate::gated::at_once;
use crate::history::{History, Seen, step};
use crate::quiet::quiet;
use crate::recorded::{Call, Script};
use crate::shop::{ITEMS, Way, sku};
use crate::world::{Beginning, Bend, Straight, World};

/// What became of a history.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// What did not hold, if anything did not.
    pub violation: Option<String>,
    /// After so many steps.
    pub steps: usize,
    /// What happened.
    pub seen: Seen,
    /// Units sold that were not there, and the bound of them.
    pub oversold: (i64, i64),
    /// The same where units belong to single links, and the bound of them.
    pub strictly: (i64, i64),
    /// Calls that the hub made.
    pub calls: u64,
    /// What was said about each step, if somebody listened.
    pub said: Vec<String>,
}

/// Plays histories: it keeps the beginnings.
#[derive(Default)]
pub struct Player {
    beginnings: BTreeMap<u64, Beginning>,
}

impl Player {
    /// What there is of each item when a history begins.
    pub fn stock(&mut self, beginning: u64) -> [i64; ITEMS] {
        self.beginning(beginning).stock()
    }

    fn beginning(&mut self, number: u64) -> &Beginning {
        self.beginnings.entry(number).or_insert_with(|| World::beginning(number))
    }

    /// Plays a history; with `telling`, says what happens.
    pub fn play(&mut self, history: &History, bend: &dyn Bend, telling: bool) -> Played {
        let world = World::begin(self.beginning(history.beginning), history.seed, bend);
        play(world, history, telling).0
    }

    /// Plays a history, and writes down what is called on the books, from the first call of its beginning; with
    /// the merchants, and the memory that is left.
    pub fn record(&mut self, history: &History) -> (Vec<Call>, [OrgId; 2], Arc<Memory>) {
        let script = Arc::new(Script::default());
        let beginning = self.beginning(history.beginning);
        let mut calls = beginning.calls.clone();
        let world = World::begin_recorded(beginning, history.seed, &Straight, Some(&script));
        let (_, world) = play(world, history, false);
        calls.extend(script.calls());
        (calls, world.orgs.clone(), Arc::clone(&world.memory))
    }
}

/// Plays a history in a world that is at its beginning.
fn play(mut world: World, history: &History, telling: bool) -> (Played, World) {
    if telling {
        world.gate.listen();
        world.said = Some(Vec::new());
    }
    let mut played = Played::default();
    let mut checks = Checks::begin(&world);
    let began = world.gate.calls();
    let mut books = Vec::new();
    for one in &history.steps {
        let said = step(&mut world, *one, &mut played.seen, telling);
        let doings = world.said.as_mut().map(std::mem::take).unwrap_or_default();
        if telling && !(said.is_empty() && doings.is_empty()) {
            played.said.push(told(said, &doings, &world, &mut books));
        }
        played.steps += 1;
        if let Err(violation) = checks.after_step(&world) {
            played.violation = Some(violation);
            break;
        }
    }
    if played.violation.is_none() {
        let settled = played.seen.things.contains(&"settled by a person");
        let lost = ["shop times out", "shop's answer lost", "write took effect, answer lost"]
            .iter()
            .any(|thing| played.seen.things.contains(thing));
        let unknown = lost || world.gate.unended();
        played.violation = quiet(&mut world, &mut checks, history.seed, settled, unknown).err();
        if telling {
            let doings = world.said.as_mut().map(std::mem::take).unwrap_or_default();
            played.said.push(told("the world goes quiet".to_owned(), &doings, &world, &mut books));
        }
    }
    if world.orgs.iter().any(|org| world.memory.was_asked(org, ExceptionKind::RaisesHeld)) {
        played.seen.things.push("too many raises held");
    }
    if !checks.ruled(&world).is_empty() {
        played.seen.things.push("a difference settled by a rule");
    }
    for shop in &world.mall.shops().shops {
        played.seen.things.push(match shop.way {
            Way::Compare => "a shop compares and sets",
            Way::Delta => "a shop takes differences",
            Way::Absolute => "a shop's number is replaced",
        });
        if shop.undone != [0; ITEMS] {
            played.seen.things.push("a sale undone by a write");
        }
    }
    if world.bundled {
        played.seen.things.push("an item is made of others");
    }
    if world.is_shelved() {
        played.seen.things.push("products come and go");
    }
    if world.strict {
        played.seen.things.push("units belong to links");
    }
    played.oversold = (checks.oversold, checks.bound);
    played.strictly = (checks.strictly_oversold, checks.strict_bound);
    played.calls = world.gate.calls() - began;
    (played, world)
}

/// What happened in a step, what workers did in it, what shops show after it, and the books' lines that changed.
fn told(said: String, doings: &[String], world: &World, before: &mut Vec<String>) -> String {
    let mut lines = vec![said];
    lines.extend(doings.iter().cloned());
    lines.push(shown(world));
    let now = booked(world);
    lines.extend(now.iter().filter(|line| !before.contains(line)).cloned());
    *before = now;
    lines.retain(|line| !line.is_empty());
    lines.join("\n      ")
}

/// What shops show.
fn shown(world: &World) -> String {
    let all = world.mall.shops();
    let shops: Vec<String> =
        all.shops.iter().map(|shop| format!("shop {} shows {:?}", shop.place, shop.levels)).collect();
    shops.join(", ")
}

/// What the books say of the first merchant's items and of their links.
fn booked(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for item in 0..ITEMS {
        let id = item_of(&world.orgs[0], &sku(item));
        let balance = at_once(Ledger::balance(&*world.memory, &world.orgs[0], &id)).expect("memory");
        lines.push(format!("item {item}: on hand {}, reserved {}", balance.on_hand, balance.reserved));
        let links = world.memory.all_links(&world.orgs[0]);
        let of = links.iter().filter(|link| link.item == id);
        lines.extend(of.map(|link| format!("item {item} in {}: {}", link.store, line(link))));
    }
    lines
}

/// What the books say of a link.
fn line(link: &Link) -> String {
    let known = |number: Option<OnHand>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let mut said = format!("explained {}", known(link.explained));
    if let Some(inflight) = &link.inflight {
        said.push_str(&format!(", a write of {} over {} is under way", inflight.value, inflight.compare));
    }
    if let Some(odd) = link.unexplained {
        said.push_str(&format!(", {} unexplained since {}", odd.difference, odd.since));
    }
    said.push_str(&format!(
        ", seen {}, written {}",
        known(link.seen.map(|reading| reading.level)),
        known(link.written.map(|reading| reading.level))
    ));
    said
}
