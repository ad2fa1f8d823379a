//! A step of an order's effect through one link.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::is_false;
use crate::bundle::Part;
use crate::order::{LineUnits, OrderState};
use crate::product::Sku;
use crate::stock::{Effect, Entry, EntryKind};
use crate::{EntryId, ItemId, LinkId, LocationId, OrderId, VoucherId};

/// So many different lines are told one by one; what further ones come to is told as a sum.
const TOLD: usize = 1000;

/// Lines of an order with the same numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldLine {
    /// The numbers of each.
    #[serde(flatten)]
    pub units: LineUnits,
    /// How many lines.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub times: u32,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(times: &u32) -> bool {
    *times == 1
}

/// The numbers of an order's lines that sell through one link; none of an order that does not sell through it any
/// more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SoldUnits {
    /// The lines.
    pub lines: Vec<SoldLine>,
    /// What further lines come to, of an order with very many different ones.
    #[serde(default, skip_serializing_if = "comes_to_nothing")]
    pub further: Effect,
}

fn comes_to_nothing(effect: &Effect) -> bool {
    *effect == Effect::default()
}

impl SoldUnits {
    /// Adds a line of an order in this state.
    pub fn add(&mut self, state: OrderState, units: LineUnits) {
        if let Some(same) = self.lines.iter_mut().find(|line| line.units == units) {
            same.times += 1;
        } else if self.lines.len() < TOLD {
            self.lines.push(SoldLine { units, times: 1 });
        } else {
            self.further = self.further.plus(units.effect(state));
        }
    }

    /// What an order in this state does with them.
    #[must_use]
    pub fn effect(&self, state: OrderState) -> Effect {
        let of = |line: &SoldLine| line.units.effect(state).of_part(Decimal::from(line.times));
        self.lines.iter().fold(self.further, |sum, line| sum.plus(of(line)))
    }
}

/// A step of what an order does through one link: from the effect that stood to that of the state that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderStep {
    /// The order.
    pub order: OrderId,
    /// The number that buyer and merchant use.
    pub number: String,
    /// The state that was seen.
    pub state: OrderState,
    /// The link.
    pub link: LinkId,
    /// The item that it lists.
    pub item: ItemId,
    /// Its SKU there.
    pub sku: Sku,
    /// What the order's lines say.
    pub sold: SoldUnits,
    /// The effect that stood.
    pub old: Effect,
    /// Counts the steps of this effect.
    pub step: u64,
    /// Where it moves the item.
    #[serde(default, skip_serializing_if = "LocationId::is_main")]
    pub location: LocationId,
    /// What it moves instead of the item, where a bundle was sold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Whether the link was not in the books yet: then the number that opens it contains the order, and no line is
    /// written.
    #[serde(default, skip_serializing_if = "is_false")]
    pub contained: bool,
}

/// The name of a line: of the step of an effect that it belongs to.
#[must_use]
pub fn entry_id(
    order: &OrderId,
    link: (&LinkId, &ItemId),
    step: u64,
    moves: (&ItemId, EntryKind),
) -> EntryId {
    let (step, kind) = (step.to_string(), format!("{:?}", moves.1));
    let mut parts = vec![order.as_str(), link.0.as_str(), &step, &kind];
    if moves.0 != link.1 {
        parts.push(moves.0.as_str());
    }
    EntryId::derive(&parts)
}

impl OrderStep {
    /// The effect that stands after it.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.sold.effect(self.state)
    }

    pub(super) fn voucher_id(&self) -> VoucherId {
        VoucherId::derive(&[self.order.as_str(), self.link.as_str(), &self.step.to_string()])
    }

    /// The lines that move the item, or the parts of a bundle, each by its units.
    pub(super) fn lines(&self, at: Timestamp) -> Vec<Entry> {
        if self.contained {
            return Vec::new();
        }
        let cause = format!("order {} {:?}", self.number, self.state).to_lowercase();
        let line = |item: &ItemId, cause: &str, (kind, on_hand, reserved)| Entry {
            id: entry_id(&self.order, (&self.link, &self.item), self.step, (item, kind)),
            item: item.clone(),
            location: self.location.clone(),
            kind,
            on_hand,
            reserved,
            cause: format!("{cause} ({})", self.order),
            actor: None,
            at,
        };
        let (old, new) = (self.old, self.effect());
        if self.parts.is_empty() {
            return old.movements_to(new).into_iter().map(|one| line(&self.item, &cause, one)).collect();
        }
        let cause = format!("{cause} in {}", self.sku);
        let of_part = |part: &Part| {
            let movements = old.of_part(part.units).movements_to(new.of_part(part.units));
            movements.into_iter().map(|one| line(&part.item, &cause, one)).collect::<Vec<_>>()
        };
        self.parts.iter().flat_map(of_part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(quantity: i64, taken: i64) -> LineUnits {
        LineUnits {
            quantity: quantity.into(),
            refunded: Decimal::ZERO,
            restocked: Decimal::ZERO,
            taken: taken.into(),
        }
    }

    #[test]
    fn an_order_of_many_lines_stays_a_short_document_and_comes_to_the_same() {
        let mut sold = SoldUnits::default();
        let mut sum = Effect::default();
        for number in 0..6000 {
            let line = units(number % 3000, 1);
            sold.add(OrderState::Open, line);
            sum = sum.plus(line.effect(OrderState::Open));
        }
        assert_eq!(sold.effect(OrderState::Open), sum);
        let text = serde_json::to_string(&sold).unwrap();
        assert!(text.len() < 100_000, "{}", text.len());
        assert_eq!(serde_json::from_str::<SoldUnits>(&text).unwrap(), sold);
    }

    #[test]
    fn lines_with_the_same_numbers_are_told_once() {
        let mut sold = SoldUnits::default();
        for _ in 0..5 {
            sold.add(OrderState::Open, units(2, 2));
        }
        assert_eq!(sold.lines.len(), 1);
        assert_eq!(sold.effect(OrderState::Open).reserved, Decimal::from(10));
        assert_eq!(SoldUnits::default().effect(OrderState::Open), Effect::default());
    }
}
