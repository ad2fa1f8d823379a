//! What follows once a store is connected: its findings, its progress until it has joined, a summary.

use serde_json::{Value, json};

use super::summary;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::trouble::Result;
use crate::view::{Connected, FindingView, Store, Summary};
use crate::watch;

/// A store that was connected and may have to join yet.
pub(crate) struct Joining {
    pub(crate) store: Store,
    pub(crate) again: bool,
    pub(crate) findings: Vec<FindingView>,
    /// The findings as answered.
    pub(crate) answered: Value,
}

impl Joining {
    /// The store that the hub answers with when it has connected one.
    pub(crate) fn of(answer: &Value) -> Result<Self> {
        let Connected { store, again, findings } = read(answer)?;
        Ok(Self { store, again, findings, answered: findings_in(answer) })
    }
}

/// The findings of an answer, as answered.
pub(crate) fn findings_in(answer: &Value) -> Value {
    answer.get("findings").cloned().unwrap_or_else(|| json!([]))
}

/// Waits until the store has joined, and says what came of it.
pub(crate) async fn finish(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    joining: Joining,
    no_wait: bool,
) -> Result<()> {
    let Joining { store, again, findings, answered } = joining;
    let how = if again { "is connected again" } else { "is connected" };
    page.say(format!("{} ({}) {how}: {}", store.name, store.platform, store.id))?;
    summary::findings(page, &findings)?;
    page.flush()?;
    if no_wait {
        page.say("next:  storeloom stores shows how far its reading is")?;
        let store = hub.get(&["stores", &store.id]).await?;
        return page.document(&json!({"store": store, "again": again, "findings": answered}));
    }
    let view = watch::joined(hub, page, &store.id).await?;
    let answer = hub.get(&["stores", &store.id, "summary"]).await?;
    let summary: Summary = read(&answer)?;
    page.say(format!("{} has joined.", view.store.name))?;
    summary::show(page, &summary)?;
    if !summary.next.is_empty() {
        page.say(format!("next:  {}", summary.next))?;
    }
    let store = hub.get(&["stores", &store.id]).await?;
    page.document(&json!({"store": store, "again": again, "findings": answered, "summary": answer}))
}
