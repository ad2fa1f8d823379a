//! `cancel`: ends a run before it has read everything.

use serde_json::json;

use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::RunView;
use crate::which::Stores;
use crate::words::quoted;

pub(crate) async fn cancel(hub: &Hub<'_>, page: &mut Page<'_, '_>, run: &str) -> Result<()> {
    let answer = hub.post(&["runs", run, "cancel"], &json!({})).await.map_err(|trouble| {
        if trouble.is_not_found() {
            Trouble::new(format!("there is no run `{run}`"))
                .next("`storeloom stores --json` shows the runs of each store")
        } else {
            trouble
        }
    })?;
    if !page.is_json() {
        let run: RunView = read(&answer)?;
        let stores = Stores::of(hub).await?;
        let store = stores.name(&run.store);
        page.say(format!("The {} run of {store} is cancelled; {} were read.", run.stream, run.done))?;
        page.say(format!("next:  storeloom sync {} --stream {} reads anew", quoted(store), run.stream))?;
    }
    page.document(&answer)
}
