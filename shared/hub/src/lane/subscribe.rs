//! Seeing that a store's webhooks are there and switched on, again and again.

use domain::exception::ExceptionKind;
use domain::run::Stream;
use domain::store::Store;
use domain::work::{LaneWork, Priority, Verb};
use jiff::SignedDuration;
use platform::Hook;
use url::Url;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::alerts::Alert;
use crate::{HubError, Result};

/// How often the webhooks are looked at.
const WATCH: SignedDuration = SignedDuration::from_hours(1);

/// Where a store's platform shall send.
///
/// # Errors
/// [`HubError::Invalid`] if the public address cannot carry a path.
pub(crate) fn hook_url(public: &Url, store: &Store) -> Result<Url> {
    public
        .join(&format!("webhooks/{}/{}", store.platform, store.id))
        .map_err(|_| HubError::Invalid(format!("`{public}` cannot be an address of this hub")))
}

impl Lane {
    /// Mends what is missing; what a mended webhook should have sent is read now.
    pub(super) async fn subscribe(&self, shop: &Shop) -> Result<Turn> {
        let store = &shop.store;
        let Some(subscribe) = shop.platform.subscribe() else { return Ok(Turn::Done) };
        let url = hook_url(&self.settings.public_url, store)?;
        let found = subscribe.subscribe(&shop.ctx(), &Hook { url: &url }).await?;
        let now = self.clock.now();
        let first = found.healthy.is_empty() && found.repaired.is_empty();
        let mended: Vec<&String> =
            if first { Vec::new() } else { found.repaired.iter().chain(&found.created).collect() };
        if mended.is_empty() {
            let kind = ExceptionKind::WebhooksMissing;
            self.alerts.settle(&store.org, kind, Some(&store.id), "").await?;
        } else {
            let topics: Vec<&str> = mended.iter().map(|topic| topic.as_str()).collect();
            self.alerts
                .open(Alert {
                    org: &store.org,
                    store: Some(&store.id),
                    kind: ExceptionKind::WebhooksMissing,
                    subject: "",
                    message: format!(
                        "{} had switched off or lost {} webhook(s); they are on again, and what they should \
                         have sent is being read",
                        store.name,
                        topics.len()
                    ),
                    advice: "If it happens again, see whether the shop can reach this hub's address.",
                    facts: vec![("topics", topics.join(", "))],
                })
                .await?;
            let pulls: Vec<LaneWork> = [Stream::Orders, Stream::Catalog]
                .map(|stream| {
                    LaneWork::new(&store.org, &store.id, Priority::Raise, Verb::Pull { stream }, now)
                })
                .into();
            self.dispatch.work(&pulls).await?;
        }
        self.sync.reconcile(store).await?;
        Ok(Turn::Next(now + WATCH))
    }
}
