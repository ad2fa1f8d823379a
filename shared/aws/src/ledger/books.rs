//! Entries and the balances they add up to.

use domain::stock::{Balance, Entry};
use domain::work::Change;
use domain::{Delta, ItemId, OnHand, OrgId};
use ports::{Ask, Guard, Moved, Page, Result};
use rust_decimal::Decimal;

use super::outbox;
use crate::Table;
use crate::table::{
    All, Key, Query, Row, Write, count, decimal, key, moment, n, put_document, read_document, refused, s,
    units,
};

fn balance_row(org: &OrgId, item: &ItemId) -> Key {
    Key::new(key::item(org, item), "balance")
}

/// The writes of entries and of the balance that they move. All entries are of one item.
pub(super) fn booking(op: &'static str, org: &OrgId, item: &ItemId, entries: &[Entry]) -> Result<Vec<Write>> {
    let mut writes = Vec::with_capacity(entries.len() + 1);
    for (place, entry) in entries.iter().enumerate() {
        if entry.item != *item {
            return Err(refused(op, "an entry moves another item than its movement"));
        }
        let mut row = Row::new();
        put_document(&mut row, entry)?;
        row.insert("g1pk".into(), s(key::entries(org, item)));
        row.insert("g1sk".into(), s(format!("{}#{place}#{}", moment(entry.at), entry.id)));
        writes.push(Write::put(Key::new(key::item(org, item), format!("entry#{}", entry.id)), row).if_new());
    }
    if !entries.is_empty() {
        let on_hand: Delta = entries.iter().map(|entry| entry.on_hand).sum();
        let reserved: Delta = entries.iter().map(|entry| entry.reserved).sum();
        let balance = Write::update(
            balance_row(org, item),
            "ADD #on_hand :on_hand, #reserved :reserved, #version :one",
        );
        writes.push(
            balance
                .with(":on_hand", units(on_hand.units()))
                .with(":reserved", units(reserved.units()))
                .with(":one", n(1_u64)),
        );
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
        version: count(&row, "version")?,
    })
}

/// The write by which a balance says that its units are given to links; all that was computed from it is void.
pub(super) fn dividing(org: &OrgId, item: &ItemId, divides: bool) -> Write {
    let set = if divides { "SET #divided = :one ADD #version :one" } else { "ADD #version :one" };
    Write::update(balance_row(org, item), set).with(":one", n(1_u64))
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

pub(super) async fn adjust(table: &Table, org: &OrgId, entry: &Entry, change: &Change) -> Result<Moved> {
    const OP: &str = "ledger.adjust";
    let mut writes = booking(OP, org, &entry.item, std::slice::from_ref(entry))?;
    writes.push(outbox::keep(OP, org, change)?);
    match table.all(OP, writes).await? {
        // The only condition is that the entry is new: where it is not, the correction is booked already.
        All::Done | All::Refused(_) => Ok(Moved::Done),
    }
}
