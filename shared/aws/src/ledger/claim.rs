//! Claims: item, link and match of a variant in one transaction, where nobody else can claim the same.
//!
//! The row of an item names the stores that were ever linked to it. A store's first link puts its name there, and
//! its condition is that it is not there yet: so of two variants of a store that claim one SKU at the same time,
//! one finds the other's mark, whoever comes first.

use std::collections::{HashMap, HashSet};

use domain::{ItemId, OrgId};
use futures::{StreamExt, TryStreamExt};
use ports::{Claim, Claimed, ErrorKind, Result};

use super::{item, link};
use crate::Table;
use crate::table::{All, Key, MOST_ACTIONS, MOST_BYTES, Row, Write};

const OP: &str = "ledger.claim";
/// A claim writes its item, its link with two names, and its match.
const ACTIONS: usize = 5;
/// So many transactions are under way at once.
const AT_ONCE: usize = 4;

pub(super) async fn put(table: &Table, claims: &[Claim]) -> Result<Vec<Claimed>> {
    let mut answers = vec![Claimed::Contested; claims.len()];
    let mut known: HashSet<(&OrgId, &ItemId)> = HashSet::with_capacity(claims.len());
    let mut firsts = Vec::with_capacity(claims.len());
    let mut items = Vec::with_capacity(claims.len());
    for (place, claim) in claims.iter().enumerate() {
        if known.insert((&claim.link.org, &claim.item.id)) {
            firsts.push(place);
            items.push(item::own(&claim.link.org, &claim.item.id));
        }
    }
    let standing = table.many(OP, items).await?;
    let chunks: Vec<Vec<usize>> = firsts.chunks(MOST_ACTIONS / ACTIONS).map(<[usize]>::to_vec).collect();
    let done: Vec<Vec<usize>> = futures::stream::iter(chunks)
        .map(|chunk| put_chunk(table, claims, chunk, &standing))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for place in done.into_iter().flatten() {
        if let Some(answer) = answers.get_mut(place) {
            *answer = Claimed::Done;
        }
    }
    Ok(answers)
}

/// Writes what nobody contests of the claims at some places, which are to different items, and says which.
async fn put_chunk(
    table: &Table,
    claims: &[Claim],
    mut left: Vec<usize>,
    standing: &HashMap<Key, Row>,
) -> Result<Vec<usize>> {
    let mut done = Vec::with_capacity(left.len());
    let mut most = left.len();
    while !left.is_empty() {
        let mut asked = Vec::new();
        let mut writes = Vec::new();
        let mut taken = 0;
        let mut bytes = 0;
        for (place, claim) in left.iter().take(most).filter_map(|place| Some((*place, claims.get(*place)?))) {
            let more = writes_of(claim, standing)?;
            bytes += more.iter().map(Write::bytes).sum::<usize>();
            if bytes > MOST_BYTES && taken > 0 {
                break;
            }
            taken += 1;
            if !more.is_empty() {
                asked.push(place);
                writes.extend(more);
            }
        }
        match table.all(OP, writes).await {
            Ok(All::Done) => {
                left.drain(..taken);
                done.extend(asked);
            }
            Ok(All::Refused(places)) => {
                let refused: HashSet<usize> =
                    places.iter().filter_map(|place| asked.get(place / ACTIONS).copied()).collect();
                left.retain(|place| !refused.contains(place));
            }
            Err(error) if error.kind == ErrorKind::Conflict && taken > 1 => most = (taken / 2).max(1),
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// The writes of a claim; none if it is contested.
fn writes_of(claim: &Claim, standing: &HashMap<Key, Row>) -> Result<Vec<Write>> {
    let (org, store) = (&claim.link.org, &claim.link.store);
    let row = standing.get(&item::own(org, &claim.item.id));
    let Some(item) = item::first_of(org, &claim.item, store, row)? else { return Ok(Vec::new()) };
    let matching = crate::catalog::matching(org, store, &claim.variant, &claim.item.id)?;
    let mut writes = vec![item, matching];
    writes.extend(link::keep(&claim.link)?);
    Ok(writes)
}
