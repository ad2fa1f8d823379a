//! The shop itself, the app and its installation.

use super::super::super::clock::z;
use super::super::super::gid::gid;
use super::super::execute::Context;
use super::super::thing::{Call, Fail, Out, Thing};
use serde_json::{Value as Json, json};

pub(super) fn shop(context: &mut Context<'_>, call: &Call<'_>) -> Out {
    let store = &context.store;
    let config = &store.config;
    let minutes = store.clock.offset_minutes(store.now());
    let rows: Result<_, Fail> = match call.field {
        "products" => super::goods::products(context, call),
        "productVariants" => super::goods::variants(context, call),
        "orders" => super::order::orders(context, call),
        "customers" => super::people::customers(context, call),
        "locations" => super::stock::locations(context, call),
        "inventoryItems" => super::stock::items(context, call),
        "collections" | "metafields" => Ok(Vec::new()),
        "id" => return Out::leaf(gid("Shop", store.shop_id)),
        "name" => return Out::leaf(config.name.clone()),
        "email" | "contactEmail" => return Out::leaf("owner@example.test"),
        "shopOwnerName" => return Out::leaf("The Owner"),
        "myshopifyDomain" => return Out::leaf(config.domain.clone()),
        "primaryDomain" => {
            let host = format!("www.{}.example.test", config.domain.split('.').next().unwrap_or_default());
            return Out::plain(
                "Domain",
                json!({
                    "id": gid("Domain", store.shop_id), "host": host, "url": format!("https://{host}"), "sslEnabled": true,
                }),
            );
        }
        "url" => return Out::leaf(format!("https://{}", config.domain)),
        "currencyCode" => return Out::leaf(config.currency.clone()),
        "enabledPresentmentCurrencies" => return Out::leaf(json!(store.currencies())),
        "currencyFormats" => {
            let format = "{{amount}}";
            return Out::plain(
                "CurrencyFormats",
                json!({
                    "moneyFormat": format, "moneyInEmailsFormat": format, "moneyWithCurrencyFormat": format,
                    "moneyWithCurrencyInEmailsFormat": format,
                }),
            );
        }
        "ianaTimezone" => return Out::leaf(config.zone.clone()),
        "timezoneAbbreviation" => return Out::leaf(config.zone.clone()),
        "timezoneOffsetMinutes" => return Out::leaf(minutes),
        "timezoneOffset" => {
            let sign = if minutes < 0 { '-' } else { '+' };
            return Out::leaf(format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60));
        }
        "createdAt" | "updatedAt" => return Out::leaf(z(store.created)),
        "plan" => {
            let (name, plus) = match config.plan {
                super::super::super::config::Plan::Standard => ("Basic", false),
                super::super::super::config::Plan::Advanced => ("Advanced", false),
                super::super::super::config::Plan::Plus => ("Shopify Plus", true),
            };
            return Out::plain(
                "ShopPlan",
                json!({
                    "displayName": name, "publicDisplayName": name, "partnerDevelopment": false, "shopifyPlus": plus,
                }),
            );
        }
        "billingAddress" | "shopAddress" => {
            return Out::plain(
                "ShopAddress",
                json!({
                    "id": gid("ShopAddress", store.shop_id), "address1": "1 High Street", "city": "London", "zip": "N1 1AA",
                    "country": config.country, "countryCodeV2": config.country, "formatted": [], "coordinatesValidated": false,
                }),
            );
        }
        "taxesIncluded" | "taxShipping" | "setupRequired" => return Out::leaf(false),
        "weightUnit" => return Out::leaf("KILOGRAMS"),
        "unitSystem" => return Out::leaf("METRIC_SYSTEM"),
        "orderNumberFormatPrefix" => return Out::leaf("#"),
        "orderNumberFormatSuffix" => return Out::leaf(""),
        "shipsToCountries" => return Out::leaf(json!([config.country])),
        _ => return Out::Unknown,
    };
    rows.map_or_else(Out::Fail, Out::Rows)
}

fn scopes<'a>(rows: impl Iterator<Item = &'a String>) -> Out {
    let rows: Vec<Json> =
        rows.map(|scope| json!({"handle": scope, "description": scope.replace('_', " ")})).collect();
    Out::plain("AccessScope", Json::Array(rows))
}

pub(super) fn app(context: &Context<'_>, call: &Call<'_>) -> Out {
    let app = &context.store.grants.app;
    match call.field {
        "id" => Out::leaf(gid("App", app.api_client_id)),
        "apiKey" => Out::leaf(app.client_id.clone()),
        "title" => Out::leaf(app.title.clone()),
        "handle" => Out::leaf(app.title.to_lowercase().replace(' ', "-")),
        "embedded" => Out::leaf(false),
        "installUrl" | "launchUrl" => Out::leaf(app.url.clone()),
        "requestedAccessScopes" => scopes(app.scopes.iter()),
        "installation" => Out::One(Thing::Installation),
        "webhookApiVersion" => Out::leaf(super::super::super::VERSION),
        _ => Out::Unknown,
    }
}

pub(super) fn installation(context: &Context<'_>, call: &Call<'_>) -> Out {
    let app = &context.store.grants.app;
    match call.field {
        "id" => Out::leaf(gid("AppInstallation", app.api_client_id + 1)),
        "accessScopes" => {
            // What a write scope implies is listed too.
            let mut all = context.scopes.clone();
            all.extend(
                context.scopes.iter().filter_map(|one| Some(format!("read_{}", one.strip_prefix("write_")?))),
            );
            scopes(all.iter())
        }
        "app" => Out::One(Thing::App),
        "launchUrl" => Out::leaf(app.url.clone()),
        "uninstallUrl" => Out::Null,
        "metafields" => Out::Rows(Vec::new()),
        _ => Out::Unknown,
    }
}
