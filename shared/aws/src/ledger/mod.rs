//! The books: items, balances, entries, links, orders and their effects.

mod books;
mod bundle;
mod claim;
mod item;
mod link;
mod link_change;
mod location;
mod movement;
mod order;
mod order_lines;
mod outbox;
mod unapplied;
mod unmatched;
mod voucher;

use async_trait::async_trait;
use domain::link::Link;
use domain::location::Location;
use domain::order::Fence;
use domain::stock::{AtLocation, Balance, Entry};
use domain::voucher::Voucher;
use domain::work::Change;
use domain::{Day, Delta, EntryId, ItemId, LinkId, OrderId, OrgId, RemoteVariantId, StoreId};
use ports::{
    Allot, Ask, BookedEffect, Claim, Claimed, Compose, Contain, Fenced, Finish, Handling, ItemRecord, Ledger,
    LinkChange, Moved, Movement, Opening, OrderRecord, Page, Result, Settlement, Unapplied, Written,
};

use crate::Table;

#[async_trait]
impl Ledger for Table {
    async fn put_item(&self, org: &OrgId, item: &ItemRecord) -> Result<()> {
        item::put(self, org, item).await
    }

    async fn item(&self, org: &OrgId, item: &ItemId) -> Result<Option<ItemRecord>> {
        item::read(self, org, item).await
    }

    async fn items(&self, org: &OrgId, ask: &Ask) -> Result<Page<ItemRecord>> {
        item::list(self, org, ask).await
    }

    async fn balance(&self, org: &OrgId, item: &ItemId) -> Result<Balance> {
        books::balance(self, org, item).await
    }

    async fn entries(&self, org: &OrgId, item: &ItemId, ask: &Ask) -> Result<Page<Entry>> {
        books::entries(self, org, item, ask).await
    }

    async fn entry(&self, org: &OrgId, item: &ItemId, entry: &EntryId) -> Result<Option<Entry>> {
        books::entry(self, org, item, entry).await
    }

    async fn adjust(&self, org: &OrgId, entry: &Entry, voucher: &Voucher, change: &Change) -> Result<Moved> {
        books::adjust(self, org, entry, voucher, change).await
    }

    async fn vouchers(&self, org: &OrgId, day: Day, ask: &Ask) -> Result<Page<Voucher>> {
        voucher::list(self, org, day, ask).await
    }

    async fn handle(&self, handling: &Handling) -> Result<Moved> {
        books::handle(self, handling).await
    }

    async fn at_locations(&self, org: &OrgId, item: &ItemId) -> Result<(Balance, Vec<AtLocation>)> {
        books::at_locations(self, org, item).await
    }

    async fn put_location(&self, org: &OrgId, location: &Location) -> Result<()> {
        location::put(self, org, location).await
    }

    async fn locations(&self, org: &OrgId) -> Result<Vec<Location>> {
        location::list(self, org).await
    }

    async fn put_link(&self, link: &Link) -> Result<Written> {
        link::put(self, link).await
    }

    async fn claim(&self, claims: &[Claim]) -> Result<Vec<Claimed>> {
        claim::put(self, claims).await
    }

    async fn links(&self, org: &OrgId, links: &[LinkId]) -> Result<Vec<Link>> {
        link::some(self, org, links).await
    }

    async fn link(&self, org: &OrgId, link: &LinkId) -> Result<Option<Link>> {
        link::read(self, org, link).await
    }

    async fn links_of(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Link>> {
        link::of_item(self, org, item).await
    }

    async fn links_of_store(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Link>> {
        link::of_store(self, org, store, ask).await
    }

    async fn owed(&self, org: &OrgId, link: &LinkId) -> Result<Delta> {
        link::owed(self, org, link).await
    }

    async fn open(&self, opening: &Opening) -> Result<Moved> {
        link_change::open(self, opening).await
    }

    async fn change_link(&self, change: &LinkChange) -> Result<Moved> {
        link_change::change(self, change).await
    }

    async fn finish(&self, finish: &Finish) -> Result<Moved> {
        link_change::finish(self, finish).await
    }

    async fn allot(&self, allot: &Allot) -> Result<Moved> {
        link_change::allot(self, allot).await
    }

    async fn compose(&self, compose: &Compose) -> Result<Moved> {
        bundle::compose(self, compose).await
    }

    async fn bundles_of(&self, org: &OrgId, item: &ItemId) -> Result<Vec<ItemId>> {
        bundle::of(self, org, item).await
    }

    async fn followers(&self, org: &OrgId, item: &ItemId) -> Result<Vec<Link>> {
        bundle::followers(self, org, item).await
    }

    async fn settle(&self, settlement: &Settlement) -> Result<Moved> {
        link_change::settle(self, settlement).await
    }

    async fn fence(&self, record: &OrderRecord, items: &[ItemId], fetched: bool) -> Result<Fenced> {
        order::fence(self, record, items, fetched).await
    }

    async fn are_booked(&self, records: &[OrderRecord]) -> Result<Vec<bool>> {
        order::are_booked(self, records).await
    }

    async fn order(&self, org: &OrgId, order: &OrderId) -> Result<Option<OrderRecord>> {
        order::read(self, org, order).await
    }

    async fn orders(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<OrderRecord>> {
        order::list(self, org, store, ask).await
    }

    async fn erase_buyer(&self, org: &OrgId, order: &OrderId) -> Result<()> {
        order::erase_buyer(self, org, order).await
    }

    async fn effects(&self, org: &OrgId, order: &OrderId) -> Result<Vec<BookedEffect>> {
        movement::effects(self, org, order).await
    }

    async fn book(&self, movement: &Movement) -> Result<Moved> {
        movement::book(self, movement).await
    }

    async fn contain(&self, contain: &Contain) -> Result<Moved> {
        movement::contain(self, contain).await
    }

    async fn applied(&self, org: &OrgId, order: &OrderId, fence: &Fence, digest: &str) -> Result<Moved> {
        order::applied(self, org, order, fence, digest).await
    }

    async fn unapplied(&self, org: &OrgId, limit: u32) -> Result<Vec<Unapplied>> {
        unapplied::list(self, org, limit).await
    }

    async fn is_pending(&self, org: &OrgId, item: &ItemId) -> Result<bool> {
        unapplied::is_pending(self, org, item).await
    }

    async fn note_unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        order: &OrderId,
    ) -> Result<()> {
        unmatched::note(self, org, store, variant, order).await
    }

    async fn unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
    ) -> Result<Vec<OrderId>> {
        unmatched::list(self, org, store, variant).await
    }

    async fn forget_unmatched(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        order: &OrderId,
    ) -> Result<()> {
        unmatched::forget(self, org, store, variant, order).await
    }

    async fn outbox(&self, org: &OrgId, limit: u32) -> Result<Vec<Change>> {
        outbox::list(self, org, limit).await
    }

    async fn dispatched(&self, org: &OrgId, change: &Change) -> Result<()> {
        outbox::dispatched(self, org, change).await
    }
}
