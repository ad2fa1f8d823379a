//! One step of a shadow: pure.
//!
//! A shadow keeps, per link, the *offset*: the sum of all that would have been written. What the shop would show is its
//! explained number plus the offset; both are counters that only move, so the order in which sales are booked does not
//! matter. The shop's own sales move the explained number; where that leaves less than nothing of what the shop would
//! have shown, units were sold that it would not have offered any more: other shops had sold them. They are counted
//! as prevented, except
//!
//! - those by which the shop's own number went below zero: it would have sold them whatever was written, and
//! - those of orders that were placed before the latest write: the write might have come too late for them.

use domain::{Delta, OnHand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ports::{PreventedSale, Shadow, ShadowDay, ShadowWrite};
use rust_decimal::Decimal;

/// Days that are kept.
const DAYS: usize = 60;
/// Writes and prevented sales of a day that are kept with their time and cause.
const TOLD: usize = 5;

/// The units that were sold though the shop would have had none of them any more.
pub(crate) fn oversold(shadow: &Shadow, explained: OnHand) -> Delta {
    let would_show = explained.moved(shadow.offset);
    let floor = explained.min(OnHand::ZERO);
    if would_show < floor { floor.since(would_show) } else { Delta::ZERO }
}

/// When the shadow last would have written.
pub(crate) fn last_write(shadow: &Shadow) -> Option<Timestamp> {
    shadow.days.iter().find_map(|day| day.writes.first()).map(|write| write.at)
}

/// Notes units that were oversold: the shop would have sold none of them, so it would show that many more. Of them,
/// `sales` would have been prevented.
pub(crate) fn note_oversold(shadow: &mut Shadow, units: Delta, sales: Vec<PreventedSale>, now: Timestamp) {
    shadow.offset = shadow.offset + units;
    let sold: Delta = sales.iter().map(|sale| sale.units).sum();
    let prevented = if sold.units() > units.units() { units } else { sold };
    if prevented.is_zero() {
        return;
    }
    on(shadow, now, |day| {
        day.units_prevented = day.units_prevented + prevented;
        for sale in sales {
            day.prevented.insert(0, sale);
        }
        day.prevented.truncate(TOLD);
    });
}

/// Notes a write that would bring the shop from what it would show to `to`; false if it would show that already.
pub(crate) fn note_write(shadow: &mut Shadow, explained: OnHand, to: OnHand, cause: Cause) -> bool {
    let from = explained.moved(shadow.offset);
    let by = to.since(from);
    if by.is_zero() {
        return false;
    }
    shadow.offset = shadow.offset + by;
    let Cause { at, since, cause } = cause;
    let units = Delta::new(by.units().abs());
    on(shadow, at, |day| {
        if by.lowers() {
            day.lowered += 1;
            day.units_lowered = day.units_lowered + units;
        } else {
            day.raised += 1;
            day.units_raised = day.units_raised + units;
        }
        day.writes.insert(0, ShadowWrite { from, to, at, since, cause });
        day.writes.truncate(TOLD);
    });
    true
}

/// Why and when.
pub(crate) struct Cause {
    pub(crate) at: Timestamp,
    pub(crate) since: Timestamp,
    pub(crate) cause: String,
}

/// The units of a sale that count as prevented, one sale after the other, at most `left` together.
pub(crate) fn counted(units: Decimal, left: &mut Decimal) -> Option<Delta> {
    let counted = units.min(*left);
    if counted <= Decimal::ZERO {
        return None;
    }
    *left -= counted;
    Some(Delta::new(counted))
}

/// Notes something on the day of a time.
fn on(shadow: &mut Shadow, now: Timestamp, note: impl FnOnce(&mut ShadowDay)) {
    let day = now.to_zoned(TimeZone::UTC).date();
    if let Some(known) = shadow.days.iter_mut().find(|known| known.day == day) {
        return note(known);
    }
    let mut new = ShadowDay {
        day,
        lowered: 0,
        units_lowered: Delta::ZERO,
        raised: 0,
        units_raised: Delta::ZERO,
        units_prevented: Delta::ZERO,
        writes: Vec::new(),
        prevented: Vec::new(),
    };
    note(&mut new);
    shadow.days.insert(0, new);
    shadow.days.truncate(DAYS);
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::product::Sku;
    use domain::{ItemId, LinkId, OrgId, StoreId};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn shadow() -> Shadow {
        Shadow {
            org: OrgId::derive(&["o"]),
            store: StoreId::derive(&["s"]),
            link: LinkId::derive(&["l"]),
            item: ItemId::derive(&["i"]),
            sku: Sku::read("T-1").unwrap(),
            since: at(0),
            offset: Delta::ZERO,
            days: Vec::new(),
            version: 0,
        }
    }

    fn write(shadow: &mut Shadow, explained: i64, to: i64, seconds: i64) -> bool {
        let cause = Cause { at: at(seconds), since: at(seconds), cause: "order 1 open".into() };
        note_write(shadow, OnHand::whole(explained), OnHand::whole(to), cause)
    }

    fn sale(units: i64) -> PreventedSale {
        PreventedSale { order: None, number: "7".into(), units: Delta::whole(units), at: at(9) }
    }

    #[test]
    fn a_write_is_noted_once_and_the_shops_own_sales_need_none() {
        let mut one = shadow();
        // The shop shows 5; another shop sold 2.
        assert!(write(&mut one, 5, 3, 1));
        assert!(!write(&mut one, 5, 3, 2), "it would show that already");
        // It sells one itself: 4 explained, 2 left in all.
        assert!(!write(&mut one, 4, 2, 3));
        // Another shop gives 1 back.
        assert!(write(&mut one, 4, 3, 4));
        assert_eq!(one.offset, Delta::whole(-1));
        assert_eq!(one.days.len(), 1);
        let day = &one.days[0];
        assert_eq!((day.lowered, day.raised), (1, 1));
        assert_eq!((day.units_lowered, day.units_raised), (Delta::whole(2), Delta::whole(1)));
        let noted: Vec<_> = day.writes.iter().map(|write| (write.from, write.to)).collect();
        let whole = |from, to| (OnHand::whole(from), OnHand::whole(to));
        assert_eq!(noted, [whole(2, 3), whole(5, 3)]);
        assert_eq!(last_write(&one), Some(at(4)));
    }

    #[test]
    fn a_sale_of_units_that_others_had_sold_is_oversold_once() {
        let mut one = shadow();
        // It shows 5 and all 5 are sold elsewhere: it would have shown none. Then it sells 2 of its 5.
        assert!(write(&mut one, 5, 0, 1));
        assert_eq!(oversold(&one, OnHand::whole(5)), Delta::ZERO);
        assert_eq!(oversold(&one, OnHand::whole(3)), Delta::whole(2));
        note_oversold(&mut one, Delta::whole(2), vec![sale(2)], at(9));
        assert_eq!(oversold(&one, OnHand::whole(3)), Delta::ZERO, "each unit counts once");
        assert!(!write(&mut one, 3, 0, 10), "it would show none, as before");
        assert_eq!(one.days[0].units_prevented, Delta::whole(2));
        assert_eq!(one.days[0].prevented.len(), 1);
    }

    #[test]
    fn what_the_shop_oversold_by_itself_and_what_came_too_late_are_not_prevented() {
        let mut one = shadow();
        assert!(write(&mut one, 1, 0, 1));
        // It takes backorders: of its one unit it sells three. Two of them went below its own zero.
        assert_eq!(oversold(&one, OnHand::whole(-2)), Delta::whole(1));
        // No order of these was placed after the write: none counts, and the shadow goes on as if all were sold.
        note_oversold(&mut one, Delta::whole(1), vec![], at(9));
        assert_eq!(oversold(&one, OnHand::whole(-2)), Delta::ZERO);
        assert!(one.days.iter().all(|day| day.units_prevented.is_zero()));
        // A backorder alone is no oversale of ours.
        assert_eq!(oversold(&shadow(), OnHand::whole(-2)), Delta::ZERO);
    }

    #[test]
    fn sales_count_up_to_what_was_oversold() {
        let mut left = Decimal::from(3);
        let counts: Vec<_> = [2, 2, 2].map(|units| counted(units.into(), &mut left)).into();
        assert_eq!(counts, [Some(Delta::whole(2)), Some(Delta::whole(1)), None]);
        let mut none = Decimal::from(1);
        assert_eq!(counted(Decimal::from(-1), &mut none), None);
    }

    #[test]
    fn weeks_of_it_stay_small() {
        let mut one = shadow();
        for step in 0..5_000_i64 {
            let seconds = step * 24 * 3600 / 50;
            write(&mut one, 5, step % 5, seconds);
            note_oversold(&mut one, Delta::whole(1), vec![sale(1)], at(seconds));
        }
        assert_eq!(one.days.len(), DAYS);
        assert!(one.days.iter().all(|day| day.writes.len() <= TOLD && day.prevented.len() <= TOLD));
        assert!(one.days.is_sorted_by(|new, old| new.day > old.day));
        assert!(serde_json::to_vec(&one).unwrap().len() < 120_000);
    }
}
