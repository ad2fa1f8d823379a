//! What happens to a link: it comes into the books, is read, is written to, is settled.

use domain::allocation::Allocation;
use domain::link::Link;
use ports::{Allot, Finish, LinkChange, Moved, Opening, Result, Settlement};

use super::link::link_of;
use super::{books, bundle, outbox, voucher};
use crate::Table;
use crate::table::{All, Row, Took, Write, document, key, maybe_text, n, s, units};

fn moved(done: bool) -> Moved {
    if done { Moved::Done } else { Moved::Raced }
}

pub(super) async fn open(table: &Table, opening: &Opening) -> Result<Moved> {
    const OP: &str = "ledger.open";
    /// The place of the balance among the writes, behind link, change and entry.
    const BALANCE: usize = 3;
    let org = &opening.org;
    let own = key::link(org, &opening.link);
    let link = Write::update(
        own.clone(),
        "SET #explained = :level, #seen = :seen, #opened = :change ADD #version :one",
    )
    .when("#version = :read AND #item = :item AND attribute_not_exists(#explained)")
    .with(":level", units(opening.level.level.units()))
    .with(":seen", s(document(&opening.level)?))
    .with(":change", s(opening.change.id.as_str()))
    .with(":item", s(opening.item.as_str()))
    .with(":read", n(opening.read))
    .with(":one", n(1_u64));
    let change = outbox::keep(OP, org, &opening.change)?;
    let mut writes = vec![link.clone(), change.clone()];
    if opening.parts.is_empty() {
        let mut booking = books::booking(OP, org, &opening.item, opening.entry.as_slice())?;
        if let Some(balance) = booking.get_mut(1) {
            books::ordinary(balance);
        }
        writes.extend(booking);
    } else {
        let items: Vec<_> = opening.parts.iter().map(|part| &part.item).collect();
        writes.extend(books::booking_of(OP, org, &items, &opening.of_parts)?);
        writes.push(bundle::stands(org, &opening.item, &opening.parts)?);
    }
    if let Some(document) = &opening.voucher {
        writes.push(voucher::keep(org, document)?);
    }
    let All::Refused(failed) = table.all(OP, writes).await? else { return Ok(Moved::Done) };
    if failed.first() == Some(&0) {
        let standing = table.get(OP, &own).await?.unwrap_or_default();
        return Ok(moved(maybe_text(&standing, "opened") == Some(opening.change.id.as_str())));
    }
    if !opening.parts.is_empty() || failed.contains(&BALANCE) {
        // It is a bundle, or another one by now.
        return Ok(Moved::Raced);
    }
    // The link may be opened and only its entry is booked already: the same cause counts once.
    Ok(moved(table.all(OP, vec![link, change]).await? == All::Done))
}

pub(super) async fn change(table: &Table, change: &LinkChange) -> Result<Moved> {
    const OP: &str = "ledger.change_link";
    let own = key::link(&change.org, &change.link);
    let mut set = "SET #version = #version + :one".to_owned();
    let mut condition = "#version = :read".to_owned();
    let mut write = Write::update(own, "").with(":one", n(1_u64)).with(":read", n(change.read));
    if let Some(begin) = &change.begin {
        set.push_str(", #inflight = :inflight, #write = :write");
        condition.push_str(" AND attribute_not_exists(#inflight)");
        write = write.with(":inflight", s(document(begin)?)).with(":write", s(begin.write.as_str()));
    }
    if let Some(seen) = &change.seen {
        set.push_str(", #seen = :seen");
        write = write.with(":seen", s(document(seen)?));
    }
    if let Some(margin) = &change.margin {
        set.push_str(", #margin = :margin");
        write = write.with(":margin", s(document(margin)?));
    }
    if change.heard {
        set.push_str(", #heard = #version + :one");
    }
    match &change.unexplained {
        Some(Some(unexplained)) => {
            set.push_str(", #unexplained = :unexplained");
            write = write.with(":unexplained", s(document(unexplained)?));
        }
        Some(None) => set.push_str(" REMOVE #unexplained"),
        None => {}
    }
    let write = write.expressed(set).when(condition);
    if let Some(guard) = &change.guard {
        let writes = vec![write, books::guarded(&change.org, guard)];
        if table.all(OP, writes).await? == All::Done {
            return Ok(Moved::Done);
        }
        let row = table.get(OP, &key::link(&change.org, &change.link)).await?;
        let link = row.map(|row| link_of(&change.org, &row)).transpose()?;
        return Ok(moved(link.is_some_and(|link| stands(change, &link))));
    }
    match table.one(OP, write).await? {
        Took::Done(_) => Ok(Moved::Done),
        Took::Refused(row) if row.is_empty() => Ok(Moved::Raced),
        Took::Refused(row) => Ok(moved(stands(change, &link_of(&change.org, &row)?))),
    }
}

pub(super) async fn allot(table: &Table, allot: &Allot) -> Result<Moved> {
    const OP: &str = "ledger.allot";
    let org = &allot.org;
    let own = key::link(org, &allot.link);
    let (set, kept) = match &allot.allocation {
        Some(allocation) => (
            "SET #allocation = :allocation, #allotted = :change ADD #version :one",
            Some(s(document(allocation)?)),
        ),
        None => ("SET #allotted = :change REMOVE #allocation ADD #version :one", None),
    };
    let mut link = Write::update(own.clone(), set)
        .when("#version = :read AND #item = :item")
        .with(":change", s(allot.change.id.as_str()))
        .with(":item", s(allot.item.as_str()))
        .with(":read", n(allot.read))
        .with(":one", n(1_u64));
    if let Some(kept) = kept {
        link = link.with(":allocation", kept);
    }
    let divides = matches!(allot.allocation, Some(Allocation::Quota { .. }));
    let writes =
        vec![link, books::dividing(org, &allot.item, divides), outbox::keep(OP, org, &allot.change)?];
    if table.all(OP, writes).await? == All::Done {
        return Ok(Moved::Done);
    }
    let standing = table.get(OP, &own).await?.unwrap_or_default();
    Ok(moved(maybe_text(&standing, "allotted") == Some(allot.change.id.as_str())))
}

/// Whether the link stands as this very change left it: then an earlier call made it.
fn stands(change: &LinkChange, link: &Link) -> bool {
    link.version == change.read + 1
        && change.begin.as_ref().is_none_or(|begin| link.inflight.as_ref() == Some(begin))
        && change.seen.is_none_or(|seen| link.seen == Some(seen))
        && change.unexplained.is_none_or(|unexplained| link.unexplained == unexplained)
        && change.margin.is_none_or(|margin| link.margin == Some(margin))
        && (!change.heard || link.heard == link.version)
}

pub(super) async fn finish(table: &Table, finish: &Finish) -> Result<Moved> {
    const OP: &str = "ledger.finish";
    let own = key::link(&finish.org, &finish.link);
    let mut set = "SET #version = #version + :one".to_owned();
    let mut condition = "#write = :write".to_owned();
    let mut write = Write::update(own, "").with(":one", n(1_u64)).with(":write", s(finish.write.as_str()));
    if !finish.explained.is_zero() {
        set.push_str(", #explained = #explained + :by_units");
        condition.push_str(" AND attribute_exists(#explained)");
        write = write.with(":by_units", units(finish.explained.units()));
    }
    for (name, reading) in [("written", finish.written), ("seen", finish.seen)] {
        if let Some(reading) = reading {
            set = format!("{set}, #{name} = :{name}");
            write = write.with(&format!(":{name}"), s(document(&reading)?));
        }
    }
    set.push_str(" REMOVE #inflight, #write");
    match table.one(OP, write.expressed(set).when(condition)).await? {
        Took::Done(_) => Ok(Moved::Done),
        Took::Refused(_) => Ok(Moved::Raced),
    }
}

pub(super) async fn settle(table: &Table, settlement: &Settlement) -> Result<Moved> {
    const OP: &str = "ledger.settle";
    let org = &settlement.org;
    let own = key::link(org, &settlement.link);
    let mut condition =
        "#version = :read AND attribute_exists(#explained) AND attribute_not_exists(#inflight)".to_owned();
    let item = settlement.entry.as_ref().map(|entry| &entry.item);
    let mut link = Write::update(
        own.clone(),
        "SET #explained = #explained + :units, #settled = :change REMOVE #unexplained ADD #version :one",
    )
    .with(":units", units(settlement.explained.units()))
    .with(":change", s(settlement.change.id.as_str()))
    .with(":read", n(settlement.read))
    .with(":one", n(1_u64));
    if let Some(item) = item {
        condition.push_str(" AND #item = :item");
        link = link.with(":item", s(item.as_str()));
    }
    let mut writes = vec![link.when(condition), outbox::keep(OP, org, &settlement.change)?];
    if let Some(entry) = &settlement.entry {
        writes.extend(books::booking(OP, org, &entry.item, std::slice::from_ref(entry))?);
    }
    if let Some(document) = &settlement.voucher {
        writes.push(voucher::keep(org, document)?);
    }
    if table.all(OP, writes).await? == All::Done {
        return Ok(Moved::Done);
    }
    let standing = table.get(OP, &own).await?.unwrap_or_default();
    Ok(moved(settled_by(&standing, settlement)?))
}

/// Whether an earlier call made this very settlement.
fn settled_by(row: &Row, settlement: &Settlement) -> Result<bool> {
    Ok(maybe_text(row, "settled") == Some(settlement.change.id.as_str())
        && crate::table::count(row, "version")? > settlement.read)
}
