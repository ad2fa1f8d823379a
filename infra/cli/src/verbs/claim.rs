//! `claim`: takes a shop that installed our app from its platform and belongs to nobody yet.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::join::{self, Joining};
use crate::command::Claim;
use crate::hub::Hub;
use crate::screen::Page;
use crate::trouble::Result;

pub(crate) async fn claim(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Claim) -> Result<()> {
    let body = json!({"code": asked.code.expose_secret(), "name": asked.name});
    let answer = hub.post(&["claims"], &body).await?;
    join::finish(hub, page, Joining::of(&answer)?, asked.no_wait).await
}
