//! Setting a number back to what its shop showed before our writes: guarded as any write, and only while the store is
//! not written to otherwise.

use domain::link::Inflight;
use domain::store::Phase;
use domain::work::LaneWork;
use domain::{LinkId, OnHand, WriteId};
use jiff::Timestamp;
use platform::{StockWrite, VariantName};
use ports::{LinkChange, Moved};

use super::Lane;
use super::absolute::replaces;
use super::push::{Begun, Plan};
use crate::Result;
use crate::access::Shop;
use crate::outside::trials;
use crate::undo::{Back, Left, back, notes_since};

impl Lane {
    /// Computes whether a link's number is still to be set back, and begins that write.
    pub(super) async fn plan_back(
        &self,
        shop: &Shop,
        id: &LinkId,
        work: &LaneWork,
        (since, shown): (Timestamp, Option<OnHand>),
    ) -> Result<Plan> {
        let store = &shop.store;
        // This turn may have begun before the store was made read-only.
        let fresh = self.directory.store(&store.org, &store.id).await?;
        if fresh.is_none_or(|fresh| fresh.phase == Phase::Writing) {
            return Ok(Plan::Nothing);
        }
        let Some(link) = self.ledger.link(&store.org, id).await? else { return Ok(Plan::Nothing) };
        let link = match self.stands(shop, link).await? {
            Ok(link) => link,
            Err(plan) => return Ok(plan),
        };
        let notes = notes_since(trials(&self.journal)?, &link, since).await?;
        let (from, to) = match back(&link, &notes, since) {
            Some(Back::SetBack { from, to }) => (from, to),
            Some(Back::Left { why: Left::Unexplained }) => {
                self.look_at(shop, work).await?;
                return Ok(Plan::Nothing);
            }
            Some(Back::AsBefore { .. } | Back::Left { .. }) | None => return Ok(Plan::Nothing),
        };
        if !self.is_listed(shop, &link).await? {
            return Ok(Plan::Nothing);
        }
        if replaces(shop) && shown != Some(from) {
            // There may be a sale that we have not seen: it is newer than our writes.
            self.look_at(shop, work).await?;
            return Ok(Plan::Nothing);
        }
        let now = self.clock.now();
        let write = WriteId::make(now, self.dice.ten());
        let begin = Inflight { write: write.clone(), compare: from, value: to, at: now };
        let change = LinkChange {
            org: store.org.clone(),
            link: link.id.clone(),
            read: link.version,
            begin: Some(begin),
            seen: None,
            unexplained: None,
            margin: None,
            heard: false,
            guard: None,
        };
        if self.ledger.change_link(&change).await? == Moved::Raced {
            return Ok(Plan::Wait(now));
        }
        let variant = VariantName { product: link.product, variant: link.variant };
        let row = StockWrite { variant, write, compare: from, value: to };
        Ok(Plan::Write(Begun {
            link: link.id,
            row,
            relative: false,
            repeated: false,
            raises: false,
            divided: false,
            short: false,
        }))
    }
}
