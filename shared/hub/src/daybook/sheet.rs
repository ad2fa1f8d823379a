//! The books of a day as one document: its lines and its closing balances, always in the same order.
//!
//! Pure: the same opening and the same vouchers give the same bytes, whoever asks and when.

use std::collections::{BTreeMap, BTreeSet};

use domain::stock::{Effect, Entry};
use domain::voucher::{Observed, OrderStep, Voucher};
use domain::{Day, Delta, EntryId, ItemId, LinkId, LocationId, OnHand, OrderId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What lies of an item at a location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lying {
    /// The item.
    pub item: ItemId,
    /// The location.
    pub location: LocationId,
    /// Units on the shelf.
    pub on_hand: OnHand,
    /// Units set aside.
    pub reserved: Delta,
}

/// What lies where, of items of which anything does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balances(BTreeMap<(ItemId, LocationId), (OnHand, Delta)>);

impl Balances {
    /// Adds to what lies of an item at a location.
    pub fn add(&mut self, item: &ItemId, location: &LocationId, (on_hand, reserved): (Delta, Delta)) {
        let key = (item.clone(), location.clone());
        let standing = self.0.remove(&key).unwrap_or_default();
        let sum = (standing.0.moved(on_hand), standing.1 + reserved);
        if sum != <(OnHand, Delta)>::default() {
            self.0.insert(key, sum);
        }
    }

    /// Adds what lines of the ledger move.
    pub fn enter<'a>(&mut self, lines: impl IntoIterator<Item = &'a Entry>) {
        for line in lines {
            self.add(&line.item, &line.location, (line.on_hand, line.reserved));
        }
    }

    /// The balances as rows, in their order.
    #[must_use]
    pub fn rows(&self) -> Vec<Lying> {
        let row = |(key, sum): (&(ItemId, LocationId), &(OnHand, Delta))| Lying {
            item: key.0.clone(),
            location: key.1.clone(),
            on_hand: sum.0,
            reserved: sum.1,
        };
        self.0.iter().map(row).collect()
    }

    /// Where two balances differ.
    #[must_use]
    pub fn differences(&self, what: &'static str, replay: &Self) -> Vec<Difference> {
        let keys: BTreeSet<&(ItemId, LocationId)> = self.0.keys().chain(replay.0.keys()).collect();
        let odd = keys.into_iter().filter(|key| self.0.get(*key) != replay.0.get(*key));
        let told = |sum: Option<&(OnHand, Delta)>| {
            let (on_hand, reserved) = sum.copied().unwrap_or_default();
            Some(format!("{on_hand} on hand, {} set aside", reserved.units()))
        };
        odd.map(|key| Difference {
            item: key.0.clone(),
            what,
            name: key.1.to_string(),
            books: told(self.0.get(key)),
            replay: told(replay.0.get(key)),
        })
        .collect()
    }
}

impl FromIterator<Lying> for Balances {
    fn from_iter<I: IntoIterator<Item = Lying>>(rows: I) -> Self {
        let mut balances = Self::default();
        for row in rows {
            balances.add(&row.item, &row.location, (row.on_hand.since(OnHand::ZERO), row.reserved));
        }
        balances
    }
}

/// Where the books and what follows from the vouchers differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The item.
    pub item: ItemId,
    /// What differs: a `line`, a `closing` balance, the `next opening`, or a `step` of an order.
    pub what: &'static str,
    /// Which: a line's id, a location, an order.
    pub name: String,
    /// What the books say; none if they do not know it.
    pub books: Option<String>,
    /// What follows from the vouchers; none if nothing does.
    pub replay: Option<String>,
}

/// The books of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    day: Day,
    lines: BTreeMap<EntryId, Entry>,
    closing: Balances,
}

/// The document that a sheet is written as.
#[derive(Serialize)]
struct Written<'a> {
    day: Day,
    lines: Vec<&'a Entry>,
    closing: Vec<Lying>,
}

impl Sheet {
    /// A day's lines, and the balances with which it closed.
    #[must_use]
    pub fn new(day: Day, lines: impl IntoIterator<Item = Entry>, closing: Balances) -> Self {
        let lines = lines.into_iter().map(|line| (line.id.clone(), line)).collect();
        Self { day, lines, closing }
    }

    /// What follows from the balances with which a day opened, and its vouchers.
    #[must_use]
    pub fn again<'a>(day: Day, opening: &Balances, vouchers: impl IntoIterator<Item = &'a Voucher>) -> Self {
        let mut closing = opening.clone();
        let lines: Vec<Entry> = vouchers.into_iter().flat_map(Voucher::lines).collect();
        closing.enter(&lines);
        Self::new(day, lines, closing)
    }

    /// How many lines it has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The items that its lines move.
    #[must_use]
    pub fn items(&self) -> BTreeSet<&ItemId> {
        self.lines.values().map(|line| &line.item).collect()
    }

    /// The balances with which the day closed.
    #[must_use]
    pub fn closing(&self) -> &Balances {
        &self.closing
    }

    /// The sheet as a document: lines by item and time, then balances by item and location.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn bytes(&self) -> crate::Result<Vec<u8>> {
        let mut lines: Vec<&Entry> = self.lines.values().collect();
        lines.sort_by(|one, other| (&one.item, one.at, &one.id).cmp(&(&other.item, other.at, &other.id)));
        super::document(&Written { day: self.day, lines, closing: self.closing.rows() })
    }

    /// Where the books differ from what follows from the vouchers.
    #[must_use]
    pub fn differences(&self, replay: &Self) -> Vec<Difference> {
        let ids: BTreeSet<&EntryId> = self.lines.keys().chain(replay.lines.keys()).collect();
        let odd = ids.into_iter().filter(|id| self.lines.get(*id) != replay.lines.get(*id));
        let told = |line: &Entry| serde_json::to_string(line).unwrap_or_default();
        let of_line = |id: &EntryId| {
            let (books, again) = (self.lines.get(id), replay.lines.get(id));
            let item = books.or(again).map(|line| line.item.clone())?;
            Some(Difference {
                item,
                what: "line",
                name: id.to_string(),
                books: books.map(told),
                replay: again.map(told),
            })
        };
        let mut differences: Vec<Difference> = odd.filter_map(of_line).collect();
        differences.extend(self.closing.differences("closing", &replay.closing));
        differences
    }
}

/// The SHA-256 of a document, in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The orders that vouchers move, and the steps that do not follow from the one before.
#[must_use]
pub fn orders<'a>(vouchers: impl IntoIterator<Item = &'a Voucher>) -> (usize, Vec<Difference>) {
    let mut chains: BTreeMap<(&OrderId, &LinkId), BTreeMap<u64, &OrderStep>> = BTreeMap::new();
    for voucher in vouchers {
        if let Observed::Order(step) = &voucher.observed {
            chains.entry((&step.order, &step.link)).or_default().insert(step.step, step);
        }
    }
    let told = |effect: Effect| {
        Some(format!("{} set aside, {} gone, {} taken", effect.reserved, effect.shipped, effect.taken))
    };
    let mut broken = Vec::new();
    for steps in chains.values() {
        for (number, step) in steps {
            let before = number.checked_sub(1).and_then(|before| steps.get(&before));
            if let Some(before) = before.filter(|before| before.effect() != step.old) {
                broken.push(Difference {
                    item: step.item.clone(),
                    what: "step",
                    name: step.order.to_string(),
                    books: told(step.old),
                    replay: told(before.effect()),
                });
            }
        }
    }
    let orders: BTreeSet<&OrderId> = chains.keys().map(|(order, _)| *order).collect();
    (orders.len(), broken)
}
