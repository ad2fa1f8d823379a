use std::time::Duration;

use domain::event::{About, Event};
use domain::{RemoteCustomerId, RemoteProductId, RemoteStockId};
use platform::{Ask, ErrorKind, Extent, Fetch as _, PullCatalog as _, PullCustomers as _, PullOrders as _};

use super::{PROVED, Reply, Script, costs, data, fails, run, says};
use crate::Shopify;

fn since(cursor: Option<String>) -> Ask {
    Ask { extent: Extent::Since("2026-11-21T09:30:00Z".parse().unwrap()), cursor, size: 250 }
}

fn variant(id: u32, level: i64) -> String {
    format!(
        r#"{{"id":"gid://shopify/ProductVariant/{id}","displayName":"Mug - {id}","sku":"M-{id}","price":"8.00","inventoryQuantity":{level},"updatedAt":"2026-11-21T09:40:00Z","inventoryItem":{{"id":"gid://shopify/InventoryItem/3{id}","tracked":true}}}}"#
    )
}

fn product(id: u32, variants: &[String], more: Option<&str>) -> String {
    let end = more.map_or(r#"{"hasNextPage":false}"#.to_owned(), |cursor| {
        format!(r#"{{"hasNextPage":true,"endCursor":"{cursor}"}}"#)
    });
    format!(
        r#"{{"id":"gid://shopify/Product/{id}","title":"Mug","status":"ACTIVE","updatedAt":"2026-11-21T09:40:00Z","variants":{{"nodes":[{}],"pageInfo":{end}}}}}"#,
        variants.join(",")
    )
}

fn products(rows: &[String], more: Option<&str>, cost: u64, left: u64) -> Reply {
    let end = more.map_or(r#"{"hasNextPage":false}"#.to_owned(), |cursor| {
        format!(r#"{{"hasNextPage":true,"endCursor":"{cursor}"}}"#)
    });
    costs(&format!(r#"{{"products":{{"nodes":[{}],"pageInfo":{end}}}}}"#, rows.join(",")), cost, left)
}

#[test]
fn changed_products_come_page_by_page_with_all_their_variants() {
    let more = format!(
        r#"{{"product":{{"variants":{{"nodes":[{}],"pageInfo":{{"hasNextPage":false}}}}}}}}"#,
        variant(3, 5)
    );
    let script = Script::of(
        PROVED,
        vec![
            products(&[product(1, &[variant(1, 4), variant(2, -1)], Some("v"))], Some("p"), 90, 50),
            data(&more),
            products(&[product(2, &[variant(4, 1)], None)], None, 90, 2000),
        ],
    );
    let page = run(Shopify.pull_catalog(&script.ctx(), &since(None))).unwrap();
    assert_eq!((page.count, page.records.variants.len(), page.total), (4, 3, None));
    assert_eq!(page.records.variants[1].level().unwrap().to_string(), "-1");
    // The bucket was low: the next page waits for it. It asks for more, since this one was cheap, and waits for that.
    assert_eq!((page.wait, page.size), (Some(Duration::from_secs(4)), 32));
    let page = run(Shopify.pull_catalog(&script.ctx(), &since(page.next))).unwrap();
    assert_eq!((page.count, page.next, page.wait), (2, None, None));
    assert_eq!(script.calls(), ["ProductsChanged", "ProductVariants", "ProductsChanged"]);
    let asked = script.variables(0);
    assert_eq!((&asked["first"], &asked["after"]), (&8.into(), &serde_json::Value::Null));
    assert_eq!(asked["query"], "updated_at:>='2026-11-21T09:30:00Z'");
    let asked = script.variables(2);
    assert_eq!((&asked["first"], &asked["after"]), (&32.into(), &"p".into()));
}

#[test]
fn a_page_that_costs_too_much_shrinks() {
    let script = Script::of(
        PROVED,
        vec![
            fails("MAX_COST_EXCEEDED"),
            fails("MAX_COST_EXCEEDED"),
            products(&[product(1, &[variant(1, 4)], None)], Some("p"), 950, 400),
        ],
    );
    let page = run(Shopify.pull_catalog(&script.ctx(), &since(None))).unwrap();
    let sizes: Vec<String> = (0..3).map(|at| script.variables(at)["first"].to_string()).collect();
    assert_eq!(sizes, ["8", "4", "2"]);
    assert_eq!((page.size, page.wait), (1, Some(Duration::from_secs(1))));
    let script = Script::of(PROVED, (0..4).map(|_| fails("MAX_COST_EXCEEDED")).collect());
    let error = run(Shopify.pull_catalog(&script.ctx(), &since(None))).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
}

#[test]
fn a_search_warning_ends_the_reading() {
    let body = r#"{"data":{"products":{"nodes":[],"pageInfo":{"hasNextPage":false}}},"extensions":{"search":[{"warnings":[{"code":"invalid_field"}]}]}}"#;
    let script = Script::of(PROVED, vec![says(200, body)]);
    let error = run(Shopify.pull_catalog(&script.ctx(), &since(None))).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("search-warning"));
}

fn order(id: u32, lines: &str, end: &str) -> String {
    format!(
        r#"{{"id":"gid://shopify/Order/{id}","name":"{id}","createdAt":"2026-11-21T09:35:00Z","updatedAt":"2026-11-21T09:40:00Z","displayFinancialStatus":"PAID","displayFulfillmentStatus":"FULFILLED","totalPriceSet":{{"shopMoney":{{"amount":"1","currencyCode":"EUR"}}}},"lineItems":{{"nodes":[{lines}],"pageInfo":{end}}}}}"#
    )
}

fn line(id: u32, quantity: u32, current: u32) -> String {
    format!(
        r#"{{"id":"gid://shopify/LineItem/{id}","name":"x","quantity":{quantity},"currentQuantity":{current}}}"#
    )
}

const END: &str = r#"{"hasNextPage":false,"endCursor":null}"#;

#[test]
fn changed_orders_come_whole() {
    let first = order(1, &line(1, 1, 1), r#"{"hasNextPage":true,"endCursor":"l"}"#);
    let second = order(2, &line(3, 4, 1), END);
    let page = format!(r#"{{"orders":{{"nodes":[{first},{second}],"pageInfo":{END}}}}}"#);
    let more = format!(r#"{{"order":{{"lineItems":{{"nodes":[{}],"pageInfo":{END}}}}}}}"#, line(2, 7, 7));
    let ten = |at: u32| {
        format!(r#"{{"id":"gid://shopify/Refund/{at}","refundLineItems":{{"nodes":[],"pageInfo":{END}}}}}"#)
    };
    let many: Vec<String> = (0..10).map(ten).collect();
    let refunds = format!(r#"{{"nodes":[{{"id":"gid://shopify/Order/2","refunds":[{}]}}]}}"#, many.join(","));
    let ids = r#"{"order":{"refunds":[{"id":"gid://shopify/Refund/1"},{"id":"gid://shopify/Refund/2"}]}}"#;
    let back = |units: u32, kind: &str, end: &str| {
        data(&format!(
            r#"{{"node":{{"refundLineItems":{{"nodes":[{{"quantity":{units},"restockType":"{kind}","restocked":true,"lineItem":{{"id":"gid://shopify/LineItem/3"}}}}],"pageInfo":{end}}}}}}}"#
        ))
    };
    let script = Script::of(
        PROVED,
        vec![
            data(&page),
            data(&more),
            data(&refunds),
            data(ids),
            back(1, "RETURN", r#"{"hasNextPage":true,"endCursor":"r"}"#),
            back(1, "CANCEL", END),
            back(1, "NO_RESTOCK", END),
        ],
    );
    let page = run(Shopify.pull_orders(&script.ctx(), &since(None))).unwrap();
    assert_eq!(page.records[0].lines.len(), 2);
    let lost = &page.records[1].lines[0];
    let numbers = [lost.quantity, lost.refunded, lost.restocked, lost.taken].map(|number| number.to_string());
    assert_eq!(numbers, ["4", "3", "2", "2"]);
    assert_eq!(
        script.calls(),
        [
            "OrdersChanged",
            "OrderLines",
            "OrdersRefunds",
            "OrderRefundIds",
            "RefundLines",
            "RefundLines",
            "RefundLines"
        ]
    );
    assert_eq!(script.variables(5)["after"], "r");
}

#[test]
fn an_app_that_is_not_cleared_for_peoples_data_still_reads_orders() {
    let page = format!(r#"{{"orders":{{"nodes":[{}],"pageInfo":{END}}}}}"#, order(1, &line(1, 1, 1), END));
    let denied = |field: &str| {
        format!(
            r#"{{"data":{page},"errors":[{{"message":"not approved to access","path":["orders","nodes",0,"{field}"],"extensions":{{"code":"ACCESS_DENIED"}}}}]}}"#
        )
    };
    for field in ["customer", "billingAddress", "email"] {
        let script = Script::of(PROVED, vec![says(200, &denied(field))]);
        assert_eq!(run(Shopify.pull_orders(&script.ctx(), &since(None))).unwrap().count, 1, "{field}");
    }
    let script = Script::of(PROVED, vec![says(200, &denied("lineItems"))]);
    assert_eq!(run(Shopify.pull_orders(&script.ctx(), &since(None))).unwrap_err().kind, ErrorKind::Rejected);
}

const PERSON: &str = r#"{"id":"gid://shopify/Customer/7","firstName":null,"lastName":null,"createdAt":"2026-11-01T00:00:00Z","updatedAt":"2026-11-02T00:00:00Z","defaultEmailAddress":null,"defaultPhoneNumber":null,"defaultAddress":null}"#;

#[test]
fn customers_come_with_nothing_but_what_may_be_seen() {
    let page = |count: u64, end: &str| {
        data(&format!(
            r#"{{"customersCount":{{"count":{count}}},"customers":{{"nodes":[{PERSON}],"pageInfo":{end}}}}}"#
        ))
    };
    let script = Script::of(PROVED, vec![page(2, r#"{"hasNextPage":true,"endCursor":"c"}"#), page(3, END)]);
    let full = |cursor| Ask { extent: Extent::Full, cursor, size: 250 };
    let first = run(Shopify.pull_customers(&script.ctx(), &full(None))).unwrap();
    assert_eq!((first.count, first.total, first.records[0].name.as_str()), (1, Some(2), ""));
    // The count stays what it was at the beginning: who came meanwhile is the next reading's.
    let last = run(Shopify.pull_customers(&script.ctx(), &full(first.next))).unwrap();
    assert_eq!((last.total, last.next), (Some(2), None));
    assert_eq!(script.variables(0)["sort"], "ID");
    let blind = PROVED.replace(",\"read_customers\"", "");
    let script = Script::of(&blind, Vec::new());
    assert_eq!(
        run(Shopify.pull_customers(&script.ctx(), &full(None))).unwrap_err().kind,
        ErrorKind::Rejected
    );
    assert_eq!(run(Shopify.pull_customers(&script.ctx(), &since(None))).unwrap().count, 0);
}

#[test]
fn one_record_is_read_afresh() {
    let product = format!(r#"{{"product":{}}}"#, product(1, &[variant(1, 4)], None));
    let item = format!(
        r#"{{"inventoryItem":{{"id":"gid://shopify/InventoryItem/31","variants":{{"nodes":[{}],"pageInfo":{END}}}}}}}"#,
        variant(1, 6).replacen('{', r#"{"product":{"id":"gid://shopify/Product/1"},"#, 1)
    );
    let fetch = |about: About, reply: Reply| {
        let script = Script::of(PROVED, vec![reply]);
        let mut events = run(Shopify.fetch(&script.ctx(), &about)).unwrap();
        assert_eq!(events.len(), 1);
        events.remove(0)
    };
    let about = || About::Product(RemoteProductId::new("1"));
    let Event::Catalog(listings) = fetch(about(), data(&product)) else { panic!("no listings") };
    assert_eq!((listings.products.len(), listings.variants.len()), (1, 1));
    assert_eq!(fetch(about(), data(r#"{"product":null}"#)), Event::ProductGone(RemoteProductId::new("1")));
    let about = || About::Stock(RemoteStockId::new("31"));
    let Event::Catalog(listings) = fetch(about(), data(&item)) else { panic!("no listings") };
    assert_eq!((listings.products.len(), listings.variants[0].product.as_str()), (0, "1"));
    assert_eq!(listings.variants[0].level().unwrap().to_string(), "6");
    assert!(matches!(fetch(about(), data(r#"{"inventoryItem":null}"#)), Event::Ignored(_)));
    let about = || About::Customer(RemoteCustomerId::new("7"));
    assert!(matches!(fetch(about(), data(&format!(r#"{{"customer":{PERSON}}}"#))), Event::Customer(_)));
    assert_eq!(fetch(about(), data(r#"{"customer":null}"#)), Event::CustomerGone(RemoteCustomerId::new("7")));
    // An id that is no number is no record's, and nothing is asked.
    let script = Script::of(PROVED, Vec::new());
    let gone = run(Shopify.fetch(&script.ctx(), &About::Product(RemoteProductId::new("x\"")))).unwrap();
    assert_eq!(gone, [Event::ProductGone(RemoteProductId::new("x\""))]);
}
