//! The places where a merchant's items lie.

use domain::OrgId;
use domain::location::Location;
use ports::Result;

use crate::Table;
use crate::table::{Key, Query, Row, Write, key, put_document, read_document};

pub(super) async fn put(table: &Table, org: &OrgId, location: &Location) -> Result<()> {
    let mut row = Row::new();
    put_document(&mut row, location)?;
    let write = Write::put(Key::new(key::locations(org), location.id.as_str()), row);
    table.one("ledger.put_location", write).await.map(|_| ())
}

pub(super) async fn list(table: &Table, org: &OrgId) -> Result<Vec<Location>> {
    let rows = table.whole("ledger.locations", &Query::rows(key::locations(org))).await?;
    let mut locations = rows.iter().map(read_document::<Location>).collect::<Result<Vec<_>>>()?;
    if !locations.iter().any(|location| location.id.is_main()) {
        locations.push(Location::main());
    }
    locations.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(locations)
}
