//! Products, variants, inventory items and what lies where.

use super::clock::Millis;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// When a row changed, and when it had changed before, which is what a lagging index still knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    pub(crate) at: Millis,
    before: Millis,
}

impl Changed {
    pub(crate) fn new(at: Millis) -> Self {
        Self { at, before: at }
    }

    pub(crate) fn touch(&mut self, now: Millis, lag: Millis) {
        if self.at + lag <= now {
            self.before = self.at;
        }
        self.at = now;
    }

    /// The time of change as an index knows it that runs this far behind.
    pub(crate) fn indexed(&self, now: Millis, lag: Millis) -> Millis {
        if lag == 0 || self.at + lag <= now { self.at } else { self.before }
    }
}

/// An option of a product, like Color, with the ids of its values.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) values: Vec<(u64, String)>,
}

/// A picture of a product.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) id: u64,
    pub(crate) src: String,
    pub(crate) alt: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) handle: String,
    /// `ACTIVE`, `DRAFT`, `ARCHIVED` or `UNLISTED`.
    pub(crate) status: String,
    pub(crate) vendor: String,
    pub(crate) kind: String,
    pub(crate) tags: Vec<String>,
    pub(crate) html: String,
    pub(crate) template: Option<String>,
    pub(crate) seo: (Option<String>, Option<String>),
    pub(crate) created: Millis,
    pub(crate) changed: Changed,
    pub(crate) published: Option<Millis>,
    pub(crate) choices: Vec<Choice>,
    pub(crate) variants: Vec<u64>,
    pub(crate) pictures: Vec<Picture>,
    /// What `totalInventory` showed before the last change, and when that was.
    pub(crate) total_before: (i64, Millis),
}

impl Product {
    pub(crate) fn new(id: u64, title: &str, handle: String, now: Millis) -> Self {
        Self {
            id,
            title: title.into(),
            handle,
            status: "ACTIVE".into(),
            vendor: String::new(),
            kind: String::new(),
            tags: Vec::new(),
            html: String::new(),
            template: None,
            seo: (None, None),
            created: now,
            changed: Changed::new(now),
            published: Some(now),
            choices: Vec::new(),
            variants: Vec::new(),
            pictures: Vec::new(),
            total_before: (0, 0),
        }
    }

    /// Whether its only option is the one every product has.
    pub(crate) fn only_default(&self) -> bool {
        self.variants.len() == 1
            && self.choices.len() == 1
            && self.choices[0].name == "Title"
            && self.choices[0].values.iter().any(|value| value.1 == "Default Title")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) id: u64,
    pub(crate) product: u64,
    pub(crate) item: u64,
    pub(crate) barcode: Option<String>,
    pub(crate) price: Decimal,
    pub(crate) compare_at: Option<Decimal>,
    /// `inventoryPolicy` CONTINUE: sells below zero.
    pub(crate) sells_on: bool,
    pub(crate) taxable: bool,
    /// One value for each option of the product.
    pub(crate) values: Vec<String>,
    pub(crate) created: Millis,
    pub(crate) changed: Changed,
}

impl Variant {
    pub(crate) fn title(&self) -> String {
        self.values.join(" / ")
    }
}

/// What is stocked of a variant.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) variant: u64,
    pub(crate) sku: String,
    pub(crate) tracked: bool,
    pub(crate) ships: bool,
    pub(crate) cost: Option<Decimal>,
    pub(crate) grams: u64,
    pub(crate) created: Millis,
    pub(crate) changed: Changed,
    /// By location.
    pub(crate) levels: BTreeMap<u64, Level>,
}

/// Quantities of an item at a location, by state.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) active: bool,
    pub(crate) available: i64,
    pub(crate) committed: i64,
    pub(crate) incoming: i64,
    pub(crate) damaged: i64,
    pub(crate) quality_control: i64,
    pub(crate) reserved: i64,
    pub(crate) safety_stock: i64,
    pub(crate) created: Millis,
    pub(crate) changed: Millis,
}

/// Every name a quantity can have, in the order the platform lists them.
pub(crate) const NAMES: [&str; 8] = [
    "available",
    "incoming",
    "committed",
    "damaged",
    "on_hand",
    "quality_control",
    "reserved",
    "safety_stock",
];

impl Level {
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            active: true,
            available: 0,
            committed: 0,
            incoming: 0,
            damaged: 0,
            quality_control: 0,
            reserved: 0,
            safety_stock: 0,
            created: now,
            changed: now,
        }
    }

    pub(crate) fn on_hand(&self) -> i64 {
        self.available
            + self.committed
            + self.damaged
            + self.quality_control
            + self.reserved
            + self.safety_stock
    }

    /// The quantity of this name.
    pub(crate) fn quantity(&self, name: &str) -> Option<i64> {
        Some(match name {
            "available" => self.available,
            "committed" => self.committed,
            "incoming" => self.incoming,
            "damaged" => self.damaged,
            "on_hand" => self.on_hand(),
            "quality_control" => self.quality_control,
            "reserved" => self.reserved,
            "safety_stock" => self.safety_stock,
            _ => return None,
        })
    }

    /// Adds to a quantity; what is on hand is raised through what is available.
    pub(crate) fn add(&mut self, name: &str, delta: i64) {
        match name {
            "committed" => self.committed += delta,
            "incoming" => self.incoming += delta,
            "damaged" => self.damaged += delta,
            "quality_control" => self.quality_control += delta,
            "reserved" => self.reserved += delta,
            "safety_stock" => self.safety_stock += delta,
            _ => self.available += delta,
        }
    }
}

/// A place where stock lies.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) id: u64,
    /// The number its inventory levels carry.
    pub(crate) level_number: u64,
    pub(crate) name: String,
    pub(crate) active: bool,
    pub(crate) country: String,
    pub(crate) created: Millis,
    pub(crate) changed: Millis,
    pub(crate) deactivated: Option<Millis>,
}

/// `Weird Handle / 100%` as an address would have it.
pub(crate) fn handle_of(text: &str) -> String {
    let mut out = String::new();
    for sign in text.to_lowercase().chars() {
        if sign.is_alphanumeric() {
            out.push(sign);
        } else if !out.ends_with('-') && !out.is_empty() && !matches!(sign, '\'' | '"' | '’') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_made_of_letters_and_hyphens() {
        assert_eq!(handle_of("  Weird Handle / 100%  "), "weird-handle-100");
        assert_eq!(handle_of("%%%"), "");
    }

    #[test]
    fn an_index_knows_the_time_before_until_it_catches_up() {
        let mut changed = Changed::new(1_000);
        changed.touch(5_000, 2_000);
        assert_eq!((changed.indexed(6_000, 2_000), changed.indexed(7_000, 2_000)), (1_000, 5_000));
        assert_eq!(changed.indexed(6_000, 0), 5_000);
    }

    #[test]
    fn on_hand_holds_what_is_sold_and_not_yet_sent() {
        let mut level = Level::new(0);
        level.add("available", 10);
        level.add("available", -3);
        level.add("committed", 3);
        assert_eq!((level.available, level.on_hand(), level.quantity("nonsense")), (7, 10, None));
    }
}
