//! Looking at a shop's settings and at what we may do there, after they changed.

use domain::exception::ExceptionKind;
use platform::Proof;
use ports::Written;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::alerts::Alert;
use crate::{HubError, Result};

impl Lane {
    /// Proves the connection again: what was found out about the shop is kept, and its owner is told what to mend.
    pub(super) async fn examine(&self, shop: &Shop) -> Result<Turn> {
        let authorize = shop
            .platform
            .authorize()
            .ok_or_else(|| HubError::Invalid("this platform's connections cannot be examined".into()))?;
        let proof = authorize.prove(&shop.ctx()).await?;
        if proof.shop.shop != shop.store.shop {
            self.hold.hold(&shop.store, &format!("it answers as {} now", proof.shop.shop)).await?;
            return Ok(Turn::Done);
        }
        self.access.replace(shop, &proof.credentials).await?;
        self.keep_facts(shop, &proof).await?;
        let store = &shop.store;
        for finding in &proof.findings {
            self.alerts
                .open(Alert {
                    org: &store.org,
                    store: Some(&store.id),
                    kind: ExceptionKind::StoreSetup,
                    subject: finding.code,
                    message: format!("{}: {}", store.name, finding.message),
                    advice: &finding.advice,
                    facts: vec![("code", finding.code.to_owned())],
                })
                .await?;
        }
        Ok(Turn::Done)
    }

    async fn keep_facts(&self, shop: &Shop, proof: &Proof) -> Result<()> {
        let mut store = shop.store.clone();
        for _ in 0..5 {
            if store.currency == proof.currency && store.zone == proof.zone {
                return Ok(());
            }
            store.currency = proof.currency;
            store.zone.clone_from(&proof.zone);
            if self.directory.change_store(&store).await? == Written::Done {
                return Ok(());
            }
            let Some(fresh) = self.directory.store(&store.org, &store.id).await? else { return Ok(()) };
            store = fresh;
        }
        Err(HubError::Conflict("the store is changed by others at the same time".into()))
    }
}
