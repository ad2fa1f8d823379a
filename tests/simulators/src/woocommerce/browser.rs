//! The merchant's browser: plays the pages of `wc-auth` over HTTP.

use crate::ground::Failure;
use crate::ground::{decode, encode};

/// What the merchant presses on the grant page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Approve.
    Approve,
    /// Deny.
    Deny,
}

/// Follows an authorize URL through login to the return URL.
pub(crate) async fn decide(
    ca: Option<&str>,
    home: &str,
    url: &str,
    decision: Decision,
) -> Result<String, Failure> {
    let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    if let Some(ca) = ca {
        client = client.tls_certs_merge(reqwest::Certificate::from_pem_bundle(ca.as_bytes())?);
    }
    let client = client.build()?;
    let mut at = url.to_owned();
    let mut cookie = String::new();
    for _ in 0..8 {
        let answer = client.get(&at).header("Cookie", cookie.as_str()).send().await?;
        if let Some(to) = location(&answer) {
            if !to.starts_with(home) {
                return Ok(to);
            }
            at = to;
            continue;
        }
        let status = answer.status();
        let html = answer.text().await?;
        if !status.is_success() {
            return Err(format!("the shop refused with {status}: {}", said(&html)).into());
        }
        if let Some(form) = html.split("<form method=\"post\"").nth(1) {
            let body = format!(
                "woocommerce-login-nonce={}&redirect={}&username={}&password={}&login=Login",
                encode(&value(form, "woocommerce-login-nonce")),
                encode(&value(form, "redirect")),
                super::consent::USER,
                super::consent::PASSWORD,
            );
            let kind = "application/x-www-form-urlencoded";
            let answer = client.post(&at).header("Content-Type", kind).body(body).send().await?;
            for set in answer.headers().get_all("set-cookie") {
                let pair = set.to_str()?.split(';').next().unwrap_or_default();
                cookie = if cookie.is_empty() { pair.to_owned() } else { format!("{cookie}; {pair}") };
            }
            at = location(&answer).ok_or("the shop did not accept the login")?;
            continue;
        }
        let class = match decision {
            Decision::Approve => "wc-auth-approve",
            Decision::Deny => "wc-auth-deny",
        };
        let link = html
            .split("<a href=\"")
            .skip(1)
            .find(|part| part.split("</a>").next().is_some_and(|tag| tag.contains(class)));
        let link = link.and_then(|part| part.split('"').next()).ok_or("the grant page has no such button")?;
        at = link.replace("&#038;", "&").replace("&quot;", "\"");
        if decision == Decision::Deny {
            return Ok(at);
        }
    }
    Err("the pages went in circles".into())
}

fn location(answer: &reqwest::Response) -> Option<String> {
    Some(answer.headers().get("location")?.to_str().ok()?.to_owned())
}

fn value(html: &str, name: &str) -> String {
    let tag = html.split("<input").find(|tag| tag.contains(&format!("name=\"{name}\""))).unwrap_or_default();
    let value = tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    value.replace("&#038;", "&").replace("&quot;", "\"")
}

fn said(html: &str) -> String {
    let body = html.split("wp-die-message\">").nth(1).and_then(|rest| rest.split("</div>").next());
    decode(&body.unwrap_or(html).replace('%', "%25").replace('+', "%2B"))
}
