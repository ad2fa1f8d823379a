//! `wc-auth/v1`: a merchant grants an application a key in the browser.

use super::args::fold;
use super::broken::page;
use super::front::{Answer, Visit, put};
use super::house::House;
use super::json::Object;
use super::outbound::Sent;
use crate::ground::{encode, pairs};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Browser sessions and the nonces given out.
#[derive(Default)]
pub(crate) struct Sessions {
    cookies: HashMap<String, String>,
    nonces: HashSet<String>,
}

/// The merchant's login.
pub(crate) const USER: &str = "admin";
/// The merchant's password.
pub(crate) const PASSWORD: &str = "admin";

const WANTED: [&str; 5] = ["app_name", "user_id", "return_url", "callback_url", "scope"];

pub(crate) async fn serve(house: &Arc<House>, visit: &Visit) -> Answer {
    match visit.path.trim_start_matches("/wc-auth/v1").trim_matches('/') {
        "authorize" => authorize(house, visit),
        "login" if visit.method == "POST" => login(house, visit),
        "login" => login_form(house, visit),
        "access_granted" => granted(house, visit).await,
        _ => page(404, "Page not found", "<p>Not Found</p>"),
    }
}

fn refused(why: &str) -> Answer {
    page(401, "Access denied", &format!("Error: {why}."))
}

fn checked(visit: &Visit) -> Result<HashMap<String, String>, Box<Answer>> {
    let given: Object = fold(&pairs(&visit.query));
    let mut out = HashMap::new();
    for name in ["app_name", "user_id", "return_url", "callback_url", "scope"] {
        match given.get(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty()) {
            Some(text) => out.insert(name.to_owned(), text.to_owned()),
            None => return Err(Box::new(refused(&format!("Missing parameter {name}")))),
        };
    }
    if !["read", "write", "read_write"].contains(&out["scope"].as_str()) {
        return Err(Box::new(refused(&format!("Invalid scope {}", escape(&out["scope"])))));
    }
    for name in ["return_url", "callback_url"] {
        // The store decodes once more what PHP has decoded already.
        let twice = crate::ground::decode(&out[name]);
        let whole = if twice.contains("://") { twice } else { format!("https://{twice}") };
        if whole.parse::<reqwest::Url>().is_err() {
            return Err(Box::new(refused(&format!("The {name} is not a valid URL"))));
        }
        out.insert(name.into(), whole);
    }
    if !out["callback_url"].starts_with("https://") {
        return Err(Box::new(refused("The callback_url needs to be over SSL")));
    }
    Ok(out)
}

fn query(given: &HashMap<String, String>) -> String {
    let parts: Vec<String> = WANTED.iter().map(|name| format!("{name}={}", encode(&given[*name]))).collect();
    parts.join("&")
}

fn endpoint(house: &House, name: &str) -> String {
    format!("{}/wc-auth/v1/{name}/", house.store().home)
}

fn redirect(to: &str, cookie: Option<String>) -> Answer {
    let mut answer = page(302, "Moved", "");
    put(answer.headers_mut(), vec![("x-redirect-by", "WordPress".into()), ("location", to.into())]);
    if let Some(cookie) = cookie {
        put(answer.headers_mut(), vec![("set-cookie", cookie)]);
    }
    answer
}

fn returning(given: &HashMap<String, String>, success: u8) -> String {
    let url = &given["return_url"];
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}success={success}&user_id={}", encode(&given["user_id"]))
}

fn logged_in(house: &House, visit: &Visit) -> bool {
    let sessions = house.sessions.lock().unwrap();
    let jar = visit.header("cookie").unwrap_or_default();
    jar.split(';')
        .filter_map(|part| part.trim().split_once('='))
        .any(|(name, value)| name.starts_with("wordpress_logged_in_") && sessions.cookies.contains_key(value))
}

fn nonce(house: &House) -> String {
    let nonce = house.store().random.hex(10);
    house.sessions.lock().unwrap().nonces.insert(nonce.clone());
    nonce
}

fn authorize(house: &House, visit: &Visit) -> Answer {
    let given = match checked(visit) {
        Ok(given) => given,
        Err(answer) => return *answer,
    };
    if !logged_in(house, visit) {
        return redirect(&format!("{}?{}", endpoint(house, "login"), query(&given)), None);
    }
    let approve =
        format!("{}?{}&wc_auth_nonce={}", endpoint(house, "access_granted"), query(&given), nonce(house));
    let scope = match given["scope"].as_str() {
        "read" => "Read",
        "write" => "Write",
        _ => "Read/Write",
    };
    let app = escape(&given["app_name"]);
    let body = format!(
        "<h1>{app} would like to connect to your store</h1>\n<p>This will give &quot;<strong>{app}</strong>&quot; <strong>{scope}</strong> access.</p>\n<p class=\"wc-auth-actions\">\n\t<a href=\"{}\" class=\"button button-primary wc-auth-approve\">Approve</a>\n\t<a href=\"{}\" class=\"button wc-auth-deny\">Deny</a>\n</p>",
        escape(&approve),
        escape(&returning(&given, 0)),
    );
    page(200, "Application authentication request", &body)
}

fn login_form(house: &House, visit: &Visit) -> Answer {
    let given = match checked(visit) {
        Ok(given) => given,
        Err(answer) => return *answer,
    };
    let app = escape(&given["app_name"]);
    let body = format!(
        "<h1>{app} would like to connect to your store</h1>\n<p>Log in to your store below, or <a href=\"{}\">cancel and return to {app}</a></p>\n<form method=\"post\" class=\"wc-auth-login\">\n<input type=\"text\" name=\"username\" id=\"username\" value=\"\" />\n<input type=\"password\" name=\"password\" id=\"password\" />\n<input type=\"hidden\" id=\"woocommerce-login-nonce\" name=\"woocommerce-login-nonce\" value=\"{}\" />\n<button type=\"submit\" name=\"login\" value=\"Login\">Login</button>\n<input type=\"hidden\" name=\"redirect\" value=\"{}\" />\n</form>",
        escape(&returning(&given, 0)),
        nonce(house),
        escape(&format!("{}?{}", endpoint(house, "authorize"), query(&given))),
    );
    page(200, "Application authentication request", &body)
}

fn login(house: &House, visit: &Visit) -> Answer {
    let form: HashMap<String, String> = visit.form().into_iter().collect();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let known = house.sessions.lock().unwrap().nonces.remove(field("woocommerce-login-nonce"));
    if !known || field("username") != USER || field("password") != PASSWORD {
        return login_form(house, visit);
    }
    let (site, value) = {
        let mut store = house.store();
        (store.random.hex(32), format!("{USER}%7C{}", store.random.hex(40)))
    };
    house.sessions.lock().unwrap().cookies.insert(value.clone(), USER.into());
    let secure = if house.https { "; secure" } else { "" };
    let cookie = format!("wordpress_logged_in_{site}={value}; path=/{secure}; HttpOnly");
    redirect(field("redirect"), Some(cookie))
}

async fn granted(house: &Arc<House>, visit: &Visit) -> Answer {
    let given = match checked(visit) {
        Ok(given) => given,
        Err(answer) => return *answer,
    };
    if !logged_in(house, visit) {
        return redirect(&format!("{}?{}", endpoint(house, "login"), query(&given)), None);
    }
    let asked: HashMap<String, String> = pairs(&visit.query).into_iter().collect();
    let nonce = asked.get("wc_auth_nonce").cloned().unwrap_or_default();
    if !house.sessions.lock().unwrap().nonces.remove(&nonce) {
        return refused("Invalid nonce verification");
    }
    let keys = house.store().make_key(&given["scope"]);
    let body = json!({
        "key_id": keys.key_id,
        "user_id": given["user_id"],
        "consumer_key": keys.consumer_key,
        "consumer_secret": keys.consumer_secret,
        "key_permissions": keys.permissions,
    });
    let headers = vec![("Content-Type".to_owned(), "application/json;charset=UTF-8".to_owned())];
    let sent = house.outbound.post(&given["callback_url"], headers, super::json::encode(&body), false).await;
    if !matches!(sent, Sent::Answered(200)) {
        house.store().keys.remove(&keys.consumer_key);
        let why = match sent {
            Sent::Refused(why) | Sent::Failed(why) => why,
            Sent::Answered(..) => {
                "An error occurred in the request and at the time were unable to send the consumer data"
                    .into()
            }
        };
        return refused(why.trim_end_matches('.'));
    }
    redirect(&returning(&given, 1), None)
}

/// `esc_attr` and `esc_url` as far as these pages need them.
fn escape(text: &str) -> String {
    text.replace('&', "&#038;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
