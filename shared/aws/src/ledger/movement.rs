//! What an order does to the books, one item through one link at a time.

use domain::bundle::Part;
use domain::order::Fence;
use domain::stock::Effect;
use domain::{ItemId, LinkId, LocationId, OrderId, OrgId};
use ports::{BookedEffect, Contain, Moved, Movement, Result};

use super::order::fence_text;
use super::{books, bundle, outbox, voucher};
use crate::Table;
use crate::table::{All, Query, Row, Write, key, n, put_document, read_document, s, units};

/// An effect that is to stand, and the version of the one that was read.
struct Step<'a> {
    org: &'a OrgId,
    order: &'a OrderId,
    fence: &'a Fence,
    digest: &'a str,
    link: &'a LinkId,
    item: &'a ItemId,
    read: u64,
    effect: Effect,
    location: &'a LocationId,
    parts: &'a [Part],
}

impl Step<'_> {
    /// The state that it follows still stands.
    fn under_its_fence(&self) -> Write {
        Write::check(key::head(self.org, self.order))
            // A head that was written before digests stood apart is told by its fence alone.
            .when("#fence = :fence AND (attribute_not_exists(#digest) OR #digest = :digest)")
            .with(":fence", s(fence_text(self.fence)))
            .with(":digest", s(self.digest))
    }

    fn booked(&self) -> BookedEffect {
        BookedEffect {
            link: self.link.clone(),
            item: self.item.clone(),
            effect: self.effect,
            location: self.location.clone(),
            parts: self.parts.to_vec(),
            version: self.read + 1,
        }
    }

    /// The effect, if the one that was read still stands.
    fn effect(&self) -> Result<Write> {
        let mut row = Row::new();
        put_document(&mut row, &self.booked())?;
        row.insert("version".into(), n(self.read + 1));
        let write = Write::put(key::effect(self.org, self.order, self.link), row);
        Ok(match self.read {
            0 => write.if_new(),
            read => write.when("#version = :read").with(":read", n(read)),
        })
    }

    /// Whether this very step stands: then an earlier call made it.
    async fn stands(&self, table: &Table, op: &'static str) -> Result<Moved> {
        let row = table.get(op, &key::effect(self.org, self.order, self.link)).await?;
        let standing: Option<BookedEffect> = row.map(|row| read_document(&row)).transpose()?;
        Ok(if standing.is_some_and(|standing| standing == self.booked()) {
            Moved::Done
        } else {
            Moved::Raced
        })
    }
}

pub(super) async fn book(table: &Table, movement: &Movement) -> Result<Moved> {
    const OP: &str = "ledger.book";
    let org = &movement.org;
    let step = Step {
        org,
        order: &movement.order,
        fence: &movement.fence,
        digest: &movement.digest,
        link: &movement.link,
        item: &movement.item,
        read: movement.read,
        effect: movement.effect,
        location: &movement.location,
        parts: &movement.parts,
    };
    let own = key::link(org, &movement.link);
    let link = if movement.explained.is_zero() && movement.sold.is_zero() {
        Write::check(own)
    } else {
        Write::update(own, "SET #explained = #explained + :units ADD #version :one, #sold :sold")
            .with(":units", units(movement.explained.units()))
            .with(":sold", units(movement.sold.units()))
            .with(":one", n(1_u64))
    };
    let link =
        link.when("attribute_exists(#explained) AND #item = :item").with(":item", s(movement.item.as_str()));
    let mut writes = vec![step.under_its_fence(), step.effect()?, link];
    if movement.parts.is_empty() {
        let mut booking = books::booking(OP, org, &movement.item, &movement.entries)?;
        if let Some(balance) = booking.get_mut(movement.entries.len()).filter(|_| movement.chosen) {
            books::ordinary(balance);
        }
        writes.extend(booking);
    } else {
        let items: Vec<&ItemId> = movement.parts.iter().map(|part| &part.item).collect();
        writes.extend(books::booking_of(OP, org, &items, &movement.entries)?);
        if movement.chosen {
            writes.push(bundle::stands(org, &movement.item, &movement.parts)?);
        }
    }
    writes.push(voucher::keep(org, &movement.voucher)?);
    if let Some(change) = &movement.change {
        writes.push(outbox::keep(OP, org, change)?);
    }
    match table.all(OP, writes).await? {
        All::Done => Ok(Moved::Done),
        All::Refused(_) => step.stands(table, OP).await,
    }
}

pub(super) async fn contain(table: &Table, contain: &Contain) -> Result<Moved> {
    const OP: &str = "ledger.contain";
    let org = &contain.org;
    let step = Step {
        org,
        order: &contain.order,
        fence: &contain.fence,
        digest: &contain.digest,
        link: &contain.link,
        item: &contain.item,
        read: contain.read,
        effect: contain.effect,
        location: &contain.location,
        parts: &contain.parts,
    };
    // The link's version moves, so that an opening that was computed without these units is refused.
    let link = Write::update(key::link(org, &contain.link), "ADD #version :one")
        .when("attribute_exists(#pk) AND attribute_not_exists(#explained) AND #item = :item")
        .with(":item", s(contain.item.as_str()))
        .with(":one", n(1_u64));
    let mut writes = vec![step.under_its_fence(), step.effect()?, link, bundle::noting(contain)?];
    writes.push(voucher::keep(org, &contain.voucher)?);
    if !contain.owed.is_zero() {
        let owed = Write::update(key::owed(org, &contain.link), "ADD #owed :owed");
        writes.push(owed.with(":owed", units(contain.owed.units())));
    }
    match table.all(OP, writes).await? {
        All::Done => Ok(Moved::Done),
        All::Refused(_) => step.stands(table, OP).await,
    }
}

pub(super) async fn effects(table: &Table, org: &OrgId, order: &OrderId) -> Result<Vec<BookedEffect>> {
    let rows = table.whole("ledger.effects", &Query::rows(key::order(org, order)).prefix("effect#")).await?;
    rows.iter().map(read_document).collect()
}
