use std::collections::BTreeSet;

use crate::recorded::judge_file;

/// Every fixture, and what each thing in it becomes: `ok` and a name, or `no` where it must not be given one.
const TABLE: &[(&str, &[&str])] = &[
    ("batch-with-a-refused-row", &["ok batch of products: updated 1 (refused 1)"]),
    ("calls", &["ok products 1 (variants 1, counted 1) of 1"]),
    (
        "cases",
        &["ok error NotFound, retry never (woocommerce_rest_product_invalid_id)", "ok row applied, shows 9"],
    ),
    ("currency", &["ok currency INR"]),
    ("customers-page", &["ok customers 1 of 1"]),
    (
        "delivery-error-object",
        &[
            "ok order.updated (order): error Malformed, retry never (woocommerce_rest_cannot_view), signature right",
        ],
    ),
    ("delivery-forged", &["ok order.updated (order 900): refused, signature wrong"]),
    ("delivery-gone", &["ok product.deleted (product 504): product 504 gone, signature right"]),
    ("delivery-greeting", &["ok greeting"]),
    (
        "delivery-order",
        &["ok order.updated (order 900): order 900 open, 12.60 INR, lines 1, taken 3, signature right"],
    ),
    ("delivery-order-with-refunds", &["ok order.updated (order 900): look at order 900, signature right"]),
    (
        "delivery-variation",
        &["ok product.updated (product 504): variant 504 counted at 503, signature right"],
    ),
    ("error-anonymous", &["ok error Unauthorized, retry never (anonymous)"]),
    ("error-bot-check", &["ok error Unavailable, retry later (wait-page)"]),
    ("error-closed-by-a-plugin", &["ok error Unauthorized, retry never (closed)"]),
    ("error-cut-off", &["ok error Malformed, retry later (cut-off)"]),
    ("error-firewall-page", &["ok error Unavailable, retry later (403)"]),
    ("error-gateway-on-write", &["ok error Unavailable, retry later (504), may have taken effect"]),
    ("error-gone", &["ok error NotFound, retry never (woocommerce_rest_shop_order_invalid_id)"]),
    ("error-in-a-success", &["ok error NotFound, retry never (woocommerce_rest_shop_order_invalid_id)"]),
    ("error-login-page", &["ok error Rejected, retry never (302)"]),
    ("error-maintenance-until", &["ok error Unavailable, retry after 120 s (503)"]),
    ("error-no-rest-page", &["ok error Unsupported, retry never (404)"]),
    ("error-page-for-data", &["ok error Malformed, retry never (page)"]),
    ("error-read-only-key", &["ok error Rejected, retry never (read-only-key)"]),
    ("error-too-many-calls", &["ok error RateLimited, retry after 30 s (429)"]),
    ("error-stale-signature", &["ok error Unavailable, retry later (clock), base string right"]),
    (
        "error-stale-signature-of-another-address",
        &["ok error Unavailable, retry later (clock), base string wrong"],
    ),
    ("error-wrong-secret", &["ok error Unauthorized, retry never (wrong-secret)"]),
    ("examples", &["ok webhook 12 paused order.created"]),
    ("index", &["ok index with WooCommerce, zone UTC+5.5"]),
    ("index-plain", &["ok index without WooCommerce"]),
    ("key-flow", &["ok key flow: access_granted to the return address: denied", "ok keys, read_write"]),
    (
        "delivery-forged-said-right",
        &["ok order.updated (order 900): refused, signature wrong (the recording says right)"],
    ),
    ("nameless-other-shape", &["no GET orders: another shape (line 1 column 0)"]),
    ("nameless-record-without-id", &["no GET orders/900: another shape (line 1 column 599)"]),
    ("nameless-shape", &["no a file of no known shape"]),
    ("nameless-status", &["no an answer of status 418 without a meaning"]),
    ("nameless-unknown-call", &["no GET horoscopes: the crate does not know this call"]),
    ("noise-byte-order-mark", &["ok products 1 (variants 1, counted 1) of 3"]),
    ("noise-warning-before-json", &["ok products 1 (variants 1, counted 1) of 3, after noise"]),
    ("not-used-coupons", &["ok not used: coupons"]),
    ("not-used-head", &["ok not used: HEAD orders"]),
    ("order-of-a-plugins-status", &["ok order 900 open, 12.60 INR, lines 1, taken 3"]),
    ("order-open", &["ok order 900 open, 12.60 INR, lines 1, taken 3"]),
    (
        "order-refunded-in-part",
        &["ok order 900 open, 12.60 INR, lines 1, taken 2, restocked 1, refunds to read"],
    ),
    ("orders-page", &["ok orders 2 (lines 1, taken 3) of 2"]),
    ("product-trashed", &["ok product 501 removed, variant 501 level 17"]),
    ("products-page", &["ok products 3 (variants 3, counted 2) of 3"]),
    ("products-past-the-end", &["ok products 0 (variants 0, counted 0) of 3"]),
    ("products-trimmed", &["ok products 1 (trimmed) of 3"]),
    ("refunds", &["ok refunds 1 (1 units) of 1"]),
    ("setting-stock-off", &["ok setting woocommerce_manage_stock no"]),
    ("variation-pooled", &["ok variant 504 counted at 503"]),
    ("variations-all", &["ok products 0 (variants 1, counted 0) of 1"]),
    (
        "vectors",
        &[
            "ok webhook signature right",
            "ok webhook signature wrong",
            "ok base string right, HMAC-SHA256 signature wrong",
        ],
    ),
    ("webhooks-page", &["ok webhooks 1 (0 active) of 1"]),
];

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn judged(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    let shown = |(_, verdict): (String, Result<String, String>)| match verdict {
        Ok(named) => format!("ok {named}"),
        Err(why) => format!("no {why}"),
    };
    judge_file(name, &text).into_iter().map(shown).collect()
}

#[test]
fn every_fixture_becomes_what_the_table_says() {
    for (name, expected) in TABLE {
        assert_eq!(judged(name), *expected, "{name}");
    }
}

#[test]
fn every_fixture_has_a_row_and_every_row_a_fixture() {
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let rows: BTreeSet<String> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(rows.len(), TABLE.len(), "a row stands twice");
    assert_eq!(rows, files);
}

#[test]
fn what_is_no_file_of_recordings_is_said_so() {
    for text in ["", "[]", "{}", "7", "{\"cases\":[]}", "{\"request\":1,\"response\":2}"] {
        assert!(judge_file("x", text).iter().all(|(_, verdict)| verdict.is_err()), "{text}");
    }
}
