//! What will be done about one number, as a push and a check would decide it: pure.

use domain::link::Inflight;
use domain::store::{Condition, Phase, Store};
use domain::{Delta, OnHand};
use jiff::Timestamp;
use serde::Serialize;

use crate::authority::Ruling;
use crate::settle::Right;
use crate::target::Aim;

/// What holds a raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// A message of the store that may be a sale could not be read.
    UnreadMessage,
    /// An order that moves the item is being booked.
    OrderBeingBooked,
    /// Too many numbers of the store would be raised within a while.
    TooManyRaises,
}

/// What will be done about a number without anybody's doing, or whom it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Will {
    /// Nothing: it is right.
    Nothing,
    /// It is lowered.
    Lower {
        /// The number that the shop will show.
        to: OnHand,
    },
    /// It is raised.
    Raise {
        /// The number that the shop will show.
        to: OnHand,
    },
    /// It is raised once what holds it is gone.
    HoldRaise {
        /// The number that the shop will show.
        to: OnHand,
        /// What holds it.
        why: Hold,
    },
    /// It is found out what became of a write.
    FinishWrite {
        /// What was written.
        value: OnHand,
        /// When.
        since: Timestamp,
    },
    /// An order may explain it that the shop does not list yet: it is looked at again and again, and not raised.
    WaitForOrders {
        /// By then all orders must show; none if that is not known here.
        until: Option<Timestamp>,
    },
    /// The shop is read, to see whether its number still is the one it showed.
    Look,
    /// A person says who is right; until then it is not raised.
    AskPerson,
    /// It waits until the store may be written to.
    WaitForOwner,
}

/// What is known of a number.
#[derive(Debug, Clone)]
pub(super) struct Known<'a> {
    pub(super) store: &'a Store,
    pub(super) aim: Aim,
    pub(super) inflight: Option<&'a Inflight>,
    /// The difference that no order explains, and by when every order must show.
    pub(super) unexplained: Option<(Delta, Option<Timestamp>)>,
    /// Whether a person was asked about it.
    pub(super) asked: bool,
    /// Whether what the shop showed last is neither explained nor older than what was booked or written since.
    pub(super) surprising: bool,
    pub(super) hold: Option<Hold>,
    /// Whose number counts if no order explains it in the end.
    pub(super) ruling: &'a Ruling,
}

/// What will be done.
pub(super) fn will(known: &Known<'_>) -> Will {
    if let Some(inflight) = known.inflight {
        return Will::FinishWrite { value: inflight.value, since: inflight.at };
    }
    if let Some((_, until)) = known.unexplained {
        return if known.asked { Will::AskPerson } else { Will::WaitForOrders { until } };
    }
    if known.surprising {
        return Will::Look;
    }
    let Aim { target: to, by } = known.aim;
    if by.is_zero() {
        return Will::Nothing;
    }
    if !known.store.is_writable() {
        return Will::WaitForOwner;
    }
    match known.hold {
        _ if by.lowers() => Will::Lower { to },
        Some(why) => Will::HoldRaise { to, why },
        None => Will::Raise { to },
    }
}

/// The same for a person, in one or two sentences.
pub(super) fn says(known: &Known<'_>, will: &Will) -> String {
    let store = known.store;
    let to = known.aim.target;
    let meanwhile = if known.unexplained.is_some() && known.aim.by.lowers() && store.is_writable() {
        format!(" It is still lowered, by {}.", -known.aim.by.units())
    } else {
        String::new()
    };
    let then = match known.ruling.right_about(&store.id) {
        None => String::new(),
        Some(Right::Books) => format!(" Then it follows the books, {}.", known.ruling.said()),
        Some(Right::Shop) => {
            format!(" Then its number is taken into the books, {}.", known.ruling.said())
        }
    };
    match will {
        Will::Nothing => "It is right.".to_owned(),
        Will::Lower { .. } => format!("It is lowered to {to}."),
        Will::Raise { .. } => format!("It is raised to {to}."),
        Will::HoldRaise { why: Hold::UnreadMessage, .. } => {
            format!("It is raised to {to} once the unread message is read or passed over: it may be a sale.")
        }
        Will::HoldRaise { why: Hold::OrderBeingBooked, .. } => {
            format!("It is raised to {to} once an order that moves it is booked.")
        }
        Will::HoldRaise { why: Hold::TooManyRaises, .. } => {
            format!("It is raised to {to} once the held raises of {} are let go.", store.name)
        }
        Will::FinishWrite { value, .. } => {
            format!(
                "{value} was written and the answer is not known: it is asked for, and nothing else is sent."
            )
        }
        Will::WaitForOrders { until: Some(until) } => {
            format!(
                "It waits for an order that explains it until {until:.0} and is not raised.{meanwhile}{then}"
            )
        }
        Will::WaitForOrders { until: None } => {
            format!("It waits for an order that explains it and is not raised.{meanwhile}{then}")
        }
        Will::Look => "The shop is asked what it shows now.".to_owned(),
        Will::AskPerson => format!("Say who is right; until then it is not raised.{meanwhile}"),
        Will::WaitForOwner => match (&store.condition, store.phase) {
            (Condition::Active, Phase::Joining | Phase::ReadOnly | Phase::Shadow) => {
                format!("It would show {to}; nothing is written to {} yet.", store.name)
            }
            (Condition::Active, Phase::Writing) => format!("It will show {to}."),
            (Condition::Paused, _) => format!("It will show {to} when {} is resumed.", store.name),
            (Condition::Held { .. }, _) => {
                format!("It will show {to} when {} is connected again.", store.name)
            }
            (Condition::Disconnected, _) => "Nothing: the store was taken out.".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::rules::Authority;
    use domain::{OrgId, PlatformSlug, RemoteShop, StoreId, WriteId};

    const ASKS: Ruling = Ruling { authority: Authority::Ask, own: false };

    fn store(phase: Phase, condition: Condition) -> Store {
        Store {
            id: StoreId::derive(&["s"]),
            org: OrgId::derive(&["o"]),
            platform: PlatformSlug::new("p"),
            shop: RemoteShop::new("s"),
            name: "North".into(),
            address: String::new(),
            currency: None,
            zone: None,
            phase,
            condition,
            opens_books: true,
            location: domain::LocationId::main(),
            created_at: Timestamp::UNIX_EPOCH,
            baseline_at: None,
            writing_since: None,
            allocation: None,
            raises: None,
            version: 1,
        }
    }

    fn known(store: &Store, target: i64, explained: i64) -> Known<'_> {
        let (target, explained) = (OnHand::whole(target), OnHand::whole(explained));
        Known {
            store,
            aim: Aim { target, by: target.since(explained) },
            inflight: None,
            unexplained: None,
            asked: false,
            surprising: false,
            hold: None,
            ruling: &ASKS,
        }
    }

    #[test]
    fn what_waits_says_what_its_rule_will_do() {
        let writes = store(Phase::Writing, Condition::Active);
        let unexplained = Some((Delta::whole(2), None));
        let said = |authority, own| {
            let ruling = Ruling { authority, own };
            let known = Known { unexplained, ruling: &ruling, ..known(&writes, 3, 5) };
            says(&known, &will(&known))
        };
        assert!(said(Authority::Ask, true).ends_with("by 2."));
        assert!(said(Authority::Hub, false).ends_with("the books, by the merchant's rule: the hub counts."));
        let own = Authority::Store { store: writes.id.clone() };
        assert!(said(own, true).ends_with("into the books, by the item's rule: a store counts."));
        let other = Authority::Store { store: StoreId::derive(&["other"]) };
        assert!(said(other, false).ends_with("the books, by the merchant's rule: a store counts."));
    }

    #[test]
    fn lowering_flows_and_a_raise_waits_for_what_holds_it() {
        let writes = store(Phase::Writing, Condition::Active);
        let to = OnHand::whole(3);
        assert_eq!(will(&known(&writes, 3, 3)), Will::Nothing);
        assert_eq!(will(&known(&writes, 3, 5)), Will::Lower { to });
        assert_eq!(will(&known(&writes, 3, 1)), Will::Raise { to });
        for why in [Hold::UnreadMessage, Hold::OrderBeingBooked, Hold::TooManyRaises] {
            let held = Known { hold: Some(why), ..known(&writes, 3, 1) };
            assert_eq!(will(&held), Will::HoldRaise { to, why });
            assert!(says(&held, &will(&held)).contains("once"));
            assert_eq!(will(&Known { hold: Some(why), ..known(&writes, 3, 5) }), Will::Lower { to });
        }
    }

    #[test]
    fn an_unknown_write_comes_first_then_what_nobody_explains() {
        let writes = store(Phase::Writing, Condition::Active);
        let at = Timestamp::from_second(100).unwrap();
        let inflight = Inflight {
            write: WriteId::derive(&["w"]),
            compare: OnHand::whole(5),
            value: OnHand::whole(3),
            at,
        };
        let unexplained = Some((Delta::whole(2), Some(at)));
        let base = Known { unexplained, ..known(&writes, 3, 5) };
        let unknown = Known { inflight: Some(&inflight), ..base.clone() };
        assert_eq!(will(&unknown), Will::FinishWrite { value: OnHand::whole(3), since: at });
        assert_eq!(will(&base), Will::WaitForOrders { until: Some(at) });
        let asked = Known { asked: true, ..base };
        assert_eq!(will(&asked), Will::AskPerson);
        assert!(says(&asked, &Will::AskPerson).ends_with("It is still lowered, by 2."));
        assert_eq!(will(&Known { surprising: true, ..known(&writes, 3, 1) }), Will::Look);
    }

    #[test]
    fn a_store_that_may_not_be_written_to_waits_for_its_owner() {
        let held = Condition::Held { reason: "x".into(), since: Timestamp::UNIX_EPOCH };
        for (phase, condition, said) in [
            (Phase::ReadOnly, Condition::Active, "nothing is written"),
            (Phase::Writing, Condition::Paused, "resumed"),
            (Phase::Writing, held, "connected again"),
        ] {
            let store = store(phase, condition);
            let known = known(&store, 3, 5);
            assert_eq!(will(&known), Will::WaitForOwner);
            assert!(says(&known, &Will::WaitForOwner).contains(said), "{said}");
        }
    }
}
