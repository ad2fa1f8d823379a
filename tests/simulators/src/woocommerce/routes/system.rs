//! System status, totals, gateways and zones.

use super::super::call::{Call, Paging, Reply};
use super::super::error::RestError;
use super::super::order::STATUS_NAMES;
use super::super::product::Kind;
use super::super::store::Store;
use serde_json::{Value, json};

pub(crate) fn status(store: &Store) -> Result<Reply, RestError> {
    let config = &store.config;
    let same = |names: &[&str]| -> Value {
        Value::Object(names.iter().map(|name| ((*name).to_owned(), (*name).into())).collect())
    };
    let environment = json!({
        "home_url": store.home,
        "site_url": store.home,
        "store_id": format!("{:08x}-0000-4000-8000-000000000000", config.seed),
        "version": config.version,
        "log_directory": "/var/www/html/wp-content/uploads/wc-logs/",
        "log_directory_writable": true,
        "wp_version": config.wordpress_version,
        "wp_multisite": false,
        "wp_memory_limit": 268_435_456,
        "wp_debug_mode": false,
        "wp_cron": true,
        "wp_environment_type": "production",
        "language": "en_US",
        "external_object_cache": null,
        "server_info": "nginx/1.26.0",
        "server_architecture": "Linux x86_64",
        "php_version": "8.2.0",
        "php_post_max_size": 8_388_608,
        "php_max_execution_time": 120,
        "php_max_input_vars": 1000,
        "curl_version": "8.5.0, OpenSSL/3.0.0",
        "suhosin_installed": false,
        "max_upload_size": 2_097_152,
        "mysql_version": "10.11.0",
        "mysql_version_string": "10.11.0-MariaDB",
        "default_timezone": "UTC",
        "fsockopen_or_curl_enabled": true,
        "soapclient_enabled": true,
        "domdocument_enabled": true,
        "gzip_enabled": true,
        "mbstring_enabled": true,
        "remote_post_successful": false,
        "remote_post_response": false,
        "remote_get_successful": false,
        "remote_get_response": false,
    });
    let settings = json!({
        "api_enabled": false,
        "force_ssl": false,
        "currency": config.currency,
        "currency_symbol": super::super::currency::entity(&config.currency),
        "currency_position": "left",
        "thousand_separator": ",",
        "decimal_separator": ".",
        "number_of_decimals": config.decimals,
        "geolocation_enabled": false,
        "taxonomies": same(&["external", "grouped", "simple", "variable"]),
        "product_visibility_terms": same(&[
            "exclude-from-catalog", "exclude-from-search", "featured", "outofstock", "rated-1", "rated-2", "rated-3",
            "rated-4", "rated-5",
        ]),
        "woocommerce_com_connected": "no",
        "enforce_approved_download_dirs": true,
        "order_datastore": "Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore",
        "HPOS_enabled": true,
        "HPOS_sync_enabled": false,
        "enabled_features": ["analytics", "marketplace", "custom_order_tables"],
    });
    Reply::one(json!({
        "environment": environment,
        "database": {"wc_database_version": config.version, "database_prefix": "wp_"},
        "active_plugins": [{
            "plugin": "woocommerce/woocommerce.php",
            "name": "WooCommerce",
            "version": config.version,
            "version_latest": config.version,
            "url": "https://woocommerce.com/",
            "author_name": "Automattic",
            "author_url": "https://woocommerce.com",
            "network_activated": false,
        }],
        "inactive_plugins": [],
        "settings": settings,
    }))
}

pub(crate) fn totals(store: &Store, what: &str) -> Result<Reply, RestError> {
    let rows = match what {
        "products" => [
            (Kind::External, "External/Affiliate product"),
            (Kind::Grouped, "Grouped product"),
            (Kind::Simple, "Simple product"),
            (Kind::Variable, "Variable product"),
        ]
        .into_iter()
        .map(|(kind, name)| {
            let total =
                store.products.values().filter(|row| row.kind == kind && row.status == "publish").count();
            json!({"slug": kind.name(), "name": name, "total": total})
        })
        .collect(),
        "orders" => STATUS_NAMES
            .iter()
            .map(|(slug, name)| {
                let total = store.orders.values().filter(|order| order.status == *slug).count();
                json!({"slug": slug, "name": name, "total": total})
            })
            .collect(),
        _ => {
            let paying = store.customers.values().filter(|customer| customer.paying).count();
            vec![
                json!({"slug": "paying", "name": "Paying customer", "total": paying}),
                json!({"slug": "non_paying", "name": "Non-paying customer", "total": store.customers.len() - paying}),
            ]
        }
    };
    Reply::list(rows)
}

pub(crate) fn gateways(store: &Store, call: &Call) -> Result<Reply, RestError> {
    let all = [("bacs", "Direct bank transfer"), ("cheque", "Check payments"), ("cod", "Cash on delivery")];
    let rows: Vec<Value> = all
        .iter()
        .map(|(id, title)| {
            let links = store.links(&format!("payment_gateways/{id}"), "payment_gateways", None);
            json!({"id": id, "title": title, "description": "", "order": "", "enabled": false, "_links": links})
        })
        .collect();
    Paging { page: 1, per_page: 10, offset: None }.reply(store, call, rows.len(), rows)
}

pub(crate) fn zones(store: &Store, call: &Call) -> Result<Reply, RestError> {
    let names = ["Locations not covered by your other zones", "Everywhere near"];
    let rows: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(id, name)| {
            let item = format!("shipping/zones/{id}");
            let mut links = store.links(&item, "shipping/zones", None);
            links.insert("describedby".into(), json!([{"href": store.link(&format!("{item}/locations"))}]));
            json!({"id": id, "name": name, "order": id, "_links": links})
        })
        .collect();
    Paging { page: 1, per_page: 10, offset: None }.reply(store, call, rows.len(), rows)
}
