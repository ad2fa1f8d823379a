//! `doctor`: is the hub well, can each store be called, may numbers be written to it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::summary;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::view::{Doctor, ExceptionView, StoreView};
use crate::which::Stores;
use crate::words::{ago, count};

pub(crate) async fn examine(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    store: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    hub.health().await?;
    page.say(format!("The hub at {} is well.", hub.address()))?;
    let overview = hub.get(&["overview"]).await?;
    let stores = Stores::of(hub).await?;
    let mut blocked = 0;
    let mut examined = Vec::new();
    for view in stores.some(store)? {
        let (sound, value) = one(hub, page, view, now).await?;
        blocked += u64::from(!sound);
        examined.push(value);
    }
    if stores.views.is_empty() {
        page.say("No store is connected.")?;
        page.say("next:  storeloom connect woocommerce --url https://your-shop.example --browser")?;
    }
    let open = open_exceptions(&overview)?;
    if !open.is_empty() {
        let more = overview.get("more_exceptions").and_then(Value::as_bool).unwrap_or(false);
        let number = u64::try_from(open.len()).unwrap_or(u64::MAX);
        let many = count(number, "thing needs", "things need");
        page.say(format!("{}{many} a person: storeloom exceptions", if more { "More than " } else { "" }))?;
    }
    page.document(&json!({
        "hub": {"address": hub.address(), "well": true},
        "stores": examined,
        "open_exceptions": open.len(),
        "blocked": blocked,
    }))?;
    if blocked == 0 {
        return Ok(());
    }
    page.flush()?;
    let what = format!("{} be written to as it is", count(blocked, "store cannot", "stores cannot"));
    if page.is_json() { Err(Trouble::told()) } else { Err(Trouble::new(what).next("do what is said above")) }
}

fn open_exceptions(overview: &Value) -> Result<Vec<ExceptionView>> {
    match overview.get("exceptions") {
        Some(Value::Array(values)) => crate::hub::read_all(values),
        _ => Ok(Vec::new()),
    }
}

/// Examines one store: whether numbers can be written to it, and what was found.
async fn one(
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    view: &StoreView,
    now: Timestamp,
) -> Result<(bool, Value)> {
    let store = &view.store;
    page.say("")?;
    page.say(format!(
        "{} ({}, {}): {}, {}",
        store.name, store.platform, store.address, store.phase, store.condition.is
    ))?;
    let mut sound = true;
    if let Some(reason) = &store.condition.reason {
        let since = store.condition.since.map(|since| format!(", first seen {}", ago(since, now)));
        page.say(format!("  ! {reason} (it is not called{})", since.unwrap_or_default()))?;
        page.say(format!("    connect it again: {}", store.connect_command()))?;
        sound = false;
    }
    let value = match hub.get(&["stores", &store.id, "doctor"]).await {
        Ok(answer) => {
            let doctor: Doctor = read(&answer)?;
            sound &= !doctor.findings.iter().any(|finding| finding.blocks_writing);
            if doctor.findings.is_empty() {
                page.say(format!("  {} answers, and nothing is in the way.", doctor.shop))?;
            } else {
                page.say(format!("  {} answers.", doctor.shop))?;
            }
            summary::findings(page, &doctor.findings)?;
            answer
        }
        Err(trouble) if trouble.is_passing() => return Err(trouble),
        Err(trouble) => {
            sound = false;
            page.say(format!("  ! {} (blocks everything)", trouble.what()))?;
            json!({"error": trouble.what()})
        }
    };
    if view.agreement.unexplained > 0 {
        let many = count(view.agreement.unexplained, "number differs", "numbers differ");
        page.say(format!("  {many} from the books and no order explains it: storeloom exceptions"))?;
    }
    let value = json!({
        "store": store.id, "name": store.name, "phase": store.phase, "condition": store.condition.is,
        "sound": sound, "examined": value,
    });
    Ok((sound, value))
}
