//! Calling a shop for the first time: where its REST API is, and how it lets itself be called.

use domain::money::Currency;
use http::Method;
use platform::{Ctx, ErrorKind, Finding, PlatformError, Proof, Result, ShopAddress};
use serde_json::json;

use crate::call::{Call, Shop, look};
use crate::credentials::{Credentials, Permissions, Route, Way, make_webhook_secret};
use crate::read::{Asked, read};
use crate::shop_address::shop_of;
use crate::wire::currency;
use crate::wire::site::{CurrentCurrency, Index, Setting};

const OP: &str = "prove";
const INDEX_FIELDS: &str = "_fields=name,url,home,gmt_offset,timezone_string,namespaces";

/// Where a shop's REST API was found.
struct Found {
    shop: ShopAddress,
    pretty: bool,
    index: Index,
}

/// Finds out how the shop is to be called, and what its owner should know.
pub(crate) async fn prove(ctx: &Ctx<'_>) -> Result<Proof> {
    let mut credentials = Credentials::read(&ctx.session.credentials)?;
    let typed = shop_of(&ctx.session.address)?;
    let (found, closed) = match find(ctx, typed.clone()).await {
        Ok(found) => (follow_home(ctx, found).await, None),
        // The index may be closed to strangers and open to a key.
        Err(error) if error.kind == ErrorKind::Unauthorized => {
            (Found { shop: typed, pretty: true, index: Index::default() }, Some(error))
        }
        Err(error) => return Err(error),
    };
    if found.index.is_one() && !found.index.has_woocommerce() {
        let message =
            "this is a WordPress site without WooCommerce's REST API v3; switch WooCommerce on and update it";
        return Err(PlatformError::new(ErrorKind::Unsupported, OP, message));
    }
    let mut route = match open(ctx, &credentials, &found).await {
        Ok(route) => route,
        Err(error) => {
            return Err(closed.filter(|_| error.code.as_deref() == Some("closed")).unwrap_or(error));
        }
    };
    let shop = Shop::along(ctx, credentials.clone(), route.clone());
    let currency = currency_of(&shop).await;
    let counts = counts_stock(&shop).await;
    let writing = may_write(&shop, credentials.permissions).await;
    route.variations = lists_variations(&shop).await;
    let findings = findings(&route, currency, counts, &writing);
    if credentials.webhook_secret.is_empty() {
        credentials.webhook_secret = make_webhook_secret(ctx.dice);
    }
    credentials.permissions = match writing {
        Writing::Open => Some(Permissions::ReadWrite),
        Writing::ReadOnly => Some(Permissions::Read),
        Writing::Walled(_) => credentials.permissions,
    };
    credentials.route = Some(route);
    let name = found
        .index
        .name
        .some()
        .map(|name| plain(&name))
        .unwrap_or_else(|| found.shop.shop.as_str().to_owned());
    Ok(Proof {
        name,
        currency,
        zone: found.index.zone(),
        shop: found.shop,
        credentials: credentials.write()?,
        findings,
    })
}

/// A site's name without the entities that WordPress keeps it with.
fn plain(name: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&amp;", "&")];
    pairs.iter().fold(name.to_owned(), |name, (kept, meant)| name.replace(kept, meant))
}

/// Looks for the REST API's index: with pretty permalinks, then without.
async fn find(ctx: &Ctx<'_>, shop: ShopAddress) -> Result<Found> {
    let pretty = format!("{}/wp-json/?{INDEX_FIELDS}", shop.address);
    let first = match index_at(ctx, &pretty).await {
        Ok(index) => return Ok(Found { shop, pretty: true, index }),
        Err(error) => error,
    };
    // Only an answer that says "not here" is worth a second look.
    if !matches!(first.kind, ErrorKind::Unsupported | ErrorKind::Malformed | ErrorKind::NotFound) {
        return Err(first);
    }
    let plain = format!("{}/?rest_route=/&{INDEX_FIELDS}", shop.address);
    match index_at(ctx, &plain).await {
        Ok(index) => Ok(Found { shop, pretty: false, index }),
        Err(second) if matches!(second.kind, ErrorKind::Unavailable | ErrorKind::RateLimited) => Err(second),
        Err(_) => Err(first),
    }
}

async fn index_at(ctx: &Ctx<'_>, url: &str) -> Result<Index> {
    let response = look(ctx, OP, url).await?;
    let answer = read(Asked { op: OP, writes: false }, &response)?;
    let index: Index = answer.shaped()?;
    if index.is_one() {
        Ok(index)
    } else {
        let message = "this address does not answer like WordPress; check it, and see that it is the shop's";
        Err(PlatformError::new(ErrorKind::Unsupported, OP, message))
    }
}

/// Goes to the address that the shop gives as its own, where that is another one and answers.
async fn follow_home(ctx: &Ctx<'_>, found: Found) -> Found {
    let Some(home) = found.index.home.some().or_else(|| found.index.url.some()) else {
        return found;
    };
    let Ok(home) = shop_of(&home) else {
        return found;
    };
    let same_place = home.shop == found.shop.shop;
    // A shop behind a proxy may believe that it is on http: what works over https stays there.
    if same_place && (home.address == found.shop.address || found.shop.address.starts_with("https://")) {
        return found;
    }
    match find(ctx, home).await {
        Ok(there) if there.index.has_woocommerce() => there,
        _ => found,
    }
}

/// Tries the ways to show whose a request is, the safest first.
async fn open(ctx: &Ctx<'_>, credentials: &Credentials, found: &Found) -> Result<Route> {
    let likely = Route { pretty: found.pretty, ..Route::likely(&found.shop.address) };
    let mut ways = Vec::new();
    if found.shop.address.starts_with("https://") {
        ways.extend([Way::Basic, Way::Query].map(|way| (way, found.shop.address.clone())));
    }
    ways.extend(signed_homes(found).into_iter().map(|home| (Way::Oauth1, home)));
    let mut refusal: Option<PlatformError> = None;
    for (way, signed_home) in ways {
        let route = Route { way, signed_home, ..likely.clone() };
        let shop = Shop::along(ctx, credentials.clone(), route.clone());
        let call = Call::get(OP, "products").with("per_page", 1).with("_fields", "id");
        let error = match shop.ask(&call).await {
            Ok(_) => return Ok(route),
            Err(error) => error,
        };
        match error.code.as_deref() {
            // The shop saw no key, or another signature: the next way may do.
            Some("anonymous" | "signature" | "authentication" | "401" | "closed") => {
                refusal = Some(telling(refusal, error))
            }
            // OAuth tells what Basic does not: the key is unknown, or its secret is wrong.
            _ => return Err(error),
        }
    }
    Err(refusal.unwrap_or_else(|| {
        PlatformError::new(ErrorKind::Unexpected, OP, "no way to call the shop was tried")
    }))
}

/// What the shop may take for its own address when it checks a signature: with the scheme that it believes in, and
/// without pretty permalinks with or without a slash at its end.
fn signed_homes(found: &Found) -> Vec<String> {
    let home = found.index.home.some().and_then(|home| shop_of(&home).ok());
    let bare = home.as_ref().unwrap_or(&found.shop).shop.as_str();
    let ends: &[&str] = if found.pretty { &[""] } else { &["", "/"] };
    ["http", "https"]
        .into_iter()
        .flat_map(|scheme| ends.iter().map(move |end| format!("{scheme}://{bare}{end}")))
        .collect()
}

/// Of two refusals the one that says more.
fn telling(before: Option<PlatformError>, now: PlatformError) -> PlatformError {
    match before {
        Some(before) if now.code.as_deref() == Some("anonymous") => before,
        _ => now,
    }
}

async fn currency_of(shop: &Shop<'_>) -> Option<Currency> {
    let current = Call::get(OP, "data/currencies/current").with("_fields", "code");
    if let Ok(answer) = shop.ask(&current).await
        && let Ok(found) = answer.shaped::<CurrentCurrency>()
        && let Some(found) = currency(&found.code.0)
    {
        return Some(found);
    }
    let answer = shop.ask(&Call::get(OP, "settings/general/woocommerce_currency")).await.ok()?;
    currency(&answer.shaped::<Setting>().ok()?.value.0)
}

/// Whether the shop counts stock at all, if the key may know.
async fn counts_stock(shop: &Shop<'_>) -> Option<bool> {
    let answer = shop.ask(&Call::get(OP, "settings/products/woocommerce_manage_stock")).await.ok()?;
    let setting: Setting = answer.shaped().ok()?;
    (setting.id.0 == "woocommerce_manage_stock").then(|| setting.value.0 == "yes")
}

/// Whether the shop lists the variations of all products at once.
async fn lists_variations(shop: &Shop<'_>) -> bool {
    shop.ask(&Call::get(OP, "variations").with("per_page", 1).with("_fields", "id")).await.is_ok()
}

/// What came of writing nothing.
enum Writing {
    Open,
    ReadOnly,
    Walled(PlatformError),
}

/// Sends a batch without rows: it changes nothing, and a key that may not write is refused.
async fn may_write(shop: &Shop<'_>, said: Option<Permissions>) -> Writing {
    if said == Some(Permissions::Read) {
        return Writing::ReadOnly;
    }
    match shop.ask(&Call::send(OP, Method::POST, "products/batch", &json!({ "update": [] }))).await {
        Ok(_) => Writing::Open,
        Err(error) if error.code.as_deref() == Some("read-only-key") => Writing::ReadOnly,
        // WooCommerce words its refusals in the site's language; reading just worked, so it can only be this one.
        Err(error) if error.code.as_deref() == Some("authentication") => Writing::ReadOnly,
        Err(error) => Writing::Walled(error),
    }
}

fn finding(code: &'static str, message: &str, advice: &str, blocks_writing: bool) -> Finding {
    Finding { code, message: message.to_owned(), advice: advice.to_owned(), blocks_writing }
}

fn findings(
    route: &Route,
    currency: Option<Currency>,
    counts: Option<bool>,
    writing: &Writing,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    match writing {
        Writing::Open => {}
        Writing::ReadOnly => findings.push(finding(
            "read-only-key",
            "the API key may only read",
            "make a key with Read/Write permission under WooCommerce, Settings, Advanced, REST API, and connect with it",
            true,
        )),
        Writing::Walled(error) if error.code.as_deref() == Some("no-rights") => findings.push(finding(
            "no-rights",
            "the user of the API key may not change products",
            "make the key as an administrator or shop manager, and connect with it",
            true,
        )),
        Writing::Walled(error) => findings.push(Finding {
            code: "writing-untried",
            message: "writing could not be tried".to_owned(),
            advice: error.message.clone(),
            blocks_writing: false,
        }),
    }
    if counts == Some(false) {
        findings.push(finding(
            "stock-off",
            "the shop does not count stock",
            "switch on stock management under WooCommerce, Settings, Products, Inventory",
            true,
        ));
    }
    if !route.pretty {
        findings.push(finding(
            "plain-permalinks",
            "the shop uses plain permalinks: connecting through the browser does not work there",
            "choose any other structure under Settings, Permalinks",
            false,
        ));
    }
    if route.way == Way::Query {
        findings.push(finding(
            "keys-in-address",
            "something strips the Authorization header, so the keys travel in the address and may stand in the shop's logs",
            "ask the shop's host to pass the Authorization header on to PHP, then connect again",
            false,
        ));
    }
    if route.way == Way::Oauth1 && route.address.starts_with("https://") {
        findings.push(finding(
            "https-unnoticed",
            "the shop does not notice that it is called over https",
            "let its proxy send X-Forwarded-Proto, and let WordPress honour it",
            false,
        ));
    }
    if route.address.starts_with("http://") {
        findings.push(finding(
            "no-https",
            "the shop is called without https: what it answers can be read on the way",
            "install a certificate, then connect again with https://",
            false,
        ));
    }
    if currency.is_none() {
        findings.push(finding(
            "currency-unknown",
            "the shop did not say which currency its prices are in",
            "make the key as an administrator or shop manager, and connect with it",
            false,
        ));
    }
    findings
}
