//! The action queue: one pending job per webhook and resource, run after a delay, payload built then.

use super::house::House;
use super::outbound::Sent;
use super::webhook::Webhook;
use super::window::DeliveryRow;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A delivery to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) webhook: u64,
    pub(crate) resource: u64,
    pub(crate) due: Instant,
}

/// Failures after which a webhook is switched off: more than five counted before.
const FAILURES_TOLERATED: u32 = 5;

/// Runs due jobs until the shop shuts down.
pub(crate) async fn work(house: Arc<House>) {
    loop {
        let next = {
            let store = house.store();
            store.jobs.iter().map(|job| job.due).min()
        };
        let stalled = house.faults.delivery().stalled;
        let now = Instant::now();
        match next {
            Some(due) if due <= now && !stalled => run_due(&house, false).await,
            Some(due) if due > now => tokio::time::sleep_until(due).await,
            _ => {
                let _ = tokio::time::timeout(Duration::from_millis(250), house.stirred.notified()).await;
            }
        }
    }
}

/// Runs jobs, due ones or all, until none is left; returns how many ran.
pub(crate) async fn drain(house: &Arc<House>) -> usize {
    let mut ran = 0;
    // A receiver that writes back makes new jobs; so many rounds settle any honest one.
    for _ in 0..100 {
        if house.store().jobs.is_empty() {
            break;
        }
        ran += house.store().jobs.len();
        run_due(house, true).await;
    }
    // A delivery the worker has in hand is waited for.
    drop(house.delivering.lock().await);
    ran
}

async fn run_due(house: &Arc<House>, all: bool) {
    let _alone = house.delivering.lock().await;
    let faults = house.faults.delivery();
    let mut jobs: Vec<Job> = {
        let mut store = house.store();
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut store.jobs).into_iter().partition(|job| all || job.due <= now);
        store.jobs = later;
        due
    };
    if house.store().random.roll(faults.reorder_rate) {
        house.store().random.shuffle(&mut jobs);
    }
    for job in jobs {
        let (dropped, twice) = {
            let mut store = house.store();
            (store.random.roll(faults.drop_rate), store.random.roll(faults.duplicate_rate))
        };
        if dropped {
            note(house, job, "dropped");
            continue;
        }
        deliver(house, job).await;
        if twice {
            deliver(house, job).await;
        }
    }
}

fn note(house: &House, job: Job, outcome: &str) {
    let mut store = house.store();
    let Some(webhook) = store.webhooks.get(&job.webhook).cloned() else { return };
    let row = DeliveryRow::new(&store, &webhook, job.resource, outcome);
    store.remember_delivery(row);
}

async fn deliver(house: &Arc<House>, job: Job) {
    let (webhook, body, headers) = {
        let store = house.store();
        let Some(webhook) = store.webhooks.get(&job.webhook).cloned() else { return };
        if webhook.status != "active" {
            return;
        }
        let body = super::json::encode(&store.payload(&webhook, job.resource));
        let headers = headers(&store.home, &webhook, &body, store.now());
        (webhook, body, headers)
    };
    let began = Instant::now();
    let sent = house.outbound.post(&webhook.delivery_url, headers.clone(), body.clone(), true).await;
    let mut store = house.store();
    let mut row = DeliveryRow::new(&store, &webhook, job.resource, "");
    row.ms = began.elapsed().as_millis() as u64;
    row.delivery_id = headers.last().map(|header| header.1.clone()).unwrap_or_default();
    row.signature =
        headers.iter().find(|header| header.0 == "X-WC-Webhook-Signature").map(|header| header.1.clone());
    row.body = String::from_utf8_lossy(&body).into_owned();
    let good = match sent {
        Sent::Answered(status) => {
            row.status = Some(status);
            (200..=302).contains(&status)
        }
        Sent::Refused(why) | Sent::Failed(why) => {
            row.error = Some(why);
            false
        }
    };
    row.outcome = if good { "delivered" } else { "failed" }.into();
    store.remember_delivery(row);
    store.count_delivery(job.webhook, good);
}

/// Sends the ping of a new or re-aimed webhook; anything but 200 leaves it pending.
pub(crate) async fn ping(house: &Arc<House>, id: u64) {
    let Some(webhook) = house.store().webhooks.get(&id).cloned() else { return };
    let body = format!("webhook_id={id}").into_bytes();
    let headers = vec![
        ("User-Agent".to_owned(), house.outbound.hookshot()),
        ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
    ];
    let sent = house.outbound.post(&webhook.delivery_url, headers, body.clone(), true).await;
    let mut store = house.store();
    let mut row = DeliveryRow::new(&store, &webhook, 0, "ping");
    row.body = String::from_utf8_lossy(&body).into_owned();
    match sent {
        Sent::Answered(status) => row.status = Some(status),
        Sent::Refused(why) | Sent::Failed(why) => row.error = Some(why),
    }
    let answered = row.status == Some(200);
    store.remember_delivery(row);
    if let Some(webhook) = store.webhooks.get_mut(&id).filter(|_| answered) {
        webhook.pending_delivery = false;
    }
}

fn headers(home: &str, webhook: &Webhook, body: &[u8], now: i64) -> Vec<(String, String)> {
    [
        ("Content-Type", "application/json".to_owned()),
        ("X-WC-Webhook-Source", format!("{home}/")),
        ("X-WC-Webhook-Topic", webhook.topic.clone()),
        ("X-WC-Webhook-Resource", webhook.resource().to_owned()),
        ("X-WC-Webhook-Event", webhook.event().to_owned()),
        ("X-WC-Webhook-Signature", sign(&webhook.secret, body)),
        ("X-WC-Webhook-ID", webhook.id.to_string()),
        ("X-WC-Webhook-Delivery-ID", delivery_id(home, webhook.id, now)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// base64(HMAC-SHA256(secret as WordPress unescapes it, body)).
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(unescape(secret).as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// `wp_specialchars_decode(.., ENT_QUOTES)`.
fn unescape(secret: &str) -> String {
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(secret.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

/// The same for two deliveries of a webhook within one second.
fn delivery_id(home: &str, webhook: u64, now: i64) -> String {
    let digest = Sha256::digest(format!("{home}|{webhook}{now}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl super::store::Store {
    fn count_delivery(&mut self, webhook: u64, good: bool) {
        let now = self.now();
        let Some(webhook) = self.webhooks.get_mut(&webhook) else { return };
        if good {
            webhook.failures = 0;
            return;
        }
        if webhook.failures > FAILURES_TOLERATED {
            webhook.status = "disabled".into();
            webhook.modified = now;
        } else {
            webhook.failures += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn signs_as_the_published_unit_test_does() {
        assert_eq!(sign("", b"secret"), "GBDo00G55h6IiV+6CxqivQPLbI//KzaOZm747971tPs=");
    }

    #[test]
    fn a_secret_with_entities_is_unescaped_before_it_signs() {
        assert_eq!(sign("a&amp;b", b"x"), sign("a&b", b"x"));
    }
}
