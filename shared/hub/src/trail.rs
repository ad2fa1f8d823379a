//! What stands behind an item's numbers: its latest entries, and the orders that they were booked for.

use std::sync::Arc;

use domain::stock::Entry;
use domain::{ItemId, OrderId, OrgId};
use jiff::Timestamp;
use ports::{Ask, BookedEffect, Ledger, OrderRecord};

use crate::{Outside, Result};

/// The order that an entry was booked for: its cause ends with the order's id in brackets. None for a count or a
/// correction.
#[must_use]
pub fn order_of(entry: &Entry) -> Option<OrderId> {
    if !entry.kind.is_of_order() {
        return None;
    }
    let (_, last) = entry.cause.rsplit_once('(')?;
    last.strip_suffix(')')?.parse().ok()
}

/// An order behind an item's numbers.
#[derive(Debug, Clone)]
pub(crate) struct TracedOrder {
    pub(crate) record: OrderRecord,
    pub(crate) effects: Vec<BookedEffect>,
    /// When it last moved the item.
    pub(crate) at: Timestamp,
}

/// The latest of what moved an item.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    /// Entries that no order caused: counts and corrections, the newest first.
    pub(crate) others: Vec<Entry>,
    /// Orders, the one that moved the item last first.
    pub(crate) orders: Vec<TracedOrder>,
}

/// Reads what stands behind items' numbers.
#[derive(Clone)]
pub(crate) struct Trails {
    ledger: Arc<dyn Ledger>,
}

impl Trails {
    pub(crate) fn new(outside: &Outside) -> Self {
        Self { ledger: Arc::clone(&outside.ledger) }
    }

    /// What moved an item last, as far as its latest entries tell.
    pub(crate) async fn latest(&self, org: &OrgId, item: &ItemId, entries: u32) -> Result<Trail> {
        let entries = self.ledger.entries(org, item, &Ask::first(entries)).await?.items;
        self.of(org, &entries).await
    }

    /// The orders and the other causes of some entries, which are given with the newest first.
    pub(crate) async fn of(&self, org: &OrgId, entries: &[Entry]) -> Result<Trail> {
        let mut trail = Trail::default();
        let mut orders: Vec<(OrderId, Timestamp)> = Vec::new();
        for entry in entries {
            match order_of(entry) {
                None => trail.others.push(entry.clone()),
                Some(order) if orders.iter().any(|(known, _)| *known == order) => {}
                Some(order) => orders.push((order, entry.at)),
            }
        }
        for (order, at) in orders {
            let Some(record) = self.ledger.order(org, &order).await? else { continue };
            let effects = self.ledger.effects(org, &order).await?;
            trail.orders.push(TracedOrder { record, effects, at });
        }
        Ok(trail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::stock::EntryKind;
    use domain::{Delta, EntryId, ExceptionId};

    #[test]
    fn an_entry_of_an_order_names_it_and_no_other_does() {
        let entry = |kind: EntryKind, cause: String| Entry {
            id: EntryId::derive(&["e"]),
            item: ItemId::derive(&["i"]),
            location: domain::LocationId::main(),
            actor: None,
            kind,
            on_hand: Delta::ZERO,
            reserved: Delta::whole(1),
            cause,
            at: Timestamp::UNIX_EPOCH,
        };
        let order = OrderId::derive(&["o"]);
        let reserve = EntryKind::Reserve;
        let exception = ExceptionId::derive(&["x"]);
        assert_eq!(order_of(&entry(reserve, format!("order 10 (a) open ({order})"))), Some(order.clone()));
        assert_eq!(
            order_of(&entry(reserve, format!("the number was taken into the books ({exception})"))),
            None
        );
        assert_eq!(order_of(&entry(reserve, "opening count from Shop (1): shows 3, 0 owed".into())), None);
        assert_eq!(order_of(&entry(reserve, String::new())), None);
        let person = format!("corrected by +1: see ({order})");
        assert_eq!(order_of(&entry(EntryKind::Adjust, person)), None, "a person may write what they like");
    }
}
