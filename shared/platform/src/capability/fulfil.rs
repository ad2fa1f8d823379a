//! Telling a shop that an order was sent.

use async_trait::async_trait;
use domain::RemoteOrderId;
use domain::order::{Order, Shipment};

use crate::{Ctx, Result};

/// Telling a shop that an order was sent.
#[async_trait]
pub trait Fulfil: Send + Sync {
    /// Notes a shipment; the answer is the order's latest state. A shipment that is noted already is not noted
    /// again: it is known by its tracking number, or without one by when it was asked for.
    ///
    /// # Errors
    /// `Rejected` if nothing of it is left to send.
    async fn fulfil(&self, ctx: &Ctx<'_>, order: &RemoteOrderId, shipment: &Shipment) -> Result<Order>;
}
