use domain::{OnHand, RemoteProductId, RemoteVariantId, WriteId};
use platform::{ErrorKind, HttpErrorKind, Outcome, PushStock, ReadStock, StockWrite, VariantName};

use super::{PROVED, Reply, Script, complains, list, ok, run, says};
use crate::WooCommerce;

fn name(product: &str, variant: &str) -> VariantName {
    VariantName { product: RemoteProductId::new(product), variant: RemoteVariantId::new(variant) }
}

fn write(product: &str, variant: &str, compare: i64, value: i64) -> StockWrite {
    StockWrite {
        variant: name(product, variant),
        write: WriteId::derive(&[variant]),
        compare: OnHand::whole(compare),
        value: OnHand::whole(value),
    }
}

fn applied(level: i64) -> Outcome {
    Outcome::Applied { now: Some(OnHand::whole(level)) }
}

fn is_refused(outcome: &Outcome, words: &str) -> bool {
    matches!(outcome, Outcome::Refused { why } if why.contains(words))
}

#[test]
fn differences_go_in_batches_and_every_row_has_its_outcome() {
    let script = Script::of(
        PROVED,
        vec![
            ok(r#"{"update":[{"id":10,"manage_stock":true,"stock_quantity":4},
                {"id":11,"error":{"code":"woocommerce_rest_product_invalid_id","message":"Invalid ID.","data":{"status":400}}},
                {"id":12,"manage_stock":false,"stock_quantity":null}]}"#),
            ok(
                r#"{"update":[{"id":32,"manage_stock":"parent","stock_quantity":9},{"id":31,"manage_stock":true,"stock_quantity":"7"}]}"#,
            ),
        ],
    );
    let writes = [
        write("10", "10", 5, 4),
        write("30", "31", 5, 7),
        write("11", "11", 5, 6),
        write("30", "32", 1, 2),
        write("12", "12", 3, 0),
        write("13", "13", 3, 3),
        write("x", "x", 3, 4),
    ];
    let outcomes = run(WooCommerce.push_stock(&script.ctx(), &writes)).unwrap();
    assert_eq!(outcomes[0], applied(4));
    assert_eq!(outcomes[1], applied(7));
    assert!(is_refused(&outcomes[2], "deleted"));
    assert!(is_refused(&outcomes[3], "at its product"));
    assert!(is_refused(&outcomes[4], "does not count"));
    assert_eq!(outcomes[5], Outcome::Applied { now: None });
    assert!(is_refused(&outcomes[6], "no number"));
    assert_eq!(
        script.calls(),
        ["POST /wp-json/wc/v3/products/batch", "POST /wp-json/wc/v3/products/30/variations/batch"]
    );
    assert_eq!(
        script.bodies()[0],
        r#"{"update":[{"id":10,"inventory_delta":-1},{"id":11,"inventory_delta":1},{"id":12,"inventory_delta":-3}]}"#
    );
    script.is_done();
}

#[test]
fn one_number_is_put_alone() {
    let script = Script::of(PROVED, vec![ok(r#"{"id":31,"manage_stock":true,"stock_quantity":2}"#)]);
    let outcomes = run(WooCommerce.push_stock(&script.ctx(), &[write("30", "31", 5, 2)])).unwrap();
    assert_eq!(outcomes, [applied(2)]);
    assert_eq!(script.calls(), ["PUT /wp-json/wc/v3/products/30/variations/31"]);
    assert_eq!(script.bodies(), [r#"{"inventory_delta":-3}"#]);
}

#[test]
fn a_wall_that_stops_put_is_passed_with_post() {
    for status in [403, 405, 406, 501] {
        let script = Script::of(
            PROVED,
            vec![
                says(status, "<html>Not allowed</html>"),
                ok(r#"{"id":10,"manage_stock":true,"stock_quantity":2}"#),
            ],
        );
        let outcomes = run(WooCommerce.push_stock(&script.ctx(), &[write("10", "10", 5, 2)])).unwrap();
        assert_eq!(outcomes, [applied(2)], "{status}");
        let seen = script.seen.lock().unwrap();
        assert_eq!(seen[1].method, "POST");
        assert_eq!(seen[1].headers["x-http-method-override"], "PUT");
    }
}

#[test]
fn what_may_have_happened_is_unknown() {
    let troubles = [
        Reply::Fails(HttpErrorKind::Timeout),
        Reply::Fails(HttpErrorKind::Broken),
        says(500, "<html>"),
        says(504, ""),
        says(503, "<html>Varnish</html>"),
        says(200, "<html>Fatal error</html>"),
        says(200, r#"{"update":[{"id":10,"manage"#),
        says(200, r#"{"update":7,"x":[1]"#),
        complains(500, "internal_server_error", "critical"),
    ];
    for (at, trouble) in troubles.into_iter().enumerate() {
        let script = Script::of(PROVED, vec![trouble]);
        let writes = [write("10", "10", 5, 4), write("11", "11", 5, 4)];
        let outcomes = run(WooCommerce.push_stock(&script.ctx(), &writes)).unwrap();
        assert_eq!(outcomes, [Outcome::Unknown, Outcome::Unknown], "trouble {at}");
    }
}

#[test]
fn a_row_without_an_answer_is_unknown() {
    let script =
        Script::of(PROVED, vec![ok(r#"{"update":[{"id":11,"manage_stock":true,"stock_quantity":4}]}"#)]);
    let writes = [write("10", "10", 5, 4), write("11", "11", 5, 4)];
    let outcomes = run(WooCommerce.push_stock(&script.ctx(), &writes)).unwrap();
    assert_eq!(outcomes, [Outcome::Unknown, applied(4)]);
}

#[test]
fn what_surely_did_not_happen_is_an_error() {
    let table = [
        (complains(401, "woocommerce_rest_cannot_edit", "Sorry"), ErrorKind::Unauthorized),
        (
            complains(
                401,
                "woocommerce_rest_authentication_error",
                "The API key provided does not have write permissions.",
            ),
            ErrorKind::Rejected,
        ),
        (says(429, "slow down"), ErrorKind::RateLimited),
    ];
    for (reply, kind) in table {
        let script = Script::of(PROVED, vec![reply]);
        let writes = [write("10", "10", 5, 4), write("11", "11", 5, 4)];
        let error = run(WooCommerce.push_stock(&script.ctx(), &writes)).unwrap_err();
        assert_eq!((error.kind, error.may_have_taken_effect), (kind, false));
    }
}

#[test]
fn a_later_request_that_fails_leaves_the_earlier_ones_applied() {
    let script = Script::of(
        PROVED,
        vec![
            ok(r#"{"id":10,"manage_stock":true,"stock_quantity":4}"#),
            complains(401, "woocommerce_rest_cannot_edit", "x"),
        ],
    );
    let writes = [write("30", "31", 1, 2), write("10", "10", 5, 4)];
    let outcomes = run(WooCommerce.push_stock(&script.ctx(), &writes)).unwrap();
    assert_eq!(outcomes, [Outcome::Unknown, applied(4)]);
}

#[test]
fn too_many_rows_are_halved() {
    let row = |id: u32| format!(r#"{{"id":{id},"manage_stock":true,"stock_quantity":1}}"#);
    let script = Script::of(
        PROVED,
        vec![
            complains(413, "woocommerce_rest_request_entity_too_large", "Unable"),
            ok(&row(10)),
            ok(&format!(r#"{{"update":[{},{}]}}"#, row(11), row(12))),
        ],
    );
    let writes = [write("10", "10", 5, 1), write("11", "11", 5, 1), write("12", "12", 5, 1)];
    let outcomes = run(WooCommerce.push_stock(&script.ctx(), &writes)).unwrap();
    assert_eq!(outcomes, [applied(1), applied(1), applied(1)]);
    script.is_done();
}

#[test]
fn levels_are_read_in_as_few_calls_as_possible() {
    let script = Script::of(
        PROVED,
        vec![
            list(
                r#"[{"id":10,"type":"simple","manage_stock":true,"stock_quantity":-2},{"id":11,"type":"simple","manage_stock":false,"stock_quantity":null}]"#,
                2,
            ),
            list(
                r#"[{"id":31,"parent_id":30,"manage_stock":true,"stock_quantity":null},{"id":41,"parent_id":40,"manage_stock":"parent","stock_quantity":8}]"#,
                2,
            ),
        ],
    );
    let names = [name("40", "41"), name("10", "10"), name("11", "11"), name("12", "12"), name("30", "31")];
    let levels = run(WooCommerce.read_stock(&script.ctx(), &names)).unwrap();
    let shown: Vec<_> = levels.iter().map(|it| (it.variant.as_str(), it.level)).collect();
    assert_eq!(
        shown,
        [
            ("41", None),
            ("10", Some(OnHand::whole(-2))),
            ("11", None),
            ("12", None),
            ("31", Some(OnHand::ZERO)),
        ]
    );
    assert_eq!(
        script.calls(),
        [
            "GET /wp-json/wc/v3/products?status=any&include=10%2C11%2C12&per_page=100&offset=0",
            "GET /wp-json/wc/v3/variations?include=31%2C41&per_page=100&offset=0",
        ]
    );
}

#[test]
fn an_old_shop_is_read_parent_by_parent() {
    let script = Script::of(
        PROVED,
        vec![
            complains(404, "rest_no_route", "No route"),
            list(r#"[{"id":31,"manage_stock":true,"stock_quantity":3}]"#, 1),
            complains(404, "woocommerce_rest_product_invalid_id", "Invalid ID."),
        ],
    );
    let levels = run(WooCommerce.read_stock(&script.ctx(), &[name("30", "31"), name("40", "41")])).unwrap();
    assert_eq!((levels[0].level, levels[1].level), (Some(OnHand::whole(3)), None));
    script.is_done();
}
