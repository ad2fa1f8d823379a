//! Drift: where a shop's number and ours part, what stands behind each, and what will be done.
//!
//! A number is right when the shop shows what its orders and our writes explain, and that is what may be sold. Where
//! one of the two does not hold, the report says which, what explains our side, and what will happen without anybody's
//! doing; where a person must decide, it names the exception that is settled in one step.

mod will;

use std::sync::Arc;

use domain::exception::{Exception, ExceptionKind};
use domain::link::{Link, Reading};
use domain::order::OrderState;
use domain::product::Sku;
use domain::store::Store;
use domain::{Delta, ExceptionId, ItemId, LinkId, OnHand, OrderId, OrgId, RemoteVariantId, StoreId};
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};
use ports::{Ask, BookedEffect, Catalog, Directory, ItemRecord, Journal, Ledger, Page, VariantRecord};
use rust_decimal::Decimal;
use serde::Serialize;

pub use self::will::{Hold, Will};
use self::will::{Known, says, will};
use crate::authority::{Authorities, Ruling};
use crate::target::Shelf;
use crate::trail::Trails;
use crate::{HubError, Outside, Platforms, Result};

/// Entries of an item that are looked through for what explains its numbers.
const ENTRIES: u32 = 30;
/// At most so many of them are told for one number.
const TOLD: usize = 12;
/// Links that are looked through for one page before an empty one is given.
const LOOKED_THROUGH: u32 = 1_000;
/// Numbers that are looked into at the same time.
const AT_ONCE: usize = 8;

/// Finding out where numbers part.
#[derive(Clone)]
pub struct Drift {
    directory: Arc<dyn Directory>,
    catalog: Arc<dyn Catalog>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    platforms: Platforms,
    trails: Trails,
    authorities: Authorities,
}

/// How one number stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// The store.
    pub store: StoreId,
    /// What people call it.
    pub store_name: String,
    /// The link.
    pub link: LinkId,
    /// The item.
    pub item: ItemId,
    /// Its SKU.
    pub sku: Sku,
    /// What the shop calls it.
    pub title: String,
    /// The shop's id of the variant.
    pub variant: RemoteVariantId,
    /// The number that the shop's orders and our writes explain.
    pub explained: OnHand,
    /// What the shop showed last, and when.
    pub shows: Option<Reading>,
    /// What it showed minus what is explained.
    pub difference: Delta,
    /// What the difference comes to.
    pub verdict: Verdict,
    /// Since when a difference is known that no order explains.
    pub unexplained_since: Option<Timestamp>,
    /// What may be sold of the item, in all shops together.
    pub available: OnHand,
    /// The number that the shop should show.
    pub target: OnHand,
    /// What will be done.
    pub will: Will,
    /// The same for a person.
    pub says: String,
    /// What explains the number, the latest first.
    pub evidence: Vec<Evidence>,
    /// How a person settles it, if one is asked.
    pub settle: Option<Settling>,
    /// Whose number counts where no order explains a difference.
    pub authority: Ruling,
}

/// What a difference between shown and explained comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There is none, or the shop has shown nothing yet.
    Agrees,
    /// What the shop showed is older than what was booked or written since.
    Older,
    /// It is being looked into.
    Looking,
    /// No order explains it, and a person is asked.
    Unexplained,
    /// The shop agrees with itself, and showed another count than the books when it joined.
    CountDiffers,
}

/// Something that explains a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Evidence {
    /// An order.
    Order {
        /// The order.
        order: OrderId,
        /// The number that buyer and merchant use.
        number: String,
        /// The store that it came from.
        store: StoreId,
        /// Where it stands.
        state: OrderState,
        /// How it moved what this shop should show by itself; zero for an order of another shop.
        explained: Delta,
        /// How it moved what may be sold.
        available: Delta,
        /// When it was booked last.
        at: Timestamp,
    },
    /// A count or a correction.
    Correction {
        /// What caused it.
        cause: String,
        /// How it moved what may be sold.
        available: Delta,
        /// When.
        at: Timestamp,
    },
    /// A number that we wrote.
    Wrote {
        /// The number.
        level: OnHand,
        /// When the shop took it.
        at: Timestamp,
    },
    /// A number that we read, or that a write was answered with.
    Read {
        /// The number.
        level: OnHand,
        /// When.
        at: Timestamp,
    },
    /// A number that the shop told in a message or on a page.
    Told {
        /// The number.
        level: OnHand,
        /// When.
        at: Timestamp,
    },
}

/// How a difference is settled in one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settling {
    /// What to settle.
    pub exception: ExceptionId,
    /// What comes of `shop`: the books take the shop's number.
    pub shop: String,
    /// What comes of `books`: the shop will follow the books.
    pub books: String,
}

/// An item with how its number stands in each store.
#[derive(Debug, Clone, Serialize)]
pub struct ItemDrift {
    /// The item.
    pub item: ItemRecord,
    /// Its numbers, one per link.
    pub standings: Vec<Standing>,
}

impl Drift {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            catalog: Arc::clone(&outside.catalog),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            platforms: outside.platforms.clone(),
            trails: Trails::new(outside),
            authorities: Authorities::new(outside),
        }
    }

    /// The numbers of a store that are not right, or with `all` all that are in the books. A page may be empty and not
    /// the last.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn of_store(&self, store: &Store, all: bool, ask: &Ask) -> Result<Page<Standing>> {
        let mut ask = ask.clone();
        let mut looked = 0;
        loop {
            let page = self.ledger.links_of_store(&store.org, &store.id, &ask).await?;
            let links: Vec<Link> = page.items.into_iter().filter(|link| link.explained.is_some()).collect();
            let looks: Vec<BoxFuture<'_, Result<Option<Standing>>>> =
                links.iter().map(|link| self.standing(store, link, all).boxed()).collect();
            let found: Vec<Option<Standing>> =
                futures::stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
            let items: Vec<Standing> = found.into_iter().flatten().collect();
            looked += ask.limit.max(1);
            if !items.is_empty() || page.next.is_none() || looked >= LOOKED_THROUGH {
                return Ok(Page { items, next: page.next });
            }
            ask = Ask::after(ask.limit, page.next);
        }
    }

    /// How an item's number stands in each store.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such item.
    pub async fn of_item(&self, org: &OrgId, item: &ItemId) -> Result<ItemDrift> {
        let record = self.ledger.item(org, item).await?.ok_or_else(|| HubError::not_found("item", item))?;
        let stores = self.directory.stores(org).await?;
        let mut standings = Vec::new();
        for link in self.ledger.links_of(org, item).await? {
            let Some(store) = stores.iter().find(|store| store.id == link.store) else { continue };
            standings.extend(self.standing(store, &link, true).await?);
        }
        Ok(ItemDrift { item: record, standings })
    }

    /// How one link's number stands; none if it is right and only others are asked for, or if it is not in the books or
    /// not listed any more.
    async fn standing(&self, store: &Store, link: &Link, all: bool) -> Result<Option<Standing>> {
        let Some(explained) = link.explained else { return Ok(None) };
        let shelf = Shelf::read(&*self.ledger, &link.org, &link.item).await?;
        let aim = shelf.aim(link, store, explained);
        let quiet = link.unexplained.is_none() && link.inflight.is_none() && aim.by.is_zero();
        if quiet && !all {
            return Ok(None);
        }
        let Some(variant) = self.catalog.variant(&link.org, &link.store, &link.variant).await? else {
            return Ok(None);
        };
        if variant.gone_at.is_some()
            || variant.item.as_ref() != Some(&link.item)
            || variant.variant.level().is_none()
        {
            return Ok(None);
        }
        let told = variant.variant.level().map(|level| Reading { level, at: variant.seen.at });
        let shows = [told, link.seen].into_iter().flatten().max_by_key(|reading| reading.at);
        let difference = shows.map_or(Delta::ZERO, |shows| shows.level.since(explained));
        let evidence = self.evidence(link, &shelf, told).await?;
        let is_older = shows.is_some_and(|shows| evidence.iter().any(|one| one.moves_after(shows.at)));
        let exception = self.open_exception(link).await?;
        let asked = exception.as_ref().is_some_and(|one| one.kind == ExceptionKind::Unexplained);
        let verdict = match (&link.differs(), &exception) {
            (Some(_), _) if asked => Verdict::Unexplained,
            (Some(_), _) => Verdict::Looking,
            (None, Some(one)) if one.kind == ExceptionKind::CountDiffers && !aim.by.is_zero() => {
                Verdict::CountDiffers
            }
            (None, _) if difference.is_zero() => Verdict::Agrees,
            (None, _) if is_older => Verdict::Older,
            (None, _) => Verdict::Looking,
        };
        let ruling = self.authorities.of(&link.org, &link.item).await?;
        let known = Known {
            ruling: &ruling,
            store,
            aim,
            inflight: link.inflight.as_ref(),
            unexplained: link.differs().map(|one| (one.difference, self.all_orders_show(store, one.since))),
            asked,
            surprising: verdict == Verdict::Looking,
            hold: self.hold(store, link, &shelf, aim.by).await?,
        };
        let will = will(&known);
        let available = shelf.available();
        Ok(Some(Standing {
            store: store.id.clone(),
            store_name: store.name.clone(),
            link: link.id.clone(),
            item: link.item.clone(),
            sku: link.sku.clone(),
            title: title(&variant),
            variant: link.variant.clone(),
            explained,
            shows,
            difference,
            verdict,
            unexplained_since: link.differs().map(|one| one.since),
            available,
            target: aim.target,
            says: says(&known, &will),
            will,
            evidence,
            settle: exception.and_then(|one| settling(&one, link, explained, available)),
            authority: ruling.clone(),
        }))
    }

    /// By when each order that was placed before a time must have shown up.
    fn all_orders_show(&self, store: &Store, since: Timestamp) -> Option<Timestamp> {
        let lag = self.platforms.get(&store.platform).ok()?.limits().order_visibility_lag;
        Some(since + SignedDuration::try_from(lag).ok()?)
    }

    /// What holds a raise of the link now.
    async fn hold(&self, store: &Store, link: &Link, shelf: &Shelf, by: Delta) -> Result<Option<Hold>> {
        if by.is_zero() || by.lowers() || !store.is_writable() {
            return Ok(None);
        }
        if store.holds_raises() {
            return Ok(Some(Hold::TooManyRaises));
        }
        if shelf.is_pending(&*self.ledger, &link.org).await? {
            return Ok(Some(Hold::OrderBeingBooked));
        }
        let parked = self.journal.has_parked(&link.org, &link.store).await?;
        Ok(parked.then_some(Hold::UnreadMessage))
    }

    /// What a person is asked about the link's number.
    async fn open_exception(&self, link: &Link) -> Result<Option<Exception>> {
        for kind in [ExceptionKind::Unexplained, ExceptionKind::CountDiffers] {
            let id = Exception::id_of(&link.org, kind, Some(&link.store), link.variant.as_str());
            let found = self.journal.exception(&link.org, &id).await?;
            if let Some(open) = found.filter(|one| one.resolved_at.is_none()) {
                return Ok(Some(open));
            }
        }
        Ok(None)
    }

    /// What explains a link's number, the latest first.
    async fn evidence(&self, link: &Link, shelf: &Shelf, told: Option<Reading>) -> Result<Vec<Evidence>> {
        let mut trail = self.trails.latest(&link.org, &link.item, ENTRIES).await?;
        for part in &shelf.balance.parts {
            // What a bundle's orders moved is booked of its parts.
            let of_part = self.trails.latest(&link.org, &part.item, ENTRIES).await?;
            for order in of_part.orders {
                let sells = order.effects.iter().any(|effect| effect.item == link.item);
                let known = trail.orders.iter().any(|known| known.record.id == order.record.id);
                if sells && !known {
                    trail.orders.push(order);
                }
            }
        }
        let mut evidence: Vec<Evidence> = trail
            .orders
            .iter()
            .map(|one| {
                let sold: Decimal = one.effects.iter().map(|booked| sold_of(booked, &link.item)).sum();
                let here = one.effects.iter().filter(|effect| effect.link == link.id);
                let taken: Decimal = here.map(|one| one.effect.taken).sum();
                Evidence::Order {
                    order: one.record.id.clone(),
                    number: one.record.order.number.clone(),
                    store: one.record.store.clone(),
                    state: one.record.order.state,
                    explained: Delta::new(-taken),
                    available: Delta::new(-sold),
                    at: one.at,
                }
            })
            .chain(trail.others.iter().map(|entry| Evidence::Correction {
                cause: entry.cause.clone(),
                available: entry.on_hand - entry.reserved,
                at: entry.at,
            }))
            .collect();
        evidence.extend(link.written.map(|Reading { level, at }| Evidence::Wrote { level, at }));
        evidence.extend(link.seen.map(|Reading { level, at }| Evidence::Read { level, at }));
        evidence.extend(told.map(|Reading { level, at }| Evidence::Told { level, at }));
        evidence.sort_by_key(|one| std::cmp::Reverse(one.at()));
        evidence.truncate(TOLD);
        Ok(evidence)
    }
}

/// Units of an item that an effect set aside or sent, as itself or in a bundle.
fn sold_of(booked: &BookedEffect, item: &ItemId) -> Decimal {
    let in_each = booked.parts.iter().find(|part| part.item == *item).map(|part| part.units);
    let each = if booked.item == *item { Some(Decimal::ONE) } else { in_each };
    booked.effect.demand() * each.unwrap_or_default()
}

impl Evidence {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Order { at, .. }
            | Self::Correction { at, .. }
            | Self::Wrote { at, .. }
            | Self::Read { at, .. }
            | Self::Told { at, .. } => *at,
        }
    }

    /// Whether it moved what the shop should show by itself after a time.
    fn moves_after(&self, then: Timestamp) -> bool {
        match self {
            Self::Order { explained, at, .. } => !explained.is_zero() && *at >= then,
            Self::Wrote { at, .. } => *at >= then,
            Self::Correction { .. } | Self::Read { .. } | Self::Told { .. } => false,
        }
    }
}

fn title(variant: &VariantRecord) -> String {
    variant.variant.title.clone()
}

/// What settling an exception comes to, either way.
fn settling(exception: &Exception, link: &Link, explained: OnHand, available: OnHand) -> Option<Settling> {
    let (by, shown) = match exception.kind {
        ExceptionKind::Unexplained => {
            let by = link.differs()?.difference;
            (by, explained.moved(by))
        }
        _ => (explained.since(available), explained),
    };
    let (books, after) = (available, available.moved(by));
    Some(Settling {
        exception: exception.id.clone(),
        shop: format!(
            "the shop's {shown} counts: what may be sold goes from {books} to {after}, in every shop"
        ),
        books: format!("the books count: the shop goes from {shown} to {}", books.sellable_units()),
    })
}
