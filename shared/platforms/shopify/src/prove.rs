//! Calling a shop for the first time: who it is, what the app may do in it, and where it keeps its stock.

use domain::RemoteShop;
use platform::{Ctx, ErrorKind, PlatformError, Proof, Result, ShopAddress};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::call::Shop;
use crate::credentials::{Credentials, Found, Grant, has_scope};
use crate::documents::Document;
use crate::findings::findings;
use crate::renew::renewed;
use crate::shop_domain::strict;
use crate::wire::connection::Connection;
use crate::wire::loose::Id;
use crate::wire::order_graph::OnlyId;

const OP: &str = "prove";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    shop: Described,
    current_app_installation: Installation,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    id: Id,
    #[serde(default)]
    name: String,
    #[serde(default)]
    myshopify_domain: String,
    #[serde(default)]
    currency_code: String,
    #[serde(default)]
    iana_timezone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Installation {
    access_scopes: Vec<Scope>,
}

#[derive(Debug, Deserialize)]
struct Scope {
    handle: String,
}

#[derive(Debug, Deserialize)]
struct Locations {
    locations: Connection<OnlyId>,
}

/// Finds out who the shop is and what its owner should know.
pub(crate) async fn prove(ctx: &Ctx<'_>) -> Result<Proof> {
    let mut credentials = Credentials::read(&ctx.session.credentials)?;
    if credentials.token().is_err() || credentials.renew_at().is_some_and(|at| at <= ctx.clock.now()) {
        credentials = renewed(ctx, credentials).await?;
    }
    let mut shop = Shop::along(ctx, credentials);
    let answer: Answer = shop.ask(OP, Document::Shop, json!({})).await?.shaped()?;
    let unreadable = |what: &str| {
        PlatformError::new(
            ErrorKind::Malformed,
            OP,
            format!("the shop does not say its {what}; see that the address is a Shopify shop's"),
        )
    };
    let domain: RemoteShop = strict(&answer.shop.myshopify_domain).ok_or_else(|| unreadable("own domain"))?;
    let scopes: Vec<String> =
        answer.current_app_installation.access_scopes.into_iter().map(|scope| scope.handle).collect();
    let locations = locations(&shop, &scopes).await?;
    let found = Found {
        shop: answer.shop.id.0.ok_or_else(|| unreadable("number"))?,
        location: match locations.as_deref() {
            Some([one]) => Some(one.clone()),
            _ => None,
        },
        scopes,
    };
    let checks = match &shop.credentials.grant {
        Grant::Code { .. } => ctx.session.app.as_ref().is_some_and(|app| App::read(app).is_ok()),
        Grant::Pasted { .. } | Grant::Client { .. } => shop.credentials.own_secret().is_some(),
    };
    let findings = findings(&found.scopes, locations.map(|all| all.len()), checks);
    shop.credentials.found = Some(found);
    let name = answer.shop.name.trim();
    Ok(Proof {
        name: if name.is_empty() { domain.as_str().to_owned() } else { name.to_owned() },
        currency: answer.shop.currency_code.parse().ok(),
        zone: answer.shop.iana_timezone.filter(|zone| !zone.trim().is_empty()),
        shop: ShopAddress { shop: domain, address: ctx.session.address.trim_end_matches('/').to_owned() },
        credentials: shop.credentials.write()?,
        findings,
    })
}

/// The active locations, if the app may know them.
async fn locations(shop: &Shop<'_>, scopes: &[String]) -> Result<Option<Vec<String>>> {
    if !has_scope(scopes, "read_locations") {
        return Ok(None);
    }
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let answer = shop.ask(OP, Document::Locations, json!({ "after": after })).await?;
        let page = match answer.shaped::<Locations>() {
            Ok(page) => page.locations,
            Err(error) if error.code.as_deref() == Some("ACCESS_DENIED") => return Ok(None),
            Err(error) => return Err(error),
        };
        after = page.page_info.next().map(str::to_owned);
        all.extend(page.nodes.into_iter().filter_map(|location| location.id.0));
        if after.is_none() {
            return Ok(Some(all));
        }
    }
}
