//! Bringing the numbers that a shop shows to their targets: guarded, inflight first, one outcome per row.

use std::collections::BTreeSet;

use domain::exception::ExceptionKind;
use domain::link::{Inflight, Link, Reading};
use domain::product::Stock;
use domain::store::Phase;
use domain::work::{LaneWork, Priority, Verb};
use domain::{Delta, LinkId, OnHand, RemoteProductId, WriteId};
use jiff::{SignedDuration, Timestamp};
use platform::{Outcome, PlatformError, StockMode, StockWrite, VariantName};
use ports::{Counter, Finish, LinkChange, Moved};

use super::absolute::{Close, Replace, replace, replaces};
use super::trouble::backoff;
use super::{Lane, Turn};
use crate::access::Shop;
use crate::alerts::Alert;
use crate::target::{Aim, Shelf};
use crate::{HubError, Result};

/// How long a write of unknown outcome is sent again as it was, where the shop knows it by its name.
const REPEATED: SignedDuration = SignedDuration::from_hours(1);
/// How long what a shop showed when it refused a write may be compared with.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// How often a shop is asked what it lists where it shows no number.
const UNSEEN: u32 = 4;
/// How long a raise waits for orders that are being booked.
pub(super) const PENDING: SignedDuration = SignedDuration::from_millis(500);
/// How long a raise waits while something holds the store's raises.
pub(super) const HELD: SignedDuration = SignedDuration::from_secs(30);

/// What is to be done with one link now.
pub(super) enum Plan {
    /// Nothing: its number is right, or it cannot be written.
    Nothing,
    /// Not now.
    Wait(Timestamp),
    /// Write.
    Write(Begun),
    /// The shop shows what nobody can explain: its orders first.
    Unexplained,
    /// The shop shows no number of what it should count: it may list the product no more.
    Unseen(RemoteProductId),
}

/// A write that was begun: while its outcome is unknown, nothing else is written through its link.
pub(super) struct Begun {
    pub(super) link: LinkId,
    pub(super) row: StockWrite,
    /// Whether it compares with what the shop showed instead of what the books explain.
    pub(super) relative: bool,
    /// Whether it is sent again as it was: what its work asks for now is not computed yet.
    pub(super) repeated: bool,
    /// Whether more units are to be shown in the end.
    pub(super) raises: bool,
    /// Whether units of its item are known to belong to single links, which may wait for what it lowers.
    pub(super) divided: bool,
    /// Whether it does not go all the way.
    pub(super) short: bool,
}

impl Lane {
    /// Pushes the numbers of some links; false if the lane should stop for now.
    pub(super) async fn push(&self, shop: &Shop, works: Vec<LaneWork>) -> Result<bool> {
        let shown = match self.shown_before(shop, &works).await {
            Err(HubError::Platform(error)) => return self.not_now(shop, &works, error).await,
            shown => shown?,
        };
        let mut writes: Vec<(LaneWork, Begun)> = Vec::new();
        let mut keeps = true;
        // The same link may wait twice, as a lowering and as a raise. Planned twice, its first write would look
        // like one of unknown outcome to the second: the other row has its turn when this one is over.
        let mut planned: BTreeSet<LinkId> = BTreeSet::new();
        for work in works {
            let Some(link) = work.verb.writes_to() else { continue };
            if !planned.insert(link.clone()) {
                continue;
            }
            let shown = shown.get(link).copied();
            let plan = match &work.verb {
                Verb::SetBack { since, .. } => self.plan_back(shop, link, &work, (*since, shown)).await,
                _ => self.plan(shop, link, &work, shown).await,
            };
            match plan {
                Ok(Plan::Nothing) => keeps &= self.settle_turn(shop, &work, Ok(Turn::Done)).await?,
                Ok(Plan::Wait(due)) => {
                    let later = LaneWork { due, ..work.clone() };
                    self.lanes.defer(&later).await?;
                }
                Ok(Plan::Write(write)) => {
                    // A number below nothing was read for this write: no other reading comes in between.
                    let at_once = write.raises && write.row.compare < OnHand::ZERO;
                    writes.push((work, write));
                    if at_once {
                        break;
                    }
                }
                Ok(Plan::Unexplained) => {
                    let turn = self.explain_first(shop, &work).await;
                    keeps &= self.settle_turn(shop, &work, turn).await?;
                }
                Ok(Plan::Unseen(product)) => {
                    let turn = self.ask_what_is_listed(shop, &work, &product).await;
                    keeps &= self.settle_turn(shop, &work, turn).await?;
                }
                Err(error) => keeps &= self.settle_turn(shop, &work, Err(error)).await?,
            }
            if !keeps {
                break;
            }
        }
        let writes = self.not_too_many(shop, writes).await?;
        if writes.is_empty() {
            return Ok(keeps);
        }
        let push = shop.platform.push_stock().ok_or_else(|| HubError::Invalid("no stock writes".into()))?;
        let rows: Vec<StockWrite> = writes.iter().map(|(_, write)| write.row.clone()).collect();
        match push.push_stock(&shop.ctx(), &rows).await {
            Ok(outcomes) => {
                for (index, (work, write)) in writes.iter().enumerate() {
                    let outcome = outcomes.get(index).cloned().unwrap_or(Outcome::Unknown);
                    let turn = self.outcome(shop, work, write, outcome).await;
                    keeps &= self.settle_turn(shop, work, turn).await?;
                }
                Ok(keeps)
            }
            Err(error) if error.may_have_taken_effect => {
                tracing::warn!(store = %shop.store.id, rows = rows.len(), %error, "a write's outcome is unknown");
                for (work, _) in &writes {
                    let due = self.clock.now() + backoff(work.attempts);
                    self.settle_turn(shop, work, Ok(Turn::Later(due))).await?;
                }
                Ok(true)
            }
            Err(error) => {
                // Surely nothing was written this time: the writes are over, and what failed is decided for each.
                // What is sent again may have been done when it was sent before: it stands.
                for (_, write) in writes.iter().filter(|(_, write)| !write.repeated) {
                    self.end(shop, write, Delta::ZERO, None).await?;
                }
                let works: Vec<LaneWork> = writes.into_iter().map(|(work, _)| work).collect();
                self.not_now(shop, &works, error).await
            }
        }
    }

    /// Decides what an error means for work that is done in one call: it counts for the first, the others follow.
    async fn not_now(&self, shop: &Shop, works: &[LaneWork], error: PlatformError) -> Result<bool> {
        let mut first = Some(error);
        let mut keeps = true;
        for work in works {
            match first.take() {
                Some(error) => keeps = self.trouble(shop, work, error).await?,
                None => {
                    let due = self.clock.now() + SignedDuration::from_secs(1);
                    self.settle_turn(shop, work, Ok(Turn::Later(due))).await?;
                }
            }
        }
        Ok(keeps)
    }

    /// There may be a sale that we have not seen: orders are read, and until they explain it nothing is raised.
    async fn explain_first(&self, shop: &Shop, work: &LaneWork) -> Result<Turn> {
        self.pull_orders_now(shop).await?;
        let now = self.clock.now();
        if work.attempts == 0 {
            return Ok(Turn::Later(now));
        }
        self.look_at(shop, work).await?;
        Ok(Turn::Later(now + backoff(work.attempts)))
    }

    /// A shop shows no number of what it should count: the product is read afresh, and then this is tried again.
    async fn ask_what_is_listed(
        &self,
        shop: &Shop,
        work: &LaneWork,
        product: &RemoteProductId,
    ) -> Result<Turn> {
        if work.attempts >= UNSEEN {
            return Ok(Turn::Done);
        }
        self.read_afresh(shop, product).await?;
        Ok(Turn::Later(self.clock.now() + backoff(work.attempts)))
    }

    /// Computes a link's target now, and begins a write if it is needed and allowed.
    /// Where the number is only replaced, `shown` is what the shop just showed.
    async fn plan(&self, shop: &Shop, id: &LinkId, work: &LaneWork, shown: Option<OnHand>) -> Result<Plan> {
        let store = &shop.store;
        if store.phase == Phase::Shadow {
            return Ok(self.shade(shop, id, work).await?.map_or(Plan::Nothing, Plan::Wait));
        }
        if !store.is_writable() {
            return Ok(Plan::Nothing);
        }
        let Some(link) = self.ledger.link(&store.org, id).await? else { return Ok(Plan::Nothing) };
        let limits = shop.platform.limits();
        let link = match self.stands(shop, link).await? {
            Ok(link) => link,
            Err(plan) => return Ok(plan),
        };
        let Some(explained) = link.explained else { return Ok(Plan::Nothing) };
        if !self.is_listed(shop, &link).await? {
            return Ok(Plan::Nothing);
        }
        let now = self.clock.now();
        let Some(link) = self.measured(store, link).await? else { return Ok(Plan::Wait(now)) };
        let shelf = Shelf::read(&*self.ledger, &store.org, &link.item).await?;
        let Aim { target: wanted, by: difference } = shelf.aim(&link, store, explained);
        if difference.is_zero() {
            return Ok(Plan::Nothing);
        }
        let (mut target, mut guard) = (wanted, None);
        if !difference.lowers() {
            if link.unexplained.is_some() || store.holds_raises() {
                // Settling the difference, or letting raises go, puts this work into the lane again.
                return Ok(Plan::Nothing);
            }
            if shelf.is_pending(&*self.ledger, &store.org).await? {
                return Ok(Plan::Wait(now + PENDING));
            }
            if self.journal.has_parked(&store.org, &store.id).await? {
                return Ok(Plan::Wait(now + HELD));
            }
            if let Some(room) = self.room(&shelf, &link, target).await? {
                // These units belong to single links: what others may still sell is not offered here, too.
                if room <= explained {
                    // What another link is asked about is settled some day, and puts this work into the lane again.
                    let asked = shelf.is_asked_about(&link);
                    self.look_below(&shelf, &link).await?;
                    return Ok(if asked { Plan::Nothing } else { Plan::Wait(now + HELD) });
                }
                target = target.min(room);
                guard = shelf.guard();
                if replaces(shop) && shown == Some(explained) {
                    match self.close_first(shop, &link, explained).await? {
                        Close::Closed => {}
                        Close::First => (target, guard) = (OnHand::ZERO, None),
                        Close::Again => return Ok(Plan::Wait(now + PENDING)),
                    }
                }
            }
        }
        if limits.stock_mode == StockMode::Delta && explained < OnHand::ZERO && !difference.lowers() {
            match self.read_one(shop, &link).await? {
                None => return Ok(Plan::Unseen(link.product)),
                // More sales than there were units: something came back that we have not heard of, and whoever adds
                // to the number puts it on sale a second time.
                Some(level) if level != explained => return self.note_unexplained(&link, level).await,
                Some(_) => {}
            }
        }
        let (mut compare, mut value) = (explained, target);
        let mut relative = match link.seen {
            // The shop refused the number that the books explain, and its orders do not say why yet: what must
            // be lowered is lowered from what it showed.
            Some(seen)
                if limits.stock_mode == StockMode::CompareAndSet
                    && difference.lowers()
                    && work.attempts > 0
                    && seen.level != explained
                    && now < seen.at + FRESH =>
            {
                compare = seen.level;
                value = seen.level.moved(difference).max(OnHand::ZERO.min(seen.level));
                true
            }
            Some(_) | None => false,
        };
        if limits.stock_mode == StockMode::Absolute {
            let Some(shown) = shown else { return Ok(Plan::Unseen(link.product)) };
            match replace(shown, explained, target) {
                Replace::Target => {}
                Replace::Lowered(lowered) => (compare, value, relative) = (shown, lowered, true),
                Replace::Unexplained => return Ok(Plan::Unexplained),
            }
        }
        if value == compare {
            // Nothing is left to lower: what the shop shows is looked into.
            self.look_at(shop, work).await?;
            return Ok(Plan::Nothing);
        }
        let write = WriteId::make(now, self.dice.ten());
        let begin = Inflight { write: write.clone(), compare, value, at: now };
        let change = LinkChange {
            org: store.org.clone(),
            link: link.id.clone(),
            read: link.version,
            begin: Some(begin),
            seen: None,
            unexplained: None,
            margin: None,
            heard: false,
            guard,
        };
        if self.ledger.change_link(&change).await? == Moved::Raced {
            return Ok(Plan::Wait(now));
        }
        let variant = VariantName { product: link.product, variant: link.variant };
        let row = StockWrite { variant, write, compare, value };
        let divided = shelf.guard().is_some();
        Ok(Plan::Write(Begun {
            link: link.id,
            row,
            relative,
            repeated: false,
            raises: !difference.lowers(),
            divided,
            short: target != wanted,
        }))
    }

    /// Notes what the shop shows where it is not what the books explain: its orders first.
    async fn note_unexplained(&self, link: &Link, level: OnHand) -> Result<Plan> {
        let now = self.clock.now();
        let change = LinkChange {
            org: link.org.clone(),
            link: link.id.clone(),
            read: link.version,
            begin: None,
            seen: Some(Reading { level, at: now }),
            unexplained: None,
            margin: None,
            heard: false,
            guard: None,
        };
        Ok(match self.ledger.change_link(&change).await? {
            Moved::Done => Plan::Unexplained,
            Moved::Raced => Plan::Wait(now),
        })
    }

    /// The link without a write that stands; or what is to be done about the one that does.
    pub(super) async fn stands(&self, shop: &Shop, link: Link) -> Result<std::result::Result<Link, Plan>> {
        let Some(inflight) = link.inflight.clone() else { return Ok(Ok(link)) };
        if !self.is_shown(shop, &link).await? {
            // What the shop does not show says nothing of the write: it stands until the shop shows it again.
            return Ok(Err(Plan::Nothing));
        }
        if shop.platform.limits().repeats_writes && self.clock.now() < inflight.at + REPEATED {
            // The shop knows the write by its name and does it once: it is sent again as it was.
            let variant = VariantName { product: link.product, variant: link.variant };
            let Inflight { write, compare, value, .. } = inflight;
            let row = StockWrite { variant, write, compare, value };
            return Ok(Err(Plan::Write(Begun {
                link: link.id,
                row,
                relative: false,
                repeated: true,
                raises: false,
                divided: false,
                short: false,
            })));
        }
        if let Some(due) = self.settle_unknown(shop, &link, &inflight).await? {
            return Ok(Err(Plan::Wait(due)));
        }
        match self.ledger.link(&link.org, &link.id).await? {
            // What the shop showed before is not what it shows now: that was long ago.
            Some(fresh) if fresh.inflight.is_none() && replaces(shop) => {
                Ok(Err(Plan::Wait(self.clock.now())))
            }
            Some(fresh) if fresh.inflight.is_none() => Ok(Ok(fresh)),
            _ => Ok(Err(Plan::Wait(self.clock.now() + PENDING))),
        }
    }

    /// Whether the shop lists the link's variant and counts it, as far as we know.
    pub(super) async fn is_shown(&self, shop: &Shop, link: &Link) -> Result<bool> {
        let store = &shop.store;
        let record = self.catalog.variant(&store.org, &store.id, &link.variant).await?;
        Ok(record.is_none_or(|record| {
            record.gone_at.is_none() && !matches!(record.variant.stock, Stock::Untracked { .. })
        }))
    }

    /// Whether the shop lists the link's variant for its item and counts it; if it does not count it, says so.
    pub(super) async fn is_listed(&self, shop: &Shop, link: &Link) -> Result<bool> {
        let store = &shop.store;
        let Some(record) = self.catalog.variant(&store.org, &store.id, &link.variant).await? else {
            return Ok(false);
        };
        if record.gone_at.is_some() || record.item.as_ref() != Some(&link.item) {
            return Ok(false);
        }
        let subject = format!("untracked {}", link.variant);
        if !matches!(record.variant.stock, Stock::Untracked { .. }) {
            return Ok(true);
        }
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::StoreSetup,
                subject: &subject,
                message: format!(
                    "{} does not count the stock of `{}` ({})",
                    store.name, record.variant.title, link.sku
                ),
                advice: "Switch stock counting on for it in the shop; until then its number cannot follow.",
                facts: vec![("variant", link.variant.to_string())],
            })
            .await?;
        Ok(false)
    }

    /// Does what one row's outcome says.
    async fn outcome(&self, shop: &Shop, work: &LaneWork, write: &Begun, outcome: Outcome) -> Result<Turn> {
        let store = &shop.store;
        let now = self.clock.now();
        match outcome {
            Outcome::Applied { now: shown } => {
                let replaced = replaces(shop);
                let shown = match shown {
                    // Read back: an answer that does not come is no reason to doubt the write.
                    None if replaced => self.shown_of(shop, &write.row.variant).await.unwrap_or_default(),
                    shown => shown,
                };
                if write.relative || shown.is_some_and(|shown| shown != write.row.value) {
                    // Somebody bought, or put back, meanwhile: find the order that explains it. Before the write ends:
                    // whoever dies after its end would leave a difference that nobody looks at.
                    self.look_at(shop, work).await?;
                } else if replaced {
                    self.look_when_visible(shop, &write.link).await?;
                }
                let by = write.row.value.since(write.row.compare);
                self.end(shop, write, by, shown).await?;
                if (write.divided || write.repeated)
                    && by.lowers()
                    && let Some(link) = self.ledger.link(&store.org, &write.link).await?
                {
                    self.wake_others(&link).await?;
                }
                self.journal.count(&store.org, &store.id, Counter::Writes, 1).await?;
                if work.priority == Priority::Lower {
                    let took = now.duration_since(work.since).as_millis();
                    let took = u64::try_from(took).unwrap_or(0);
                    self.journal.note_latency(&store.org, &store.id, took, now).await?;
                }
                let refused = ExceptionKind::WriteRefused;
                let subject = write.row.variant.variant.as_str();
                self.alerts.settle(&store.org, refused, Some(&store.id), subject).await?;
                Ok(if write.repeated || write.short { Turn::Next(now) } else { Turn::Done })
            }
            Outcome::Stale { seen } => {
                // There may be a sale that we have not seen.
                self.end(shop, write, Delta::ZERO, seen).await?;
                self.pull_orders_now(shop).await?;
                if work.attempts == 0 {
                    return Ok(Turn::Later(now));
                }
                // Its orders do not explain it: until something does, nothing is raised.
                self.look_at(shop, work).await?;
                // What it showed can be compared with only while it is fresh: a lowering goes on at once.
                let lowers = write.row.value.since(write.row.compare).lowers();
                let waits = !lowers || write.relative || seen.is_none();
                Ok(Turn::Later(if waits { now + backoff(work.attempts) } else { now }))
            }
            Outcome::Unknown => Ok(Turn::Later(now + backoff(work.attempts))),
            Outcome::Refused { why } => {
                // It may list it no more. What is sent again may have been done when it was sent before: it stands.
                self.read_afresh(shop, &write.row.variant.product).await?;
                if !write.repeated {
                    self.end(shop, write, Delta::ZERO, None).await?;
                }
                self.alerts
                    .open(Alert {
                        org: &store.org,
                        store: Some(&store.id),
                        kind: ExceptionKind::WriteRefused,
                        subject: write.row.variant.variant.as_str(),
                        message: format!("{} refuses the number of a variant: {why}", store.name),
                        advice: "Put right what the message says, then resolve this to have it tried again.",
                        facts: vec![
                            ("variant", write.row.variant.variant.to_string()),
                            ("wanted", write.row.value.to_string()),
                        ],
                    })
                    .await?;
                Ok(if write.repeated { Turn::Later(now + backoff(work.attempts)) } else { Turn::Done })
            }
        }
    }

    /// Ends a write: `explained` moves by what it changed.
    pub(super) async fn end(
        &self,
        shop: &Shop,
        write: &Begun,
        explained: Delta,
        shown: Option<OnHand>,
    ) -> Result<()> {
        let at = self.clock.now();
        let finish = Finish {
            org: shop.store.org.clone(),
            link: write.link.clone(),
            write: write.row.write.clone(),
            explained,
            written: (!explained.is_zero()).then_some(Reading { level: write.row.value, at }),
            seen: shown.map(|level| Reading { level, at }),
        };
        // Raced: the write was ended already, by whoever settled it.
        if self.ledger.finish(&finish).await? == Moved::Done {
            self.note_write(shop, &finish, write.row.compare, write.row.value).await;
        }
        Ok(())
    }

    /// Has a product read afresh: the shop does not do with it what it should.
    pub(super) async fn read_afresh(&self, shop: &Shop, product: &RemoteProductId) -> Result<()> {
        self.dispatch.read_afresh(&shop.store, &BTreeSet::from([product])).await
    }

    pub(super) async fn look_at(&self, shop: &Shop, work: &LaneWork) -> Result<()> {
        let Some(link) = work.verb.writes_to() else { return Ok(()) };
        let verb = Verb::Check { link: link.clone() };
        let store = &shop.store;
        let check = LaneWork::new(&store.org, &store.id, Priority::Raise, verb, self.clock.now());
        self.dispatch.work(&[check]).await
    }
}
