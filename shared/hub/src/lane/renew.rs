//! Renewing a store's credentials, under its lane: never two at a time.

use domain::work::LaneWork;
use jiff::SignedDuration;
use platform::ErrorKind;

use super::Lane;
use crate::access::Shop;
use crate::{HubError, Result};

/// How long the lane rests when new credentials could not be had.
const REST: SignedDuration = SignedDuration::from_secs(10);

impl Lane {
    /// The shop with credentials that are good for now; none if the lane must stop.
    pub(super) async fn let_in(&self, shop: Shop) -> Result<Option<Shop>> {
        match self.access.renewed(&shop).await {
            Ok(None) => Ok(Some(shop)),
            Ok(Some(fresh)) => {
                // Raced: the store was connected again meanwhile, and those credentials are newer.
                self.access.replace(&shop, &fresh).await?;
                Ok(Some(self.access.shop(shop.store).await?))
            }
            Err(HubError::Platform(error)) if error.kind == ErrorKind::Unauthorized => {
                self.hold.hold(&shop.store, &error.message).await?;
                Ok(None)
            }
            Err(HubError::Platform(error)) => {
                tracing::warn!(store = %shop.store.id, %error, "the credentials could not be renewed; the lane rests");
                let store = &shop.store;
                self.lanes.rest(&store.org, &store.id, self.clock.now() + REST).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The shop refuses the credentials: they are renewed once before the store is held. Always stops the lane.
    pub(super) async fn shut_out(&self, shop: &Shop, work: &LaneWork, why: &str) -> Result<bool> {
        if work.attempts == 0 && shop.can_renew() {
            let later = LaneWork { due: self.clock.now(), attempts: 1, ..work.clone() };
            match self.access.renew_now(shop).await {
                Ok(fresh) => {
                    self.access.replace(shop, &fresh).await?;
                    self.lanes.defer(&later).await?;
                    return Ok(false);
                }
                Err(HubError::Platform(error)) if error.kind == ErrorKind::Unauthorized => {
                    self.hold.hold(&shop.store, &error.message).await?;
                    return Ok(false);
                }
                Err(HubError::Platform(_)) => {
                    let later = LaneWork { due: self.clock.now() + REST, attempts: 0, ..work.clone() };
                    self.lanes.defer(&later).await?;
                    self.lanes.rest(&work.org, &work.store, self.clock.now() + REST).await?;
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        self.hold.hold(&shop.store, why).await?;
        Ok(false)
    }
}
