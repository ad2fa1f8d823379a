//! The way in: the page where the merchant installs the app, and the exchange of codes and tokens.

use super::app::{ACCESS_LIFE, CREDENTIALS_LIFE, Code, REFRESH_LIFE, listed};
use super::clock::{DAY, Millis};
use super::house::House;
use super::store::Store;
use super::web::{Answer, Visit, joined, json, page, redirect, value};
use crate::ground::{encode, pairs};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json as made};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A code lives so long.
const CODE_LIFE: Millis = 60_000;
/// A static token that was exchanged gets the same answer again for so long.
const MIGRATION_LIFE: Millis = 7 * DAY;
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const OFFLINE: &str = "urn:shopify:params:oauth:token-type:offline-access-token";

/// Answers below `/admin/oauth/`; none drops the connection.
pub(crate) fn serve(house: &Arc<House>, visit: &Visit) -> Option<Answer> {
    Some(match (visit.method.as_str(), visit.path.as_str()) {
        ("GET", "/admin/oauth/authorize") => ask(house, &pairs(&visit.query)),
        ("POST", "/admin/oauth/authorize") => grant(house, &visit.fields()),
        ("POST", "/admin/oauth/access_token") => return exchange(house, visit),
        ("GET", "/admin/oauth/access_scopes.json") => scopes(house, visit),
        _ => json(404, &made!({"errors": "Not Found"})),
    })
}

/// What stands on the page that refuses.
struct Refused(String);

fn oops(kind: &str, text: &str) -> Refused {
    Refused(format!("Oauth error {kind}: {text}"))
}

fn refusal(refused: &Refused) -> Answer {
    page(400, "Oauth error", &format!("<p class=\"error\">{}</p>", refused.0))
}

/// What a merchant is asked for, or why there is nothing to ask.
fn asked(store: &Store, query: &[(String, String)]) -> Result<(String, BTreeSet<String>), Refused> {
    let app = &store.grants.app;
    let client = value(query, "client_id").unwrap_or_default();
    if client != app.client_id {
        return Err(oops(
            "invalid_request",
            &format!("Could not find Shopify API application with api_key {}", encode(client)),
        ));
    }
    let back = value(query, "redirect_uri").unwrap_or_default().to_owned();
    let allowed = app.redirects.contains(&back) || (app.redirects.is_empty() && store.config.lab);
    if back.is_empty() || !allowed {
        return Err(oops("invalid_request", "The redirect_uri is not whitelisted"));
    }
    if value(query, "grant_options[]").is_some_and(|option| option == "per-user") {
        return Err(oops("invalid_request", "Tokens of single users are not simulated"));
    }
    let scopes: BTreeSet<String> = value(query, "scope")
        .unwrap_or_default()
        .split([',', ' '])
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some(odd) = scopes.iter().find(|one| !(one.starts_with("read_") || one.starts_with("write_"))) {
        return Err(oops("invalid_scope", &format!("Your app requested the invalid scope {}", encode(odd))));
    }
    Ok((back, scopes))
}

fn ask(house: &House, query: &[(String, String)]) -> Answer {
    let mut store = house.store();
    let (back, scopes) = match asked(&store, query) {
        Ok(asked) => asked,
        Err(refused) => return refusal(&refused),
    };
    let known = scopes.iter().all(|scope| super::app::allows(&store.grants.scopes, scope));
    if store.grants.approved && store.grants.installed && known && store.grants.withheld.is_empty() {
        let scopes = scopes.clone();
        return send_back(&mut store, &back, value(query, "state").unwrap_or_default(), scopes);
    }
    let hidden: String = query
        .iter()
        .map(|(key, value)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(key), escape(value))
        })
        .collect();
    let rows: String = scopes.iter().map(|scope| format!("<li>{}</li>", escape(scope))).collect();
    let body = format!(
        "<h1>Install {}</h1><ul>{rows}</ul><form method=\"post\" action=\"/admin/oauth/authorize\">{hidden}<button>Install</button></form>",
        escape(&store.grants.app.title)
    );
    page(200, "Install app", &body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn grant(house: &House, form: &[(String, String)]) -> Answer {
    let mut store = house.store();
    let (back, scopes) = match asked(&store, form) {
        Ok(asked) => asked,
        Err(refused) => return refusal(&refused),
    };
    let withheld = std::mem::take(&mut store.grants.withheld);
    let scopes: BTreeSet<String> = scopes.difference(&withheld).cloned().collect();
    store.grants.scopes = scopes.clone();
    store.grants.approved = true;
    store.grants.installed = true;
    send_back(&mut store, &back, value(form, "state").unwrap_or_default(), scopes)
}

fn send_back(store: &mut Store, back: &str, state: &str, scopes: BTreeSet<String>) -> Answer {
    let code = store.random.hex(32);
    let expires = store.now() + CODE_LIFE;
    store.grants.codes.insert(code.clone(), Code { scopes, expires });
    let mut pairs = signed_pairs(store, &[("code", code), ("state", state.to_owned())]);
    pairs.retain(|(key, value)| key != "state" || !value.is_empty());
    let hmac = super::sign::query(&store.grants.signing_secret(), &pairs);
    pairs.insert(1, ("hmac".into(), hmac));
    let mark = if back.contains('?') { '&' } else { '?' };
    redirect(&format!("{back}{mark}{}", joined(&pairs)))
}

/// The pairs every signed link has, with these, in order of their names.
fn signed_pairs(store: &Store, more: &[(&str, String)]) -> Vec<(String, String)> {
    let name = store.config.domain.trim_end_matches(".myshopify.com");
    let host = STANDARD_NO_PAD.encode(format!("admin.shopify.com/store/{name}"));
    let mut pairs: Vec<(String, String)> = vec![
        ("host".into(), host),
        ("shop".into(), store.config.domain.clone()),
        ("timestamp".into(), (store.now() / 1000).to_string()),
    ];
    pairs.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    pairs.sort();
    pairs
}

/// The link a merchant follows from the platform to the app.
pub(crate) fn install_link(store: &Store, app_url: &str) -> String {
    let mut pairs = signed_pairs(store, &[]);
    let hmac = super::sign::query(&store.grants.signing_secret(), &pairs);
    pairs.insert(0, ("hmac".into(), hmac));
    let mark = if app_url.contains('?') { '&' } else { '?' };
    format!("{app_url}{mark}{}", joined(&pairs))
}

fn refuse(status: u16, error: &str, text: &str) -> Option<Answer> {
    let body = if text.is_empty() {
        made!({"error": error})
    } else {
        made!({"error": error, "error_description": text})
    };
    Some(json(status, &body))
}

fn exchange(house: &House, visit: &Visit) -> Option<Answer> {
    let fields = visit.fields();
    let given = |key: &str| value(&fields, key).unwrap_or_default().to_owned();
    let mut guard = house.store();
    let store = &mut *guard;
    if given("client_id") != store.grants.app.client_id || !store.grants.knows_secret(&given("client_secret"))
    {
        return refuse(400, "invalid_client", "Client authentication failed");
    }
    let expiring = matches!(given("expiring").as_str(), "1" | "true");
    match given("grant_type").as_str() {
        "" | "authorization_code" => with_code(store, &given("code"), expiring),
        "refresh_token" => with_refresh(store, &given("refresh_token")),
        "client_credentials" => with_credentials(store),
        EXCHANGE => migrate(store, &given("subject_token"), &given("subject_token_type"), expiring),
        _ => refuse(400, "unsupported_grant_type", "The grant type is not supported"),
    }
}

fn with_code(store: &mut Store, code: &str, expiring: bool) -> Option<Answer> {
    let now = store.now();
    let Some(code) = store.grants.codes.remove(code).filter(|code| now < code.expires) else {
        return refuse(400, "invalid_request", "The authorization code was not found or was already used");
    };
    if !expiring && store.grants.app.expiring_only {
        return refuse(400, "invalid_request", "Public apps must request expiring offline access tokens");
    }
    // A new exchange retires the refresh tokens of the ones before.
    store.grants.refreshes.values_mut().for_each(|refresh| refresh.retired = true);
    Some(json(200, &pair(store, &code.scopes, expiring, None)))
}

/// A fresh access token, with a refresh token when it expires.
fn pair(store: &mut Store, scopes: &BTreeSet<String>, expiring: bool, parent: Option<String>) -> Value {
    let now = store.now();
    if !expiring {
        let access = store.grants.issue(&mut store.random, scopes, None);
        return made!({"access_token": access, "scope": listed(scopes)});
    }
    let access = store.grants.issue(&mut store.random, scopes, Some(now + ACCESS_LIFE));
    let refresh = store.grants.issue_refresh(&mut store.random, scopes, parent, now);
    made!({
        "access_token": access, "scope": listed(scopes), "expires_in": ACCESS_LIFE / 1000,
        "refresh_token": refresh, "refresh_token_expires_in": REFRESH_LIFE / 1000,
    })
}

fn with_refresh(store: &mut Store, token: &str) -> Option<Answer> {
    let now = store.now();
    let Some(scopes) = store.grants.use_refresh(token, now) else {
        return refuse(401, "invalid_request", "");
    };
    let body = pair(store, &scopes, true, Some(token.to_owned()));
    if store.grants.lose_refreshes > 0 {
        store.grants.lose_refreshes -= 1;
        return None;
    }
    Some(json(200, &body))
}

fn with_credentials(store: &mut Store) -> Option<Answer> {
    if !store.grants.app.own_organisation {
        return refuse(400, "shop_not_permitted", "Client credentials cannot be performed on this shop.");
    }
    if !store.grants.installed {
        return refuse(400, "app_not_installed", "The app is not installed on this shop");
    }
    let (scopes, expires) = (store.grants.scopes.clone(), store.now() + CREDENTIALS_LIFE);
    let access = store.grants.issue(&mut store.random, &scopes, Some(expires));
    let body =
        made!({"access_token": access, "scope": listed(&scopes), "expires_in": CREDENTIALS_LIFE / 1000});
    Some(json(200, &body))
}

/// A static offline token becomes one that expires; the old one stops working.
fn migrate(store: &mut Store, subject: &str, kind: &str, expiring: bool) -> Option<Answer> {
    if kind != OFFLINE || !expiring {
        return refuse(
            400,
            "invalid_request",
            "Only offline tokens can be exchanged here, for ones that expire",
        );
    }
    let now = store.now();
    if let Some((at, answer)) = store.grants.migrated.get(subject).cloned()
        && now < at + MIGRATION_LIFE
    {
        return Some(json(200, &serde_json::from_str(&answer).unwrap_or_default()));
    }
    let old = store.grants.token(subject, now).filter(|token| token.expires.is_none()).cloned();
    let Some(old) = old else {
        return refuse(400, "invalid_subject_token", "The subject token is not valid");
    };
    let body = pair(store, &old.scopes, true, None);
    store.grants.tokens.remove(subject);
    store.grants.migrated.insert(subject.to_owned(), (now, body.to_string()));
    Some(json(200, &body))
}

fn scopes(house: &House, visit: &Visit) -> Answer {
    let store = house.store();
    let token =
        visit.header("x-shopify-access-token").and_then(|token| store.grants.token(token, store.now()));
    match token {
        None => super::front::unauthorized(),
        Some(token) => {
            let rows: Vec<Value> = token.scopes.iter().map(|scope| made!({"handle": scope})).collect();
            json(200, &made!({"access_scopes": rows}))
        }
    }
}
