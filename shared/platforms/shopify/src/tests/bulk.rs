use std::time::Duration;

use domain::product::Stock;
use platform::{Ask, ErrorKind, Extent, PullCatalog as _, PullOrders as _, Pulled, Retry};

use super::{PROVED, Reply, Script, data, run, says};
use crate::Shopify;

const FILE: &str = "{\"id\":\"gid://shopify/ProductVariant/21\",\"displayName\":\"Mug - Red\",\"sku\":\"M-R\",\"price\":\"8.00\",\"compareAtPrice\":\"10.00\",\"inventoryQuantity\":4,\"updatedAt\":\"2026-11-20T10:00:00Z\",\"inventoryItem\":{\"id\":\"gid://shopify/InventoryItem/31\",\"tracked\":true},\"__parentId\":\"gid://shopify/Product/11\"}\n\
{\"id\":\"gid://shopify/Product/11\",\"title\":\"Mug\",\"status\":\"ACTIVE\",\"onlineStoreUrl\":\"https://mugs.example/mug\",\"updatedAt\":\"2026-11-20T10:00:00Z\",\"featuredMedia\":{\"image\":{\"url\":\"https://cdn.example/mug.png\"}}}\n\
{\"id\":\"gid://shopify/Product/12\",\"title\":\"Gift\",\"status\":\"DRAFT\",\"onlineStoreUrl\":null,\"updatedAt\":\"2026-11-20T11:00:00Z\",\"featuredMedia\":{}}\n\
{\"id\":\"gid://shopify/ProductVariant/22\",\"displayName\":\"Gift - Default Title\",\"sku\":null,\"price\":\"5.0\",\"compareAtPrice\":null,\"inventoryQuantity\":0,\"updatedAt\":\"2026-11-20T11:00:00Z\",\"inventoryItem\":{\"id\":\"gid://shopify/InventoryItem/32\",\"tracked\":false},\"__parentId\":\"gid://shopify/Product/12\"}\n";

fn begin(operations: &str) -> Reply {
    data(&format!(
        r#"{{"productsCount":{{"count":2}},"productVariantsCount":{{"count":2}},"bulkOperations":{{"nodes":[{operations}]}}}}"#
    ))
}

fn ran(answer: &str) -> Reply {
    data(&format!(r#"{{"bulkOperationRunQuery":{answer}}}"#))
}

fn started() -> Reply {
    ran(r#"{"bulkOperation":{"id":"gid://shopify/BulkOperation/7","status":"CREATED"},"userErrors":[]}"#)
}

fn progress(operation: &str) -> Reply {
    data(&format!(
        r#"{{"productsCount":{{"count":2}},"productVariantsCount":{{"count":2}},"bulkOperation":{operation}}}"#
    ))
}

fn operation(status: &str, more: &str) -> String {
    format!(
        r#"{{"id":"gid://shopify/BulkOperation/7","status":"{status}","objectCount":"4","rootObjectCount":"2"{more}}}"#
    )
}

fn done() -> Reply {
    progress(&operation("COMPLETED", r#","url":"https://files.example/7.jsonl?sig=x""#))
}

fn ask(cursor: Option<String>) -> Ask {
    Ask { extent: Extent::Full, cursor, size: 250 }
}

/// Goes on until nothing follows; the page and the waits of each step.
fn all_steps<T>(mut step: impl FnMut(Option<String>) -> Pulled<T>) -> Vec<Pulled<T>> {
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let page = step(cursor);
        cursor = page.next.clone();
        pages.push(page);
        if cursor.is_none() {
            return pages;
        }
    }
}

fn part(status: u16, range: &str, body: &str) -> Reply {
    Reply::Answer(status, vec![("content-range", range.to_owned())], body.to_owned())
}

#[test]
fn everything_is_read_from_the_file_of_an_operation() {
    let script = Script::of(
        PROVED,
        vec![
            begin(""),
            started(),
            progress(&operation("CREATED", "")),
            progress(&operation("RUNNING", "")),
            done(),
            part(206, &format!("bytes 0-1/{}", FILE.len()), FILE),
        ],
    );
    let pages = all_steps(|cursor| run(Shopify.pull_catalog(&script.ctx(), &ask(cursor))).unwrap());
    let waits: Vec<Option<u64>> = pages.iter().map(|page| page.wait.map(|wait| wait.as_secs())).collect();
    assert_eq!(waits, [Some(2), Some(2), Some(3), None]);
    assert_eq!(pages[0].shop_time.unwrap().to_string(), "2026-11-21T10:00:00Z");
    assert!(pages.iter().all(|page| page.total == Some(4)));
    let last = &pages[3];
    assert_eq!((last.count, last.records.products.len(), last.records.variants.len()), (4, 2, 2));
    let red = &last.records.variants[0];
    assert_eq!((red.product.as_str(), red.title.as_str()), ("11", "Mug - Red"));
    assert_eq!(red.level().unwrap().to_string(), "4");
    assert_eq!(red.regular_price.unwrap().to_string(), "10.00 EUR");
    assert_eq!(last.records.variants[1].stock, Stock::Untracked { in_stock: true });
    assert_eq!(last.records.variants[1].title, "Gift");
    assert_eq!(last.records.products[0].images, ["https://cdn.example/mug.png"]);
    assert_eq!(
        script.calls(),
        ["CatalogBegin", "BulkRun", "CatalogProgress", "CatalogProgress", "CatalogProgress", "GET /7.jsonl"]
    );
    // The token opens the shop, and nothing else.
    let seen = script.seen.lock().unwrap();
    assert!(seen[5].headers.get("x-shopify-access-token").is_none());
    assert_eq!(seen[5].headers["range"], "bytes=0-2097151");
    let cursor = pages[2].next.clone().unwrap();
    let kept = data_encoding::BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap();
    assert!(!String::from_utf8(kept).unwrap().contains("files.example"), "the signed address is a secret");
}

#[test]
fn a_file_is_read_on_where_the_window_ended() {
    let first = FILE.lines().next().unwrap();
    let cut = format!("{first}\n{{\"id\":\"gid://shopify/Pro");
    let whole = FILE.len();
    let rest = &FILE[first.len() + 1..];
    let script = Script::of(
        PROVED,
        vec![
            begin(""),
            started(),
            done(),
            part(206, &format!("bytes 0-9/{whole}"), &cut),
            done(),
            part(206, &format!("bytes 9-{}/{whole}", whole - 1), rest),
        ],
    );
    let pages = all_steps(|cursor| run(Shopify.pull_catalog(&script.ctx(), &ask(cursor))).unwrap());
    let counts: Vec<u64> = pages.iter().map(|page| page.count).collect();
    assert_eq!(counts, [0, 1, 3]);
    let seen = script.seen.lock().unwrap();
    let from = first.len() + 1;
    assert_eq!(
        seen[5].headers["range"].to_str().unwrap(),
        format!("bytes={from}-{}", from + 2 * 1024 * 1024 - 1)
    );
}

#[test]
fn a_server_without_ranges_sends_the_file_whole() {
    let script = Script::of(PROVED, vec![begin(""), started(), done(), says(200, FILE)]);
    let pages = all_steps(|cursor| run(Shopify.pull_catalog(&script.ctx(), &ask(cursor))).unwrap());
    assert_eq!(pages.last().unwrap().count, 4);
    let script = Script::of(
        PROVED,
        vec![begin(""), started(), done(), Reply::Fails(platform::HttpErrorKind::TooLarge)],
    );
    let page = run(Shopify.pull_catalog(&script.ctx(), &ask(None))).unwrap();
    let error = run(Shopify.pull_catalog(&script.ctx(), &ask(page.next))).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unsupported, Some("too-large")));
}

#[test]
fn an_operation_that_a_crash_left_is_taken_over() {
    let query = crate::documents().iter().find(|(name, _)| *name == "bulk_catalog").unwrap().1;
    let query = serde_json::to_string(query).unwrap();
    let left = format!(
        r#"{{"id":"gid://shopify/BulkOperation/5","status":"RUNNING","createdAt":"2026-11-21T09:50:00Z","query":{query}}}"#
    );
    let script = Script::of(PROVED, vec![begin(&left)]);
    let page = run(Shopify.pull_catalog(&script.ctx(), &ask(None))).unwrap();
    assert_eq!(page.shop_time.unwrap().to_string(), "2026-11-21T09:50:00Z");
    assert_eq!(script.calls(), ["CatalogBegin"]);
    // One of others, or one that is over, is not ours.
    for other in [left.replace("RUNNING", "COMPLETED"), left.replace("products", "customers")] {
        let script = Script::of(PROVED, vec![begin(&other), started()]);
        run(Shopify.pull_catalog(&script.ctx(), &ask(None))).unwrap();
        script.is_done();
    }
}

#[test]
fn a_shop_without_a_free_slot_is_asked_again() {
    let busy = r#"{"bulkOperation":null,"userErrors":[{"field":null,"message":"Bulk query operations are in progress","code":"OPERATION_IN_PROGRESS"}]}"#;
    let script = Script::of(PROVED, vec![begin(""), ran(busy), begin(""), started()]);
    let page = run(Shopify.pull_catalog(&script.ctx(), &ask(None))).unwrap();
    assert_eq!((page.wait, page.count), (Some(Duration::from_secs(30)), 0));
    let page = run(Shopify.pull_catalog(&script.ctx(), &ask(page.next))).unwrap();
    assert_eq!(page.wait, Some(Duration::from_secs(2)));
    let wrong = r#"{"bulkOperation":null,"userErrors":[{"field":["query"],"message":"Bulk queries must contain at least one connection.","code":"INVALID"}]}"#;
    let script = Script::of(PROVED, vec![begin(""), ran(wrong)]);
    let error = run(Shopify.pull_catalog(&script.ctx(), &ask(None))).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Rejected, Some("INVALID")));
}

#[test]
fn an_empty_shop_has_no_file() {
    let none = r#"{"productsCount":{"count":0},"productVariantsCount":{"count":0},"bulkOperation":{"id":"x","status":"COMPLETED","objectCount":"0","rootObjectCount":"0","url":null}}"#;
    let counted =
        r#"{"productsCount":{"count":0},"productVariantsCount":{"count":0},"bulkOperations":{"nodes":[]}}"#;
    let script = Script::of(PROVED, vec![data(counted), started(), data(none)]);
    let pages = all_steps(|cursor| run(Shopify.pull_catalog(&script.ctx(), &ask(cursor))).unwrap());
    assert_eq!((pages[1].count, pages[1].total), (0, Some(0)));
}

/// What an operation that ends like this comes to.
fn ended(end: Reply) -> Result<Pulled<domain::product::Listings>, platform::PlatformError> {
    let script = Script::of(PROVED, vec![begin(""), started(), end]);
    let page = run(Shopify.pull_catalog(&script.ctx(), &ask(None))).unwrap();
    run(Shopify.pull_catalog(&script.ctx(), &ask(page.next)))
}

#[test]
fn operations_end_in_many_ways() {
    let failed = |code: &str| progress(&operation("FAILED", &format!(r#","errorCode":"{code}""#)));
    let error = ended(failed("ACCESS_DENIED")).unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Rejected, Retry::Never));
    let error = ended(progress(&operation("CANCELED", ""))).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Rejected, Some("CANCELED")));
    // These are worth another try.
    for end in [
        failed("INTERNAL_SERVER_ERROR"),
        failed("TIMEOUT"),
        progress(&operation("EXPIRED", "")),
        progress("null"),
        progress(&operation("COMPLETED", r#","url":null,"partialDataUrl":"https://files.example/part""#)),
    ] {
        let page = ended(end).unwrap();
        assert_eq!((page.count, page.wait, page.next.is_some()), (0, Some(Duration::from_secs(30)), true));
    }
}

#[test]
fn a_file_that_is_gone_is_made_again_but_not_for_ever() {
    for status in [400, 403, 404, 410] {
        let again = || [begin(""), started(), done(), says(status, "<Error>ExpiredToken</Error>")];
        let script = Script::of(PROVED, again().into_iter().chain(again()).chain(again()).collect());
        let mut cursor = None;
        for _ in 0..5 {
            cursor = run(Shopify.pull_catalog(&script.ctx(), &ask(cursor))).unwrap().next;
        }
        let error = run(Shopify.pull_catalog(&script.ctx(), &ask(cursor))).unwrap_err();
        assert_eq!((error.kind, error.retry), (ErrorKind::Unavailable, Retry::Never));
        script.is_done();
    }
}

fn orders_begin() -> Reply {
    data(r#"{"ordersCount":{"count":2},"bulkOperations":{"nodes":[]}}"#)
}

fn orders_done() -> Reply {
    let operation = operation("COMPLETED", r#","url":"https://files.example/8.jsonl""#);
    data(&format!(r#"{{"ordersCount":{{"count":2}},"bulkOperation":{operation}}}"#))
}

const ORDERS: &str = "{\"id\":\"gid://shopify/Order/1\",\"name\":\"#1001\",\"createdAt\":\"2026-11-20T10:00:00Z\",\"updatedAt\":\"2026-11-20T10:00:05Z\",\"displayFinancialStatus\":\"PAID\",\"displayFulfillmentStatus\":\"UNFULFILLED\",\"totalPriceSet\":{\"shopMoney\":{\"amount\":\"20.0\",\"currencyCode\":\"EUR\"}}}\n\
{\"id\":\"gid://shopify/LineItem/5\",\"name\":\"Mug - Red\",\"quantity\":2,\"currentQuantity\":2,\"variant\":{\"id\":\"gid://shopify/ProductVariant/21\"},\"__parentId\":\"gid://shopify/Order/1\"}\n\
{\"id\":\"gid://shopify/Order/2\",\"name\":\"#1002\",\"createdAt\":\"2026-11-20T11:00:00Z\",\"updatedAt\":\"2026-11-20T12:00:05Z\",\"displayFinancialStatus\":\"PARTIALLY_REFUNDED\",\"displayFulfillmentStatus\":\"UNFULFILLED\",\"totalPriceSet\":{\"shopMoney\":{\"amount\":\"30.0\",\"currencyCode\":\"EUR\"}}}\n\
{\"id\":\"gid://shopify/LineItem/6\",\"name\":\"Mug - Red\",\"quantity\":3,\"currentQuantity\":2,\"variant\":{\"id\":\"gid://shopify/ProductVariant/21\"},\"__parentId\":\"gid://shopify/Order/2\"}\n";

#[test]
fn orders_come_with_their_lines_and_their_refunds() {
    let refunds = data(
        r#"{"nodes":[{"id":"gid://shopify/Order/2","refunds":[{"id":"gid://shopify/Refund/9","refundLineItems":{"nodes":[{"quantity":1,"restockType":"RETURN","restocked":true,"lineItem":{"id":"gid://shopify/LineItem/6"}}],"pageInfo":{"hasNextPage":false}}}]}]}"#,
    );
    let script =
        Script::of(PROVED, vec![orders_begin(), started(), orders_done(), says(200, ORDERS), refunds]);
    let pages = all_steps(|cursor| run(Shopify.pull_orders(&script.ctx(), &ask(cursor))).unwrap());
    let last = &pages[1];
    assert_eq!((last.count, last.total), (2, Some(2)));
    let taken: Vec<String> = last.records.iter().map(|order| order.lines[0].taken.to_string()).collect();
    assert_eq!(taken, ["2", "2"]);
    assert_eq!(last.records[1].lines[0].restocked.to_string(), "1");
    // Only the order that lost a unit was looked at again.
    assert_eq!(script.calls()[4], "OrdersRefunds");
    assert_eq!(script.variables(4)["ids"].to_string(), r#"["gid://shopify/Order/2"]"#);
    assert_eq!(script.variables(1)["group"], true);
}

#[test]
fn an_app_that_may_not_see_customers_does_not_ask_for_them() {
    let document = PROVED.replace(",\"read_customers\"", "");
    let script = Script::of(&document, vec![orders_begin(), started()]);
    run(Shopify.pull_orders(&script.ctx(), &ask(None))).unwrap();
    assert!(!script.variables(1)["query"].as_str().unwrap().contains("customer"));
    let script = Script::of(PROVED, vec![orders_begin(), started()]);
    run(Shopify.pull_orders(&script.ctx(), &ask(None))).unwrap();
    assert!(script.variables(1)["query"].as_str().unwrap().contains("customer {"));
}
