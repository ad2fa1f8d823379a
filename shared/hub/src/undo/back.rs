//! Whether one number goes back to what it was before our writes, from what is kept of them.

use domain::OnHand;
use domain::link::Link;
use jiff::Timestamp;
use ports::{Answer, WriteNote};
use serde::Serialize;

/// What undoing means for one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Back {
    /// It shows what we wrote last, and is set back.
    SetBack {
        /// What it shows.
        from: OnHand,
        /// What it showed before our first write of that time.
        to: OnHand,
    },
    /// Our last write gave it what it showed before the first one: nothing is left to do.
    AsBefore {
        /// What it showed before, and was given again.
        level: OnHand,
    },
    /// It is left as it is.
    Left {
        /// Why.
        why: Left,
    },
}

/// Why a number is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// A write's outcome is not known yet.
    WriteUnderWay,
    /// The shop shows a number that neither orders nor our writes explain.
    Unexplained,
    /// Something newer than our first write of that time moved it: an order, a count, what a person settled.
    Moved,
    /// What came of one of our writes is not kept: what the shop showed before is not known.
    TraceLost,
    /// The shop does not list it any more, or does not count it.
    NotListed,
}

/// What undoing our writes since a time means for a link; none if nothing was written to it since. `notes` are those of
/// its writes, the newest first, at least all since that time.
pub fn back(link: &Link, notes: &[WriteNote], since: Timestamp) -> Option<Back> {
    let written = link.written.filter(|written| written.at >= since)?;
    let left = |why| Some(Back::Left { why });
    let taken: Vec<&WriteNote> =
        notes.iter().filter(|note| note.answer == Answer::Taken && note.at >= since).collect();
    if link.inflight.is_some() {
        return left(Left::WriteUnderWay);
    }
    let (Some(last), Some(first)) = (taken.first(), taken.last()) else { return left(Left::TraceLost) };
    if last.at < written.at || last.value != written.level {
        return left(Left::TraceLost);
    }
    if last.value == first.compare {
        return Some(Back::AsBefore { level: last.value });
    }
    let shows_other =
        link.seen.is_some_and(|seen| seen.at >= written.at && Some(seen.level) != link.explained);
    if link.explained != Some(last.value) {
        return left(Left::Moved);
    }
    if link.unexplained.is_some() || shows_other {
        return left(Left::Unexplained);
    }
    // What moved between two of our writes was an order or a count: to go behind it would undo that, too.
    let mut newer = last;
    for older in taken.iter().skip(1) {
        if newer.compare != older.value {
            return left(Left::Moved);
        }
        newer = older;
    }
    Some(Back::SetBack { from: last.value, to: first.compare })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::link::{Inflight, Listed, Reading, Unexplained};
    use domain::product::Sku;
    use domain::{Delta, ItemId, LinkId, OrgId, RemoteProductId, RemoteVariantId, StoreId, WriteId};
    use jiff::SignedDuration;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn link(explained: i64, written: Option<(i64, i64)>) -> Link {
        let listed = Listed {
            variant: RemoteVariantId::new("1"),
            product: RemoteProductId::new("1"),
            sku: Sku::read("A").unwrap(),
        };
        let mut link =
            Link::new(OrgId::derive(&["o"]), StoreId::derive(&["s"]), ItemId::derive(&["A"]), listed);
        link.explained = Some(OnHand::whole(explained));
        link.written = written.map(|(level, time)| Reading { level: OnHand::whole(level), at: at(time) });
        link
    }

    fn note(time: i64, compare: i64, value: i64) -> WriteNote {
        WriteNote {
            org: OrgId::derive(&["o"]),
            store: StoreId::derive(&["s"]),
            link: LinkId::derive(&["l"]),
            write: WriteId::derive(&["w"]),
            compare: OnHand::whole(compare),
            value: OnHand::whole(value),
            answer: Answer::Taken,
            shown: None,
            at: at(time),
        }
    }

    fn to(from: i64, to: i64) -> Option<Back> {
        Some(Back::SetBack { from: OnHand::whole(from), to: OnHand::whole(to) })
    }

    fn left(why: Left) -> Option<Back> {
        Some(Back::Left { why })
    }

    #[test]
    fn a_number_goes_back_behind_all_writes_of_the_time_and_no_further() {
        let notes = [note(30, 20, 25), note(20, 9, 20), note(10, 4, 9)];
        let shop = link(25, Some((25, 30)));
        assert_eq!(back(&shop, &notes, at(15)), to(25, 9));
        assert_eq!(back(&shop, &notes, at(30)), to(25, 20));
        assert_eq!(back(&shop, &notes, at(0)), to(25, 4));
        assert_eq!(back(&shop, &notes, at(31)), None, "nothing was written since");
        assert_eq!(back(&link(5, None), &[], at(0)), None);
        let refused = WriteNote { answer: Answer::NotTaken, ..note(35, 25, 1) };
        let with = [refused, notes[0].clone()];
        assert_eq!(back(&shop, &with, at(30)), to(25, 20), "what was not taken is nothing");
    }

    #[test]
    fn what_is_newer_stays() {
        let notes = [note(30, 20, 25), note(20, 9, 20)];
        assert_eq!(back(&link(24, Some((25, 30))), &notes, at(15)), left(Left::Moved), "a sale since");
        let sold_between = [note(30, 19, 25), note(20, 9, 20)];
        assert_eq!(back(&link(25, Some((25, 30))), &sold_between, at(15)), left(Left::Moved));
        let mut shop = link(25, Some((25, 30)));
        shop.unexplained =
            Some(Unexplained { difference: Delta::whole(-1), since: at(40), explained: None, version: None });
        assert_eq!(back(&shop, &notes, at(15)), left(Left::Unexplained));
        shop.unexplained = None;
        shop.seen = Some(Reading { level: OnHand::whole(24), at: at(35) });
        assert_eq!(back(&shop, &notes, at(15)), left(Left::Unexplained));
        shop.seen = None;
        let write = WriteId::derive(&["w"]);
        let (compare, value) = (OnHand::whole(25), OnHand::whole(9));
        shop.inflight = Some(Inflight { write, compare, value, at: at(50) });
        assert_eq!(back(&shop, &notes, at(15)), left(Left::WriteUnderWay));
    }

    #[test]
    fn a_second_run_finds_its_work_done() {
        let notes = [note(50, 25, 9), note(30, 20, 25), note(20, 9, 20)];
        let done = Some(Back::AsBefore { level: OnHand::whole(9) });
        assert_eq!(back(&link(9, Some((9, 50))), &notes, at(15)), done);
        assert_eq!(back(&link(8, Some((9, 50))), &notes, at(15)), done, "sold again since");
    }

    #[test]
    fn a_write_whose_trace_is_lost_is_not_gone_behind() {
        let shop = link(25, Some((25, 30)));
        assert_eq!(back(&shop, &[], at(15)), left(Left::TraceLost));
        assert_eq!(back(&shop, &[note(20, 9, 20)], at(15)), left(Left::TraceLost), "the last one");
        let without_middle = [note(30, 20, 25), note(16, 4, 9)];
        assert_eq!(back(&shop, &without_middle, at(15)), left(Left::Moved), "one between");
    }
}
