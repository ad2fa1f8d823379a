//! The right to call a store's platform, and keeping a lane still.

use domain::{OrgId, StoreId};
use jiff::Timestamp;
use ports::{Lease, Result, Written};

use crate::Table;
use crate::table::{Key, Took, Write, count, key, maybe_moment, moment, n, s};

fn row(org: &OrgId, store: &StoreId) -> Key {
    Key::new(key::lane(org, store), "lease")
}

fn still(org: &OrgId, store: &StoreId) -> Key {
    Key::new(key::lane(org, store), "rest")
}

pub(super) async fn take(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>> {
    let write = Write::update(row(org, store), "SET #until = :until ADD #token :one")
        .when("attribute_not_exists(#until) OR #until <= :now")
        .with(":until", s(moment(until)))
        .with(":now", s(moment(now)))
        .with(":one", n(1_u64));
    match table.one("lanes.lease", write).await? {
        Took::Done(row) => {
            Ok(Some(Lease { org: org.clone(), store: store.clone(), token: count(&row, "token")?, until }))
        }
        Took::Refused(_) => Ok(None),
    }
}

pub(super) async fn extend(table: &Table, lease: &Lease, until: Timestamp) -> Result<Written> {
    let write = Write::update(row(&lease.org, &lease.store), "SET #until = :until")
        .when("#token = :token")
        .with(":until", s(moment(until)))
        .with(":token", n(lease.token));
    Ok(match table.one("lanes.extend", write).await? {
        Took::Done(_) => Written::Done,
        Took::Refused(_) => Written::Raced,
    })
}

pub(super) async fn release(table: &Table, lease: &Lease) -> Result<()> {
    // A refusal says that somebody else holds it by now: then it is not ours to give back.
    let write = Write::update(row(&lease.org, &lease.store), "SET #released = :token REMOVE #until")
        .when("#token = :token")
        .with(":token", n(lease.token));
    table.one("lanes.release", write).await.map(|_| ())
}

pub(super) async fn break_it(table: &Table, org: &OrgId, store: &StoreId) -> Result<()> {
    // The token grows, so that the old holder is told apart should it live after all.
    let write = Write::update(row(org, store), "REMOVE #until ADD #token :one").with(":one", n(1_u64));
    table.one("lanes.break_lease", write).await.map(|_| ())
}

pub(super) async fn rest(table: &Table, org: &OrgId, store: &StoreId, until: Timestamp) -> Result<()> {
    // A refusal says that the lane keeps still for longer already.
    let write = Write::update(still(org, store), "SET #until = :until")
        .when("attribute_not_exists(#until) OR #until < :until")
        .with(":until", s(moment(until)));
    table.one("lanes.rest", write).await.map(|_| ())
}

pub(super) async fn resting(table: &Table, org: &OrgId, store: &StoreId) -> Result<Option<Timestamp>> {
    let row = table.get("lanes.resting", &still(org, store)).await?;
    row.map_or(Ok(None), |row| maybe_moment(&row, "until"))
}
