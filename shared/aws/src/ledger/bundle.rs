//! Bundles: the parts stand on the bundle's balance; each part's balance counts the bundles it is used in, and its
//! partition names them beside its links, so that one query finds all whose numbers follow it.

use domain::bundle::Part;
use domain::link::Link;
use domain::{ItemId, OrgId};
use ports::{Compose, Contain, Moved, Result};
use rust_decimal::Decimal;

use super::{books, link, outbox};
use crate::Table;
use crate::table::{All, Key, Query, Row, Write, corrupt, document, key, n, s, text, units};

/// Names of what follows an item begin with this: its links, and the bundles that have it.
const FOLLOWS: &str = "link";
/// The name of a bundle in the partition of its part.
const BUNDLE: &str = "link-bundle#";

fn name(org: &OrgId, part: &ItemId, bundle: &ItemId) -> Key {
    Key::new(key::item(org, part), format!("{BUNDLE}{bundle}"))
}

/// A write that is refused where the balance moved since it was read.
fn as_read(write: Write, read: u64) -> Write {
    match read {
        0 => write.when("attribute_not_exists(#version)"),
        read => write.when("#version = :read").with(":read", n(read)),
    }
}

/// The write by which a chosen recipe still stands; nothing else of the balance matters to it.
pub(super) fn stands(org: &OrgId, item: &ItemId, parts: &[Part]) -> Result<Write> {
    let check = Write::check(books::balance_row(org, item));
    Ok(check.when("#parts = :parts").with(":parts", s(document(&parts)?)))
}

/// The write by which a balance tells that its item's units are noted as contained, as what the item is now.
pub(super) fn noting(contain: &Contain) -> Result<Write> {
    let own = books::balance_row(&contain.org, &contain.item);
    let write = Write::update(own, "ADD #version :one").with(":one", n(1_u64));
    Ok(match (contain.chosen, contain.parts.is_empty()) {
        (false, _) => write,
        (true, true) => write.when("attribute_not_exists(#parts)"),
        (true, false) => write.when("#parts = :parts").with(":parts", s(document(&contain.parts)?)),
    })
}

pub(super) async fn compose(table: &Table, compose: &Compose) -> Result<Moved> {
    const OP: &str = "ledger.compose";
    let Compose { org, item, read, parts, added, removed, change } = compose;
    let own = books::balance_row(org, item);
    let bundle = if parts.is_empty() {
        Write::update(own, "REMOVE #parts ADD #version :one")
    } else {
        Write::update(own, "SET #parts = :parts ADD #version :one").with(":parts", s(document(parts)?))
    };
    let mut writes = vec![as_read(bundle.with(":one", n(1_u64)), *read)];
    for part in added {
        let used = Write::update(books::balance_row(org, &part.item), "ADD #used_in :one, #version :one");
        writes.push(as_read(used.with(":one", n(1_u64)), part.version));
        writes.push(Write::put(name(org, &part.item, item), Row::new()));
    }
    for part in removed {
        let used = Write::update(books::balance_row(org, part), "ADD #used_in :less, #version :one");
        writes.push(used.with(":less", units(Decimal::NEGATIVE_ONE)).with(":one", n(1_u64)));
        writes.push(Write::delete(name(org, part, item)));
    }
    writes.push(outbox::keep(OP, org, change)?);
    Ok(match table.all(OP, writes).await? {
        All::Done => Moved::Done,
        All::Refused(_) => Moved::Raced,
    })
}

fn bundle_of(row: &Row) -> Result<Option<ItemId>> {
    let Some(id) = text(row, "sk")?.strip_prefix(BUNDLE) else { return Ok(None) };
    id.parse().map(Some).map_err(|_| corrupt("the name of a bundle holds no id"))
}

pub(super) async fn of(table: &Table, org: &OrgId, item: &ItemId) -> Result<Vec<ItemId>> {
    let rows = table.whole("ledger.bundles_of", &Query::rows(key::item(org, item)).prefix(BUNDLE)).await?;
    rows.iter().filter_map(|row| bundle_of(row).transpose()).collect()
}

pub(super) async fn followers(table: &Table, org: &OrgId, item: &ItemId) -> Result<Vec<Link>> {
    const OP: &str = "ledger.followers";
    let rows = table.whole(OP, &Query::rows(key::item(org, item)).prefix(FOLLOWS)).await?;
    let mut links = Vec::with_capacity(rows.len());
    let mut bundles = Vec::new();
    for row in rows {
        match bundle_of(&row)? {
            Some(bundle) => bundles.push(bundle),
            None => links.push(row),
        }
    }
    let mut followers = link::named(table, OP, org, &links).await?;
    for bundle in bundles {
        followers.extend(link::of_item(table, org, &bundle).await?);
    }
    Ok(followers)
}
