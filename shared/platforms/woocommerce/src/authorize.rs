//! Connecting a shop: the way through its owner's browser (`wc-auth/v1`), and pasted keys.

use std::collections::BTreeMap;

use async_trait::async_trait;
use platform::{Authorize, Begin, Ctx, Delivery, ErrorKind, PlatformError, Proof, Result, ShopAddress};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use crate::WooCommerce;
use crate::credentials::{Credentials, Permissions, make_webhook_secret};
use crate::oauth1::encode;
use crate::wire::loose::Text;

/// What the shop posts to the callback.
#[derive(Deserialize)]
struct Keys {
    #[serde(default)]
    user_id: Text,
    #[serde(default)]
    consumer_key: Text,
    #[serde(default)]
    consumer_secret: Text,
    #[serde(default)]
    key_permissions: Text,
}

#[async_trait]
impl Authorize for WooCommerce {
    fn shop_of(&self, typed: &str) -> Result<ShopAddress> {
        crate::shop_address::shop_of(typed)
    }

    fn begin(&self, begin: &Begin<'_>) -> Result<Url> {
        const OP: &str = "begin";
        let wrong = |message: String| PlatformError::new(ErrorKind::Rejected, OP, message);
        if begin.callback.scheme() != "https" {
            return Err(wrong(
                "the shop sends keys only to an https:// address; give this service a public https:// address, or \
                 paste keys made under WooCommerce, Settings, Advanced, REST API"
                    .to_owned(),
            ));
        }
        if begin.state.is_empty() || !begin.state.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong("the one-time state may hold letters and digits only".to_owned()));
        }
        for (what, address) in [("callback", begin.callback), ("return", begin.return_to)] {
            // The shop decodes both addresses once more than it was sent them.
            if address.as_str().contains(['%', '+']) {
                return Err(wrong(format!(
                    "the {what} address must hold no % and no +: the shop decodes it twice"
                )));
            }
        }
        let params = [
            ("app_name", begin.app_name),
            ("scope", "read_write"),
            ("user_id", begin.state),
            ("return_url", begin.return_to.as_str()),
            ("callback_url", begin.callback.as_str()),
        ];
        let query: Vec<String> =
            params.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let address = begin.shop.address.trim_end_matches('/');
        let text = format!("{address}/wc-auth/v1/authorize?{}", query.join("&"));
        Url::parse(&text).map_err(|cause| wrong("the shop's address is none".to_owned()).because(cause))
    }

    fn state_of(&self, answer: &Delivery<'_>) -> Result<String> {
        let keys = keys_of("state_of", answer)?;
        let state = keys.user_id.0;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if state.is_empty() || state.len() > 200 || !state.bytes().all(plain) {
            return Err(strange("state_of"));
        }
        Ok(state)
    }

    async fn redeem(&self, ctx: &Ctx<'_>, answer: &Delivery<'_>) -> Result<SecretString> {
        let keys = whole_keys(answer)?;
        let (consumer_key, consumer_secret) = (keys.consumer_key.0, keys.consumer_secret.0);
        let permissions = match keys.key_permissions.0.as_str() {
            "read" => Some(Permissions::Read),
            "write" => Some(Permissions::Write),
            "read_write" => Some(Permissions::ReadWrite),
            _ => None,
        };
        let webhook_secret = make_webhook_secret(ctx.dice);
        Credentials { consumer_key, consumer_secret, webhook_secret, permissions, route: None }.write()
    }

    fn paste(&self, fields: &BTreeMap<String, SecretString>) -> Result<SecretString> {
        let consumer_key = field(fields, ["consumer_key", "key"], "ck_")?;
        let consumer_secret = field(fields, ["consumer_secret", "secret"], "cs_")?;
        let webhook_secret = String::new();
        Credentials { consumer_key, consumer_secret, webhook_secret, permissions: None, route: None }.write()
    }

    async fn prove(&self, ctx: &Ctx<'_>) -> Result<Proof> {
        crate::prove::prove(ctx).await
    }
}

fn strange(op: &'static str) -> PlatformError {
    PlatformError::new(
        ErrorKind::Malformed,
        op,
        "this is not the keys that a WooCommerce shop sends; begin connecting the store anew",
    )
}

fn keys_of(op: &'static str, answer: &Delivery<'_>) -> Result<Keys> {
    let text = std::str::from_utf8(answer.body).map_err(|_| strange(op))?;
    serde_json::from_str(text.trim_start_matches('\u{feff}').trim()).map_err(|_| strange(op))
}

/// The keys of an answer that has both of them in their shape.
fn whole_keys(answer: &Delivery<'_>) -> Result<Keys> {
    let keys = keys_of("redeem", answer)?;
    if looks_like_key(&keys.consumer_key.0, "ck_") && looks_like_key(&keys.consumer_secret.0, "cs_") {
        Ok(keys)
    } else {
        Err(strange("redeem"))
    }
}

/// What the keys of an answer may do, as the shop says.
pub(crate) fn keys_in(answer: &Delivery<'_>) -> Result<String> {
    Ok(whole_keys(answer)?.key_permissions.0)
}

/// Whether a text has a key's shape: its prefix, then letters and digits.
fn looks_like_key(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        (6..=200).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// A pasted field, under the shop's name for it or under the one that it has for every platform.
fn field(fields: &BTreeMap<String, SecretString>, names: [&str; 2], prefix: &str) -> Result<String> {
    let wrong = |message: String| PlatformError::new(ErrorKind::Rejected, "paste", message);
    let given = |name: &str| {
        let text = fields.get(name)?.expose_secret().trim().to_owned();
        (!text.is_empty()).then(|| (name.to_owned(), text))
    };
    let Some((name, text)) = names.into_iter().find_map(given) else {
        let [name, _] = names;
        return Err(wrong(format!(
            "`{name}` is missing; make a key under WooCommerce, Settings, Advanced, REST API, and paste it"
        )));
    };
    if !looks_like_key(&text, prefix) {
        return Err(wrong(format!(
            "`{name}` begins with `{prefix}`; paste the whole of it, and not the other one"
        )));
    }
    Ok(text)
}
