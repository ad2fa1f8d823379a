//! Writing to shops that only replace a number: read before, write, read back, and look again when orders must be
//! visible, since a sale between the reading and the writing leaves no other trace.

use std::collections::BTreeMap;

use domain::exception::ExceptionKind;
use domain::link::{Link, Unexplained};
use domain::work::{Change, LaneWork, Priority, Verb};
use domain::{Delta, LinkId, OnHand, TaskId};
use jiff::Timestamp;
use platform::{StockMode, VariantName};
use ports::{Moved, Settlement};

use super::compare::visible;
use super::{Lane, Turn};
use crate::access::Shop;
use crate::alerts::Alert;
use crate::{HubError, Result};

/// What may be written where a number is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replace {
    /// The shop shows what the books explain: it may show the target.
    Target,
    /// It shows another number, and fewer units must be shown: as many fewer than it shows.
    Lowered(OnHand),
    /// It shows another number, and more units may be shown: first what it shows is explained.
    Unexplained,
}

/// Decides what may be written over the number that a shop just showed.
pub(super) fn replace(shown: OnHand, explained: OnHand, target: OnHand) -> Replace {
    let difference = target.since(explained);
    if shown == explained {
        Replace::Target
    } else if difference.lowers() {
        Replace::Lowered(shown.moved(difference).max(OnHand::ZERO.min(shown)))
    } else {
        Replace::Unexplained
    }
}

/// Whether a shop's numbers are only replaced.
pub(super) fn replaces(shop: &Shop) -> bool {
    shop.platform.limits().stock_mode == StockMode::Absolute
}

/// What comes before a raise, where units belong to single links and a number is only replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// It shows nothing, and all orders that are visible are booked: it may be raised.
    Closed,
    /// It must show nothing first: while it does, nobody buys between our reading and our writing.
    First,
    /// Something was booked meanwhile: it is computed again.
    Again,
}

impl Lane {
    /// Whether a raise may be written where it must not hide a sale: only over a number of nothing, after its orders
    /// were read.
    pub(super) async fn close_first(&self, shop: &Shop, link: &Link, explained: OnHand) -> Result<Close> {
        if explained > OnHand::ZERO {
            return Ok(Close::First);
        }
        if !self.pull_orders_now(shop).await? {
            return Ok(Close::Again);
        }
        let fresh = self.ledger.link(&link.org, &link.id).await?;
        Ok(if fresh.is_some_and(|fresh| fresh.version == link.version) {
            Close::Closed
        } else {
            Close::Again
        })
    }

    /// What a shop shows of the links that are to be written; nothing where writes carry their own condition.
    pub(super) async fn shown_before(
        &self,
        shop: &Shop,
        works: &[LaneWork],
    ) -> Result<BTreeMap<LinkId, OnHand>> {
        let mut shown = BTreeMap::new();
        if !replaces(shop) {
            return Ok(shown);
        }
        let read = shop.platform.read_stock().ok_or_else(|| HubError::Invalid("no stock reads".into()))?;
        let ids: Vec<LinkId> = works.iter().filter_map(|work| work.verb.writes_to().cloned()).collect();
        let links = self.ledger.links(&shop.store.org, &ids).await?;
        for some in links.chunks(shop.platform.limits().read_batch.max(1)) {
            let names: Vec<VariantName> = some
                .iter()
                .map(|link| VariantName { product: link.product.clone(), variant: link.variant.clone() })
                .collect();
            let levels = read.read_stock(&shop.ctx(), &names).await?;
            for link in some {
                let level = levels.iter().find(|one| one.variant == link.variant).and_then(|one| one.level);
                shown.extend(level.map(|level| (link.id.clone(), level)));
            }
        }
        Ok(shown)
    }

    /// After a number was replaced, the shop is looked at once more when its orders must be visible.
    pub(super) async fn look_when_visible(&self, shop: &Shop, link: &LinkId) -> Result<()> {
        let due = visible(shop, self.clock.now());
        let verb = Verb::Check { link: link.clone() };
        let store = &shop.store;
        let check = LaneWork::new(&store.org, &store.id, Priority::Raise, verb, due).at(due);
        self.dispatch.work(&[check]).await
    }

    /// When a number that was replaced must be looked at once more; none if it was looked at late enough.
    pub(super) fn looks_again(&self, shop: &Shop, link: &Link) -> Option<Timestamp> {
        let written = link.written.filter(|_| replaces(shop))?;
        Some(visible(shop, written.at)).filter(|due| *due > self.clock.now())
    }

    /// A shop shows more than its orders and our writes explain, and our last write replaced its number: a sale
    /// that came between our reading and our writing was undone by it. The number is taken as it is, so that it is
    /// lowered again; what was found stays to be read.
    pub(super) async fn undo_own(&self, shop: &Shop, link: &Link, known: &Unexplained) -> Result<Turn> {
        let store = &shop.store;
        let now = self.clock.now();
        let step = link.version.to_string();
        let settlement = Settlement {
            org: store.org.clone(),
            link: link.id.clone(),
            // The note of the difference moved the link's version by one.
            read: link.version + 1,
            explained: known.difference,
            entry: None,
            voucher: None,
            change: Change {
                id: TaskId::derive(&[link.id.as_str(), "undone", &step]),
                org: store.org.clone(),
                item: link.item.clone(),
                also: Vec::new(),
                available: Delta::ZERO,
                at: now,
            },
        };
        if self.ledger.settle(&settlement).await? == Moved::Raced {
            return Ok(Turn::Later(now));
        }
        let subject = link.variant.as_str();
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::Unexplained,
                subject,
                message: format!(
                    "{} showed {} of {} too many: a sale came while its number was written",
                    store.name, known.difference, link.sku
                ),
                advice: "Nothing: it was lowered again.",
                facts: vec![("link", link.id.to_string()), ("difference", known.difference.to_string())],
            })
            .await?;
        self.alerts.settle(&store.org, ExceptionKind::Unexplained, Some(&store.id), subject).await?;
        self.dispatch.changes(&store.org, &[settlement.change]).await?;
        Ok(Turn::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_replaced_only_where_it_is_explained_or_lowered() {
        let whole = OnHand::whole;
        let table = [
            (5, 5, 3, Replace::Target),
            (5, 5, 7, Replace::Target),
            (4, 5, 3, Replace::Lowered(whole(2))),
            (1, 5, 3, Replace::Lowered(whole(0))),
            (-1, 5, 3, Replace::Lowered(whole(-1))),
            (6, 5, 3, Replace::Lowered(whole(4))),
            (4, 5, 7, Replace::Unexplained),
            (6, 5, 7, Replace::Unexplained),
        ];
        for (shown, explained, target, expected) in table {
            assert_eq!(
                replace(whole(shown), whole(explained), whole(target)),
                expected,
                "{shown} {explained} {target}"
            );
        }
    }
}
