//! Bulk operations are started and cancelled.

use super::super::super::bulk::{Bulk, SLOTS};
use super::super::super::gid::gid;
use super::super::execute::Context;
use super::super::thing::{Call, Out, Thing, user_error};
use super::payload;
use serde_json::Value as Json;

fn refuse(errors: Vec<Json>) -> Out {
    payload(vec![("bulkOperation", Out::Null)], errors)
}

pub(super) fn run(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let query = call.text("query").unwrap_or_default().to_owned();
    let errors = super::super::bulk::faults(&query);
    if !errors.is_empty() {
        return refuse(
            errors.into_iter().map(|text| user_error(&["query"], text, Some("INVALID"))).collect(),
        );
    }
    let store = &mut context.store;
    let running: Vec<String> = store
        .bulks
        .values()
        .filter(|bulk| bulk.occupies())
        .map(|bulk| gid("BulkOperation", bulk.id))
        .collect();
    if running.len() >= SLOTS {
        let text = format!(
            "A bulk query operation for this app and shop is already in progress: {}.",
            running.join(", ")
        );
        return refuse(vec![user_error(&[], text, Some("OPERATION_IN_PROGRESS"))]);
    }
    let (id, now) = (store.numbers.next("BulkOperation"), store.now());
    let signature = store.random.hex(32);
    let bulk = Bulk::new(id, query, call.flag("groupObjects"), signature, now, context.scopes.clone());
    store.bulks.insert(id, bulk);
    payload(vec![("bulkOperation", Out::One(Thing::Bulk(id)))], Vec::new())
}

pub(super) fn cancel(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let found = call.id("id", "BulkOperation").filter(|id| context.store.bulks.contains_key(id));
    let Some(id) = found else {
        return refuse(vec![user_error(&["id"], "Bulk operation does not exist", None)]);
    };
    let now = context.store.now();
    let Some(bulk) = context.store.bulks.get_mut(&id) else { return refuse(Vec::new()) };
    if !bulk.occupies() || bulk.status == "CANCELING" {
        let text = format!("A bulk operation cannot be canceled when it is {}", bulk.status.to_lowercase());
        let shown = vec![("bulkOperation", Out::One(Thing::Bulk(id)))];
        return payload(shown, vec![user_error(&[], text, None)]);
    }
    bulk.status = "CANCELING".into();
    bulk.canceling = Some(now);
    payload(vec![("bulkOperation", Out::One(Thing::Bulk(id)))], Vec::new())
}
