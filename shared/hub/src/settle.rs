//! Settling an exception: what its kind allows, in one step.

use std::sync::Arc;

use domain::event::EventState;
use domain::exception::{Exception, ExceptionKind};
use domain::link::Link;
use domain::run::{Extent, Stream};
use domain::voucher::{CountTaken, Observed, Settled, Voucher};
use domain::work::{Change, LaneWork, Priority, Verb};
use domain::{Delta, EventId, ExceptionId, LinkId, LocationId, OnHand, OrgId, TaskId};
use platform::Clock;
use ports::{Ask, Directory, Journal, Ledger, Moved, Settlement};

use crate::dispatch::Dispatch;
use crate::stores::Stores;
use crate::sync::Sync;
use crate::{HubError, Outside, Result};

/// Links that are looked at together.
const PAGE: u32 = 200;

/// Who is right about a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// The shop: the books take its number.
    Shop,
    /// The books: the shop will follow them.
    Books,
}

impl std::str::FromStr for Right {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "shop" => Ok(Self::Shop),
            "books" => Ok(Self::Books),
            _ => Err(HubError::Invalid("say who is right: `shop` or `books`".into())),
        }
    }
}

/// Settling exceptions.
#[derive(Clone)]
pub struct Settle {
    directory: Arc<dyn Directory>,
    journal: Arc<dyn Journal>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    dispatch: Dispatch,
    sync: Sync,
    stores: Stores,
}

impl Settle {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            journal: Arc::clone(&outside.journal),
            ledger: Arc::clone(&outside.ledger),
            clock: Arc::clone(&outside.clock),
            dispatch: Dispatch::new(outside),
            sync: Sync::new(outside),
            stores: Stores::new(outside),
        }
    }

    /// Settles an exception. Where a number is in question, `right` says whose counts.
    ///
    /// # Errors
    /// [`HubError::Invalid`] if the exception needs `right` and has none; [`HubError::Conflict`] if it is
    /// settled already.
    pub async fn exception(&self, org: &OrgId, id: &ExceptionId, right: Option<Right>) -> Result<Exception> {
        let mut exception =
            self.journal.exception(org, id).await?.ok_or_else(|| HubError::not_found("exception", id))?;
        if exception.resolved_at.is_some() {
            return Err(HubError::Conflict("it is settled already".into()));
        }
        match exception.kind {
            ExceptionKind::Unexplained => self.difference(org, &exception, needs(right)?).await?,
            ExceptionKind::FellToZero => self.fallen(org, &exception, needs(right)?).await?,
            ExceptionKind::CountDiffers => self.count(org, &exception, needs(right)?).await?,
            ExceptionKind::ParkedEvent => {
                let event: EventId = fact(&exception, "event")?;
                let note = Some("passed over by a person");
                self.journal.mark(org, &event, EventState::Ignored, note).await?;
            }
            ExceptionKind::WriteRefused | ExceptionKind::StoreSetup => {
                self.push_again(org, &exception).await?
            }
            ExceptionKind::SyncFailed => self.sync_again(org, &exception).await?,
            ExceptionKind::WebhooksMissing => self.subscribe_again(org, &exception).await?,
            ExceptionKind::RaisesHeld => {
                if let Some(store) = &exception.store {
                    self.stores.let_raises(org, store).await?;
                }
            }
            ExceptionKind::MissingSku
            | ExceptionKind::DuplicateSku
            | ExceptionKind::AmbiguousSku
            | ExceptionKind::UnmatchedLine
            | ExceptionKind::StoreHeld
            | ExceptionKind::UnpaidOrder => {}
        }
        let now = self.clock.now();
        self.journal.resolve_exception(org, id, now).await?;
        exception.resolved_at = Some(now);
        Ok(exception)
    }

    /// Settles a number that no order explains, as a person says.
    async fn difference(&self, org: &OrgId, exception: &Exception, right: Right) -> Result<()> {
        let id: LinkId = fact(exception, "link")?;
        self.may_follow(org, &self.link(org, &id).await?, right).await?;
        self.number(org, &id, right, exception.id.as_str()).await
    }

    /// Settles a number that no order explains: the books take it, or the shop will follow the books. Either way the
    /// item's entries say so, and who said it. If there is nothing to settle any more, nothing is done.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if the number has moved since it was looked at: it is being looked at again.
    pub(crate) async fn number(&self, org: &OrgId, id: &LinkId, right: Right, said: &str) -> Result<()> {
        for _ in 0..8 {
            let link = self.link(org, id).await?;
            let Some(unexplained) = link.differs() else { return Ok(()) };
            if link.inflight.is_some() {
                return Err(HubError::Conflict("a write is under way: try again in a moment".into()));
            }
            let now = self.clock.now();
            let told = link.explained.map(|explained| explained.moved(unexplained.difference));
            if link.seen.map(|seen| seen.level) != told {
                // Something was booked or written since: the difference may be another, or none.
                let verb = Verb::Check { link: id.clone() };
                self.dispatch.work(&[LaneWork::new(org, &link.store, Priority::Raise, verb, now)]).await?;
                return Err(HubError::Conflict(
                    "the number has moved since; the shop is being asked again: try again in a moment".into(),
                ));
            }
            let right = if self.is_bundle(org, &link, right).await? { Right::Books } else { right };
            let step = link.version.to_string();
            let settled = Settled {
                link: id.clone(),
                item: link.item.clone(),
                sku: link.sku.clone(),
                location: self.location_of(org, &link).await?,
                step: link.version,
                explained: link.explained,
                difference: unexplained.difference,
                books_count: right == Right::Books,
                said: said.to_owned(),
            };
            let voucher = Voucher { at: now, observed: Observed::Settled(settled) };
            let entry = voucher.lines().pop();
            let settlement = Settlement {
                org: org.clone(),
                link: id.clone(),
                read: link.version,
                explained: unexplained.difference,
                change: Change {
                    id: TaskId::derive(&[id.as_str(), "settled", &step]),
                    org: org.clone(),
                    item: link.item.clone(),
                    also: Vec::new(),
                    available: entry.as_ref().map_or(Delta::ZERO, |entry| entry.on_hand),
                    at: now,
                },
                entry,
                voucher: Some(voucher),
            };
            if self.ledger.settle(&settlement).await? == Moved::Done {
                return self.dispatch.changes(org, &[settlement.change]).await;
            }
        }
        Err(HubError::Conflict("the number moves too fast to be settled just now: try again".into()))
    }

    /// Settles the numbers of a store that fell to zero together; a second call goes on where this one stopped.
    async fn fallen(&self, org: &OrgId, exception: &Exception, right: Right) -> Result<()> {
        let Some(store) = &exception.store else { return Ok(()) };
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.links_of_store(org, store, &ask).await?;
            let fell = |link: &&Link| {
                link.differs().is_some() && link.seen.is_some_and(|seen| seen.level <= OnHand::ZERO)
            };
            for link in page.items.iter().filter(fell) {
                match self.number(org, &link.id, right, exception.id.as_str()).await {
                    Ok(()) => {}
                    // It has moved, or is being written: it is asked about by itself if it still differs.
                    Err(HubError::Conflict(_)) => continue,
                    Err(error) => return Err(error),
                }
                let asked = ExceptionKind::Unexplained;
                let id = Exception::id_of(org, asked, Some(store), link.variant.as_str());
                self.journal.resolve_exception(org, &id, self.clock.now()).await?;
            }
            if page.next.is_none() {
                return Ok(());
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    /// Settles that a store showed another count than the books when it joined.
    async fn count(&self, org: &OrgId, exception: &Exception, right: Right) -> Result<()> {
        if right == Right::Books {
            return Ok(());
        }
        let id: LinkId = fact(exception, "link")?;
        let link = self.link(org, &id).await?;
        let Some(explained) = link.explained else { return Ok(()) };
        self.may_follow(org, &link, right).await?;
        let balance = self.ledger.balance(org, &link.item).await?;
        let available = balance.available();
        if explained == available {
            return Ok(());
        }
        let now = self.clock.now();
        let taken = CountTaken {
            exception: exception.id.clone(),
            opened_at: exception.opened_at,
            item: link.item.clone(),
            sku: link.sku.clone(),
            location: self.location_of(org, &link).await?,
            explained,
            available,
        };
        let voucher = Voucher { at: now, observed: Observed::CountTaken(taken) };
        let Some(entry) = voucher.lines().pop() else { return Ok(()) };
        let change = Change {
            id: TaskId::derive(&[entry.id.as_str()]),
            org: org.clone(),
            item: link.item,
            also: Vec::new(),
            available: entry.on_hand,
            at: now,
        };
        self.ledger.adjust(org, &entry, &voucher, &change).await?;
        self.dispatch.changes(org, &[change]).await
    }

    async fn push_again(&self, org: &OrgId, exception: &Exception) -> Result<()> {
        let (Some(store), Some(about)) = (&exception.store, exception.facts.get("variant")) else {
            return Ok(());
        };
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.ledger.links_of_store(org, store, &ask).await?;
            let now = self.clock.now();
            let work: Vec<LaneWork> = page
                .items
                .iter()
                .filter(|link| link.variant.as_str() == about)
                .map(|link| {
                    let verb = Verb::Push { link: link.id.clone() };
                    LaneWork::new(org, store, Priority::Raise, verb, now)
                })
                .collect();
            self.dispatch.work(&work).await?;
            if page.next.is_none() || !work.is_empty() {
                return Ok(());
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    async fn sync_again(&self, org: &OrgId, exception: &Exception) -> Result<()> {
        let Some(store) = &exception.store else { return Ok(()) };
        let Ok(stream) = exception.subject.parse::<Stream>() else { return Ok(()) };
        let store =
            self.directory.store(org, store).await?.ok_or_else(|| HubError::not_found("store", store))?;
        self.sync.start(&store, stream, Extent::Full).await?;
        Ok(())
    }

    async fn subscribe_again(&self, org: &OrgId, exception: &Exception) -> Result<()> {
        let Some(store) = &exception.store else { return Ok(()) };
        let now = self.clock.now();
        let work = LaneWork::new(org, store, Priority::Incremental, Verb::Subscribe, now);
        self.dispatch.work(&[work]).await
    }

    /// A shop's number of a bundle cannot be taken into the books: it follows from the parts.
    async fn may_follow(&self, org: &OrgId, link: &Link, right: Right) -> Result<()> {
        if self.is_bundle(org, link, right).await? {
            return Err(HubError::Conflict(format!(
                "{} is a bundle, and its number follows from its parts: count those if they are wrong, and settle \
                 this with `books`",
                link.sku
            )));
        }
        Ok(())
    }

    /// Whether the shop is held right about a bundle: then the books count all the same.
    async fn is_bundle(&self, org: &OrgId, link: &Link, right: Right) -> Result<bool> {
        Ok(right == Right::Shop && !self.ledger.balance(org, &link.item).await?.parts.is_empty())
    }

    /// Where the link's store sells from: what is found in its shop lies there.
    async fn location_of(&self, org: &OrgId, link: &Link) -> Result<LocationId> {
        let store = self.directory.store(org, &link.store).await?;
        Ok(store.map(|store| store.location).unwrap_or_default())
    }

    async fn link(&self, org: &OrgId, id: &LinkId) -> Result<Link> {
        self.ledger.link(org, id).await?.ok_or_else(|| HubError::not_found("link", id))
    }
}

fn needs(right: Option<Right>) -> Result<Right> {
    right.ok_or_else(|| {
        HubError::Invalid("a number is in question: say who is right, `shop` or `books`".into())
    })
}

fn fact<T: std::str::FromStr>(exception: &Exception, name: &'static str) -> Result<T> {
    exception
        .facts
        .get(name)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| HubError::Conflict(format!("the exception does not say its {name}")))
}
