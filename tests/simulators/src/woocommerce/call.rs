//! One REST call and its answer.

use super::clock::Clock;
use super::error::RestError;
use super::json::Object;
use super::store::Store;
use serde_json::Value;

/// A call that passed authentication.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`, overrides applied.
    pub(crate) method: String,
    /// The route below `wc/v3/`.
    pub(crate) route: String,
    /// Query and body in one, the body first.
    pub(crate) args: Object,
    /// The query alone, for `Link`.
    pub(crate) query: Object,
    /// The key it came with.
    pub(crate) key: String,
    /// A row of a batch: no schema checks.
    pub(crate) batched: bool,
    /// Ids of batch rows that a fault makes fail, with code and status.
    pub(crate) doomed: Vec<(Vec<u64>, String, u16)>,
}

impl Call {
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.args.get(name).and_then(super::json::truth).unwrap_or(false)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.args.get(name).map(super::json::text)
    }
}

/// What a call came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// A webhook to ping before the answer goes out.
    pub(crate) ping: Option<u64>,
    /// Whether `_fields` spares `_links`, as it does for single objects.
    pub(crate) single: bool,
}

impl Reply {
    pub(crate) fn one(body: Value) -> Result<Self, RestError> {
        Ok(Self { status: 200, body, single: true, ..Self::default() })
    }

    pub(crate) fn list(body: Vec<Value>) -> Result<Self, RestError> {
        Ok(Self { status: 200, body: Value::Array(body), ..Self::default() })
    }

    pub(crate) fn created(body: Value, location: String) -> Result<Self, RestError> {
        Ok(Self { status: 201, body, single: true, headers: vec![("Location", location)], ..Self::default() })
    }
}

/// The paging part of a collection's parameters.
pub(crate) struct Paging {
    pub(crate) page: usize,
    pub(crate) per_page: usize,
    pub(crate) offset: Option<usize>,
}

impl Paging {
    pub(crate) fn read(check: &mut super::args::Check) -> Self {
        let page = check.int("page", Some(1), None).unwrap_or(1) as usize;
        let per_page = check.int("per_page", Some(1), Some(100)).unwrap_or(10) as usize;
        let offset = check.int("offset", None, None).map(|offset| offset.max(0) as usize);
        Self { page, per_page, offset }
    }

    pub(crate) fn cut<'a, T>(&self, rows: &'a [T]) -> &'a [T] {
        let from = self.offset.unwrap_or((self.page - 1) * self.per_page).min(rows.len());
        &rows[from..(from + self.per_page).min(rows.len())]
    }

    /// A page of rows with the totals and the links to its neighbours.
    pub(crate) fn reply(
        &self,
        store: &Store,
        call: &Call,
        total: usize,
        rows: Vec<Value>,
    ) -> Result<Reply, RestError> {
        let pages = total.div_ceil(self.per_page);
        let mut reply = Reply::list(rows)?;
        reply.headers.push(("X-WP-Total", total.to_string()));
        reply.headers.push(("X-WP-TotalPages", pages.to_string()));
        let mut links = Vec::new();
        if self.page > 1 {
            links.push((self.page.min(pages + 1).saturating_sub(1), "prev"));
        }
        if pages > self.page {
            links.push((self.page + 1, "next"));
        }
        let links: Vec<String> = links
            .into_iter()
            .filter(|(page, _)| *page > 0)
            .map(|(page, rel)| format!("<{}>; rel=\"{rel}\"", link(store, call, page)))
            .collect();
        if !links.is_empty() {
            reply.headers.push(("Link", links.join(", ")));
        }
        Ok(reply)
    }
}

fn link(store: &Store, call: &Call, page: usize) -> String {
    let mut query = call.query.clone();
    if call.route == "orders" {
        let status =
            query.shift_remove("status").map_or(vec!["any".to_owned()], |given| super::args::words(&given));
        query.insert("status".into(), status.into());
        query.insert("dp".into(), store.config.decimals.into());
        query.insert("context".into(), "view".into());
    }
    query.insert("page".into(), page.into());
    query.shift_remove("rest_route");
    let mut parts = Vec::new();
    for (key, value) in &query {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let item = crate::ground::encode(&super::json::text(item));
                    parts.push(format!("{}%5B{at}%5D={item}", crate::ground::encode(key)));
                }
            }
            other if key == "dates_are_gmt" => {
                parts.push(format!("{key}={}", i32::from(super::json::truth(other).unwrap_or(false))));
            }
            other => parts.push(format!(
                "{}={}",
                crate::ground::encode(key),
                crate::ground::encode(&super::json::text(other))
            )),
        }
    }
    let base = store.link(&call.route);
    format!("{base}{}{}", if base.contains('?') { '&' } else { '?' }, parts.join("&"))
}

/// The four date limits of a collection, compared in the shop's zone unless `dates_are_gmt`.
pub(crate) struct Dates {
    limits: [Option<jiff::civil::DateTime>; 4],
    gmt: bool,
}

impl Dates {
    pub(crate) fn read(check: &mut super::args::Check, clock: &Clock) -> Self {
        let limits =
            ["after", "before", "modified_after", "modified_before"].map(|name| check.date(name, clock));
        Self { limits, gmt: check.boolean("dates_are_gmt").unwrap_or(false) }
    }

    pub(crate) fn allow(&self, clock: &Clock, created: i64, modified: i64) -> bool {
        let [after, before, modified_after, modified_before] = self.limits;
        let wall = |at| if self.gmt { super::clock::utc(at) } else { clock.civil(at) };
        let within = |after: Option<_>, before: Option<_>, at| {
            (after.is_none() && before.is_none()) || {
                let at = wall(at);
                after.is_none_or(|after| at > after) && before.is_none_or(|before| at < before)
            }
        };
        within(after, before, created) && within(modified_after, modified_before, modified)
    }
}
