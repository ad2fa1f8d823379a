//! `stop`, `pause`, `resume`, `disconnect`.

use serde_json::json;

use crate::command::Agree;
use crate::hub::Hub;
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::which::Stores;

pub(crate) async fn stop(hub: &Hub<'_>, page: &mut Page<'_, '_>, store: &str) -> Result<()> {
    let said = "is not written to any more; its sales still count.";
    change(hub, page, store, "stop", said).await
}

pub(crate) async fn pause(hub: &Hub<'_>, page: &mut Page<'_, '_>, store: &str) -> Result<()> {
    let said = "is not called any more; what it tells us still counts.";
    change(hub, page, store, "pause", said).await
}

pub(crate) async fn resume(hub: &Hub<'_>, page: &mut Page<'_, '_>, store: &str) -> Result<()> {
    change(hub, page, store, "resume", "is called again, its orders first.").await
}

pub(crate) async fn disconnect(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Agree) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(&asked.store)?.store;
    let question = format!("Take {} out? Its keys are forgotten, its history stays.", store.name);
    if !asked.yes && !page.agree(&question)? {
        return Err(Trouble::new("nothing was changed"));
    }
    let answer = hub.post(&["stores", &store.id, "disconnect"], &json!({})).await?;
    page.say(format!("{} is disconnected; its history stays.", store.name))?;
    page.document(&answer)
}

async fn change(hub: &Hub<'_>, page: &mut Page<'_, '_>, typed: &str, verb: &str, said: &str) -> Result<()> {
    let stores = Stores::of(hub).await?;
    let store = &stores.which(typed)?.store;
    let answer = hub.post(&["stores", &store.id, verb], &json!({})).await?;
    page.say(format!("{} {said}", store.name))?;
    page.document(&answer)
}
