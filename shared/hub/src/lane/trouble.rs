//! What a lane does when a shop fails: wait as told, hold the store, or give the work up and say so.

use domain::exception::ExceptionKind;
use domain::run::RunState;
use domain::work::{LaneWork, Verb};
use jiff::SignedDuration;
use platform::{ErrorKind, PlatformError, Retry};

use super::Lane;
use crate::Result;
use crate::access::Shop;
use crate::alerts::Alert;

/// After so many attempts in vain, work of a run is given up, and the run says why it failed.
const ATTEMPTS: u32 = 10;

/// How long to wait after so many attempts: 1 s, 2 s, 4 s ... 5 minutes.
pub(super) fn backoff(attempts: u32) -> SignedDuration {
    SignedDuration::from_secs(1_i64.checked_shl(attempts.min(9)).unwrap_or(300).min(300))
}

impl Lane {
    /// Decides what a platform's error means for the work and for the lane; false if the lane should stop.
    pub(super) async fn trouble(&self, shop: &Shop, work: &LaneWork, error: PlatformError) -> Result<bool> {
        let store = &shop.store;
        let now = self.clock.now();
        if error.kind == ErrorKind::Unauthorized {
            return self.shut_out(shop, work, &error.message).await;
        }
        let wait = match error.retry {
            Retry::After(wait) => SignedDuration::try_from(wait).unwrap_or(backoff(9)),
            Retry::Backoff => backoff(work.attempts),
            Retry::Never => {
                tracing::warn!(store = %store.id, verb = work.verb.name(), %error, "work is given up");
                self.give_up(shop, work, &error.message).await?;
                return Ok(true);
            }
        };
        tracing::warn!(
            store = %store.id,
            verb = work.verb.name(),
            kind = ?error.kind,
            attempts = work.attempts,
            wait_seconds = wait.as_secs(),
            %error,
            "a shop failed; the work waits"
        );
        if matches!(work.verb, Verb::Page { .. }) && work.attempts >= ATTEMPTS {
            self.give_up(shop, work, &error.message).await?;
        } else {
            let later = LaneWork { due: now + wait, attempts: work.attempts + 1, ..work.clone() };
            self.lanes.defer(&later).await?;
        }
        if matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable) {
            self.lanes.rest(&store.org, &store.id, now + wait.min(SignedDuration::from_mins(5))).await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Takes work out that will not succeed, and says so where people look.
    pub(super) async fn give_up(&self, shop: &Shop, work: &LaneWork, why: &str) -> Result<()> {
        let store = &shop.store;
        let (kind, subject, what) = match &work.verb {
            Verb::Push { link }
            | Verb::SetBack { link, .. }
            | Verb::Check { link }
            | Verb::Measure { link } => {
                let subject = match self.ledger.link(&store.org, link).await? {
                    Some(link) => link.variant.to_string(),
                    None => link.to_string(),
                };
                (ExceptionKind::WriteRefused, subject, "a number".to_owned())
            }
            Verb::Price { variant, .. } => {
                (ExceptionKind::WriteRefused, format!("price {variant}"), "a price".to_owned())
            }
            Verb::Title { product, .. } => {
                (ExceptionKind::WriteRefused, format!("title {product}"), "a title".to_owned())
            }
            Verb::Page { run } => {
                if let Some(mut run) = self.runs.run(&store.org, run).await?
                    && run.state == RunState::Running
                {
                    run.state = RunState::Failed;
                    run.message = Some(why.to_owned());
                    run.finished_at = Some(self.clock.now());
                    run.updated_at = self.clock.now();
                    self.runs.put_run(&run).await?;
                    let what = format!("the {} run", run.stream.as_str());
                    (ExceptionKind::SyncFailed, run.stream.as_str().to_owned(), what)
                } else {
                    (ExceptionKind::SyncFailed, String::new(), "a run".to_owned())
                }
            }
            Verb::Subscribe => (ExceptionKind::WebhooksMissing, String::new(), "its webhooks".to_owned()),
            Verb::Fulfil { order, .. } => {
                (ExceptionKind::WriteRefused, format!("shipment {order}"), "noting a shipment".to_owned())
            }
            Verb::Fetch { .. }
            | Verb::Pull { .. }
            | Verb::Baseline
            | Verb::Compare { .. }
            | Verb::PushAll { .. }
            | Verb::Missing { .. }
            | Verb::Examine => {
                (ExceptionKind::SyncFailed, work.verb.about(), format!("a {}", work.verb.name()))
            }
        };
        self.lanes.done(work).await?;
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind,
                subject: &subject,
                message: format!("{}: {what} failed: {why}", store.name),
                advice: "Put right what the message says, then resolve this to have it tried again.",
                facts: vec![("verb", work.verb.name().to_owned()), ("about", work.verb.about())],
            })
            .await
    }
}
