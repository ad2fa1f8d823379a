//! `app`: the credentials of this hub's app on a platform.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use crate::command::App;
use crate::hub::Hub;
use crate::screen::Page;
use crate::trouble::{Result, Trouble};
use crate::words::quoted;

pub(crate) async fn keep(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &App) -> Result<()> {
    let secret = page.secret(asked.secret.as_ref(), "The app's client secret: ")?.ok_or_else(|| {
        Trouble::usage("the app's client secret is missing")
            .next("write it to standard input, or give it with STORELOOM_APP_SECRET or --secret")
    })?;
    let mut keys = Map::new();
    keys.insert("client_id".to_owned(), Value::from(asked.id.as_str()));
    keys.insert("client_secret".to_owned(), Value::from(secret.expose_secret()));
    if let Some(old) = old_secret(page, asked)? {
        keys.insert("old_client_secret".to_owned(), Value::from(old.expose_secret()));
    }
    if let Some(scopes) = &asked.scopes {
        keys.insert("scopes".to_owned(), Value::from(scopes.as_str()));
    }
    hub.put(&["apps", &asked.platform], &json!({"keys": keys})).await?;
    page.say(format!("This hub's app on {} is {} from now on.", asked.platform, asked.id))?;
    page.say(format!(
        "next:  storeloom connect {} --url https://your-shop.example --browser",
        quoted(&asked.platform)
    ))?;
    page.document(&json!({"platform": asked.platform, "client_id": asked.id}))
}

/// The secret before this one, if there is one to name; asked for with `-`.
fn old_secret(page: &mut Page<'_, '_>, asked: &App) -> Result<Option<SecretString>> {
    let given = asked.old_secret.as_ref().filter(|old| !old.expose_secret().is_empty());
    let Some(given) = given else { return Ok(None) };
    let old = page.secret(Some(given), "The client secret before it: ")?;
    old.map(Some).ok_or_else(|| {
        Trouble::usage("the old client secret is missing")
            .next("write it to standard input on a line of its own, or leave --old-secret out")
    })
}
