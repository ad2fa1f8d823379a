//! `sync`: read stores anew.

use serde_json::{Value, json};

use crate::command::Sync;
use crate::hub::{Hub, read_all};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::RunView;
use crate::watch::{self, Watched};
use crate::which::Stores;

pub(crate) async fn sync(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Sync) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let chosen = stores.some(asked.store.as_deref())?;
    if chosen.is_empty() {
        return Err(Trouble::new("no store is connected")
            .next("storeloom connect woocommerce --url https://your-shop.example --browser"));
    }
    let mut body = json!({"extent": "full"});
    if let (Some(stream), Some(fields)) = (asked.stream, body.as_object_mut()) {
        fields.insert("stream".to_owned(), Value::from(stream.as_str()));
    }
    let mut watched = Vec::new();
    for view in chosen {
        let store = &view.store;
        if !store.is_active() {
            page.note(format!(
                "{} is {}: it is read when it is called again",
                store.name, store.condition.is
            ))?;
            // Its runs wait; to wait for them too would take for ever.
            if asked.wait {
                continue;
            }
        }
        let answer = hub.post(&["stores", &store.id, "runs"], &body).await?;
        let values = answer.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        let runs: Vec<RunView> = read_all(&values)?;
        for (run, value) in runs.into_iter().zip(values) {
            watched.push(Watched { store: store.name.clone(), run, value });
        }
    }
    if asked.wait && watched.is_empty() {
        return Err(Trouble::new("no store is read: none of them is called now")
            .next("see what is in the way with `storeloom doctor`"));
    }
    let outcome = if asked.wait {
        watch::runs(hub, page, &mut watched).await
    } else {
        for one in &watched {
            page.say(format!("{} {}: under way ({})", one.store, one.run.stream, one.run.id))?;
        }
        page.say("next:  storeloom stores, or the same command with --wait")
    };
    let values: Vec<&Value> = watched.iter().map(|one| &one.value).collect();
    page.document(&json!({"items": values}))?;
    outcome
}
