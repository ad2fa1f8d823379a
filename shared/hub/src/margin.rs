//! What an adaptive buffer comes to: the units that are rarely sold elsewhere before a store is brought down.

use domain::allocation::Margin;
use domain::stock::{Entry, EntryKind};
use domain::{ItemId, OrgId};
use jiff::{SignedDuration, Timestamp};
use ports::{Ask, Ledger};
use rust_decimal::Decimal;

use crate::Result;

/// The latest entries of an item that sales are counted in.
const ENTRIES: u32 = 200;
/// How far back sales are counted.
const BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Fewer entries are all that there are.
const MANY: usize = 100;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Sales at once are added up to so many; of more, in parts.
const PART: i64 = 30;
/// No more than so many units are ever sold at once of a part, for any risk that can be asked for.
const MOST: i64 = 150;

/// Units of an item sold in a day; of a bundle, as many as the sales of its scarcest part take away.
///
/// # Errors
/// What the ledger says.
pub(crate) async fn sold_per_day(
    ledger: &dyn Ledger,
    org: &OrgId,
    item: &ItemId,
    now: Timestamp,
) -> Result<Decimal> {
    let own = ledger.entries(org, item, &Ask::first(ENTRIES)).await?.items;
    let mut most = per_day(&own, now);
    if most.is_zero() {
        for part in ledger.balance(org, item).await?.parts {
            let entries = ledger.entries(org, &part.item, &Ask::first(ENTRIES)).await?.items;
            most = most.max(per_day(&entries, now).checked_div(part.units).unwrap_or_default());
        }
    }
    Ok(most)
}

/// Units sold in a day, by the latest entries of an item, the newest first.
#[must_use]
pub(crate) fn per_day(entries: &[Entry], now: Timestamp) -> Decimal {
    let begin = now - BACK;
    let counted = || entries.iter().take_while(|entry| entry.at >= begin);
    let sold: Decimal =
        counted().filter(|entry| entry.kind == EntryKind::Reserve).map(|entry| entry.reserved.units()).sum();
    // Where so many entries do not reach back so far, they are those of a shorter time.
    let oldest = entries.last().filter(|_| entries.len() >= MANY).map_or(begin, |oldest| oldest.at);
    let millis = now.duration_since(oldest.max(begin)).as_millis();
    let millis = i64::try_from(millis).unwrap_or(DAY).max(DAY / 24);
    sold * Decimal::from(DAY) / Decimal::from(millis)
}

/// The margin of a link whose store is so far behind.
#[must_use]
pub(crate) fn margin(per_day: Decimal, lag_millis: u64, risk: Decimal, at: Timestamp) -> Margin {
    let meanwhile = per_day * Decimal::from(lag_millis) / Decimal::from(DAY);
    Margin { units: rarely_exceeded(meanwhile, risk), per_day: per_day.round_dp(2), lag_millis, at }
}

/// The smallest number of sales that is exceeded at most so rarely, of a hundred times, where so many are expected
/// and each comes by itself (a Poisson distribution).
fn rarely_exceeded(expected: Decimal, risk: Decimal) -> Decimal {
    if expected <= Decimal::ZERO {
        return Decimal::ZERO;
    }
    // Many sales are looked at in parts, each with the risk of the whole: a few units too many are held back.
    let parts = (expected / Decimal::from(PART)).ceil();
    let expected = expected / parts;
    let mut weights = Vec::new();
    let mut weight = Decimal::ONE;
    for sales in 1..=MOST {
        weights.push(weight);
        weight = weight * expected / Decimal::from(sales);
    }
    let all: Decimal = weights.iter().sum();
    let mut beyond = all;
    let mut units = Decimal::ZERO;
    for weight in weights {
        beyond -= weight;
        if beyond * Decimal::ONE_HUNDRED <= all * risk {
            break;
        }
        units += Decimal::ONE;
    }
    units * parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Delta, EntryId, LocationId};

    /// Quantiles of the Poisson distribution as tables give them.
    #[test]
    fn it_is_the_quantile_of_a_poisson_distribution() {
        let table = [
            ("0", "1", 0),
            ("0.01", "1", 0),
            ("0.05", "1", 1),
            ("0.1", "5", 1),
            ("1", "5", 3),
            ("1", "1", 4),
            ("5", "5", 9),
            ("10", "5", 15),
            ("10", "1", 18),
            ("20", "1", 31),
        ];
        for (expected, risk, units) in table {
            let found = rarely_exceeded(expected.parse().unwrap(), risk.parse().unwrap());
            assert_eq!(found, Decimal::from(units), "{expected} expected, {risk} % risk");
        }
        let many = rarely_exceeded(Decimal::from(100_000), Decimal::ONE);
        assert!(many > Decimal::from(100_000) && many < Decimal::from(200_000), "{many}");
    }

    #[test]
    fn sales_are_counted_over_a_week_or_over_what_is_known() {
        let now: Timestamp = "2026-03-08T00:00:00Z".parse().unwrap();
        let entry = |hours: i64, kind, units| Entry {
            id: EntryId::derive(&[&hours.to_string()]),
            item: ItemId::derive(&["i"]),
            location: LocationId::main(),
            kind,
            on_hand: Delta::ZERO,
            reserved: Delta::whole(units),
            cause: String::new(),
            actor: None,
            at: now - SignedDuration::from_hours(hours),
        };
        let two = [
            entry(5, EntryKind::Reserve, 3),
            entry(6, EntryKind::Release, -1),
            entry(30, EntryKind::Reserve, 4),
        ];
        assert_eq!(per_day(&two, now), Decimal::ONE);
        let old = [entry(5, EntryKind::Reserve, 7), entry(24 * 8, EntryKind::Reserve, 700)];
        assert_eq!(per_day(&old, now), Decimal::ONE);
        let busy: Vec<Entry> = (0..200).map(|place| entry(place / 100, EntryKind::Reserve, 1)).collect();
        assert_eq!(per_day(&busy, now), Decimal::from(4800));
        assert_eq!(per_day(&[], now), Decimal::ZERO);
    }
}
