//! A history's calls on the books, written down with their answers: played again on other books they must answer
//! alike, and leave the same.

use std::borrow::Borrow;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::customer::Customer;
use domain::link::Link;
use domain::location::Location;
use domain::order::Fence;
use domain::product::{Product, Variant};
use domain::stock::{AtLocation, Balance, Entry};
use domain::voucher::Voucher;
use domain::work::Change;
use domain::{
    Day, Delta, EntryId, ItemId, LinkId, OrderId, OrgId, RemoteCustomerId, RemoteProductId, RemoteVariantId,
    RunId, StoreId,
};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::Timestamp;
use memory::Memory;
use ports::*;

/// Books: what is listed and what is counted.
pub trait Books: Ledger + Catalog {}

impl<B: Ledger + Catalog> Books for B {}

type Again = dyn Fn(Arc<dyn Books>) -> BoxFuture<'static, String> + std::marker::Send + Sync;

/// A call and its answer.
#[derive(Clone)]
pub struct Call {
    /// What was called.
    pub op: &'static str,
    answer: String,
    again: Arc<Again>,
}

impl Call {
    /// Makes the call on other books.
    ///
    /// # Errors
    /// The two answers, if they differ.
    pub async fn again(&self, books: &Arc<dyn Books>) -> std::result::Result<(), String> {
        let answer = (self.again)(Arc::clone(books)).await;
        if answer == self.answer {
            Ok(())
        } else {
            Err(format!("{} answered\n{}\nand answers\n{answer}", self.op, self.answer))
        }
    }
}

/// What was called, in order.
#[derive(Default)]
pub struct Script(Mutex<Vec<Call>>);

impl Script {
    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Memory that writes down what is called.
pub struct Recorded {
    memory: Arc<Memory>,
    script: Arc<Script>,
}

/// An answer as text.
fn told<T: Debug>(answer: &Result<T>) -> String {
    format!("{answer:?}")
}

impl Recorded {
    /// Writes down what is called of this memory.
    #[must_use]
    pub fn new(memory: &Arc<Memory>, script: &Arc<Script>) -> Self {
        Self { memory: Arc::clone(memory), script: Arc::clone(script) }
    }

    fn note<T: Debug>(&self, op: &'static str, answer: &Result<T>, again: Arc<Again>) {
        let call = Call { op, answer: told(answer), again };
        self.script.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

macro_rules! recorded {
    ($port:ident
        { $(fn $name:ident(&self $(, $arg:ident: &$ty:ty)* $(,)?) -> $answer:ty;)* }
        { $(fn $as_is:ident(&self $(, $its:ident: $kind:ty)* $(,)?) -> $reply:ty;)* }
        $($more:tt)*
    ) => {
        #[async_trait]
        impl $port for Recorded {
            $(async fn $name(&self $(, $arg: &$ty)*) -> Result<$answer> {
                let answer = self.memory.$name($($arg),*).await;
                $(let $arg = $arg.to_owned();)*
                self.note(stringify!($name), &answer, Arc::new(move |books| {
                    $(let $arg = $arg.clone();)*
                    async move { told(&books.$name($(Borrow::<$ty>::borrow(&$arg)),*).await) }.boxed()
                }));
                answer
            })*
            $(async fn $as_is(&self $(, $its: $kind)*) -> Result<$reply> {
                self.memory.$as_is($($its),*).await
            })*
            $($more)*
        }
    };
}

recorded! { Catalog {
    fn put_products(&self, org: &OrgId, store: &StoreId, products: &[Product], seen: &Seen) -> Vec<Put>;
    fn put_variants(&self, org: &OrgId, store: &StoreId, variants: &[Variant], seen: &Seen) -> Vec<Put>;
    fn unmatch_variants(&self, org: &OrgId, store: &StoreId, variants: &[RemoteVariantId]) -> ();
} {
    fn product(&self, org: &OrgId, store: &StoreId, product: &RemoteProductId) -> Option<Product>;
    fn variant(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId) -> Option<VariantRecord>;
    fn variants_by_id(&self, org: &OrgId, store: &StoreId, variants: &[RemoteVariantId]) -> Vec<VariantRecord>;
    fn variants_of(&self, org: &OrgId, store: &StoreId, product: &RemoteProductId) -> Vec<VariantRecord>;
    fn products(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Product>;
    fn variants(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<VariantRecord>;
    fn products_not_met(&self, org: &OrgId, store: &StoreId, run: &RunId, ask: &Ask) -> Page<RemoteProductId>;
    fn variants_not_met(&self, org: &OrgId, store: &StoreId, run: &RunId, ask: &Ask) -> Page<RemoteVariantId>;
    fn put_customers(&self, org: &OrgId, store: &StoreId, customers: &[Customer], seen: &Seen) -> Vec<Put>;
    fn remove_customer(&self, org: &OrgId, store: &StoreId, customer: &RemoteCustomerId) -> ();
    fn customer(&self, org: &OrgId, store: &StoreId, customer: &RemoteCustomerId) -> Option<Customer>;
    fn customers(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Customer>;
    fn customers_not_met(&self, org: &OrgId, store: &StoreId, run: &RunId, ask: &Ask) -> Page<RemoteCustomerId>;
}
    async fn match_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        item: Option<&ItemId>,
    ) -> Result<()> {
        let answer = self.memory.match_variant(org, store, variant, item).await;
        let kept = (org.clone(), store.clone(), variant.clone(), item.cloned());
        self.note(
            "match_variant",
            &answer,
            Arc::new(move |books| {
                let (org, store, variant, item) = kept.clone();
                async move { told(&books.match_variant(&org, &store, &variant, item.as_ref()).await) }.boxed()
            }),
        );
        answer
    }

    async fn remove_variant(
        &self,
        org: &OrgId,
        store: &StoreId,
        variant: &RemoteVariantId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Option<VariantRecord>> {
        let answer = self.memory.remove_variant(org, store, variant, at, before).await;
        let kept = (org.clone(), store.clone(), variant.clone());
        self.note(
            "remove_variant",
            &answer,
            Arc::new(move |books| {
                let (org, store, variant) = kept.clone();
                async move { told(&books.remove_variant(&org, &store, &variant, at, before).await) }.boxed()
            }),
        );
        answer
    }

    async fn remove_product(
        &self,
        org: &OrgId,
        store: &StoreId,
        product: &RemoteProductId,
        at: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<VariantRecord>> {
        let answer = self.memory.remove_product(org, store, product, at, before).await;
        let kept = (org.clone(), store.clone(), product.clone());
        self.note(
            "remove_product",
            &answer,
            Arc::new(move |books| {
                let (org, store, product) = kept.clone();
                async move { told(&books.remove_product(&org, &store, &product, at, before).await) }.boxed()
            }),
        );
        answer
    }
}

recorded! { Ledger {
    fn put_item(&self, org: &OrgId, item: &ItemRecord) -> ();
    fn adjust(&self, org: &OrgId, entry: &Entry, voucher: &Voucher, change: &Change) -> Moved;
    fn entry(&self, org: &OrgId, item: &ItemId, entry: &EntryId) -> Option<Entry>;
    fn handle(&self, handling: &Handling) -> Moved;
    fn at_locations(&self, org: &OrgId, item: &ItemId) -> (Balance, Vec<AtLocation>);
    fn put_location(&self, org: &OrgId, location: &Location) -> ();
    fn locations(&self, org: &OrgId) -> Vec<Location>;
    fn put_link(&self, link: &Link) -> Written;
    fn claim(&self, claims: &[Claim]) -> Vec<Claimed>;
    fn link(&self, org: &OrgId, link: &LinkId) -> Option<Link>;
    fn links_of(&self, org: &OrgId, item: &ItemId) -> Vec<Link>;
    fn followers(&self, org: &OrgId, item: &ItemId) -> Vec<Link>;
    fn owed(&self, org: &OrgId, link: &LinkId) -> Delta;
    fn open(&self, opening: &Opening) -> Moved;
    fn finish(&self, finish: &Finish) -> Moved;
    fn allot(&self, allot: &Allot) -> Moved;
    fn compose(&self, compose: &Compose) -> Moved;
    fn bundles_of(&self, org: &OrgId, item: &ItemId) -> Vec<ItemId>;
    fn settle(&self, settlement: &Settlement) -> Moved;
    fn are_booked(&self, records: &[OrderRecord]) -> Vec<bool>;
    fn order(&self, org: &OrgId, order: &OrderId) -> Option<OrderRecord>;
    fn erase_buyer(&self, org: &OrgId, order: &OrderId) -> ();
    fn effects(&self, org: &OrgId, order: &OrderId) -> Vec<BookedEffect>;
    fn book(&self, movement: &Movement) -> Moved;
    fn contain(&self, contain: &Contain) -> Moved;
    fn applied(&self, org: &OrgId, order: &OrderId, fence: &Fence, digest: &str) -> Moved;
    fn is_pending(&self, org: &OrgId, item: &ItemId) -> bool;
    fn note_unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, order: &OrderId) -> ();
    fn unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId) -> Vec<OrderId>;
    fn forget_unmatched(&self, org: &OrgId, store: &StoreId, variant: &RemoteVariantId, order: &OrderId) -> ();
    fn dispatched(&self, org: &OrgId, change: &Change) -> ();
    fn balance(&self, org: &OrgId, item: &ItemId) -> Balance;
    fn change_link(&self, change: &LinkChange) -> Moved;
} {
    fn item(&self, org: &OrgId, item: &ItemId) -> Option<ItemRecord>;
    fn items(&self, org: &OrgId, ask: &Ask) -> Page<ItemRecord>;
    fn entries(&self, org: &OrgId, item: &ItemId, ask: &Ask) -> Page<Entry>;
    fn links(&self, org: &OrgId, links: &[LinkId]) -> Vec<Link>;
    fn links_of_store(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<Link>;
    fn orders(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Page<OrderRecord>;
    fn unapplied(&self, org: &OrgId, limit: u32) -> Vec<Unapplied>;
    fn outbox(&self, org: &OrgId, limit: u32) -> Vec<Change>;
    fn vouchers(&self, org: &OrgId, day: Day, ask: &Ask) -> Page<Voucher>;
}
    async fn fence(&self, record: &OrderRecord, items: &[ItemId], fetched: bool) -> Result<Fenced> {
        let answer = self.memory.fence(record, items, fetched).await;
        let kept = (record.clone(), items.to_vec());
        self.note(
            "fence",
            &answer,
            Arc::new(move |books| {
                let (record, items) = kept.clone();
                async move { told(&books.fence(&record, &items, fetched).await) }.boxed()
            }),
        );
        answer
    }
}
