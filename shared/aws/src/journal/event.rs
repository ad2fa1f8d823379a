//! Events as they came, and the marks of those that could not be read.

use domain::event::EventState;
use domain::message::{Body, Inbox};
use domain::{EventId, OrgId, RemoteOrderId, StoreId};
use jiff::Timestamp;
use ports::{Ask, ErrorKind, EventRecord, Page, PortError, Result, Taken};
use serde::{Deserialize, Serialize};

use crate::Table;
use crate::table::{
    All, Key, Pause, Query, Row, Took, Write, corrupt, count, document, key, maybe_moment, maybe_text,
    moment, n, parsed, put_document, read_document, s, text,
};

/// Raw events are kept for ninety days; parked ones until somebody looked.
const KEPT_SECONDS: i64 = 90 * 24 * 3600;

/// What never changes of an event.
#[derive(Serialize, Deserialize)]
struct Came {
    id: EventId,
    inbox: Inbox,
    topic: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<RemoteOrderId>,
}

/// A parked event that is surely about something else does not hold a store's raises.
fn may_be_an_order(noun: &str) -> bool {
    !matches!(noun, "product" | "customer")
}

fn state_text(state: EventState) -> Result<String> {
    document(&state)
}

fn expires(received_at: Timestamp) -> u64 {
    u64::try_from(received_at.as_second() + KEPT_SECONDS).unwrap_or(0)
}

fn row_of(record: &EventRecord) -> Result<Row> {
    let inbox = &record.inbox;
    let mut row = Row::new();
    let came = Came {
        id: record.id.clone(),
        inbox: inbox.clone(),
        topic: record.topic.clone(),
        order: record.order.clone(),
    };
    put_document(&mut row, &came)?;
    row.insert("noun".into(), s(&record.noun));
    row.insert("store".into(), s(inbox.store.as_str()));
    row.insert("received".into(), s(moment(inbox.received_at)));
    row.insert("state".into(), s(state_text(record.state)?));
    row.insert("duplicates".into(), n(record.duplicates));
    if let Some(note) = &record.note {
        row.insert("note".into(), s(note));
    }
    if record.state != EventState::Parked {
        row.insert("expires".into(), n(expires(inbox.received_at)));
    }
    row.insert("g1pk".into(), s(key::events(&inbox.org, &inbox.store)));
    row.insert("g1sk".into(), s(format!("{}#{}", moment(inbox.received_at), record.id)));
    Ok(row)
}

fn record_of(row: &Row) -> Result<EventRecord> {
    let came: Came = read_document(row)?;
    Ok(EventRecord {
        id: came.id,
        inbox: came.inbox,
        noun: text(row, "noun")?.to_owned(),
        order: came.order,
        topic: came.topic,
        state: parsed(text(row, "state")?)?,
        note: maybe_text(row, "note").map(str::to_owned),
        duplicates: count(row, "duplicates")?,
    })
}

pub(super) async fn take(table: &Table, record: &EventRecord) -> Result<Taken> {
    const OP: &str = "journal.take";
    let (org, store) = (&record.inbox.org, &record.inbox.store);
    let own = key::event(org, &record.id);
    let fresh = Write::put(own.clone(), row_of(record)?);
    let fresh = match table.now_seconds() {
        None => fresh.if_new(),
        Some(now) => fresh.when("attribute_not_exists(#pk) OR #expires <= :now").with(":now", n(now)),
    };
    let is_new = if record.state == EventState::Parked && may_be_an_order(&record.noun) {
        let mark = Write::put(Key::new(key::parked(org, store), record.id.as_str()), Row::new());
        table.all(OP, vec![fresh, mark]).await? == All::Done
    } else {
        matches!(table.one(OP, fresh).await?, Took::Done(_))
    };
    if is_new {
        return Ok(Taken::New);
    }
    let again = Write::update(own, "SET #duplicates = #duplicates + :one")
        .when("attribute_exists(#pk)")
        .with(":one", n(1_u64));
    match table.one(OP, again).await? {
        Took::Done(row) => Ok(Taken::Again(parsed(text(&row, "state")?)?)),
        // It expired between the two writes; the next delivery finds it new.
        Took::Refused(_) => {
            Err(PortError::new(ErrorKind::Conflict, OP, "the event expired just now: take it again"))
        }
    }
}

pub(super) async fn mark(
    table: &Table,
    org: &OrgId,
    event: &EventId,
    state: EventState,
    note: Option<&str>,
) -> Result<()> {
    const OP: &str = "journal.mark";
    let own = key::event(org, event);
    let new_state = state_text(state)?;
    let mut pause = Pause::default();
    loop {
        let Some(row) = table.get(OP, &own).await? else {
            tracing::warn!(event = %event, "an event that is not kept any more was marked");
            return Ok(());
        };
        let old_state = text(&row, "state")?;
        let parks = state == EventState::Parked;
        let parked = parsed::<EventState>(old_state)? == EventState::Parked;
        let received = maybe_moment(&row, "received")?.ok_or_else(|| corrupt("an event has no time"))?;

        let mut set = "SET #state = :state".to_owned();
        let mut gone = Vec::new();
        if note.is_some() {
            set.push_str(", #note = :note");
        } else {
            gone.push("#note");
        }
        if parks {
            gone.push("#expires");
        } else {
            set.push_str(", #expires = :expires");
        }
        if !gone.is_empty() {
            set = format!("{set} REMOVE {}", gone.join(", "));
        }
        let mut write = Write::update(own.clone(), set)
            .when("#state = :old")
            .with(":state", s(&new_state))
            .with(":old", s(old_state));
        if let Some(note) = note {
            write = write.with(":note", s(note));
        }
        if !parks {
            write = write.with(":expires", n(expires(received)));
        }

        let done = if parks == parked || !may_be_an_order(text(&row, "noun")?) {
            matches!(table.one(OP, write).await?, Took::Done(_))
        } else {
            let store = text(&row, "store")?;
            let store: StoreId = store.parse().map_err(|_| corrupt("an event names no store"))?;
            let mark = Key::new(key::parked(org, &store), event.as_str());
            let marking = if parks { Write::put(mark, Row::new()) } else { Write::delete(mark) };
            table.all(OP, vec![write, marking]).await? == All::Done
        };
        if done {
            return Ok(());
        }
        if !pause.again().await {
            return Err(PortError::new(
                ErrorKind::Conflict,
                OP,
                "others mark this event all the time: try again",
            ));
        }
    }
}

/// The document of an event never changes but for this: what its message said is taken out.
pub(super) async fn forget_body(table: &Table, org: &OrgId, event: &EventId) -> Result<()> {
    const OP: &str = "journal.forget_body";
    let own = key::event(org, event);
    let Some(row) = table.get(OP, &own).await? else { return Ok(()) };
    let mut came: Came = read_document(&row)?;
    came.inbox.raw.body = Body::Text(String::new());
    let mut emptied = Row::new();
    put_document(&mut emptied, &came)?;
    let document = emptied.remove("doc").ok_or_else(|| corrupt("an event has no document"))?;
    // Refused: it expired meanwhile, and with it what it said.
    table
        .one(OP, Write::update(own, "SET #doc = :doc").when("attribute_exists(#pk)").with(":doc", document))
        .await?;
    Ok(())
}

pub(super) async fn read(table: &Table, org: &OrgId, event: &EventId) -> Result<Option<EventRecord>> {
    let Some(row) = table.get("journal.event", &key::event(org, event)).await? else { return Ok(None) };
    if table.has_expired(&row)? { Ok(None) } else { record_of(&row).map(Some) }
}

pub(super) async fn list(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    ask: &Ask,
) -> Result<Page<EventRecord>> {
    // Bodies are up to a quarter of a megabyte: a page of a hundred is large enough.
    let ask = Ask { limit: ask.limit.min(100), after: ask.after.clone() };
    let query = Query::index(key::events(org, store)).backwards();
    let page = table.indexed_page("journal.events", &query, &ask).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        if !table.has_expired(row)? {
            items.push(record_of(row)?);
        }
    }
    Ok(Page { items, next: page.next })
}

pub(super) async fn has_parked(table: &Table, org: &OrgId, store: &StoreId) -> Result<bool> {
    let query = Query::rows(key::parked(org, store)).keys_only();
    Ok(!table.first("journal.has_parked", &query, 1).await?.is_empty())
}
