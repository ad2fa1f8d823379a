//! The options a connector asks for.

use super::super::call::{Call, Reply};
use super::super::error::RestError;
use super::super::json::Object;
use super::super::store::Store;
use serde_json::{Value, json};

struct Setting {
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    default: &'static str,
    value: Value,
}

fn rows(store: &Store, group: &str) -> Option<Vec<Setting>> {
    let row = |id, label, kind, default, value: Value| Setting { id, label, kind, default, value };
    let config = &store.config;
    Some(match group {
        "general" => vec![
            row("woocommerce_store_address", "Address line 1", "text", "", "1 High Street".into()),
            row("woocommerce_store_address_2", "Address line 2", "text", "", "".into()),
            row("woocommerce_store_city", "City", "text", "", "Townville".into()),
            row(
                "woocommerce_default_country",
                "Country / State",
                "select",
                "US:CA",
                config.country.clone().into(),
            ),
            row("woocommerce_store_postcode", "Postcode / ZIP", "text", "", "N1 1AA".into()),
            row("woocommerce_allowed_countries", "Selling location(s)", "select", "all", "all".into()),
            row(
                "woocommerce_all_except_countries",
                "Sell to all countries, except for\u{2026}",
                "multiselect",
                "",
                json!([]),
            ),
            row(
                "woocommerce_specific_allowed_countries",
                "Sell to specific countries",
                "multiselect",
                "",
                json!([]),
            ),
            row("woocommerce_ship_to_countries", "Shipping location(s)", "select", "", "".into()),
            row(
                "woocommerce_specific_ship_to_countries",
                "Ship to specific countries",
                "multiselect",
                "",
                json!([]),
            ),
            row(
                "woocommerce_default_customer_address",
                "Default customer location",
                "select",
                "base",
                "base".into(),
            ),
            row(
                "woocommerce_address_autocomplete_enabled",
                "Address autocomplete",
                "checkbox",
                "no",
                "no".into(),
            ),
            row(
                "woocommerce_calc_taxes",
                "Enable taxes",
                "checkbox",
                "no",
                if config.tax_percent.is_zero() { "no" } else { "yes" }.into(),
            ),
            row("woocommerce_enable_coupons", "Enable coupons", "checkbox", "yes", "yes".into()),
            row("woocommerce_calc_discounts_sequentially", "", "checkbox", "no", "no".into()),
            row("woocommerce_currency", "Currency", "select", "USD", config.currency.clone().into()),
            row("woocommerce_currency_pos", "Currency position", "select", "left", "left".into()),
            row("woocommerce_price_thousand_sep", "Thousand separator", "text", ",", ",".into()),
            row("woocommerce_price_decimal_sep", "Decimal separator", "text", ".", ".".into()),
            row(
                "woocommerce_price_num_decimals",
                "Number of decimals",
                "number",
                "2",
                config.decimals.to_string().into(),
            ),
        ],
        "products" => vec![
            row(
                "woocommerce_manage_stock",
                "Manage stock",
                "checkbox",
                "yes",
                if store.manage_stock { "yes" } else { "no" }.into(),
            ),
            row("woocommerce_hold_stock_minutes", "Hold stock (minutes)", "number", "60", "60".into()),
            row("woocommerce_notify_low_stock_amount", "Low stock threshold", "number", "2", "2".into()),
            row("woocommerce_notify_no_stock_amount", "Out of stock threshold", "number", "0", "0".into()),
            row("woocommerce_weight_unit", "Weight unit", "select", "kg", "kg".into()),
            row("woocommerce_dimension_unit", "Dimensions unit", "select", "cm", "cm".into()),
        ],
        _ => return None,
    })
}

fn value(store: &Store, group: &str, row: &Setting, alone: bool) -> Value {
    let mut out = Object::new();
    out.insert("id".into(), row.id.into());
    if alone {
        out.insert("group_id".into(), group.into());
    }
    out.insert("label".into(), row.label.into());
    out.insert("description".into(), "".into());
    out.insert("type".into(), row.kind.into());
    out.insert("default".into(), row.default.into());
    if matches!(row.kind, "select" | "multiselect") {
        let key = super::super::json::text(&row.value);
        let mut choices = Object::new();
        choices.insert(
            if row.value.is_array() { store.config.country.clone() } else { key.clone() },
            key.into(),
        );
        out.insert("options".into(), choices.into());
    }
    out.insert("tip".into(), "".into());
    out.insert("value".into(), row.value.clone());
    let collection = format!("settings/{group}");
    let methods = ["GET", "POST", "PUT", "PATCH"];
    let links = store.links_allowing(&methods, &format!("{collection}/{}", row.id), &collection, None);
    out.insert("_links".into(), links.into());
    out.into()
}

pub(crate) fn groups(store: &Store) -> Result<Reply, RestError> {
    let one = |id: &str, label: &str| {
        json!({
            "id": id,
            "label": label,
            "description": "",
            "parent_id": "",
            "sub_groups": [],
            "_links": {"options": [{"href": store.link(&format!("settings/{id}"))}]},
        })
    };
    Reply::list(vec![one("general", "General"), one("products", "Products")])
}

fn no_group() -> RestError {
    RestError::new(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
}

pub(crate) fn group(store: &Store, group: &str) -> Result<Reply, RestError> {
    let rows = rows(store, group).ok_or_else(no_group)?;
    Reply::list(rows.iter().map(|row| value(store, group, row, false)).collect())
}

pub(crate) fn option(store: &mut Store, call: &Call, group: &str, name: &str) -> Result<Reply, RestError> {
    let known = rows(store, group).ok_or_else(no_group)?;
    if !known.iter().any(|row| row.id == name) {
        return Err(RestError::new(404, "rest_setting_setting_invalid", "Invalid setting."));
    }
    if let Some(given) = call.text("value").filter(|_| call.method != "GET") {
        match name {
            "woocommerce_manage_stock" => store.manage_stock = given == "yes",
            "woocommerce_price_num_decimals" => store.config.decimals = given.parse().unwrap_or(2),
            "woocommerce_currency" => store.config.currency = given,
            "woocommerce_default_country" => store.config.country = given,
            _ => {}
        }
    }
    let rows = rows(store, group).unwrap_or_default();
    let row = rows.iter().find(|row| row.id == name).unwrap();
    Reply::one(value(store, group, row, true))
}

pub(crate) fn currency(store: &Store) -> Result<Reply, RestError> {
    let code = &store.config.currency;
    Reply::one(json!({
        "code": code,
        "name": super::super::currency::name(code),
        "symbol": super::super::currency::symbol(code),
        "_links": {
            "self": [{"href": store.link(&format!("data/currencies/{code}"))}],
            "collection": [{"href": store.link("data/currencies")}],
        },
    }))
}
