//! Writing the numbers that the shop shows: compared with what the books explain, each under a key of its own.

use std::borrow::Cow;

use async_trait::async_trait;
use domain::{OnHand, RemoteVariantId};
use platform::{Ctx, ErrorKind, Outcome, PushStock, Result, StockWrite};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

use crate::Shopify;
use crate::call::Shop;
use crate::documents::Document;
use crate::levels::{Look, Standing, standings};
use crate::moves::{Move, Verdict, plan, send};
use crate::refusal::{UserError, shown};
use crate::wire::loose::gid;
use crate::write_key::key;

const OP: &str = "push_stock";

#[async_trait]
impl PushStock for Shopify {
    async fn push_stock(&self, ctx: &Ctx<'_>, writes: &[StockWrite]) -> Result<Vec<Outcome>> {
        let shop = Shop::open(ctx)?;
        let mut outcomes: Vec<Option<Outcome>> = writes.iter().map(at_once).collect();
        let open: Vec<usize> =
            (0..writes.len()).filter(|row| matches!(outcomes.get(*row), Some(None))).collect();
        let location = shop.credentials.found.as_ref().and_then(|found| found.location.clone());
        let round = match &location {
            Some(location) => at_the_one(&shop, writes, &open, location).await?,
            None => everywhere(&shop, writes, &open, "").await?,
        };
        let mut apart: Vec<usize> = Vec::new();
        for (row, settled) in round {
            match settled {
                Settled::Over(outcome) => set(&mut outcomes, row, outcome),
                Settled::Apart => apart.push(row),
            }
        }
        if !apart.is_empty() {
            // The shop has more locations than were known when it was connected. What was written is written: from
            // here on an error leaves the rest open.
            let round = everywhere(&shop, writes, &apart, "everywhere").await.unwrap_or_default();
            for (row, settled) in round {
                if let Settled::Over(outcome) = settled {
                    set(&mut outcomes, row, outcome);
                }
            }
        }
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Unknown)).collect())
    }
}

/// What became of a row in one round.
enum Settled {
    /// It is over.
    Over(Outcome),
    /// Its number lies at several locations after all.
    Apart,
}

fn set(outcomes: &mut [Option<Outcome>], row: usize, outcome: Outcome) {
    if let Some(place) = outcomes.get_mut(row) {
        *place = Some(outcome);
    }
}

fn refused(why: impl Into<Cow<'static, str>>) -> Outcome {
    Outcome::Refused { why: why.into() }
}

/// The outcome of a row that needs no call.
fn at_once(write: &StockWrite) -> Option<Outcome> {
    let (compare, value) = (write.compare.units(), write.value.units());
    if !compare.is_integer() || !value.is_integer() {
        return Some(refused("Shopify counts whole units only; bring the item's number to whole units"));
    }
    (compare == value).then_some(Outcome::Applied { now: None })
}

/// What is known of a row's variant, or why it cannot be written.
fn writable<'a>(
    found: &'a std::collections::BTreeMap<RemoteVariantId, Standing>,
    write: &StockWrite,
) -> Result<&'a Standing, Outcome> {
    match found.get(&write.variant.variant) {
        None => Err(refused("the shop does not have this variant any more; it was deleted")),
        Some(standing) if !standing.tracked => Err(refused(
            "the shop does not count this variant; switch on \u{201c}Track quantity\u{201d} for it in the shop",
        )),
        Some(standing) => Ok(standing),
    }
}

/// Writes at the one location that the shop has: the number there is the number that the books know.
async fn at_the_one(
    shop: &Shop<'_>,
    writes: &[StockWrite],
    rows: &[usize],
    location: &str,
) -> Result<Vec<(usize, Settled)>> {
    let open = |row: &usize| writes.get(*row).map(|write| (*row, write));
    let names: Vec<&RemoteVariantId> =
        rows.iter().filter_map(open).map(|(_, write)| &write.variant.variant).collect();
    let found = standings(shop, OP, &names, Look::At(location)).await?;
    let mut settled = Vec::with_capacity(rows.len());
    let mut moves = Vec::new();
    for (row, write) in rows.iter().filter_map(open) {
        let standing = match writable(&found, write) {
            Ok(standing) => standing,
            Err(outcome) => {
                settled.push((row, Settled::Over(outcome)));
                continue;
            }
        };
        if !standing.stocked
            && let Some(outcome) = stock_at(shop, write, &standing.item, location).await?
        {
            settled.push((row, Settled::Over(outcome)));
            continue;
        }
        let places = vec![(location.to_owned(), write.compare.units(), write.value.units())];
        moves.push(Move { row, item: standing.item.clone(), places, key: key(&write.write, "") });
    }
    let mut stale = Vec::new();
    for (moved, verdict) in send(shop, OP, writes, moves).await? {
        let row = moved.row;
        match verdict {
            Verdict::Done => settled.push((row, Settled::Over(done(writes, row)))),
            Verdict::Stale => stale.push(row),
            Verdict::Nowhere => settled.push((row, Settled::Apart)),
            Verdict::Known | Verdict::Unknown => settled.push((row, Settled::Over(Outcome::Unknown))),
            Verdict::Refused(why) => settled.push((row, Settled::Over(refused(why)))),
        }
    }
    for (row, seen) in seen(shop, writes, &stale).await {
        // The number at the location is not what is compared, but the sum is, or is what was to be written: units lie
        // elsewhere too, and an earlier attempt may have moved them there.
        let apart = seen
            .zip(writes.get(row))
            .is_some_and(|(seen, write)| seen == write.compare || seen == write.value);
        settled.push((row, if apart { Settled::Apart } else { Settled::Over(Outcome::Stale { seen }) }));
    }
    Ok(settled)
}

fn done(writes: &[StockWrite], row: usize) -> Outcome {
    // What the shop compared with was right, so what it shows is what was written.
    Outcome::Applied { now: writes.get(row).map(|write| write.value) }
}

/// What the shop shows for rows that it refused; none where that cannot be read now.
async fn seen(shop: &Shop<'_>, writes: &[StockWrite], rows: &[usize]) -> Vec<(usize, Option<OnHand>)> {
    if rows.is_empty() {
        return Vec::new();
    }
    let names: Vec<&RemoteVariantId> =
        rows.iter().filter_map(|row| writes.get(*row)).map(|write| &write.variant.variant).collect();
    let found = standings(shop, OP, &names, Look::Sum).await.unwrap_or_default();
    let level = |row: &usize| {
        let standing = found.get(&writes.get(*row)?.variant.variant)?;
        standing.tracked.then(|| OnHand::new(standing.sum))
    };
    rows.iter().map(|row| (*row, level(row))).collect()
}

/// Writes where the shop has several locations: what is available at one of them is compared, so that the sum moves
/// from what the books explain to what it shall be.
async fn everywhere(
    shop: &Shop<'_>,
    writes: &[StockWrite],
    rows: &[usize],
    part: &str,
) -> Result<Vec<(usize, Settled)>> {
    let open = |row: &usize| writes.get(*row).map(|write| (*row, write));
    let names: Vec<&RemoteVariantId> =
        rows.iter().filter_map(open).map(|(_, write)| &write.variant.variant).collect();
    let found = standings(shop, OP, &names, Look::Everywhere).await?;
    let mut settled = Vec::with_capacity(rows.len());
    let mut moves = Vec::new();
    for (row, write) in rows.iter().filter_map(open) {
        match writable(&found, write) {
            Err(outcome) => settled.push((row, Settled::Over(outcome))),
            Ok(standing) => match plan(standing, write.compare.units(), write.value.units()) {
                Some(places) => {
                    let key = key(&write.write, part);
                    moves.push(Move { row, item: standing.item.clone(), places, key });
                }
                None => settled.push((
                    row,
                    Settled::Over(refused(
                        "the shop stocks this variant at no location; stock it at one of them in the shop",
                    )),
                )),
            },
        }
    }
    let mut stale = Vec::new();
    for (moved, verdict) in send(shop, OP, writes, moves).await? {
        let row = moved.row;
        let Some(write) = writes.get(row) else { continue };
        let sum = found.get(&write.variant.variant).map_or(Decimal::ZERO, |standing| standing.sum);
        let outcome = match verdict {
            Verdict::Done if sum == write.compare.units() => done(writes, row),
            // It was done before: what the shop shows now is what was read.
            Verdict::Done => Outcome::Applied { now: Some(OnHand::new(sum)) },
            Verdict::Stale => {
                stale.push(row);
                continue;
            }
            // The shop knows the write with other numbers: it was sent before, and done or refused then. Which one it
            // was, the sum says.
            Verdict::Known if sum == write.value.units() => Outcome::Applied { now: Some(write.value) },
            Verdict::Known if sum == write.compare.units() => Outcome::Stale { seen: Some(write.compare) },
            Verdict::Known | Verdict::Unknown => Outcome::Unknown,
            // A location was closed since it was read: nothing was written, and the next look is without it.
            Verdict::Nowhere => Outcome::Stale { seen: None },
            Verdict::Refused(why) => refused(why),
        };
        settled.push((row, Settled::Over(outcome)));
    }
    let seen = seen(shop, writes, &stale).await;
    settled.extend(seen.into_iter().map(|(row, seen)| (row, Settled::Over(Outcome::Stale { seen }))));
    Ok(settled)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stocked {
    inventory_activate: Option<Complaints>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaints {
    user_errors: Vec<UserError>,
}

/// Stocks a variant at the location; an outcome if the shop refuses.
async fn stock_at(
    shop: &Shop<'_>,
    write: &StockWrite,
    item: &str,
    location: &str,
) -> Result<Option<Outcome>> {
    let variables = json!({
        "item": gid("InventoryItem", item),
        "location": gid("Location", location),
        "key": key(&write.write, "stock"),
    });
    let answer = match shop.change(OP, Document::StockAtLocation, variables).await {
        Ok(answer) => answer,
        // No number was written by it: whether it took effect shows when the number is.
        Err(error) if error.may_have_taken_effect => return Ok(Some(Outcome::Unknown)),
        Err(error) if error.kind == ErrorKind::Rejected => return Ok(Some(refused(error.message))),
        Err(error) => return Err(error),
    };
    let errors = answer.shaped::<Stocked>()?.inventory_activate.map(|it| it.user_errors).unwrap_or_default();
    Ok(errors
        .first()
        .map(|error| refused(format!("the shop refuses to stock it: {}", shown(&error.message)))))
}
