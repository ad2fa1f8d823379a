//! Telling a shop that an order was sent.

use std::sync::Arc;

use domain::order::Shipment;
use domain::work::{LaneWork, Priority, Verb};
use domain::{OrderId, OrgId, TaskId};
use platform::Clock;
use ports::Ledger;
use rust_decimal::Decimal;

use crate::access::Access;
use crate::dispatch::Dispatch;
use crate::{HubError, Outside, Platforms, Result};

/// The longest text that a shipment may carry.
const TEXT: usize = 500;

/// Telling shops that orders were sent.
#[derive(Clone)]
pub struct Ship {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    platforms: Platforms,
    access: Access,
    dispatch: Dispatch,
}

impl Ship {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            ledger: Arc::clone(&outside.ledger),
            clock: Arc::clone(&outside.clock),
            platforms: outside.platforms.clone(),
            access: Access::new(outside),
            dispatch: Dispatch::new(outside),
        }
    }

    /// Has a shipment noted in the shop that the order came from.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for an unknown order, [`HubError::Invalid`] for lines that it does not have.
    pub async fn ship(&self, org: &OrgId, order: &OrderId, shipment: Shipment) -> Result<TaskId> {
        let record =
            self.ledger.order(org, order).await?.ok_or_else(|| HubError::not_found("order", order))?;
        let store = self.access.store(org, &record.store).await?;
        if self.platforms.get(&store.platform)?.fulfil().is_none() {
            return Err(HubError::Invalid(format!(
                "shipments cannot be noted in {} from here: its platform has no way for it",
                store.name
            )));
        }
        for shipped in &shipment.lines {
            let line =
                record.order.lines.iter().find(|line| line.remote == shipped.line).ok_or_else(|| {
                    HubError::Invalid(format!("order {} has no line `{}`", record.order.number, shipped.line))
                })?;
            let left = line.quantity - line.refunded;
            if shipped.units == 0 || Decimal::from(shipped.units) > left {
                return Err(HubError::Invalid(format!(
                    "of line `{}` from 1 to {left} units can be sent",
                    shipped.line
                )));
            }
        }
        let texts = [&shipment.tracking_number, &shipment.carrier, &shipment.tracking_url];
        if texts.into_iter().flatten().any(|text| text.trim().is_empty() || text.len() > TEXT) {
            return Err(HubError::Invalid(format!("a shipment's texts have from 1 to {TEXT} bytes")));
        }
        let now = self.clock.now();
        let shipment = Shipment { asked_at: Some(now), ..shipment };
        let verb = Verb::Fulfil { order: record.order.remote, shipment };
        let work = LaneWork::new(org, &store.id, Priority::Raise, verb, now);
        self.dispatch.work(std::slice::from_ref(&work)).await?;
        Ok(work.task)
    }
}
