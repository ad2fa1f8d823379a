//! The delivery queue: no order, eight retries over four hours, then the subscription goes.

use super::clock::Millis;
use super::house::House;
use super::rows::DeliveryRow;
use super::store::Store;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// A delivery to come; its payload and its address stay what they were.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) subscription: u64,
    /// `orders/create`.
    pub(crate) topic: String,
    pub(crate) uri: String,
    pub(crate) name: Option<String>,
    pub(crate) version: String,
    pub(crate) resource: Option<(&'static str, u64)>,
    pub(crate) body: Arc<Vec<u8>>,
    pub(crate) event_id: String,
    pub(crate) webhook_id: String,
    pub(crate) triggered: String,
    pub(crate) due: Millis,
    pub(crate) tries: u32,
    /// A fault held it back already.
    pub(crate) held: bool,
}

/// Retries after the first try.
const RETRIES: u32 = 8;
/// The first wait; each next one is twice as long, four hours in all.
const FIRST_WAIT: f64 = 14_400_000.0 / 255.0;
/// Deliveries under way at once.
const SIDE_BY_SIDE: usize = 8;
/// What an event bus takes at most.
const LARGEST_EVENT: usize = 256 * 1024;

/// Runs due jobs until the shop shuts down.
pub(crate) async fn work(house: Arc<House>) {
    loop {
        house.settle();
        let next = house.store().jobs.iter().map(|job| job.due).min();
        let wait = match next {
            Some(due) if !house.faults.delivery().stalled => (due - house.clock.now()).clamp(0, 100),
            _ => 100,
        };
        if wait == 0 {
            run(&house, false).await;
        } else {
            let wait = Duration::from_millis(wait as u64);
            let _ = tokio::time::timeout(wait, house.stirred.notified()).await;
        }
    }
}

/// Tries every job that was not tried yet or is due, and those they cause; returns how many tries there were.
pub(crate) async fn drain(house: &Arc<House>) -> usize {
    let mut ran = 0;
    // A receiver that writes back makes new jobs; so many rounds settle any honest one.
    for _ in 0..100 {
        house.settle();
        let one = run(house, true).await;
        if one == 0 {
            break;
        }
        ran += one;
    }
    // A delivery the worker has in hand is waited for.
    drop(house.delivering.lock().await);
    ran
}

async fn run(house: &Arc<House>, all: bool) -> usize {
    let _alone = house.delivering.lock().await;
    let faults = house.faults.delivery();
    let jobs = {
        let mut store = house.store();
        let now = store.now();
        let (mut ready, mut later): (Vec<Job>, Vec<Job>) = std::mem::take(&mut store.jobs)
            .into_iter()
            .partition(|job| job.due <= now || (all && job.tries == 0));
        if !all && faults.late_rate > 0.0 {
            for mut job in std::mem::take(&mut ready) {
                if job.tries == 0 && !job.held && store.random.roll(faults.late_rate) {
                    job.due = now + faults.late_ms as Millis;
                    job.held = true;
                    later.push(job);
                } else {
                    ready.push(job);
                }
            }
        }
        store.jobs = later;
        if store.random.roll(faults.reorder_rate) {
            store.random.shuffle(&mut ready);
        }
        let mut out = Vec::new();
        for job in ready {
            if job.tries == 0 && store.random.roll(faults.drop_rate) {
                let row = DeliveryRow::new(&job, now, "dropped");
                store.remember_delivery(row);
                continue;
            }
            if job.tries == 0 && store.random.roll(faults.duplicate_rate) {
                out.push(job.clone());
            }
            out.push(job);
        }
        out
    };
    let ran = jobs.len();
    let mut under_way = JoinSet::new();
    for job in jobs {
        if under_way.len() >= SIDE_BY_SIDE {
            under_way.join_next().await;
        }
        let house = Arc::clone(house);
        under_way.spawn(async move { deliver(&house, job).await });
    }
    while under_way.join_next().await.is_some() {}
    ran
}

async fn deliver(house: &Arc<House>, mut job: Job) {
    let (url, headers, body) = {
        let mut store = house.store();
        if job.subscription != 0 && !store.subscriptions.contains_key(&job.subscription) {
            return;
        }
        let headers = headers(&store, &job);
        match job.uri.starts_with("arn:") {
            false => (job.uri.clone(), headers, job.body.to_vec()),
            true => {
                let event = envelope(&mut store, &job, &headers);
                let Some(url) = store.config.eventbridge_url.clone() else {
                    let row = DeliveryRow::new(&job, store.now(), "no_bus");
                    store.remember_delivery(row);
                    return;
                };
                if event.len() > LARGEST_EVENT {
                    let row = DeliveryRow::new(&job, store.now(), "too_large");
                    store.remember_delivery(row);
                    return;
                }
                (url, vec![("Content-Type".to_owned(), "application/json".to_owned())], event)
            }
        }
    };
    let began = tokio::time::Instant::now();
    let sent = house.outbound.post(&url, &headers, body).await;
    let mut store = house.store();
    let now = store.now();
    job.tries += 1;
    let good = matches!(sent, Ok(status) if (200..300).contains(&status));
    let mut row = DeliveryRow::new(&job, now, if good { "delivered" } else { "failed" });
    row.ms = began.elapsed().as_millis() as u64;
    row.signature = headers.iter().find(|(name, _)| name == "X-Shopify-Hmac-Sha256").map(|row| row.1.clone());
    match sent {
        Ok(status) => row.status = Some(status),
        Err(why) => row.error = Some(why),
    }
    store.remember_delivery(row);
    store.last_job = Some(job.clone());
    if let Some(subscription) = store.subscriptions.get_mut(&job.subscription) {
        subscription.failures = if good { 0 } else { subscription.failures + 1 };
    }
    if good {
        return;
    }
    if job.tries > RETRIES {
        if store.subscriptions.remove(&job.subscription).is_some() {
            let row = DeliveryRow::new(&job, now, "subscription_deleted");
            store.remember_delivery(row);
            store.jobs.retain(|other| other.subscription != job.subscription);
        }
        return;
    }
    let wait = FIRST_WAIT * f64::from(1u32 << (job.tries - 1)) * store.config.retry_scale;
    job.due = now + wait as Millis;
    store.jobs.push(job);
}

fn headers(store: &Store, job: &Job) -> Vec<(String, String)> {
    let mut rows = vec![
        ("Content-Type", "application/json".to_owned()),
        ("User-Agent", "Shopify-Captain-Hook".to_owned()),
        ("X-Shopify-Topic", job.topic.clone()),
        ("X-Shopify-Hmac-Sha256", super::sign::body(&store.grants.signing_secret(), &job.body)),
        ("X-Shopify-Shop-Domain", store.config.domain.clone()),
        ("X-Shopify-API-Version", job.version.clone()),
        ("X-Shopify-Webhook-Id", job.webhook_id.clone()),
        ("X-Shopify-Event-Id", job.event_id.clone()),
        ("X-Shopify-Triggered-At", job.triggered.clone()),
    ];
    if let Some((name, id)) = job.resource {
        rows.push((name, id.to_string()));
    }
    if let Some(name) = &job.name {
        rows.push(("X-Shopify-Name", name.clone()));
    }
    rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The event as a partner bus gives it on.
fn envelope(store: &mut Store, job: &Job, headers: &[(String, String)]) -> Vec<u8> {
    let parts: Vec<&str> = job.uri.split(':').collect();
    let source = job.uri.split_once("event-source/").map_or("", |(_, source)| source);
    let metadata: serde_json::Map<String, Value> = headers
        .iter()
        .filter(|(name, _)| name == "Content-Type" || name.starts_with("X-Shopify-"))
        .map(|(name, value)| (name.replace("Sha256", "SHA256"), json!(value)))
        .collect();
    let payload: Value = serde_json::from_slice(&job.body).unwrap_or_default();
    let event = json!({
        "version": "0", "id": store.random.uuid(), "detail-type": "shopifyWebhook", "source": source,
        "account": "123456789012", "time": super::clock::z(store.now()),
        "region": parts.get(3).copied().unwrap_or_default(), "resources": [],
        "detail": {"payload": payload, "metadata": metadata},
    });
    serde_json::to_vec(&event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_retries_take_four_hours() {
        let waits: f64 = (0..RETRIES).map(|retry| FIRST_WAIT * f64::from(1u32 << retry)).sum();
        assert!((waits - 14_400_000.0).abs() < 1.0);
    }
}
