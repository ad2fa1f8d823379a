//! Why an order did to the books what it did.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::event::EventState;
use domain::link::Link;
use domain::message::Body;
use domain::order::{OrderLine, OrderState, effect};
use domain::stock::{Effect, Entry};
use domain::store::Store;
use domain::{EventId, ItemId, LinkId, OnHand, OrderId, OrgId, RemoteOrderId, StoreId};
use jiff::{SignedDuration, Timestamp};
use platform::Webhooks;
use ports::{Answer, Ask, BookedEffect, EventRecord, OrderRecord};
use serde::Serialize;

use super::{Why, name_of};
use crate::book::{entry_ids, moved_by};
use crate::outside::trials;
use crate::trail::order_of;
use crate::{HubError, Result};

/// Messages of the store that are looked through for those about the order.
const LOOKED_THROUGH: u64 = 1_000;
/// Messages that are read at a time.
const PAGE: u32 = 100;
/// A message may have come so long before the order says it was placed: clocks differ.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// A line of an order, and what it comes to.
#[derive(Debug, Clone, Serialize)]
pub struct LineWhy {
    /// The line as the shop showed it last.
    #[serde(flatten)]
    pub line: OrderLine,
    /// What it comes to in the order's state: set aside, gone, taken by the shop itself.
    pub effect: Effect,
    /// The item that it sells; none if it matches none, and then it moves nothing.
    pub item: Option<ItemId>,
}

/// What an order did to one item.
#[derive(Debug, Clone, Serialize)]
pub struct EffectWhy {
    /// What is booked.
    #[serde(flatten)]
    pub booked: BookedEffect,
    /// The item's SKU.
    pub sku: Option<String>,
    /// The entries that it was booked with, the newest first.
    pub entries: Vec<Entry>,
}

/// A message about an order.
#[derive(Debug, Clone, Serialize)]
pub struct EventBrief {
    /// The message.
    pub id: EventId,
    /// The platform's word for it.
    pub topic: String,
    /// What became of it.
    pub state: EventState,
    /// Why, where that needs saying.
    pub note: Option<String>,
    /// How many times it came again.
    pub duplicates: u64,
    /// When it came first.
    pub received_at: Timestamp,
}

/// The first write that reached another shop after the order was seen.
#[derive(Debug, Clone, Serialize)]
pub struct Reached {
    /// The shop.
    pub store: StoreId,
    /// What people call it.
    pub store_name: String,
    /// The item.
    pub item: ItemId,
    /// The number that was written.
    pub value: OnHand,
    /// When the shop had taken it.
    pub at: Timestamp,
    /// How long after the order was seen.
    pub after_ms: u64,
}

/// Why an order did to the books what it did.
#[derive(Debug, Clone, Serialize)]
pub struct OrderWhy {
    /// The order.
    pub id: OrderId,
    /// The number that buyer and merchant use.
    pub number: String,
    /// The store that it came from.
    pub store: StoreId,
    /// What people call it.
    pub store_name: String,
    /// Where it stands.
    pub state: OrderState,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When this state of it reached us.
    pub seen_at: Timestamp,
    /// Whether all that it does is booked.
    pub applied: bool,
    /// What its state means for the books.
    pub rule: &'static str,
    /// Its lines, and what each comes to.
    pub lines: Vec<LineWhy>,
    /// What it did to each item.
    pub effects: Vec<EffectWhy>,
    /// The messages about it, the newest first. One that was read from the shop came without any.
    pub events: Vec<EventBrief>,
    /// Messages of the store that were looked through for them.
    pub looked_through: u64,
    /// When it reached the other shops.
    pub reached: Vec<Reached>,
}

impl Why {
    /// Why an order did to the books what it did.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such order.
    pub async fn order(&self, org: &OrgId, id: &OrderId) -> Result<OrderWhy> {
        let record = self.ledger.order(org, id).await?.ok_or_else(|| HubError::not_found("order", id))?;
        let names = self.names(org).await?;
        let mut effects = Vec::new();
        for booked in self.ledger.effects(org, id).await? {
            let sku = self.ledger.item(org, &booked.item).await?.map(|item| item.sku.to_string());
            let mut entries = Vec::new();
            for item in moved_by(&booked) {
                entries.extend(self.entries_of(&record, &booked, &item).await?);
            }
            effects.push(EffectWhy { booked, sku, entries });
        }
        let (events, looked_through) = self.messages(&record).await?;
        Ok(OrderWhy {
            id: record.id.clone(),
            number: record.order.number.clone(),
            store_name: name_of(&names, &record.store),
            store: record.store.clone(),
            state: record.order.state,
            placed_at: record.order.placed_at,
            seen_at: record.seen_at,
            applied: record.applied,
            rule: rule(record.order.state),
            lines: self.lines(&record).await?,
            reached: self.reached(&record, &effects, &names).await?,
            effects,
            events,
            looked_through,
        })
    }

    async fn lines(&self, record: &OrderRecord) -> Result<Vec<LineWhy>> {
        let mut lines = Vec::with_capacity(record.order.lines.len());
        for line in &record.order.lines {
            let known = match &line.variant {
                Some(variant) => self.catalog.variant(&record.org, &record.store, variant).await?,
                None => None,
            };
            let item = known.and_then(|known| known.item);
            lines.push(LineWhy { effect: effect(record.order.state, line), item, line: line.clone() });
        }
        Ok(lines)
    }

    /// The entries of an item that an order was booked with through a link.
    async fn entries_of(
        &self,
        record: &OrderRecord,
        booked: &BookedEffect,
        item: &ItemId,
    ) -> Result<Vec<Entry>> {
        // An item may be sold by itself and in a bundle: what a bundle moved is known by its names.
        let ids = entry_ids(booked, &record.id, item);
        let is_its = |entry: &Entry| order_of(entry).as_ref() == Some(&record.id) && ids.contains(&entry.id);
        let mut found = Vec::new();
        let mut ask = Ask::first(PAGE);
        for _ in 0..LOOKED_THROUGH / u64::from(PAGE) {
            let page = self.ledger.entries(&record.org, item, &ask).await?;
            let past = page.items.last().is_some_and(|entry| entry.at < record.order.placed_at - SKEW);
            found.extend(page.items.into_iter().filter(is_its));
            if past || page.next.is_none() {
                break;
            }
            ask = Ask::after(PAGE, page.next);
        }
        Ok(found)
    }

    /// The messages about an order, as far back as it was placed.
    async fn messages(&self, record: &OrderRecord) -> Result<(Vec<EventBrief>, u64)> {
        let Some(store) = self.directory.store(&record.org, &record.store).await? else {
            return Ok((Vec::new(), 0));
        };
        let Ok(platform) = self.platforms.get(&store.platform) else { return Ok((Vec::new(), 0)) };
        let Some(webhooks) = platform.webhooks() else { return Ok((Vec::new(), 0)) };
        let (mut found, mut looked_through) = (Vec::new(), 0);
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.journal.events(&record.org, &record.store, &ask).await?;
            for event in page.items {
                if event.inbox.received_at < record.order.placed_at - SKEW || looked_through >= LOOKED_THROUGH
                {
                    return Ok((found, looked_through));
                }
                looked_through += 1;
                if is_about(webhooks, &store, &event, &record.order.remote) {
                    found.push(event.into());
                }
            }
            if page.next.is_none() {
                return Ok((found, looked_through));
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    /// The first write to each other shop of what the order moved, after it was seen.
    async fn reached(
        &self,
        record: &OrderRecord,
        effects: &[EffectWhy],
        names: &[(StoreId, String)],
    ) -> Result<Vec<Reached>> {
        let mut reached = Vec::new();
        for effect in effects {
            let own: &LinkId = &effect.booked.link;
            let links: Vec<Link> = self.ledger.links_of(&record.org, &effect.booked.item).await?;
            for link in links.into_iter().filter(|link| link.id != *own && link.store != record.store) {
                let writes =
                    trials(&self.journal)?.writes(&record.org, &link.id, &Ask::first(PAGE)).await?.items;
                let first = writes
                    .into_iter()
                    .filter(|write| write.answer == Answer::Taken && write.at >= record.seen_at)
                    .min_by_key(|write| write.at);
                let Some(write) = first else { continue };
                let after = write.at.duration_since(record.seen_at).as_millis();
                reached.push(Reached {
                    store_name: name_of(names, &link.store),
                    store: link.store,
                    item: link.item,
                    value: write.value,
                    at: write.at,
                    after_ms: u64::try_from(after).unwrap_or(0),
                });
            }
        }
        Ok(reached)
    }
}

impl From<EventRecord> for EventBrief {
    fn from(event: EventRecord) -> Self {
        let EventRecord { id, topic, state, note, duplicates, inbox, .. } = event;
        Self { id, topic, state, note, duplicates, received_at: inbox.received_at }
    }
}

/// Whether a message is about an order. One that was kept before events named their orders is read, if its body lies
/// with it.
fn is_about(webhooks: &dyn Webhooks, store: &Store, event: &EventRecord, order: &RemoteOrderId) -> bool {
    if event.noun != "order" {
        return false;
    }
    if let Some(named) = &event.order {
        return named == order;
    }
    let bytes = match &event.inbox.raw.body {
        Body::Text(text) => text.as_bytes().to_vec(),
        Body::Base64(text) => STANDARD.decode(text).unwrap_or_default(),
        Body::Blob(_) => return false,
    };
    let headers = &event.inbox.raw.headers;
    let message = platform::Message { headers, body: &bytes, currency: store.currency };
    webhooks.events(&message).unwrap_or_default().iter().any(|(_, event)| event.order() == Some(order))
}

/// What an order's state means for the books.
fn rule(state: OrderState) -> &'static str {
    match state {
        OrderState::Draft => "A draft is no order yet: nothing is set aside.",
        OrderState::Pending => "It is not paid: nothing is set aside until it is.",
        OrderState::Open => {
            "It is owed: what was bought and not paid back is set aside; what was paid back and not put back is gone."
        }
        OrderState::Fulfilled => "It was sent: its units are gone, but for those that were put back.",
        OrderState::Refunded => {
            "It was paid back: nothing is set aside; what the shop still holds taken did not come back."
        }
        OrderState::Cancelled => {
            "It was called off: nothing is set aside; what was paid back and not put back is gone."
        }
        OrderState::Failed => "Its payment failed: nothing is set aside.",
        OrderState::Removed => {
            "It is not in its shop any more: nothing is set aside; what was paid back and not put back is gone."
        }
    }
}
