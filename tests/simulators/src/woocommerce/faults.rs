//! Handles to break the shop at run time.

use crate::ground::hits;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::time::Duration;

/// One way to be broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// 503 and the maintenance page.
    Maintenance,
    /// 200 and a page where JSON was due.
    HtmlInsteadOfJson,
    /// A PHP warning printed before the JSON.
    NoticeBeforeJson,
    /// A byte order mark before the JSON.
    BomBeforeJson,
    /// 500, the database refuses connections.
    DatabaseDown,
    /// 500, a plugin calls what does not exist.
    PhpFatal,
    /// 429 from the host.
    TooManyRequests {
        /// Seconds in `Retry-After`; none leaves the header out.
        retry_after: Option<u64>,
    },
    /// 403 and a firewall's page.
    Forbidden,
    /// 501 to real `PUT` and `DELETE` requests, as some firewalls do.
    MethodsBlocked,
    /// Answers late.
    Latency {
        /// Milliseconds for every answer.
        ms: u64,
        /// Milliseconds more for every row of `per_page`.
        #[serde(default)]
        per_row_ms: u64,
    },
    /// Does the work, then drops the connection without a word.
    DropAfter,
    /// Drops the connection before any work.
    DropBefore,
    /// Does the work, then says nothing for so long.
    HangAfter {
        /// Milliseconds.
        ms: u64,
    },
    /// 504 to pages larger than this.
    SlowPages {
        /// The largest `per_page` still answered.
        above: u64,
    },
    /// Adds this many bytes of blanks to the body.
    Oversized {
        /// How many bytes.
        bytes: usize,
    },
    /// 301 to elsewhere.
    Redirect {
        /// Where to.
        to: String,
    },
    /// Rows of a list that are counted but not shown, as objects the key's user may not read are.
    HiddenRows {
        /// Ids of the rows.
        ids: Vec<u64>,
    },
    /// Rows of a batch with these ids fail.
    BatchRows {
        /// Ids of the rows.
        ids: Vec<u64>,
        /// Error code of the rows.
        #[serde(default = "row_code")]
        code: String,
        /// HTTP status told in the rows.
        #[serde(default = "row_status")]
        status: u16,
    },
}

fn row_code() -> String {
    "woocommerce_rest_product_not_saved".into()
}

fn row_status() -> u16 {
    500
}

/// A fault and what it is limited to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What breaks.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many requests it hits; none hits all.
    #[serde(default)]
    pub times: Option<u32>,
    /// Requests it lets through first.
    #[serde(default)]
    pub after: u32,
    /// Only paths that begin so, like `/wp-json/wc/v3/products`; the install's base path left out.
    #[serde(default)]
    pub path: Option<String>,
    /// Only this method, as sent.
    #[serde(default)]
    pub method: Option<String>,
}

impl From<Fault> for Rule {
    fn from(fault: Fault) -> Self {
        Self { fault, times: None, after: 0, path: None, method: None }
    }
}

impl Rule {
    /// Hits so many requests, then heals.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many requests through first.
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    /// Hits only paths that begin so.
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Hits only this method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.into());
        self
    }
}

/// What may go wrong with deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryFaults {
    /// The queue does not run by itself; `drain` still runs it.
    pub stalled: bool,
    /// Share of jobs that vanish, 0 to 1.
    pub drop_rate: f64,
    /// Share of jobs delivered twice, 0 to 1.
    pub duplicate_rate: f64,
    /// Share of queue runs whose jobs are shuffled, 0 to 1.
    pub reorder_rate: f64,
}

/// Settings of the host that make honest clients stumble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostFaults {
    /// TLS ends at a proxy the shop was not told about: `is_ssl()` is false over https.
    pub ssl_unseen: bool,
    /// The `Authorization` header never reaches PHP.
    pub strip_authorization: bool,
}

/// What is broken now.
#[derive(Default)]
pub(crate) struct Board {
    rules: Mutex<Vec<Rule>>,
    delivery: Mutex<DeliveryFaults>,
    host: Mutex<HostFaults>,
}

impl Board {
    pub(crate) fn add(&self, rule: Rule) {
        self.rules.lock().unwrap().push(rule);
    }

    pub(crate) fn clear(&self) {
        self.rules.lock().unwrap().clear();
        *self.delivery.lock().unwrap() = DeliveryFaults::default();
        *self.host.lock().unwrap() = HostFaults::default();
    }

    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.rules.lock().unwrap().clone()
    }

    pub(crate) fn delivery(&self) -> DeliveryFaults {
        *self.delivery.lock().unwrap()
    }

    pub(crate) fn set_delivery(&self, faults: DeliveryFaults) {
        *self.delivery.lock().unwrap() = faults;
    }

    pub(crate) fn host(&self) -> HostFaults {
        *self.host.lock().unwrap()
    }

    pub(crate) fn set_host(&self, faults: HostFaults) {
        *self.host.lock().unwrap() = faults;
    }

    /// The faults that hit this request; counts them down.
    pub(crate) fn strike(&self, method: &str, path: &str, per_page: u64) -> Vec<Fault> {
        let mut rules = self.rules.lock().unwrap();
        if rules.is_empty() {
            return Vec::new();
        }
        let mut hit = Vec::new();
        for rule in rules.iter_mut() {
            let here = rule.path.as_deref().is_none_or(|prefix| path.starts_with(prefix))
                && rule.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && match &rule.fault {
                    Fault::MethodsBlocked => matches!(method, "PUT" | "DELETE" | "PATCH"),
                    Fault::SlowPages { above } => method == "GET" && per_page > *above,
                    Fault::BatchRows { .. } => path.trim_end_matches('/').ends_with("/batch"),
                    _ => true,
                };
            if here && hits(&mut rule.after, &mut rule.times) {
                hit.push(rule.fault.clone());
            }
        }
        rules.retain(|rule| rule.times != Some(0));
        hit
    }
}

/// The handle to a shop's faults.
#[derive(Clone)]
pub struct Faults {
    pub(crate) house: std::sync::Arc<super::house::House>,
}

impl Faults {
    /// Adds a fault, plain or limited by a [`Rule`].
    pub fn add(&self, rule: impl Into<Rule>) {
        self.house.faults.add(rule.into());
    }

    /// Heals everything added and set here; keys and webhooks that were taken stay gone.
    pub fn clear(&self) {
        self.house.faults.clear();
        self.house.store().owner_demoted = false;
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

    /// Sets how the host stands in the way.
    pub fn host(&self, faults: HostFaults) {
        self.house.faults.set_host(faults);
    }

    /// Sets how long a webhook job waits from now on.
    pub fn delivery_delay(&self, delay: Duration) {
        self.house.store().config.delivery_delay = delay;
    }

    /// Revokes a key, as a merchant does under Advanced > REST API.
    pub fn revoke_key(&self, consumer_key: &str) {
        self.house.store().keys.remove(consumer_key);
    }

    /// Demotes the user behind all keys and webhooks, or makes them shop manager again: calls get 403,
    /// payloads become error objects.
    pub fn demote_owner(&self, demoted: bool) {
        self.house.store().owner_demoted = demoted;
    }

    /// Removes every webhook without telling anyone; returns how many.
    pub fn forget_webhooks(&self) -> usize {
        let mut store = self.house.store();
        store.jobs.clear();
        std::mem::take(&mut store.webhooks).len()
    }

    /// Sets the shop's clock wrong by so many seconds.
    pub fn clock_offset(&self, seconds: i64) {
        self.house.clock.set_offset(seconds);
    }

    /// Turns the option `woocommerce_manage_stock` on or off.
    pub fn manage_stock(&self, on: bool) {
        self.house.store().manage_stock = on;
    }
}
