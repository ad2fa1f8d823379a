//! Connecting a shop: our app, let in by the owner's browser, or a token or an app of the merchant's own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use platform::{Authorize, Begin, Ctx, Delivery, ErrorKind, PlatformError, Proof, Result, ShopAddress};
use secrecy::SecretString;
use url::Url;

use crate::Shopify;
use crate::app::{App, field};
use crate::credentials::{Credentials, Grant};
use crate::query_signature::{Signed, check, check_time, encode, unchecked};
use crate::shop_domain::{at, shop_of, strict};
use crate::token;

#[async_trait]
impl Authorize for Shopify {
    fn answers_by_browser(&self) -> bool {
        true
    }

    fn install(&self, request: &Delivery<'_>, app: &SecretString, now: Timestamp) -> Result<ShopAddress> {
        const OP: &str = "install";
        let app = App::read(app)?;
        let signed = check(OP, request.query, &app.secrets())?;
        check_time(OP, &signed, now)?;
        signed.get("shop").and_then(strict).map(at).ok_or_else(|| no_shop(OP))
    }

    fn shop_of(&self, typed: &str) -> Result<ShopAddress> {
        shop_of(typed)
    }

    fn begin(&self, begin: &Begin<'_>) -> Result<Url> {
        const OP: &str = "begin";
        let wrong = |message: &str| PlatformError::new(ErrorKind::Rejected, OP, message);
        let app = App::needed(begin.app, OP)?;
        if begin.state.is_empty() || !begin.state.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong("the one-time state may hold letters and digits only"));
        }
        let scopes = app.scopes.join(",");
        let params = [
            ("client_id", app.client_id.as_str()),
            ("scope", scopes.as_str()),
            ("redirect_uri", begin.callback.as_str()),
            ("state", begin.state),
        ];
        let query: Vec<String> =
            params.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let address = begin.shop.address.trim_end_matches('/');
        Url::parse(&format!("{address}/admin/oauth/authorize?{}", query.join("&")))
            .map_err(|cause| wrong("the shop's address is none").because(cause))
    }

    fn state_of(&self, answer: &Delivery<'_>) -> Result<String> {
        let state = unchecked(answer.query, "state").unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if state.is_empty() || state.len() > 200 || !state.bytes().all(plain) {
            return Err(PlatformError::new(
                ErrorKind::Malformed,
                "state_of",
                "this is not the answer of a Shopify shop; begin connecting the store anew",
            ));
        }
        Ok(state)
    }

    async fn redeem(&self, ctx: &Ctx<'_>, answer: &Delivery<'_>) -> Result<SecretString> {
        const OP: &str = "redeem";
        let app = App::needed(ctx.session.app.as_ref(), OP)?;
        let signed = check(OP, answer.query, &app.secrets())?;
        check_time(OP, &signed, ctx.clock.now())?;
        is_of(ctx, &signed)?;
        let code = signed.get("code").filter(|code| !code.is_empty()).ok_or_else(|| {
            PlatformError::new(
                ErrorKind::Malformed,
                OP,
                "the answer carries no code: the owner may have refused; begin connecting the store anew",
            )
        })?;
        let given = token::for_code(ctx, OP, &app, code).await?;
        Credentials::new(given.code(ctx.clock.now())).write()
    }

    fn app(&self, fields: &BTreeMap<String, SecretString>) -> Result<SecretString> {
        App::of(fields)?.write()
    }

    fn paste(&self, fields: &BTreeMap<String, SecretString>) -> Result<SecretString> {
        let wrong = |message: &str| PlatformError::new(ErrorKind::Rejected, "paste", message);
        let fields = &named(fields)?;
        let (id, secret) = (field(fields, "client_id")?, field(fields, "client_secret")?);
        let grant = match (field(fields, "access_token")?, id, secret) {
            (Some(access_token), None, None) => {
                if !is_token(&access_token) {
                    return Err(wrong(
                        "the access token is none of the Admin API: those begin with `shpat_`; paste the whole of it",
                    ));
                }
                Grant::Pasted { access_token, api_secret: field(fields, "api_secret")? }
            }
            (None, Some(client_id), Some(client_secret)) => {
                Grant::Client { client_id, client_secret, token: None }
            }
            (None, Some(_), None) => {
                return Err(wrong("`client_secret` is missing; it stands beside the client id"));
            }
            (None, None, Some(_)) => {
                return Err(wrong("`client_id` is missing; it stands beside the client secret"));
            }
            (None, None, None) => {
                return Err(wrong(
                    "`access_token` is missing; paste the Admin API token of a custom app, with its API secret key, or \
                     the client id and secret of an app of your own",
                ));
            }
            (Some(_), _, _) => {
                return Err(wrong("paste either a token, or a client id and secret, not both"));
            }
        };
        Credentials::new(grant).write()
    }

    async fn prove(&self, ctx: &Ctx<'_>) -> Result<Proof> {
        crate::prove::prove(ctx).await
    }
}

fn no_shop(op: &'static str) -> PlatformError {
    PlatformError::new(ErrorKind::Unauthorized, op, "the request names no shop; begin in the shop's admin")
}

/// Refuses an answer of another shop than the one that was asked.
fn is_of(ctx: &Ctx<'_>, signed: &Signed) -> Result<()> {
    const OP: &str = "redeem";
    let shop = signed.get("shop").and_then(strict).ok_or_else(|| no_shop(OP))?;
    let asked = Url::parse(&ctx.session.address).ok().and_then(|url| url.host_str().map(str::to_owned));
    if asked.as_deref() == Some(shop.as_str()) {
        return Ok(());
    }
    let message =
        "the answer is of another shop than the one that was asked; begin connecting the store anew";
    Err(PlatformError::new(ErrorKind::Unauthorized, OP, message))
}

/// The fields under the names that Shopify gives them: a `key` is a token by its shape and a client id otherwise, and
/// the `secret` is the one that belongs to it.
fn named(fields: &BTreeMap<String, SecretString>) -> Result<BTreeMap<String, SecretString>> {
    let mut named = fields.clone();
    let Some(key) = field(fields, "key")? else { return Ok(named) };
    let wrong = |message: &str| PlatformError::new(ErrorKind::Rejected, "paste", message);
    if key.starts_with("shpss_") {
        return Err(wrong("`key` is a secret: it belongs into `secret`, beside its token or its client id"));
    }
    let (key_is, secret_is) =
        if key.starts_with("shp") { ("access_token", "api_secret") } else { ("client_id", "client_secret") };
    for (plain, own) in [("key", key_is), ("secret", secret_is)] {
        let Some(value) = named.remove(plain) else { continue };
        if named.insert(own.to_owned(), value).is_some() {
            return Err(wrong("paste a key and its secret under one name each, not under two"));
        }
    }
    Ok(named)
}

/// Whether a text has the shape of a token of the Admin API: a prefix of its kind, then letters and digits.
fn is_token(text: &str) -> bool {
    ["shpat_", "shpca_", "shpua_", "shppa_"].iter().any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            (4..=190).contains(&rest.len())
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        })
    })
}
