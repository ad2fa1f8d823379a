//! Reading a queued message: each event once into the books, whatever came twice, late or out of order.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::EventId;
use domain::event::{About, Event, EventState};
use domain::exception::ExceptionKind;
use domain::message::{Body, Inbox};
use domain::store::{Condition, Store};
use domain::work::{LaneWork, Priority, Verb};
use platform::Clock;
use ports::{Blobs, Catalog, Counter, Directory, EventRecord, Journal, Seen, Taken};
use sha2::{Digest as _, Sha256};

use crate::alerts::{Alert, Alerts};
use crate::book::{Book, Booked};
use crate::dispatch::Dispatch;
use crate::erase::Eraser;
use crate::hold::Hold;
use crate::listings::Shelves;
use crate::{HubError, Outside, Platforms, Result};

/// The header that a replayed message carries: the event that it replays.
pub(crate) const REPLAYS: &str = "storeloom-replays";

/// What is noted of an event whose message cannot be read again.
const LOST: &str =
    "its message was erased or kept long enough: it cannot be read again, and what it booked stands";

/// Reading queued messages.
#[derive(Clone)]
pub struct Ingest {
    directory: Arc<dyn Directory>,
    journal: Arc<dyn Journal>,
    catalog: Arc<dyn Catalog>,
    blobs: Arc<dyn Blobs>,
    clock: Arc<dyn Clock>,
    platforms: Platforms,
    book: Book,
    shelves: Shelves,
    dispatch: Dispatch,
    alerts: Alerts,
    hold: Hold,
    erase: Eraser,
}

impl Ingest {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            journal: Arc::clone(&outside.journal),
            catalog: Arc::clone(&outside.catalog),
            blobs: Arc::clone(&outside.blobs),
            clock: Arc::clone(&outside.clock),
            platforms: outside.platforms.clone(),
            book: Book::new(outside),
            shelves: Shelves::new(outside),
            dispatch: Dispatch::new(outside),
            alerts: Alerts::new(outside),
            hold: Hold::new(outside),
            erase: Eraser::new(outside),
        }
    }

    /// Reads a message. Whatever cannot succeed is parked with its raw body; an error means: deliver again.
    ///
    /// # Errors
    /// Only what may succeed when the message is delivered again.
    pub async fn ingest(&self, inbox: &Inbox) -> Result<()> {
        let Some(store) = self.directory.store(&inbox.org, &inbox.store).await? else {
            tracing::warn!(store = %inbox.store, "a message names a store that is not there; it is dropped");
            return Ok(());
        };
        let gone = store.condition == Condition::Disconnected;
        self.journal.count(&store.org, &store.id, Counter::Events, 1).await?;
        let Some(bytes) = self.body(inbox).await? else { return self.lost(&store, inbox).await };
        let platform = Arc::clone(self.platforms.get(&inbox.platform)?);
        let webhooks = platform
            .webhooks()
            .ok_or_else(|| HubError::Conflict(format!("{} sends no messages", inbox.platform)))?;
        let message =
            platform::Message { headers: &inbox.raw.headers, body: &bytes, currency: store.currency };
        let topic = webhooks.topic(&message);
        let events = match webhooks.events(&message) {
            Ok(events) => events,
            Err(_) if gone => return Ok(()),
            Err(error) => {
                let key = format!("unread {}", data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)));
                let record = record(inbox, &key, noun_of(&topic), &topic);
                if let Taken::Again(EventState::Booked | EventState::Ignored) =
                    self.journal.take(&record).await?
                {
                    // Whoever looked at it passed it over, or it was understood meanwhile.
                    self.journal.count(&store.org, &store.id, Counter::Duplicates, 1).await?;
                    return Ok(());
                }
                // Parked before or not: whoever parked it may have died before anybody was told.
                self.park(&store, &record, &error.to_string()).await?;
                return Ok(());
            }
        };
        let mut understood = true;
        for (key, event) in events {
            // Of a shop that was taken out, only people's data is still our business.
            if gone && !matches!(event, Event::Erase(_)) {
                continue;
            }
            let record = EventRecord {
                order: event.order().cloned(),
                ..record(inbox, key.as_str(), event.noun(), &topic)
            };
            understood &= self.one(&store, &record, event).await?;
        }
        if understood
            && let Some(parked) = message.header(REPLAYS).and_then(|text| text.parse::<EventId>().ok())
        {
            self.booked(&store, &parked).await?;
        }
        Ok(())
    }

    /// Works on one event; false if it had to be parked.
    async fn one(&self, store: &Store, record: &EventRecord, event: Event) -> Result<bool> {
        if let Taken::Again(state) = self.journal.take(record).await? {
            match state {
                EventState::Booked | EventState::Ignored => {
                    self.journal.count(&store.org, &store.id, Counter::Duplicates, 1).await?;
                    return Ok(true);
                }
                EventState::Taken | EventState::Parked => {}
            }
        }
        match self.work(store, event).await {
            Ok(None) => self.booked(store, &record.id).await?,
            Ok(Some(why)) => {
                self.journal.mark(&store.org, &record.id, EventState::Ignored, Some(why)).await?;
            }
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => {
                self.park(store, record, &error.to_string()).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Does what an event says; a text says why nothing was to be done.
    async fn work(&self, store: &Store, event: Event) -> Result<Option<&'static str>> {
        let now = self.clock.now();
        match event {
            Event::Order(order) => {
                let about = About::Order(order.remote.clone());
                if self.book.order(store, *order, false).await? == Booked::Clash {
                    self.look(store, about, Priority::Lower).await?;
                }
            }
            // Whether the order is in the bin or gone for ever, and what became of its units, the shop says.
            Event::OrderGone(order) => self.look(store, About::Order(order), Priority::Lower).await?,
            Event::Catalog(listings) => {
                self.shelves.put(store, &listings, &Seen { at: now, run: None }).await?;
            }
            // Whether it is listed again since, the shop says.
            Event::ProductGone(product) => self.look(store, About::Product(product), Priority::Lower).await?,
            Event::Customer(customer) => {
                let seen = Seen { at: now, run: None };
                self.catalog.put_customers(&store.org, &store.id, &[*customer], &seen).await?;
            }
            Event::CustomerGone(customer) => {
                self.catalog.remove_customer(&store.org, &store.id, &customer).await?;
            }
            Event::Hint(about) => self.look(store, about, Priority::Lower).await?,
            Event::SettingsChanged => {
                let work = LaneWork::new(&store.org, &store.id, Priority::Incremental, Verb::Examine, now);
                self.dispatch.work(&[work]).await?;
            }
            Event::Withdrawn(why) => self.hold.hold(store, why).await?,
            Event::Erase(whose) => self.erase.erase(store, &whose).await?,
            Event::Ignored(why) => return Ok(Some(why)),
        }
        Ok(None)
    }

    async fn look(&self, store: &Store, about: About, priority: Priority) -> Result<()> {
        let verb = Verb::Fetch { about };
        self.dispatch.work(&[LaneWork::new(&store.org, &store.id, priority, verb, self.clock.now())]).await
    }

    async fn booked(&self, store: &Store, event: &EventId) -> Result<()> {
        self.journal.mark(&store.org, event, EventState::Booked, None).await?;
        self.alerts.settle(&store.org, ExceptionKind::ParkedEvent, Some(&store.id), event.as_str()).await
    }

    async fn park(&self, store: &Store, record: &EventRecord, why: &str) -> Result<()> {
        self.journal.mark(&store.org, &record.id, EventState::Parked, Some(why)).await?;
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::ParkedEvent,
                subject: record.id.as_str(),
                message: format!("a message of {} ({}) could not be read: {why}", store.name, record.topic),
                advice: "While it is about an order, the store's numbers are not raised. Look at the event, \
                         then replay it, or resolve it if it can be passed over.",
                facts: vec![("event", record.id.to_string()), ("topic", record.topic.clone())],
            })
            .await
    }

    /// What a message says; none if it is not kept any more.
    async fn body(&self, inbox: &Inbox) -> Result<Option<Vec<u8>>> {
        match &inbox.raw.body {
            Body::Text(text) => Ok(Some(text.as_bytes().to_vec())),
            Body::Base64(text) => STANDARD
                .decode(text)
                .map(Some)
                .map_err(|_| HubError::Invalid("the body is not base64".into())),
            Body::Blob(key) => Ok(self.blobs.get(&inbox.org, key).await?),
        }
    }

    /// A message whose body is not kept any more can never be read: its event says so, and what it booked stands. One
    /// that nobody could read stays parked, since it may have been a sale.
    async fn lost(&self, store: &Store, inbox: &Inbox) -> Result<()> {
        let parked =
            inbox.raw.headers.iter().find(|(name, _)| name == REPLAYS).map(|(_, event)| event.as_str());
        let archived = match &inbox.raw.body {
            Body::Blob(key) => key.rsplit('/').next(),
            Body::Text(_) | Body::Base64(_) => None,
        };
        let event = parked.or(archived).and_then(|text| text.parse::<EventId>().ok());
        let known = match &event {
            Some(event) => self.journal.event(&store.org, event).await?,
            None => None,
        };
        let Some(known) = known else {
            return Err(HubError::Invalid("the body of a message is not in the blob store".into()));
        };
        let state = if known.state == EventState::Parked { EventState::Parked } else { EventState::Ignored };
        Ok(self.journal.mark(&store.org, &known.id, state, Some(LOST)).await?)
    }
}

fn record(inbox: &Inbox, key: &str, noun: &str, topic: &str) -> EventRecord {
    EventRecord {
        id: EventId::derive(&[inbox.store.as_str(), key]),
        inbox: inbox.clone(),
        noun: noun.to_owned(),
        order: None,
        topic: topic.to_owned(),
        state: EventState::Taken,
        note: None,
        duplicates: 0,
    }
}

/// What a message that could not be read may be about: anything that is not surely something else may be a sale.
fn noun_of(topic: &str) -> &'static str {
    if topic.starts_with("product") {
        "product"
    } else if topic.starts_with("customer") {
        "customer"
    } else {
        "order"
    }
}
