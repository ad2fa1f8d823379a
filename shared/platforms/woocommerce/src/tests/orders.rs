use domain::RemoteOrderId;
use domain::event::{About, Event};
use domain::order::{OrderState, demand};
use platform::{Ask, ErrorKind, Extent, Fetch, PullOrders};

use super::{PROVED, Script, complains, list, ok, run};
use crate::WooCommerce;
use crate::wire::order::{Order, Refunded};

fn order(id: u32, status: &str, more: &str, lines: &str) -> String {
    format!(
        r#"{{"id":{id},"number":"N-{id}","status":"{status}","currency":"KWD","date_created_gmt":"2026-11-20T16:00:00","date_modified_gmt":"2026-11-20T16:05:00","total":"92.740","total_tax":"15.460","shipping_total":"","customer_id":0,"billing":{{"first_name":"Zo\u00eb","last_name":"","country":"GB","email":"z@shop.example"}},"line_items":[{lines}]{more}}}"#
    )
}

fn line(id: u32, quantity: u32, meta: &str) -> String {
    format!(
        r#"{{"id":{id},"name":"Shirt","product_id":30,"variation_id":31,"quantity":{quantity},"total":"25.000","price":8.333333333333334,"sku":"S-1","meta_data":[{{"key":"pa_color","value":{{"a":1}}}}{meta}]}}"#
    )
}

fn meta(key: &str, value: &str) -> String {
    format!(r#",{{"key":"{key}","value":{value}}}"#)
}

fn read(json: &str) -> domain::order::Order {
    serde_json::from_str::<Order>(json).unwrap().with(&Refunded::default()).unwrap()
}

#[test]
fn states_follow_the_status_and_then_the_evidence() {
    let taken = line(1, 2, &meta("_reduced_stock", "\"2\""));
    let none = line(1, 2, "");
    let (paid, done) =
        (r#","date_paid_gmt":"2026-11-20T16:01:00""#, r#","date_completed_gmt":"2026-11-20T16:02:00""#);
    let table = [
        ("pending", "", &none, OrderState::Pending),
        ("processing", "", &taken, OrderState::Open),
        ("on-hold", "", &taken, OrderState::Open),
        ("completed", "", &taken, OrderState::Fulfilled),
        ("cancelled", "", &none, OrderState::Cancelled),
        ("refunded", "", &none, OrderState::Refunded),
        ("failed", "", &none, OrderState::Failed),
        ("trash", "", &none, OrderState::Removed),
        ("checkout-draft", "", &none, OrderState::Draft),
        ("wc-shipped", done, &taken, OrderState::Fulfilled),
        ("packed", "", &taken, OrderState::Open),
        ("packed", paid, &none, OrderState::Open),
        ("quote", "", &none, OrderState::Pending),
    ];
    for (status, more, lines, state) in table {
        assert_eq!(read(&order(1, status, more, lines)).state, state, "{status} {more}");
    }
}

#[test]
fn an_order_on_hold_waits_for_its_payment_unless_it_was_paid() {
    let taken = line(1, 2, &meta("_reduced_stock", "\"2\""));
    let paid = r#","date_paid_gmt":"2026-11-20T16:01:00""#;
    for (status, more, waits) in [
        ("on-hold", "", true),
        ("wc-on-hold", "", true),
        ("on-hold", paid, false),
        ("processing", "", false),
        ("cancelled", "", false),
    ] {
        assert_eq!(read(&order(1, status, more, &taken)).waits_for_payment(), waits, "{status} {more}");
    }
}

#[test]
fn an_order_is_read_exactly() {
    let taken = line(7, 3, &meta("_reduced_stock", "3"));
    let loose = r#"{"id":8,"name":"Gone","product_id":0,"variation_id":0,"quantity":1,"price":0,"sku":null,"meta_data":""}"#;
    let order = read(&order(12, "processing", "", &format!("{taken},{loose}")));
    assert_eq!((order.number.as_str(), order.remote.as_str()), ("N-12", "12"));
    assert_eq!(order.total.to_string(), "92.740 KWD");
    assert_eq!(order.tax.unwrap().to_string(), "15.460 KWD");
    assert_eq!(order.shipping, None);
    assert_eq!((order.buyer.name.as_str(), order.buyer.country.as_deref()), ("Zo\u{eb}", Some("GB")));
    assert_eq!(order.buyer.customer, None);
    assert_eq!(order.fence.updated_at.to_string(), "2026-11-20T16:05:00Z");
    let [first, second] = order.lines.as_slice() else { panic!("two lines") };
    assert_eq!(first.variant.as_ref().unwrap().as_str(), "31");
    assert_eq!((first.taken.to_string(), first.restocked.to_string()), ("3".into(), "0".into()));
    assert_eq!(first.unit_price.unwrap().amount().to_string(), "8.333333333333334");
    assert_eq!((second.variant.clone(), second.product.clone(), second.sku.clone()), (None, None, None));
    assert_eq!(second.taken.to_string(), "0");
}

#[test]
fn refunds_are_read_where_there_are_some() {
    let lines = line(7, 3, &(meta("_reduced_stock", "\"2\"") + &meta("_restock_refunded_items", "\"1\"")));
    let with_refunds = r#","refunds":[{"id":90,"total":"-12.50"},{"id":91,"total":"-1.00"}]"#;
    let refunds = r#"[
        {"id":91,"line_items":[]},
        {"id":90,"line_items":[{"id":99,"quantity":-2,"meta_data":[{"key":"_refunded_item_id","value":"7"}]}]}]"#;
    let script = Script::of(
        PROVED,
        vec![
            list(
                &format!(
                    "[{},{}]",
                    order(12, "processing", with_refunds, &lines),
                    order(11, "pending", "", "")
                ),
                2,
            ),
            list(refunds, 2),
        ],
    );
    let ask = Ask { extent: Extent::Full, cursor: None, size: 100 };
    let page = run(WooCommerce.pull_orders(&script.ctx(), &ask)).unwrap();
    assert_eq!((page.records.len(), page.count, page.total, page.next), (2, 2, Some(2), None));
    let line = &page.records[0].lines[0];
    let words = |it: rust_decimal::Decimal| it.to_string();
    assert_eq!([line.quantity, line.refunded, line.restocked, line.taken].map(words), ["3", "2", "1", "2"]);
    let (reserved, shipped) = demand(page.records[0].state, line);
    assert_eq!([reserved, shipped].map(words), ["1", "1"]);
    assert_eq!(
        script.calls(),
        [
            "GET /wp-json/wc/v3/orders?status=any&orderby=id&order=desc&per_page=100&offset=0",
            "GET /wp-json/wc/v3/orders/12/refunds?per_page=100&offset=0",
        ]
    );
}

#[test]
fn an_order_is_fetched_or_gone() {
    let script = Script::of(
        PROVED,
        vec![
            ok(&order(12, "trash", "", "")),
            complains(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID."),
            complains(401, "woocommerce_rest_cannot_view", "Sorry"),
        ],
    );
    let about = About::Order(RemoteOrderId::new("12"));
    let events = run(WooCommerce.fetch(&script.ctx(), &about)).unwrap();
    assert!(matches!(&events[0], Event::Order(order) if order.state == OrderState::Removed));
    let events = run(WooCommerce.fetch(&script.ctx(), &about)).unwrap();
    assert_eq!(events, [Event::OrderGone(RemoteOrderId::new("12"))]);
    let error = run(WooCommerce.fetch(&script.ctx(), &about)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
}

#[test]
fn an_order_that_lacks_something_says_which_and_what() {
    let script = Script::of(PROVED, vec![list(r#"[{"id":5,"status":"processing"}]"#, 1)]);
    let ask = Ask { extent: Extent::Full, cursor: None, size: 100 };
    let error = run(WooCommerce.pull_orders(&script.ctx(), &ask)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert!(error.message.contains("order 5") && error.message.contains("currency"), "{}", error.message);
}
