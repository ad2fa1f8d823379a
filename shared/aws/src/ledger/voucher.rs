//! Vouchers, under the day whose books they belong to.

use domain::voucher::Voucher;
use domain::{Day, OrgId};
use ports::{Ask, Page, Result};

use crate::Table;
use crate::table::{Key, Query, Row, Write, key, moment, put_document, read_document};

/// The write that keeps a voucher; part of the transaction of its lines, whose conditions are its own.
pub(super) fn keep(org: &OrgId, voucher: &Voucher) -> Result<Write> {
    let mut row = Row::new();
    put_document(&mut row, voucher)?;
    let own = Key::new(key::vouchers(org, voucher.day()), format!("{}#{}", moment(voucher.at), voucher.id()));
    Ok(Write::put(own, row))
}

pub(super) async fn list(table: &Table, org: &OrgId, day: Day, ask: &Ask) -> Result<Page<Voucher>> {
    let page = table.page("ledger.vouchers", &Query::rows(key::vouchers(org, day)), ask).await?;
    Ok(Page { items: page.items.iter().map(read_document).collect::<Result<_>>()?, next: page.next })
}
