//! Vouchers: the document behind lines of the ledger.
//!
//! Each step of the books is written together with one: what was observed, and the little that was decided from
//! elsewhere. The lines follow from it, by [`Voucher::lines`] and nothing else: the books are written through it, so
//! a day is written again from its vouchers with the very same decisions. Nothing in it says who bought.
//!
//! A voucher that was kept once is read for ever, and gives the same lines for ever.

mod by_hand;
mod opening;
mod order;
mod settled;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use by_hand::MovedByHand;
pub use opening::Opened;
pub use order::{OrderStep, SoldLine, SoldUnits, entry_id as order_entry_id};
pub use settled::{CountTaken, Settled};

use crate::stock::Entry;
use crate::{Day, VoucherId};

/// The document behind lines of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// When it was booked; its lines carry the same time.
    pub at: Timestamp,
    /// What was observed.
    pub observed: Observed,
}

/// What was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Observed {
    /// A step of what an order does through one link.
    Order(OrderStep),
    /// A link came into the books.
    Opened(Opened),
    /// A number that no order explained was settled.
    Settled(Settled),
    /// A joining shop's count was taken into the books.
    CountTaken(CountTaken),
    /// A person moved units.
    ByHand(MovedByHand),
}

impl Voucher {
    /// Names it, by what it documents: the same step has the same name.
    #[must_use]
    pub fn id(&self) -> VoucherId {
        match &self.observed {
            Observed::Order(step) => step.voucher_id(),
            Observed::Opened(opened) => VoucherId::derive(&[opened.link.as_str(), "opened"]),
            Observed::Settled(settled) => {
                VoucherId::derive(&[settled.link.as_str(), "settled", &settled.step.to_string()])
            }
            Observed::CountTaken(taken) => {
                VoucherId::derive(&[taken.exception.as_str(), &taken.opened_at.to_string()])
            }
            Observed::ByHand(moved) => {
                VoucherId::derive(&[moved.names.first().map_or("", |name| name.as_str())])
            }
        }
    }

    /// The day whose books it belongs to.
    #[must_use]
    pub fn day(&self) -> Day {
        Day::of(self.at)
    }

    /// The lines of the ledger that follow from it.
    #[must_use]
    pub fn lines(&self) -> Vec<Entry> {
        match &self.observed {
            Observed::Order(step) => step.lines(self.at),
            Observed::Opened(opened) => opened.lines(self.at),
            Observed::Settled(settled) => vec![settled.line(self.at)],
            Observed::CountTaken(taken) => vec![taken.line(self.at)],
            Observed::ByHand(moved) => moved.lines(self.at),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vouchers as they were kept once, each with the lines that it gave: never written anew, only added to.
    const KEPT: &str = include_str!("kept.json");

    #[derive(Serialize, Deserialize)]
    struct Kept {
        id: VoucherId,
        voucher: serde_json::Value,
        lines: serde_json::Value,
    }

    #[test]
    fn what_was_kept_once_is_read_and_gives_the_same_lines_for_ever() {
        let all: Vec<Kept> = serde_json::from_str(KEPT).unwrap();
        for kept in &all {
            let voucher: Voucher = serde_json::from_value(kept.voucher.clone()).unwrap();
            assert_eq!(voucher.id(), kept.id, "{voucher:?}");
            assert_eq!(serde_json::to_value(voucher.lines()).unwrap(), kept.lines, "{voucher:?}");
            assert_eq!(serde_json::to_value(&voucher).unwrap(), kept.voucher);
        }
        let kinds: std::collections::BTreeSet<&str> =
            all.iter().filter_map(|kept| kept.voucher["observed"]["what"].as_str()).collect();
        assert_eq!(kinds.len(), 5, "one of each kind is kept: {kinds:?}");
    }
}
