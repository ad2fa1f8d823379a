//! Very many histories, on a few threads, and what they covered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::dice::Chance;
use crate::history::History;
use crate::play::{Played, Player};
use crate::shop::ITEMS;
use crate::world::Bend;

/// Histories that are played before the others are looked at.
const AT_A_TIME: u64 = 200;
/// After so many failures no more are collected.
const MOST: usize = 200;

/// What very many histories came to.
#[derive(Debug, Default)]
pub struct Crowd {
    /// What they covered.
    pub coverage: Coverage,
    /// Those in which something did not hold, and what.
    pub failed: Vec<(History, String)>,
}

/// What histories covered.
#[derive(Debug, Default)]
pub struct Coverage {
    histories: u64,
    steps: BTreeMap<usize, u64>,
    calls: u64,
    scarce: u64,
    things: BTreeMap<&'static str, u64>,
    deaths: BTreeMap<&'static str, u64>,
    oversold: i64,
    bound: i64,
    strictly: (i64, i64),
    took: Duration,
}

/// The seed of a history of a crowd.
#[must_use]
pub fn seed_of(seed: u64, number: u64) -> u64 {
    Chance::of(Chance::of(seed).any() ^ number).any() >> 16
}

/// Plays so many histories.
pub fn crowd(histories: u64, seed: u64, threads: usize, bend: &dyn Bend, telling: bool) -> Crowd {
    let next = AtomicU64::new(0);
    let whole = Mutex::new(Crowd::default());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut player = Player::default();
                let mut mine = Crowd::default();
                loop {
                    let first = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
                    if first >= histories {
                        break;
                    }
                    for number in first..(first + AT_A_TIME).min(histories) {
                        let history = History::of(seed_of(seed, number));
                        let played = player.play(&history, bend, false);
                        mine.coverage.note(&history, &played, player.stock(history.beginning));
                        if let Some(violation) = played.violation
                            && mine.failed.len() < MOST
                        {
                            mine.failed.push((history, violation));
                        }
                    }
                    if telling && first / AT_A_TIME % 100 == 99 {
                        let done = first + AT_A_TIME;
                        let rate = u128::from(done) * 1000 / begun.elapsed().as_millis().max(1);
                        println!("{done} of {histories}, {rate} a second");
                    }
                }
                let mut whole = whole.lock().expect("no thread panics while it holds this");
                whole.coverage.add(mine.coverage);
                whole.failed.append(&mut mine.failed);
            });
        }
    });
    let mut whole = whole.into_inner().expect("no thread panics while it holds this");
    whole.coverage.took = begun.elapsed();
    whole.failed.sort_by_key(|(history, _)| history.seed);
    whole
}

impl Coverage {
    fn note(&mut self, history: &History, played: &Played, stock: [i64; ITEMS]) {
        self.histories += 1;
        *self.steps.entry(history.steps.len()).or_default() += 1;
        self.calls += played.calls;
        self.scarce += u64::from((0..ITEMS).any(|item| played.seen.wanted[item] > stock[item]));
        let mut things = played.seen.things.clone();
        things.sort_unstable();
        things.dedup();
        for thing in things {
            *self.things.entry(thing).or_default() += 1;
        }
        let mut deaths = played.seen.deaths.clone();
        deaths.sort_unstable();
        deaths.dedup();
        for death in deaths {
            *self.deaths.entry(death).or_default() += 1;
        }
        self.oversold += played.oversold.0;
        self.bound += played.oversold.1;
        self.strictly.0 += played.strictly.0;
        self.strictly.1 += played.strictly.1;
    }

    fn add(&mut self, other: Self) {
        self.histories += other.histories;
        self.calls += other.calls;
        self.scarce += other.scarce;
        self.oversold += other.oversold;
        self.bound += other.bound;
        self.strictly.0 += other.strictly.0;
        self.strictly.1 += other.strictly.1;
        for (length, times) in other.steps {
            *self.steps.entry(length).or_default() += times;
        }
        for (thing, times) in other.things {
            *self.things.entry(thing).or_default() += times;
        }
        for (death, times) in other.deaths {
            *self.deaths.entry(death).or_default() += times;
        }
    }

    fn median(&self) -> usize {
        let mut left = self.histories / 2;
        for (length, times) in &self.steps {
            if *times > left {
                return *length;
            }
            left -= times;
        }
        0
    }

    /// How often something happened, of a hundred histories.
    #[must_use]
    pub fn share(&self, thing: &str) -> u64 {
        self.things.get(thing).copied().unwrap_or(0) * 100 / self.histories.max(1)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let histories = self.histories.max(1);
        let of_hundred =
            |times: u64| format!("{}.{:02} %", times * 100 / histories, times * 10_000 / histories % 100);
        let rate = u128::from(self.histories) * 1000 / self.took.as_millis().max(1);
        writeln!(f, "{} histories in {:?}, {rate} a second", self.histories, self.took)?;
        writeln!(
            f,
            "steps of a history, median: {}; calls of the hub: {}",
            self.median(),
            self.calls / histories
        )?;
        writeln!(f, "demand above stock: {} of the histories", of_hundred(self.scarce))?;
        writeln!(f, "oversold units: {}, of at most {}", self.oversold, self.bound)?;
        let (oversold, bound) = self.strictly;
        writeln!(f, "oversold units where units belong to links: {oversold}, of at most {bound}")?;
        writeln!(f, "histories in which this happened:")?;
        for (thing, times) in &self.things {
            writeln!(f, "  {thing:32} {times:9}  {}", of_hundred(*times))?;
        }
        writeln!(f, "histories in which a worker died before this call:")?;
        for (death, times) in &self.deaths {
            writeln!(f, "  {death:32} {times:9}  {}", of_hundred(*times))?;
        }
        Ok(())
    }
}
