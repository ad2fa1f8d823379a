//! What a merchant decided about its numbers, and how many of them are being raised.

use async_trait::async_trait;
use domain::rules::{Authority, Rules};
use domain::{ItemId, LinkId, OrgId, StoreId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Ask, Page, Result, Written};

/// Whose number counts for one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAuthority {
    /// The item.
    pub item: ItemId,
    /// Whose number counts.
    pub authority: Authority,
}

/// What a merchant decided about its numbers, and how many of them are being raised.
#[async_trait]
pub trait Decisions: Send + Sync {
    /// A merchant's rules; none if nothing was decided yet.
    async fn rules(&self, org: &OrgId) -> Result<Option<Rules>>;
    /// Writes rules whose record still has `rules.version` (0: it is new); the stored version becomes one more.
    async fn put_rules(&self, rules: &Rules) -> Result<Written>;
    /// Whose number counts for an item, where that was decided for it alone.
    async fn own_authority(&self, org: &OrgId, item: &ItemId) -> Result<Option<Authority>>;
    /// Decides for an item alone, or has it follow the merchant's rule again.
    async fn set_own_authority(
        &self,
        org: &OrgId,
        item: &ItemId,
        authority: Option<&Authority>,
    ) -> Result<()>;
    /// What was decided for items alone, in the order of their ids.
    async fn own_authorities(&self, org: &OrgId, ask: &Ask) -> Result<Page<OwnAuthority>>;

    /// Notes that numbers of a store are raised now, and says how many different ones were since a time. What is
    /// noted within the same five minutes counts as noted at their beginning; a number that is noted again counts
    /// once.
    async fn note_raises(
        &self,
        org: &OrgId,
        store: &StoreId,
        links: &[LinkId],
        now: Timestamp,
        since: Timestamp,
    ) -> Result<u64>;
}

/// Raises that are noted within so many seconds are noted together.
pub const RAISES_TOGETHER: i64 = 300;
