//! Bugs of the books, planted in front of the ledger: every other call goes through as it is.

use std::sync::Arc;

use async_trait::async_trait;
use domain::link::Link;
use domain::location::Location;
use domain::order::Fence;
use domain::stock::{AtLocation, Balance, Entry};
use domain::voucher::{Observed, SoldUnits, Voucher};
use domain::work::Change;
use domain::{Day, Delta, EntryId, ItemId, LinkId, OrderId, OrgId, RemoteVariantId, StoreId};
use hub::Outside;
use ports::*;

use crate::world::Bend;

/// A bug of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookBug {
    /// The end of a write assigns `explained` instead of moving it: what was booked meanwhile is lost.
    AssignsExplained,
    /// A movement names whatever effect stands: the condition that it follows what it read is missing.
    MissesCondition,
    /// What an order did before its store joined is not noted, though the store's number contains it.
    NoBaseline,
    /// An order is booked by the event that came last, whatever it says of its time.
    BooksByEvent,
    /// Where units belong to links, a raise does not ask what other links may still sell.
    RaisesAlone,
    /// A bundle that is sold moves one of its parts and forgets the others.
    ForgetsParts,
    /// A movement writes lines that its voucher does not give.
    WritesBesideTheVoucher,
}

impl BookBug {
    /// All bugs.
    pub const ALL: [Self; 7] = [
        Self::AssignsExplained,
        Self::MissesCondition,
        Self::NoBaseline,
        Self::BooksByEvent,
        Self::RaisesAlone,
        Self::ForgetsParts,
        Self::WritesBesideTheVoucher,
    ];
}

impl Bend for BookBug {
    fn outside(&self, outside: Outside) -> Outside {
        let ledger = Arc::new(Bent { bug: *self, ledger: Arc::clone(&outside.ledger) });
        Outside { ledger, ..outside }
    }
}

struct Bent {
    bug: BookBug,
    ledger: Arc<dyn Ledger>,
}

macro_rules! through {
    ($(fn $name:ident(&self $(, $arg:ident: $ty:ty)* $(,)?) -> $answer:ty;)* ; $($more:tt)*) => {
        #[async_trait]
        impl Ledger for Bent {
            $(async fn $name(&self $(, $arg: $ty)*) -> Result<$answer> {
                self.ledger.$name($($arg),*).await
            })*
            $($more)*
        }
    };
}

through! {
    fn put_item(&self, org: &OrgId, item: &ItemRecord) -> ();
    fn item(&self, org: &OrgId, item: &ItemId) -> Option<ItemRecord>;
    fn items(&self, org: &OrgId, ask: &Ask) -> Page<ItemRecord>;
    fn balance(&self, org: &OrgId, item: &ItemId) -> Balance;
    fn entries(&self, org: &OrgId, item: &ItemId, ask: &Ask) -> Page<Entry>;
    fn adjust(&self, org: &OrgId, entry: &Entry, voucher: &Voucher, change: &Change) -> Moved;
    fn vouchers(&self, org: &OrgId, day: Day, ask: &Ask) -> Page<Voucher>;
    fn entry(&self, org: &OrgId, item: &ItemId, entry: &EntryId) -> Option<Entry>;
    fn handle(&self, handling: &Handling) -> Moved;
    fn at_locations(&self, org: &OrgId, item: &ItemId) -> (Balance, Vec<AtLocation>);
    fn put_location(&self, org: &OrgId, location: &Location) -> ();
    fn locations(&self, org: &OrgId) -> Vec<Location>;
    fn put_link(&self, link: &Link) -> Written;
    fn claim(&self, claims: &[Claim]) -> Vec<Claimed>;
    fn link(&self, org: &OrgId, link: &LinkId) -> Option<Link>;
    fn links(&self, org: &OrgId, links: &[LinkId]) -> Vec<Link>;
    fn links_of_store(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Link>;
    fn open(&self, opening: &Opening) -> Moved;
    fn change_link(&self, change: &LinkChange) -> Moved;
    fn allot(&self, allot: &Allot) -> Moved;
    fn compose(&self, compose: &Compose) -> Moved;
    fn bundles_of(&self, org: &OrgId, item: &ItemId) -> Vec<ItemId>;
    fn followers(&self, org: &OrgId, item: &ItemId) -> Vec<Link>;
    fn settle(&self, settlement: &Settlement) -> Moved;
    fn are_booked(&self, records: &[OrderRecord]) -> Vec<bool>;
    fn order(&self, org: &OrgId, order: &OrderId) -> Option<OrderRecord>;
    fn orders(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<OrderRecord>;
    fn erase_buyer(&self, org: &OrgId, order: &OrderId) -> ();
    fn effects(&self, org: &OrgId, order: &OrderId) -> Vec<BookedEffect>;
    fn unapplied(&self, org: &OrgId, limit: u32) -> Vec<Unapplied>;
    fn is_pending(&self, org: &OrgId, item: &ItemId) -> bool;
    fn note_unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, order: &OrderId) -> ();
    fn unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId) -> Vec<OrderId>;
    fn forget_unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, order: &OrderId) -> ();
    fn owed(&self, org: &OrgId, link: &LinkId) -> Delta;
    fn outbox(&self, org: &OrgId, limit: u32) -> Vec<Change>;
    fn dispatched(&self, org: &OrgId, change: &Change) -> ();
    ;
    async fn fence(&self, record: &OrderRecord, items: &[ItemId], fetched: bool) -> Result<Fenced> {
        let mut record = record.clone();
        if self.bug == BookBug::BooksByEvent
            && let Some(standing) = self.ledger.order(&record.org, &record.id).await?
            && standing.digest != record.digest
            && standing.order.fence >= record.order.fence
        {
            let Fence { updated_at, revision } = standing.order.fence;
            record.order.fence = Fence { updated_at, revision: revision + 1 };
        }
        self.ledger.fence(&record, items, fetched).await
    }

    async fn applied(&self, org: &OrgId, order: &OrderId, fence: &Fence, digest: &str) -> Result<Moved> {
        match self.ledger.order(org, order).await? {
            Some(standing) if self.bug == BookBug::BooksByEvent => {
                self.ledger.applied(org, order, &standing.order.fence, &standing.digest).await
            }
            _ => self.ledger.applied(org, order, fence, digest).await,
        }
    }

    async fn links_of(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Link>> {
        let mut links = self.ledger.links_of(org, item).await?;
        if self.bug == BookBug::RaisesAlone {
            for link in &mut links {
                link.explained = link.explained.map(|_| domain::OnHand::ZERO);
                link.inflight = None;
            }
        }
        Ok(links)
    }

    async fn finish(&self, finish: &Finish) -> Result<Moved> {
        let mut finish = finish.clone();
        if self.bug == BookBug::AssignsExplained
            && let (Some(written), Some(link)) =
                (finish.written, self.ledger.link(&finish.org, &finish.link).await?)
            && let Some(explained) = link.explained
        {
            finish.explained = written.level.since(explained);
        }
        self.ledger.finish(&finish).await
    }

    async fn book(&self, movement: &Movement) -> Result<Moved> {
        let mut movement = movement.clone();
        if self.bug == BookBug::MissesCondition {
            let standing = self.ledger.effects(&movement.org, &movement.order).await?;
            let version =
                standing.iter().find(|one| one.link == movement.link).map_or(0, |one| one.version);
            if version != movement.read {
                movement.read = version;
                for entry in &mut movement.entries {
                    entry.id = domain::EntryId::derive(&[entry.id.as_str(), &version.to_string()]);
                }
            }
        }
        if matches!(self.bug, BookBug::MissesCondition | BookBug::BooksByEvent)
            && let Some(order) = self.ledger.order(&movement.org, &movement.order).await?
        {
            movement.fence = order.order.fence;
            movement.digest = order.digest;
        }
        if self.bug == BookBug::ForgetsParts
            && let Some(first) = movement.parts.first().cloned()
        {
            movement.entries.retain(|entry| entry.item == first.item);
        }
        if self.bug == BookBug::WritesBesideTheVoucher
            && let Observed::Order(step) = &mut movement.voucher.observed
        {
            step.sold = SoldUnits::default();
        }
        self.ledger.book(&movement).await
    }

    async fn contain(&self, contain: &Contain) -> Result<Moved> {
        if self.bug == BookBug::NoBaseline {
            return Ok(Moved::Done);
        }
        self.ledger.contain(contain).await
    }
}
