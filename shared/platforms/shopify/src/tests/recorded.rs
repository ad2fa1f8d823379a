use std::collections::BTreeSet;

use crate::recorded::judge_file;

/// Every fixture, and what each thing in it becomes: `ok` and a name, or `no` where it must not be given one.
const TABLE: &[(&str, &[&str])] = &[
    ("answer-dead-token", &["ok error Unauthorized, retry never (401)"]),
    ("answer-denied-field", &["ok error Rejected, retry never (ACCESS_DENIED)"]),
    ("answer-of-no-shape", &["no `shop` is neither a record nor a list"]),
    ("answer-search-warning", &["ok error Unexpected, retry never (search-warning)"]),
    ("answer-throttled", &["ok error RateLimited, retry after 5 s (THROTTLED)"]),
    (
        "delivery-order",
        &[
            "ok orders/create (order 900000000000000001): order 900000000000000001 open, 12.60 INR, lines 1, taken 3, signature wrong",
        ],
    ),
    ("delivery-unreadable", &["ok orders/create (order 5): error Malformed, retry never (shape)"]),
    ("event-bus", &["ok event bus, products/delete (product 41): product 41 gone"]),
    ("headers", &["ok kept", "ok checked", "no a required header that nothing reads", "ok not needed"]),
    (
        "inventory-levels-update",
        &["ok inventory_levels/update (stock 900000000000000002): look at stock 900000000000000002"],
    ),
    (
        "law",
        &[
            "ok customers/redact (customer): erase customer 6 from 2 orders",
            "ok shop/redact (shop): erase the shop",
        ],
    ),
    ("lines", &["ok Order 5", "ok LineItem 6 below Order 5", "no no id"]),
    ("nameless", &["no a file of no known shape"]),
    ("operation-completed", &["ok operation COMPLETED, 120 objects, with its file"]),
    ("operation-in-progress", &["ok bulkOperationRunQuery: refused 1 times, first (OPERATION_IN_PROGRESS)"]),
    ("products-page", &["ok products: 2 rows"]),
    (
        "records",
        &[
            "ok refund of order 5, units 2, put back 2",
            "ok variant 51 uncounted",
            "ok variant 52 of which nothing says whether it is counted",
            "ok nothing",
            "no `moods` is no known record",
        ],
    ),
    ("shops", &["ok a shop", "no taken for no shop", "ok no shop", "ok shop teapots.myshopify.com"]),
    ("stock-stale", &["ok inventorySetQuantities: stale"]),
    (
        "tokens",
        &[
            "ok token for ever",
            "ok token for 3600 s, can be renewed",
            "ok error Unauthorized, retry never (invalid_grant)",
            "ok error Unavailable, retry later (520)",
            "ok token for 86399 s",
        ],
    ),
    (
        "vectors",
        &[
            "ok query signature right, its text right",
            "no query signature wrong",
            "ok delivery signature right",
            "no delivery signature wrong",
        ],
    ),
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
    judge_file(&format!("{name}.json"), &text).into_iter().map(shown).collect()
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
    for text in ["", "[]", "{}", "7", "{\"data_kept\":1}"] {
        assert!(judge_file("x", text).iter().all(|(_, verdict)| verdict.is_err()), "{text}");
    }
}
