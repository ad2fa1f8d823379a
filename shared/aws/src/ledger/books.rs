//! Entries and the balances they add up to.

use std::collections::BTreeMap;

use domain::stock::{AtLocation, Balance, Entry};
use domain::voucher::Voucher;
use domain::work::Change;
use domain::{Delta, EntryId, ItemId, LocationId, OnHand, OrgId};
use ports::{Ask, Guard, Handling, Moved, Page, Result};
use rust_decimal::Decimal;

use super::{outbox, voucher};
use crate::Table;
use crate::table::{
    All, Key, Query, Row, Write, corrupt, count, decimal, key, maybe_text, moment, n, parsed, put_document,
    read_document, refused, s, text, units,
};

pub(super) fn balance_row(org: &OrgId, item: &ItemId) -> Key {
    Key::new(key::item(org, item), "balance")
}

/// What lies at a location has a row only where that is not the main one: there lies all that lies nowhere else.
const AT: &str = "balance@";

fn location_row(org: &OrgId, item: &ItemId, location: &LocationId) -> Key {
    Key::new(key::item(org, item), format!("{AT}{location}"))
}

fn entry_row(org: &OrgId, item: &ItemId, entry: &EntryId) -> Key {
    Key::new(key::item(org, item), format!("entry#{entry}"))
}

/// Adds to the sums of a row.
fn adding(key: Key, on_hand: Delta, reserved: Delta) -> Write {
    Write::update(key, "ADD #on_hand :on_hand, #reserved :reserved, #version :one")
        .with(":on_hand", units(on_hand.units()))
        .with(":reserved", units(reserved.units()))
        .with(":one", n(1_u64))
}

/// The writes of entries and of the balances that they move: the item's comes right after the entries, and then
/// those of locations. All entries are of one item.
pub(super) fn booking(op: &'static str, org: &OrgId, item: &ItemId, entries: &[Entry]) -> Result<Vec<Write>> {
    booking_of(op, org, &[item], entries)
}

/// The same for the entries of some items.
pub(super) fn booking_of(
    op: &'static str,
    org: &OrgId,
    items: &[&ItemId],
    entries: &[Entry],
) -> Result<Vec<Write>> {
    let mut writes = Vec::with_capacity(entries.len() + items.len());
    for (place, entry) in entries.iter().enumerate() {
        if !items.contains(&&entry.item) {
            return Err(refused(op, "an entry moves another item than its movement"));
        }
        let mut row = Row::new();
        put_document(&mut row, entry)?;
        row.insert("g1pk".into(), s(key::entries(org, &entry.item)));
        row.insert("g1sk".into(), s(format!("{}#{place}#{}", moment(entry.at), entry.id)));
        writes.push(Write::put(entry_row(org, &entry.item, &entry.id), row).if_new());
    }
    let mut sums: BTreeMap<&ItemId, (Delta, Delta)> = BTreeMap::new();
    let mut elsewhere: BTreeMap<(&ItemId, &LocationId), (Delta, Delta)> = BTreeMap::new();
    for entry in entries {
        let sum = sums.entry(&entry.item).or_default();
        *sum = (sum.0 + entry.on_hand, sum.1 + entry.reserved);
        if !entry.location.is_main() {
            let sum = elsewhere.entry((&entry.item, &entry.location)).or_default();
            *sum = (sum.0 + entry.on_hand, sum.1 + entry.reserved);
        }
    }
    for (item, (on_hand, reserved)) in sums {
        writes.push(adding(balance_row(org, item), on_hand, reserved));
    }
    for ((item, location), (on_hand, reserved)) in elsewhere {
        writes.push(adding(location_row(org, item, location), on_hand, reserved));
    }
    Ok(writes)
}

pub(super) async fn balance(table: &Table, org: &OrgId, item: &ItemId) -> Result<Balance> {
    let Some(row) = table.get("ledger.balance", &balance_row(org, item)).await? else {
        return Ok(Balance::empty(item.clone()));
    };
    Ok(Balance {
        item: item.clone(),
        on_hand: OnHand::new(decimal(&row, "on_hand")?.unwrap_or(Decimal::ZERO)),
        reserved: Delta::new(decimal(&row, "reserved")?.unwrap_or(Decimal::ZERO)),
        divided: row.contains_key("divided"),
        parts: maybe_text(&row, "parts").map(parsed).transpose()?.unwrap_or_default(),
        used_in: count(&row, "used_in")?,
        version: count(&row, "version")?,
    })
}

/// The write by which a balance says that its units are given to links; all that was computed from it is void.
pub(super) fn dividing(org: &OrgId, item: &ItemId, divides: bool) -> Write {
    let own = balance_row(org, item);
    if !divides {
        return Write::update(own, "ADD #version :one").with(":one", n(1_u64));
    }
    // A bundle sells its parts wherever it is listed: neither can belong to one link.
    Write::update(own, "SET #divided = :one ADD #version :one")
        .when("attribute_not_exists(#parts) AND (attribute_not_exists(#used_in) OR #used_in = :none)")
        .with(":none", n(0_u64))
        .with(":one", n(1_u64))
}

/// A write to the balance of an item that is no bundle.
pub(super) fn ordinary(balance: &mut Write) {
    *balance = balance.clone().when("attribute_not_exists(#parts)");
}

/// The write by which a balance stands as it was read, and moves.
pub(super) fn guarded(org: &OrgId, guard: &Guard) -> Write {
    Write::update(balance_row(org, &guard.item), "ADD #version :one")
        .when("#version = :version")
        .with(":version", n(guard.version))
        .with(":one", n(1_u64))
}

pub(super) async fn entries(table: &Table, org: &OrgId, item: &ItemId, ask: &Ask) -> Result<Page<Entry>> {
    let query = Query::index(key::entries(org, item)).backwards();
    let page = table.indexed_page("ledger.entries", &query, ask).await?;
    Ok(Page { items: page.items.iter().map(read_document).collect::<Result<_>>()?, next: page.next })
}

pub(super) async fn adjust(
    table: &Table,
    org: &OrgId,
    entry: &Entry,
    document: &Voucher,
    change: &Change,
) -> Result<Moved> {
    const OP: &str = "ledger.adjust";
    let mut writes = booking(OP, org, &entry.item, std::slice::from_ref(entry))?;
    writes.push(voucher::keep(org, document)?);
    writes.push(outbox::keep(OP, org, change)?);
    match table.all(OP, writes).await? {
        // The only condition is that the entry is new: where it is not, the correction is booked already.
        All::Done | All::Refused(_) => Ok(Moved::Done),
    }
}

pub(super) async fn entry(
    table: &Table,
    org: &OrgId,
    item: &ItemId,
    entry: &EntryId,
) -> Result<Option<Entry>> {
    table.get("ledger.entry", &entry_row(org, item, entry)).await?.map(|row| read_document(&row)).transpose()
}

pub(super) async fn handle(table: &Table, handling: &Handling) -> Result<Moved> {
    const OP: &str = "ledger.handle";
    let (org, item) = (&handling.org, &handling.item);
    let Some(first) = handling.entries.first() else {
        return Err(refused(OP, "what a person moves has an entry"));
    };
    let mut writes = booking(OP, org, item, &handling.entries)?;
    if let (Some(read), Some(balance)) = (handling.read, writes.get_mut(handling.entries.len())) {
        *balance = match read {
            0 => balance.clone().when("attribute_not_exists(#version)"),
            read => balance.clone().when("#version = :read").with(":read", n(read)),
        };
    }
    writes.push(voucher::keep(org, &handling.voucher)?);
    if let Some(change) = &handling.change {
        writes.push(outbox::keep(OP, org, change)?);
    }
    if table.all(OP, writes).await? == All::Done {
        return Ok(Moved::Done);
    }
    // Booked by an earlier call, or the balance moved meanwhile.
    let stands = table.get(OP, &entry_row(org, item, &first.id)).await?.is_some();
    Ok(if stands { Moved::Done } else { Moved::Raced })
}

pub(super) async fn at_locations(
    table: &Table,
    org: &OrgId,
    item: &ItemId,
) -> Result<(Balance, Vec<AtLocation>)> {
    const OP: &str = "ledger.at_locations";
    let whole = balance(table, org, item).await?;
    let mut main = AtLocation {
        on_hand: whole.on_hand,
        reserved: whole.reserved,
        ..AtLocation::empty(LocationId::main())
    };
    let mut others = Vec::new();
    for row in table.whole(OP, &Query::rows(key::item(org, item)).prefix(AT)).await? {
        let location = text(&row, "sk")?.strip_prefix(AT).unwrap_or_default();
        let at = AtLocation {
            location: location.parse().map_err(|_| corrupt("the name of a location holds no id"))?,
            on_hand: OnHand::new(decimal(&row, "on_hand")?.unwrap_or(Decimal::ZERO)),
            reserved: Delta::new(decimal(&row, "reserved")?.unwrap_or(Decimal::ZERO)),
        };
        main.on_hand = main.on_hand.moved(OnHand::ZERO.since(at.on_hand));
        main.reserved = main.reserved - at.reserved;
        others.push(at);
    }
    others.insert(0, main);
    Ok((whole, others))
}
