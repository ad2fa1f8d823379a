use domain::RemoteProductId;
use domain::event::{About, Event};
use domain::money::Money;
use domain::product::{Listing, Stock};
use domain::{OnHand, RemoteCustomerId, RemoteVariantId};
use platform::{
    Ask, ErrorKind, Extent, Fetch, HttpErrorKind, PullCatalog, PullCustomers, VariantName, WriteListing,
};

use super::{PROVED, Reply, Script, complains, list, ok, run};
use crate::WooCommerce;

fn ask(extent: Extent, cursor: Option<String>, size: u32) -> Ask {
    Ask { extent, cursor, size }
}

fn product(id: u32, kind: &str, more: &str) -> String {
    format!(
        r#"{{"id":{id},"name":"P{id}","type":"{kind}","status":"publish","date_modified_gmt":"2026-11-20T16:00:00"{more}}}"#
    )
}

fn variation(id: u32, parent: u32) -> String {
    format!(
        r#"{{"id":{id},"parent_id":{parent},"type":"variation","name":"x","status":"publish","manage_stock":true,"stock_quantity":3,"attributes":[{{"name":"Color","option":"Red"}},{{"name":"Size","option":"S"}}],"date_modified_gmt":"2026-11-20T16:00:00"}}"#
    )
}

#[test]
fn products_then_variations_with_one_total() {
    let script = Script::of(
        PROVED,
        vec![
            list("[]", 1),
            list(&format!("[{},{}]", product(12, "variable", ""), product(11, "simple", "")), 3),
            list(&format!("[{}]", product(10, "grouped", "")), 3),
            list(&format!("[{}]", variation(13, 12)), 1),
        ],
    );
    let mut cursor = None;
    let mut pages = Vec::new();
    loop {
        let page =
            run(WooCommerce.pull_catalog(&script.ctx(), &ask(Extent::Full, cursor.clone(), 2))).unwrap();
        cursor = page.next.clone();
        pages.push((page.records.products.len(), page.records.variants.len(), page.count, page.total));
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, [(2, 1, 2, Some(4)), (1, 1, 1, Some(4)), (0, 1, 1, Some(4))]);
    assert_eq!(
        script.calls(),
        [
            "GET /wp-json/wc/v3/variations?per_page=1",
            "GET /wp-json/wc/v3/products?status=any&orderby=id&order=desc&per_page=2&offset=0",
            "GET /wp-json/wc/v3/products?status=any&orderby=id&order=desc&per_page=2&offset=2",
            "GET /wp-json/wc/v3/variations?orderby=id&order=desc&per_page=2&offset=0",
        ]
    );
    script.is_done();
}

#[test]
fn changes_are_asked_for_in_utc_and_by_ascending_id() {
    let script = Script::of(PROVED, vec![list("[]", 0), list("[]", 0)]);
    let since = Extent::Since("2026-11-20T16:06:46.7Z".parse().unwrap());
    let page = run(WooCommerce.pull_catalog(&script.ctx(), &ask(since, None, 100))).unwrap();
    assert_eq!((page.count, page.total), (0, None));
    assert_eq!(page.shop_time.unwrap().to_string(), "2026-11-20T16:06:41Z");
    let last = run(WooCommerce.pull_catalog(&script.ctx(), &ask(since, page.next, 100))).unwrap();
    assert_eq!((last.next, last.total), (None, Some(0)));
    assert!(script.calls()[0].ends_with(
        "products?status=any&orderby=id&order=asc&modified_after=2026-11-20T16%3A06%3A46&dates_are_gmt=true&per_page=100&offset=0"
    ));
}

#[test]
fn a_page_that_is_too_much_is_asked_for_smaller_and_the_place_stays_right() {
    let many = format!("[{}]", product(1, "simple", ""));
    let script = Script::of(
        PROVED,
        vec![
            list("[]", 0),
            Reply::Fails(HttpErrorKind::Timeout),
            Reply::Answer(502, Vec::new(), "<html>".into()),
            list(&many, 60),
            list(&many, 60),
        ],
    );
    let page = run(WooCommerce.pull_catalog(&script.ctx(), &ask(Extent::Full, None, 100))).unwrap();
    // Nine of ten may not be seen by the key: the list goes on all the same, and they are not counted as read.
    assert_eq!((page.size, page.count, page.records.products.len()), (10, 1, 1));
    let next = run(WooCommerce.pull_catalog(&script.ctx(), &ask(Extent::Full, page.next, 100))).unwrap();
    assert_eq!((next.size, next.count), (10, 1), "the next page begins with the size that worked");
    let calls = script.calls();
    assert!(calls[1].ends_with("per_page=100&offset=0") && calls[2].ends_with("per_page=25&offset=0"));
    assert!(calls[3].ends_with("per_page=10&offset=0") && calls[4].ends_with("per_page=10&offset=10"));
}

#[test]
fn a_shop_that_stays_silent_is_not_asked_for_ever() {
    let failing = (0..3).map(|_| Reply::Fails(HttpErrorKind::Timeout)).collect();
    let script = Script::of(PROVED, failing).slow(60);
    let cursor = crate::page::cursor_text(7_u64, None);
    let error =
        run(platform::PullOrders::pull_orders(&WooCommerce, &script.ctx(), &ask(Extent::Full, cursor, 100)));
    assert_eq!(error.unwrap_err().kind, ErrorKind::Unavailable);
    script.is_done();
}

#[test]
fn an_old_shop_is_read_parent_by_parent() {
    let old = PROVED.replace(r#""variations":true"#, r#""variations":false"#);
    let script = Script::of(
        &old,
        vec![
            list(&format!("[{}]", product(40, "variable", "")), 1),
            list(r#"[{"id":40},{"id":30},{"id":20}]"#, 3),
            list(&format!("[{},{}]", variation(41, 40), variation(42, 40)), 2),
            complains(404, "woocommerce_rest_product_invalid_id", "Invalid ID."),
            list(&format!("[{}]", variation(21, 20).replace(r#""parent_id":20,"type":"variation","#, "")), 1),
        ],
    );
    let (mut cursor, mut variants, mut total) = (None, Vec::new(), None);
    for _ in 0..5 {
        let page = run(WooCommerce.pull_catalog(&script.ctx(), &ask(Extent::Full, cursor, 100))).unwrap();
        variants.extend(
            page.records.variants.into_iter().map(|it| (it.remote.to_string(), it.product.to_string())),
        );
        (cursor, total) = (page.next, page.total);
        if cursor.is_none() {
            break;
        }
    }
    script.is_done();
    assert_eq!(cursor, None);
    assert_eq!(total, Some(4));
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(variants, [pair("41", "40"), pair("42", "40"), pair("21", "20")]);
}

#[test]
fn every_kind_of_product_has_its_stock() {
    let rows = [
        product(
            1,
            "simple",
            r#","manage_stock":true,"stock_quantity":5,"price":"9.90","regular_price":"12.00","sku":" A-1 ","images":[{"src":"https://i/1.jpg"}],"permalink":"https://p/1""#,
        ),
        product(2, "simple", r#","manage_stock":false,"stock_status":"outofstock","price":"""#),
        product(3, "variable", r#","manage_stock":true,"stock_quantity":8"#),
        product(4, "variable", ""),
        product(5, "external", r#","manage_stock":true,"stock_quantity":8"#),
        product(6, "simple", r#","manage_stock":true,"stock_quantity":2.5"#),
        variation(7, 3).replace(r#""manage_stock":true"#, r#""manage_stock":"parent""#),
        product(8, "simple", "").replace("publish", "private"),
        product(9, "simple", "").replace("publish", "trash"),
    ];
    let wire: Vec<crate::wire::product::Product> =
        serde_json::from_str(&format!("[{}]", rows.join(","))).unwrap();
    let all = crate::catalog::gather(&wire, None, Some("GBP".parse().unwrap())).unwrap();
    let stock: Vec<_> =
        all.variants.iter().map(|it| (it.remote.as_str(), it.stock.clone(), it.sellable)).collect();
    let tracked = |level: &str| Stock::Tracked { level: OnHand::new(level.parse().unwrap()) };
    assert_eq!(
        stock,
        [
            ("1", tracked("5"), true),
            ("2", Stock::Untracked { in_stock: false }, true),
            ("3", tracked("8"), false),
            ("5", Stock::Untracked { in_stock: true }, true),
            ("6", tracked("2.5"), true),
            ("7", Stock::Pooled { holder: RemoteVariantId::new("3") }, true),
            ("8", Stock::Untracked { in_stock: true }, true),
            ("9", Stock::Untracked { in_stock: true }, true),
        ]
    );
    assert_eq!(all.variants[0].sku.as_ref().unwrap().as_str(), "A-1");
    assert_eq!(all.variants[0].price.unwrap().to_string(), "9.90 GBP");
    assert_eq!(all.variants[1].price, None);
    assert_eq!(all.variants[5].title, "Red, S");
    assert_eq!(all.products[0].images, ["https://i/1.jpg"]);
    let listing = |id: &str| all.products.iter().find(|it| it.remote.as_str() == id).unwrap().listing;
    assert_eq!(
        (listing("8"), listing("9"), listing("1")),
        (Listing::Hidden, Listing::Removed, Listing::Published)
    );
}

#[test]
fn a_product_is_fetched_with_its_variations_or_is_gone() {
    let script = Script::of(
        PROVED,
        vec![
            ok(&product(30, "variable", "")),
            list(&format!("[{}]", variation(31, 30)), 1),
            complains(404, "woocommerce_rest_product_invalid_id", "Invalid ID."),
            ok(&product(30, "simple", "").replace("publish", "trash")),
            complains(404, "woocommerce_rest_invalid_id", "Invalid resource ID."),
        ],
    );
    let about = About::Product(RemoteProductId::new("30"));
    let whole = run(WooCommerce.fetch(&script.ctx(), &about)).unwrap();
    let Event::Catalog(listings) = &whole[0] else { panic!("{whole:?}") };
    assert_eq!((listings.products.len(), listings.variants.len()), (1, 1));
    for _ in 0..2 {
        let gone = run(WooCommerce.fetch(&script.ctx(), &about)).unwrap();
        assert_eq!(gone, [Event::ProductGone(RemoteProductId::new("30"))]);
    }
    let customer = RemoteCustomerId::new("5");
    let gone = run(WooCommerce.fetch(&script.ctx(), &About::Customer(customer.clone()))).unwrap();
    assert_eq!(gone, [Event::CustomerGone(customer)]);
    let odd = About::Product(RemoteProductId::new("../settings"));
    assert!(matches!(run(WooCommerce.fetch(&script.ctx(), &odd)).unwrap()[0], Event::ProductGone(_)));
    script.is_done();
}

#[test]
fn prices_and_titles_are_written_where_they_belong() {
    let script = Script::of(
        PROVED,
        vec![
            ok(&variation(31, 30)),
            ok(&product(30, "simple", "")),
            complains(400, "rest_invalid_param", "x"),
        ],
    );
    let variant = VariantName { product: RemoteProductId::new("30"), variant: RemoteVariantId::new("31") };
    let price = |text: &str, currency: &str| Money::new(text.parse().unwrap(), currency.parse().unwrap());
    let shown = run(WooCommerce.write_price(&script.ctx(), &variant, price("12.50", "GBP"))).unwrap();
    assert_eq!(shown.variants[0].remote.as_str(), "31");
    let title = "Caf\u{e9} \"x\"";
    run(WooCommerce.write_title(&script.ctx(), &RemoteProductId::new("30"), title)).unwrap();
    assert_eq!(script.bodies(), [r#"{"regular_price":"12.50"}"#, "{\"name\":\"Caf\u{e9} \\\"x\\\"\"}"]);
    assert_eq!(script.calls()[0], "PUT /wp-json/wc/v3/products/30/variations/31");
    let other = run(WooCommerce.write_price(&script.ctx(), &variant, price("1", "USD"))).unwrap_err();
    assert_eq!(other.kind, ErrorKind::Rejected);
    let refused = run(WooCommerce.write_price(&script.ctx(), &variant, price("1", "GBP"))).unwrap_err();
    assert_eq!((refused.kind, refused.may_have_taken_effect), (ErrorKind::Rejected, false));
    script.is_done();
}

#[test]
fn customers_are_read_whole_or_as_far_as_they_are_new() {
    let row = |id: u32, day: u32| {
        format!(
            r#"{{"id":{id},"email":"a@b.example","first_name":"A","date_created_gmt":"2026-11-{day}T10:00:00","billing":[]}}"#
        )
    };
    let script = Script::of(
        PROVED,
        vec![list(&format!("[{}]", row(2, 18)), 2), list(&format!("[{},{}]", row(2, 18), row(1, 12)), 50)],
    );
    let full = run(WooCommerce.pull_customers(&script.ctx(), &ask(Extent::Full, None, 1))).unwrap();
    assert_eq!((full.records.len(), full.next.is_some(), full.total), (1, true, Some(2)));
    let since = Extent::Since("2026-11-15T00:00:00Z".parse().unwrap());
    let new = run(WooCommerce.pull_customers(&script.ctx(), &ask(since, None, 2))).unwrap();
    assert_eq!((new.records.len(), new.next, new.count), (1, None, 1));
    assert_eq!(new.records[0].updated_at.to_string(), "2026-11-18T10:00:00Z");
}
