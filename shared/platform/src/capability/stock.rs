//! Reading and writing the numbers that a shop shows.

use std::borrow::Cow;

use async_trait::async_trait;
use domain::{OnHand, RemoteProductId, RemoteVariantId, WriteId};

use crate::{Ctx, Result};

/// A variant as its platform needs it named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariantName {
    /// The product it belongs to.
    pub product: RemoteProductId,
    /// The variant.
    pub variant: RemoteVariantId,
}

/// The number that a shop shows for a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLevel {
    /// The variant.
    pub variant: RemoteVariantId,
    /// The number; none if the shop does not count it, or the variant is gone.
    pub level: Option<OnHand>,
}

/// Reading the numbers that a shop shows.
#[async_trait]
pub trait ReadStock: Send + Sync {
    /// One answer per variant, in the order given. The hub never gives more than `limits().read_batch`.
    async fn read_stock(&self, ctx: &Ctx<'_>, variants: &[VariantName]) -> Result<Vec<ShownLevel>>;
}

/// One number to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockWrite {
    /// The variant.
    pub variant: VariantName,
    /// Names the write; the idempotency key where the platform takes one.
    pub write: WriteId,
    /// What the shop should show now.
    pub compare: OnHand,
    /// What the shop shall show afterwards: a delta platform is sent the difference.
    pub value: OnHand,
}

/// What became of one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Applied {
        /// What the shop showed afterwards, if its answer says so.
        now: Option<OnHand>,
    },
    /// The shop showed another number than the write compared with; nothing was written.
    Stale {
        /// What it showed.
        seen: Option<OnHand>,
    },
    /// It may or may not have taken effect.
    Unknown,
    /// The shop refuses; nothing was written.
    Refused {
        /// Why, for a person.
        why: Cow<'static, str>,
    },
}

/// Writing the numbers that a shop shows.
#[async_trait]
pub trait PushStock: Send + Sync {
    /// One outcome per write, in the order given. The hub never gives more than `limits().stock_batch`.
    ///
    /// # Errors
    /// Only if surely nothing was written, or with `may_have_taken_effect`: then every write is unknown.
    async fn push_stock(&self, ctx: &Ctx<'_>, writes: &[StockWrite]) -> Result<Vec<Outcome>>;
}
