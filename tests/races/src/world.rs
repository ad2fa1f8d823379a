//! A world: shops with their buyers, the hub with its workers, and everything between them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use domain::message::{Message, MessageV1};
use domain::run::Stream;
use domain::store::{Condition, Phase, Store};
use domain::{OrgId, RemoteShop, StoreId};
use hub::allocate::Allocate;
use hub::bundle::Bundles;
use hub::ingest::Ingest;
use hub::lane::Lane;
use hub::receive::Receive;
use hub::settle::Settle;
use hub::stores::Stores;
use hub::sweep::Sweep;
use hub::sync::Sync;
use hub::{Outside, Platforms, Settings};
use jiff::SignedDuration;
use memory::{Memory, MemoryBlobs, MemoryQueue, MemorySchedules, MemoryVault};
use ports::{Catalog, Directory, Ledger, Queue, Vault};
use secrecy::SecretString;

pub use crate::bend::{Bend, Straight};
use crate::bundled::{KIT, is_bundled, shown};
use crate::decided::{DECIDED, decide, decisions};
use crate::dice::{Chance, SeededDice};
use crate::gate::{BEGIN, Fault, Gate, at};
use crate::gated::{Begun, Gated, at_once};
pub use crate::job::Job;
use crate::mall::{Mall, Shops, Street, slug};
use crate::no_http::NoHttp;
use crate::recorded::{Call, Recorded, Script};
use crate::shares::is_strict;
use crate::shelf::{PLACE, is_shelved, listed};
use crate::shop::{ITEMS, Shop, Way};

/// A worker that runs longer than this is killed.
const LONGEST: i64 = 100_000;
/// A message that is not acknowledged comes again after this time.
const VISIBILITY: i64 = 120;

/// The use-cases of the hub.
pub struct Hub {
    /// Delivery to queue.
    pub receive: Receive,
    /// Queue to books.
    pub ingest: Ingest,
    /// The worker of lanes.
    pub lane: Lane,
    /// The sweep.
    pub sweep: Sweep,
    /// Runs and ticks.
    pub sync: Sync,
    /// Settling exceptions.
    pub settle: Settle,
    /// A store's life.
    pub stores: Stores,
    /// Giving units to links.
    pub allocate: Allocate,
    /// Making bundles.
    pub bundles: Bundles,
}

/// A worker.
pub struct Task {
    /// What it is busy with.
    pub job: Job,
    future: Pin<Box<dyn Future<Output = hub::Result<()>> + Send>>,
    /// The receipt of its message.
    receipt: Option<u64>,
    /// How far its clock is ahead.
    skew: i64,
    begun: i64,
    number: u64,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The work is over; whether it went well.
    Over(bool),
    /// It stopped before this call.
    Stopped(&'static str),
    /// Its worker died before this call.
    Died(&'static str),
}

/// What a world begins with: a copy is cheap.
pub struct Beginning {
    memory: Memory,
    vault: MemoryVault,
    shops: Shops,
    millis: i64,
    orgs: [OrgId; 2],
    /// Whether a store is still joining.
    pub joins: bool,
    /// Whether units belong to single links.
    pub strict: bool,
    /// Whether an item is made of the others.
    pub bundled: bool,
    stock: [i64; ITEMS],
    /// What was called on the books until here.
    pub calls: Vec<Call>,
}

impl Beginning {
    /// What there is of each item.
    #[must_use]
    pub fn stock(&self) -> [i64; ITEMS] {
        self.stock
    }
}

/// A world.
pub struct World {
    /// Time and trouble.
    pub gate: Arc<Gate>,
    /// What the hub keeps.
    pub memory: Arc<Memory>,
    vault: Arc<MemoryVault>,
    /// The queue of messages.
    pub inbox: Arc<MemoryQueue>,
    /// The queue of doorbells.
    pub doorbell: Arc<MemoryQueue>,
    /// The shops.
    pub mall: Arc<Mall>,
    /// The hub.
    pub hub: Arc<Hub>,
    /// The workers that are on their way.
    pub tasks: Vec<Task>,
    /// The merchants.
    pub orgs: [OrgId; 2],
    /// Whether a store was joining when the history began.
    pub joins: bool,
    /// Whether units belong to single links.
    pub strict: bool,
    /// Whether an item is made of the others.
    pub bundled: bool,
    /// What there was of each item.
    pub stock: [i64; ITEMS],
    /// Whether a person decided about a number.
    pub settled: bool,
    /// What workers did, if somebody listens.
    pub said: Option<Vec<String>>,
    spawned: u64,
}

/// Calls as text, repeats told once.
fn folded(calls: &[&str]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut times = 0;
    for (place, call) in calls.iter().enumerate() {
        times += 1;
        if calls.get(place + 1) != Some(call) {
            words.push(if times > 1 { format!("{call} x{times}") } else { (*call).to_owned() });
            times = 0;
        }
    }
    words.join(" ")
}

impl World {
    fn new(
        memory: Memory,
        vault: MemoryVault,
        orgs: [OrgId; 2],
        seed: u64,
        bend: &dyn Bend,
        script: Option<&Arc<Script>>,
    ) -> Self {
        let gate = Arc::new(Gate::default());
        let begun = Arc::new(Begun::default());
        let memory = Arc::new(memory);
        let vault = Arc::new(vault);
        let clock: Arc<dyn platform::Clock> = Arc::<Gate>::clone(&gate);
        let queue = || {
            Arc::new(MemoryQueue::new(Arc::clone(&clock), SignedDuration::from_secs(VISIBILITY), u32::MAX))
        };
        let (inbox, doorbell) = (queue(), queue());
        let mall = Arc::new(Mall::new(&gate, &begun));
        let state = Gated::new(&gate, &memory, &begun).deciding(decisions(&gate, &memory, &begun, &orgs));
        let state = Arc::new(state);
        let gated_queue =
            |queue: &Arc<MemoryQueue>| -> Arc<dyn Queue> { Arc::new(Gated::new(&gate, queue, &begun)) };
        let streets = Way::ALL.map(|way| bend.street(Arc::new(Street::new(&mall, way))));
        let (catalog, ledger): (Arc<dyn Catalog>, Arc<dyn Ledger>) = match script {
            None => (Arc::<Gated<Memory>>::clone(&state), Arc::<Gated<Memory>>::clone(&state)),
            Some(script) => {
                let recorded = Arc::new(Recorded::new(&memory, script));
                let books = Arc::new(Gated::new(&gate, &recorded, &begun));
                (Arc::<Gated<Recorded>>::clone(&books), books)
            }
        };
        let outside = bend.outside(Outside {
            directory: Arc::<Gated<Memory>>::clone(&state),
            catalog,
            ledger,
            journal: Arc::<Gated<Memory>>::clone(&state),
            lanes: Arc::<Gated<Memory>>::clone(&state),
            runs: state,
            inbox: gated_queue(&inbox),
            doorbell: gated_queue(&doorbell),
            vault: Arc::new(Gated::new(&gate, &vault, &begun)),
            blobs: Arc::new(MemoryBlobs::default()),
            schedules: Arc::new(MemorySchedules::default()),
            http: Arc::new(NoHttp),
            clock,
            dice: Arc::new(SeededDice::of(seed)),
            platforms: Platforms::new(streets.into()),
            settings: Settings {
                public_url: "https://hub.example/".parse().expect("an address"),
                app_name: "hub".to_owned(),
                interval_seconds: 300,
            },
        });
        let hub = Arc::new(Hub {
            receive: Receive::new(&outside),
            ingest: Ingest::new(&outside),
            lane: Lane::new(&outside),
            sweep: Sweep::new(&outside),
            sync: Sync::new(&outside),
            settle: Settle::new(&outside),
            stores: Stores::new(&outside),
            allocate: Allocate::new(&outside),
            bundles: Bundles::new(&outside),
        });
        Self {
            gate,
            memory,
            vault,
            inbox,
            doorbell,
            mall,
            hub,
            tasks: Vec::new(),
            orgs,
            joins: false,
            strict: false,
            bundled: false,
            stock: [0; ITEMS],
            settled: false,
            said: None,
            spawned: 0,
        }
    }

    /// A world that begins so.
    pub fn begin(beginning: &Beginning, seed: u64, bend: &dyn Bend) -> Self {
        Self::begin_recorded(beginning, seed, bend, None)
    }

    /// The same, with what is called on the books written down.
    pub fn begin_recorded(
        beginning: &Beginning,
        seed: u64,
        bend: &dyn Bend,
        script: Option<&Arc<Script>>,
    ) -> Self {
        let Beginning { memory, vault, shops, millis, orgs, joins, strict, bundled, stock, calls: _ } =
            beginning;
        let mut world = Self::new(memory.clone(), vault.clone(), orgs.clone(), seed, bend, script);
        *world.mall.shops() = shops.clone();
        world.gate.set(*millis);
        world.joins = *joins;
        world.strict = *strict;
        world.bundled = *bundled;
        world.stock = *stock;
        if *joins {
            let store = world.mall.shops().shops[2].store.clone();
            world.spawn(Job::Ring(orgs[0].clone(), store), None, 0);
        }
        world
    }

    /// Three shops of one merchant and one of another, joined and written to; or the third is just joining.
    #[must_use]
    pub fn beginning(number: u64) -> Beginning {
        let mut chance = Chance::of(number ^ 0xb0b);
        let mut ten = || {
            let mut bytes = [0; 10];
            bytes[..8].copy_from_slice(&chance.any().to_le_bytes());
            bytes
        };
        let orgs = [OrgId::make(at(BEGIN), ten()), OrgId::make(at(BEGIN), ten())];
        let ids: Vec<StoreId> = (0..4).map(|place| StoreId::make(at(BEGIN + place), ten())).collect();
        let (strict, bundled) = (is_strict(number), is_bundled(number));
        let joins = number.is_multiple_of(8) && !strict;
        let script = Arc::new(Script::default());
        let (memory, vault) = (Memory::new(), MemoryVault::default());
        if DECIDED.contains(&number) {
            decide(&memory, number, &orgs, &ids);
        }
        let mut world = Self::new(memory, vault, orgs.clone(), number, &Straight, Some(&script));
        let mut levels = [0; ITEMS];
        for level in &mut levels {
            *level = 1 + i64::try_from(chance.below(5)).expect("small") + if strict { 3 } else { 0 };
        }
        if bundled {
            // A bundle has no stock of its own.
            levels[KIT] = 0;
        }
        for (place, store) in ids.iter().enumerate() {
            let ways = if number < 64 { 2 } else { 3 };
            let way = Way::ALL[usize::try_from(chance.below(ways as u64)).expect("small")];
            let way = if place < 2 {
                Way::ALL[(place + usize::try_from(number).expect("small")) % ways]
            } else {
                way
            };
            let skew = i64::try_from(chance.below(8000)).expect("small") - 4000;
            let mut shop = Shop {
                place,
                way,
                org: orgs[place / 3].clone(),
                store: store.clone(),
                skew,
                shelved: (is_shelved(number) && place == PLACE).then(|| listed(number, place)),
                listed: listed(number, place),
                levels,
                moved: [BEGIN + skew - 1000; ITEMS],
                orders: Vec::new(),
                tells: Vec::new(),
                sent: Vec::new(),
                keys: std::collections::BTreeMap::new(),
                by_hand: [0; ITEMS],
                counted: [false; ITEMS],
                read: [None; ITEMS],
                undone: [0; ITEMS],
                hid_return: [false; ITEMS],
                sold: [0; ITEMS],
                returned: [0; ITEMS],
            };
            if bundled && place == 2 {
                shop.levels[KIT] = shown(levels, number);
            }
            if joins && place == 2 {
                shop.levels = shop.levels.map(|level| level + 2);
                shop.buy(&[(0, 1), (1, 1)], true, BEGIN, 0, false);
                shop.buy(&[(2, 1)], true, BEGIN, 0, false);
                shop.change(1, crate::shop::Change::Send, BEGIN, 0, false);
                shop.tells.clear();
            }
            world.mall.shops().shops.push(shop);
        }
        for place in [0, 1, 3, 2] {
            if bundled && place == 2 {
                world.bundle(number);
            }
            world.join(place);
            if !(joins && place == 2) {
                world.drain();
                world.work(Job::Start(orgs[place / 3].clone(), ids[place].clone()), None);
                world.drain();
            }
        }
        if strict {
            world.divide(levels, number.is_multiple_of(2));
        }
        let shops = std::mem::take(&mut *world.mall.shops());
        let millis = world.gate.millis();
        let Self { memory, vault, .. } = world;
        let calls = script.calls();
        Beginning {
            memory: (*memory).clone(),
            vault: (*vault).clone(),
            shops,
            millis,
            orgs,
            joins,
            strict,
            bundled,
            stock: levels,
            calls,
        }
    }

    /// Connects a shop: from here on the hub does it all.
    fn join(&mut self, place: usize) {
        let now = self.gate.now();
        let (org, id, way) = {
            let all = self.mall.shops();
            let shop = &all.shops[place];
            (shop.org.clone(), shop.store.clone(), shop.way)
        };
        let store = Store {
            id: id.clone(),
            org: org.clone(),
            platform: slug(way),
            shop: RemoteShop::new(format!("shop {place}")),
            name: format!("shop {place}"),
            address: place.to_string(),
            currency: Some("EUR".parse().expect("a currency")),
            zone: None,
            phase: Phase::Joining,
            condition: Condition::Active,
            opens_books: place == 0 || place == 3,
            location: domain::LocationId::main(),
            created_at: now,
            baseline_at: None,
            writing_since: None,
            allocation: None,
            raises: None,
            version: 0,
        };
        at_once(self.memory.create_store(&store)).expect("memory never fails");
        let credentials = SecretString::from("keys".to_owned());
        at_once(self.vault.replace_if(&org, &id, None, &credentials)).expect("memory never fails");
        let start = self.hub.sync.start(&store, Stream::Catalog, domain::run::Extent::Full);
        at_once(start).expect("nothing fails before a history begins");
    }

    /// Works on all that is queued and due until nothing is.
    pub fn drain(&mut self) {
        for _ in 0..400 {
            if !self.tasks.is_empty() {
                self.turn(0, u32::MAX, None);
            } else if let Some(job) = self.take(0) {
                self.work(job.0, Some(job.1));
            } else if !self.ring_due() {
                return;
            }
        }
    }

    /// Rings lanes that have due work, as the sweep does.
    fn ring_due(&mut self) -> bool {
        let now = self.gate.now();
        for org in &self.orgs {
            for work in self.memory.all_work(org) {
                let rests = at_once(ports::Lanes::resting(&*self.memory, org, &work.store));
                let rests = rests.expect("memory never fails").is_some_and(|until| until > now);
                if work.due <= now && !rests {
                    let job = Job::Ring(org.clone(), work.store.clone());
                    let calls = self.gate.calls();
                    self.work(job, None);
                    // A lane that is held by a dead worker does nothing yet.
                    return self.gate.calls() > calls + 8;
                }
            }
        }
        false
    }

    /// Takes a message: of the inbox first, then of the doorbells.
    pub fn take(&self, place: usize) -> Option<(Job, u64)> {
        let (inbox, doorbell) = (self.inbox.ready(), self.doorbell.ready());
        if inbox + doorbell == 0 {
            return None;
        }
        let place = place % (inbox + doorbell);
        let hand = if place < inbox { self.inbox.take(place) } else { self.doorbell.take(place - inbox) }?;
        let Message::V1(message) = hand.message;
        let job = match message {
            MessageV1::Inbox(inbox) => Job::Ingest(Box::new(inbox)),
            MessageV1::Doorbell { org, store } => Job::Ring(org, store),
            MessageV1::Tick { org, store, stream } => Job::Tick(org, store, stream),
        };
        Some((job, hand.receipt))
    }

    /// A worker begins.
    pub fn spawn(&mut self, job: Job, receipt: Option<u64>, skew: i64) -> usize {
        let future = job.clone().future(self);
        self.spawned += 1;
        self.tasks.push(Task { job, future, receipt, skew, begun: self.gate.millis(), number: self.spawned });
        self.tasks.len() - 1
    }

    /// A worker does its work from beginning to end, without trouble.
    pub fn work(&mut self, job: Job, receipt: Option<u64>) {
        let place = self.spawn(job, receipt, 0);
        self.turn(place, u32::MAX, None);
    }

    /// Lets a worker make so many calls, the last of which meets the fault.
    pub fn turn(
        &mut self,
        place: usize,
        calls: u32,
        fault: Option<Fault>,
    ) -> (Turn, Option<(Fault, &'static str)>) {
        let task = &mut self.tasks[place];
        self.gate.open(task.number, calls, task.skew, fault);
        let number = task.number;
        let mut context = Context::from_waker(Waker::noop());
        let polled = task.future.as_mut().poll(&mut context);
        let (stopped_at, met) = self.gate.close();
        if let (Some(said), Some(heard)) = (&mut self.said, self.gate.heard()) {
            let ended = match &polled {
                Poll::Ready(Ok(())) => "over".to_owned(),
                Poll::Ready(Err(error)) => format!("failed: {error}"),
                Poll::Pending => format!("before {stopped_at}"),
            };
            let met = met.map_or(String::new(), |(fault, op)| format!(", {fault:?} at {op}"));
            let job = self.tasks[place].job.named();
            said.push(format!(
                "worker {number} {job}: {}: {ended}{met} [{}]",
                folded(&heard),
                self.gate.now()
            ));
        }
        let turn = match polled {
            Poll::Ready(ended) => {
                let went_well = ended.is_ok();
                let task = self.tasks.remove(place);
                self.ended(task, went_well);
                Turn::Over(went_well)
            }
            Poll::Pending if fault == Some(Fault::Crash) => {
                self.tasks.remove(place);
                self.gate.died(number);
                Turn::Died(stopped_at)
            }
            Poll::Pending => Turn::Stopped(stopped_at),
        };
        (turn, met)
    }

    fn ended(&self, task: Task, went_well: bool) {
        if let (Job::Receive(place, name), true) = (&task.job, went_well) {
            self.mall.shops().shops[*place].tells.retain(|telling| telling.name != *name);
        }
        let Some(receipt) = task.receipt else { return };
        let queue = if matches!(task.job, Job::Ring(..)) { &self.doorbell } else { &self.inbox };
        if went_well {
            queue.ack(receipt);
        } else {
            queue.give_back(receipt);
        }
    }

    /// All workers die.
    pub fn kill_all(&mut self) {
        for task in self.tasks.drain(..) {
            self.gate.died(task.number);
        }
    }

    /// Time passes; workers that run too long are killed.
    pub fn wait(&mut self, millis: i64) {
        self.gate.wait(millis);
        let now = self.gate.millis();
        for task in self.tasks.extract_if(.., |task| now - task.begun >= LONGEST) {
            self.gate.died(task.number);
        }
    }
}
