//! What a merchant decides about numbers: whose count is right, when raises stop, how long an order may
//! stand unpaid.

use serde::{Deserialize, Serialize};

use crate::{OrgId, StoreId};

/// Whose number counts where a shop's and the books' part and no order explains it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "owner")]
pub enum Authority {
    /// The books': every shop follows them.
    Hub,
    /// One store's: its number is taken into the books, and all other shops follow them.
    Store {
        /// The store.
        store: StoreId,
    },
    /// A person says so, each time.
    #[default]
    Ask,
}

/// When raises of a store's numbers stop, and a person is asked: too large a share of them within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaiseLimit {
    /// The length of the window, in minutes.
    pub window_minutes: u32,
    /// Of a hundred numbers, so many may be raised within the window.
    pub share_percent: u32,
    /// Fewer raised numbers than this never stop.
    pub links: u32,
}

impl Default for RaiseLimit {
    /// An hour, four of ten numbers, and at least twenty-five.
    fn default() -> Self {
        Self { window_minutes: 60, share_percent: 40, links: 25 }
    }
}

impl RaiseLimit {
    /// Whether so many raised numbers, of so many in all, are too many.
    #[must_use]
    pub fn is_passed(&self, raised: u64, of: u64) -> bool {
        let share = u64::from(self.share_percent).saturating_mul(of);
        raised >= u64::from(self.links) && raised.saturating_mul(100) > share
    }
}

/// What a merchant decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The merchant.
    pub org: OrgId,
    /// Whose number counts, where an item has no rule of its own.
    #[serde(default)]
    pub authority: Authority,
    /// When raises stop.
    #[serde(default)]
    pub raises: RaiseLimit,
    /// How long an order may stand unpaid before its shop is asked about it, in days.
    #[serde(default = "unpaid_days")]
    pub unpaid_days: u32,
    /// Counts the changes of this record; a change names the version that it read.
    #[serde(default)]
    pub version: u64,
}

/// A card payment that was authorized must be captured within seven days with Shopify's own payments (help pages,
/// 2026-11): an order that is still unpaid then is rarely paid at all. WooCommerce calls off unpaid orders after an hour
/// by default, but never those on hold, which have taken their units (documentation, 2026-11).
const UNPAID_DAYS: u32 = 7;

fn unpaid_days() -> u32 {
    UNPAID_DAYS
}

impl Rules {
    /// What holds where a merchant decided nothing.
    #[must_use]
    pub fn of(org: &OrgId) -> Self {
        Self {
            org: org.clone(),
            authority: Authority::default(),
            raises: RaiseLimit::default(),
            unpaid_days: UNPAID_DAYS,
            version: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raises_stop_at_a_share_and_not_below_a_number() {
        let limit = RaiseLimit { window_minutes: 60, share_percent: 40, links: 25 };
        let table = [
            (24, 24, false),
            (25, 25, true),
            (25, 62, true),
            (25, 63, false),
            (40, 100, false),
            (41, 100, true),
            (0, 0, false),
        ];
        for (raised, of, passed) in table {
            assert_eq!(limit.is_passed(raised, of), passed, "{raised} of {of}");
        }
    }

    #[test]
    fn rules_that_say_little_are_the_defaults() {
        let org = OrgId::derive(&["o"]);
        let read: Rules = serde_json::from_str(&format!(r#"{{"org":"{org}"}}"#)).unwrap();
        assert_eq!(read, Rules::of(&org));
        for authority in [Authority::Hub, Authority::Ask, Authority::Store { store: StoreId::derive(&["s"]) }]
        {
            let text = serde_json::to_string(&authority).unwrap();
            assert_eq!(serde_json::from_str::<Authority>(&text).unwrap(), authority, "{text}");
        }
    }
}
