//! The handle to a shop's faults, tokens and secrets.

use super::faults::{DeliveryFaults, Rule};
use super::house::House;
use super::subscription::About;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Breaks a running shop and takes away what was granted.
#[derive(Clone)]
pub struct Faults {
    pub(crate) house: Arc<House>,
}

impl Faults {
    /// Adds a fault, plain or limited by a [`Rule`].
    pub fn add(&self, rule: impl Into<Rule>) {
        self.house.faults.add(rule.into());
    }

    /// Heals everything added and set here; tokens and subscriptions that were taken stay gone.
    pub fn clear(&self) {
        self.house.faults.clear();
        self.house.store().bulk_fate = super::bulk::Fate::default();
        self.house.stirred.notify_one();
    }

    /// What is broken now.
    pub fn rules(&self) -> Vec<Rule> {
        self.house.faults.rules()
    }

    /// Sets what may go wrong with deliveries.
    pub fn deliveries(&self, faults: DeliveryFaults) {
        self.house.faults.set_delivery(faults);
        self.house.stirred.notify_one();
    }

    /// Sets how long a webhook waits before its first try from now on.
    pub fn delivery_delay(&self, delay: Duration) {
        self.house.store().config.delivery_delay = delay;
    }

    /// Removes every subscription without telling anyone; returns how many.
    pub fn forget_subscriptions(&self) -> usize {
        let mut store = self.house.store();
        store.jobs.clear();
        std::mem::take(&mut store.subscriptions).len()
    }

    /// Delivers the last webhook once more, as an old body that is replayed; returns whether there was one.
    pub fn resend(&self) -> bool {
        let mut store = self.house.store();
        let Some(job) = store.last_job.clone() else { return false };
        let due = store.now();
        store.jobs.push(super::queue::Job { due, tries: 0, held: true, ..job });
        drop(store);
        self.house.stirred.notify_one();
        true
    }

    /// Queues a compliance topic to the app's own address: `customers/data_request`, `customers/redact` or
    /// `shop/redact`; returns whether there is such an address.
    pub fn compliance(&self, topic: &str, customer: Option<u64>) -> bool {
        let mut store = self.house.store();
        let orders: Vec<u64> = store
            .orders
            .values()
            .filter(|order| customer.is_some() && order.customer == customer)
            .map(|row| row.id)
            .collect();
        let person = customer.and_then(|id| store.customers.get(&id));
        let person = person.map(|row| json!({"id": row.id, "email": row.email, "phone": row.phone}));
        let mut body = json!({"shop_id": store.shop_id, "shop_domain": store.config.domain});
        match topic {
            "customers/data_request" => {
                body["orders_requested"] = json!(orders);
                body["customer"] = json!(person);
                body["data_request"] = json!({"id": store.random.below(1_000_000)});
            }
            "customers/redact" => {
                body["customer"] = json!(person);
                body["orders_to_redact"] = json!(orders);
            }
            _ => {}
        }
        store.act();
        let queued = store.fire_to_app(topic, &body);
        drop(store);
        self.house.stirred.notify_one();
        queued
    }

    /// Lets searches and totals run so far behind from now on.
    pub fn index_lag(&self, lag: Duration) {
        self.house.store().config.index_lag = lag;
    }

    /// Empties the cost bucket down to this many points.
    pub fn drain_bucket(&self, points: u32) {
        let mut store = self.house.store();
        store.bucket = (f64::from(points), store.now());
    }

    /// Lets bulk operations run so long from now on.
    pub fn bulk_duration(&self, duration: Duration) {
        self.house.store().config.bulk_duration = duration;
    }

    /// The next bulk operation fails with this code (`ACCESS_DENIED`, `INTERNAL_SERVER_ERROR`, `TIMEOUT`), with half
    /// of its lines in a partial file.
    pub fn fail_next_bulk(&self, code: &str) {
        self.house.store().bulk_fate.error = Some(code.into());
    }

    /// So many finish webhooks of bulk operations are not sent.
    pub fn silence_bulk(&self, times: u32) {
        self.house.store().bulk_fate.silent = times;
    }

    /// Revokes one access token.
    pub fn revoke_token(&self, access: &str) {
        self.house.store().grants.tokens.remove(access);
    }

    /// Lets every access token that can expire expire now.
    pub fn expire_tokens(&self) {
        let mut store = self.house.store();
        let now = store.now();
        for token in store.grants.tokens.values_mut().filter(|token| token.expires.is_some()) {
            token.expires = Some(now);
        }
    }

    /// Makes every refresh token unusable: the shop must be connected anew.
    pub fn kill_refresh_tokens(&self) {
        for refresh in self.house.store().grants.refreshes.values_mut() {
            refresh.retired = true;
        }
    }

    /// The next refreshes are done and their answers are lost.
    pub fn lose_refreshes(&self, times: u32) {
        self.house.store().grants.lose_refreshes = times;
    }

    /// The merchant uninstalls the app: tokens are revoked, `app/uninstalled` is sent, subscriptions go.
    pub fn uninstall(&self) {
        uninstall(&self.house);
    }

    /// The next approval leaves these scopes out.
    pub fn withhold_scopes(&self, scopes: &[&str]) {
        self.house.store().grants.withheld = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// Takes scopes away from what is granted and from every token, and tells it with `app/scopes_update`.
    pub fn reduce_scopes(&self, scopes: &[&str]) {
        let mut store = self.house.store();
        for scope in scopes {
            store.grants.scopes.remove(*scope);
            for token in store.grants.tokens.values_mut() {
                token.scopes.remove(*scope);
            }
            for refresh in store.grants.refreshes.values_mut() {
                refresh.scopes.remove(*scope);
            }
        }
        store.act();
        store.fire("APP_SCOPES_UPDATE", About::Scopes);
        drop(store);
        self.house.stirred.notify_one();
    }

    /// Makes a new client secret; the old one still signs until it is revoked. Returns the new one.
    pub fn rotate_secret(&self) -> String {
        let mut store = self.house.store();
        let fresh = format!("shpss_{}", store.random.hex(32));
        let old = std::mem::replace(&mut store.grants.app.client_secret, fresh.clone());
        store.grants.app.old_client_secret.get_or_insert(old);
        fresh
    }

    /// Revokes the secret before the last rotation.
    pub fn revoke_old_secret(&self) {
        self.house.store().grants.app.old_client_secret = None;
    }

    /// Shows names, addresses and emails to the app, or hides them.
    pub fn protected_data(&self, shown: bool) {
        self.house.store().config.protected_data = shown;
    }
}

/// Takes the app out of the shop.
pub(crate) fn uninstall(house: &Arc<House>) {
    let mut store = house.store();
    store.act();
    store.fire("APP_UNINSTALLED", About::Shop);
    // What is on its way is still sent; the subscriptions are gone.
    for job in store.jobs.iter_mut() {
        job.subscription = 0;
    }
    store.subscriptions.clear();
    store.grants.revoke_all();
    drop(store);
    house.stirred.notify_one();
}

/// A JSON view of what is broken.
pub(crate) fn shown(house: &House) -> Value {
    json!({"rules": house.faults.rules(), "deliveries": house.faults.delivery()})
}
