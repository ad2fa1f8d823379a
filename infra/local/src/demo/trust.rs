//! What a merchant can see and check: a rehearsal before writing begins, freshness, and a difference from its being
//! found to its being settled.

use std::io::Write;
use std::time::{Duration, Instant};

use domain::StoreId;
use hub::drift::{Drift, Standing, Will};
use hub::freshness::Fresh;
use hub::rehearse::Rehearse;
use hub::settle::{Right, Settle};
use ports::Ask;

use super::Failure;
use super::stand::Stand;
use super::truth::Followed;
use crate::desk::Desk;

/// How long a difference may take until a person is asked about it, and until it is settled.
const ASKED: Duration = Duration::from_secs(90);
/// Units that somebody types on top of a number.
const TYPED: i64 = 5;

/// Rehearses writing to a store, tells what it would change, and begins as it was rehearsed.
pub(crate) async fn rehearse_and_start(
    desk: &Desk,
    store: &StoreId,
    out: &mut (dyn Write + Send),
) -> Result<(), Failure> {
    let rehearse = Rehearse::new(&desk.outside);
    let rehearsal = rehearse.rehearse(&desk.org, store).await?;
    let money = |sums: &[domain::money::Money]| {
        sums.iter().map(|sum| format!(", {sum}")).collect::<Vec<_>>().concat()
    };
    writeln!(
        out,
        "  rehearsed: writing would lower {} ({} units{}) and raise {} ({} units{}) of {} numbers",
        rehearsal.lowered,
        rehearsal.units_lowered.units(),
        money(&rehearsal.money_lowered),
        rehearsal.raised,
        rehearsal.units_raised.units(),
        money(&rehearsal.money_raised),
        rehearsal.links
    )?;
    rehearse.start(&desk.org, store, &rehearsal.digest).await?;
    writeln!(out, "  approved as {}; it begins now", rehearsal.digest)?;
    Ok(())
}

/// Tells how long sales took to every shop.
pub(crate) async fn tell_freshness(desk: &Desk, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    let fresh = Fresh::new(&desk.outside).all(&desk.org).await?;
    let time = |millis: Option<u64>| millis.map_or_else(|| "-".to_owned(), |millis| format!("{millis} ms"));
    let every = fresh.every_shop;
    writeln!(out, "From a sale being seen to every other shop showing it, over {} sales:", every.samples)?;
    writeln!(out, "  p50 {}, p95 {}, p99 {}", time(every.p50_ms), time(every.p95_ms), time(every.p99_ms))?;
    for store in fresh.stores {
        let (times, oldest) = (store.times, time(store.oldest_sale_ms));
        let (half, most) = (time(times.p50_ms), time(times.p99_ms));
        writeln!(out, "  {}: p50 {half}, p99 {most}; oldest sale on its way: {oldest}", store.name)?;
    }
    Ok(())
}

/// Somebody types a number into a shop: it is found, waited for, asked about, and settled in one step. False if not.
pub(crate) async fn differ_and_settle(
    desk: &Desk,
    shops: &[Stand],
    followed: &Followed,
    out: &mut (dyn Write + Send),
) -> Result<bool, Failure> {
    let typed = followed.0.iter().find_map(|(sku, places)| {
        let (shop, id) = places.iter().find(|_| places.len() > 1)?;
        let stand = shops.get(*shop).filter(|stand| matches!(stand, Stand::WooCommerce(_)))?;
        Some((sku, stand, *id, stand.quantity(*id).filter(|shown| *shown >= 0)?))
    });
    let Some((sku, stand, id, shown)) = typed else { return Ok(true) };
    writeln!(out, "Somebody types {} over {shown} of {sku} at {}.", shown + TYPED, stand.address())?;
    stand.type_number(id, shown + TYPED);
    let began = Instant::now();
    let mut told = String::new();
    let found = loop {
        let standing = standing_of(desk, sku).await?;
        if let Some(one) = &standing
            && told != one.says
        {
            writeln!(
                out,
                "  drift: we believe {}, it differs by {}. {}",
                one.explained, one.difference, one.says
            )?;
            told.clone_from(&one.says);
        }
        match standing {
            Some(one) if one.will == Will::AskPerson && one.settle.is_some() => break one,
            _ if began.elapsed() > ASKED => return Ok(false),
            _ => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    };
    let Some(settle) = found.settle else { return Ok(false) };
    writeln!(out, "  settled: {}", settle.books)?;
    Settle::new(&desk.outside).exception(&desk.org, &settle.exception, Some(Right::Books)).await?;
    let began = Instant::now();
    while stand.quantity(id) != Some(shown) {
        if began.elapsed() > ASKED {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    writeln!(out, "  the shop shows {shown} again after {} ms", began.elapsed().as_millis())?;
    Ok(true)
}

/// How the number of a SKU stands in the store where it is not right.
async fn standing_of(desk: &Desk, sku: &str) -> Result<Option<Standing>, Failure> {
    let drift = Drift::new(&desk.outside);
    for store in desk.outside.directory.stores(&desk.org).await? {
        let mut ask = Ask::first(200);
        loop {
            let page = drift.of_store(&store, false, &ask).await?;
            if let Some(one) = page.items.into_iter().find(|one| one.sku.as_str() == sku) {
                return Ok(Some(one));
            }
            match page.next {
                Some(next) => ask = Ask::after(200, Some(next)),
                None => break,
            }
        }
    }
    Ok(None)
}
