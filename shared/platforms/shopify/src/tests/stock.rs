use domain::{OnHand, RemoteProductId, RemoteVariantId, WriteId};
use platform::{ErrorKind, HttpErrorKind, Outcome, PushStock as _, ReadStock as _, StockWrite, VariantName};
use serde_json::json;

use super::{PROVED, Reply, Script, data, fails, run, says};
use crate::Shopify;
use crate::write_key::key;

pub(super) fn name(variant: &str) -> VariantName {
    VariantName { product: RemoteProductId::new("1"), variant: RemoteVariantId::new(variant) }
}

pub(super) fn write(variant: &str, compare: i64, value: i64) -> StockWrite {
    StockWrite {
        variant: name(variant),
        write: WriteId::derive(&[variant]),
        compare: OnHand::whole(compare),
        value: OnHand::whole(value),
    }
}

pub(super) fn applied(level: i64) -> Outcome {
    Outcome::Applied { now: Some(OnHand::whole(level)) }
}

pub(super) fn stale(level: i64) -> Outcome {
    Outcome::Stale { seen: Some(OnHand::whole(level)) }
}

pub(super) fn is_refused(outcome: &Outcome, words: &str) -> bool {
    matches!(outcome, Outcome::Refused { why } if why.contains(words))
}

/// A variant's node: id, number, and whether it is counted and stocked.
fn node(variant: &str, level: i64, tracked: bool, stocked: bool) -> String {
    let active = if stocked { r#"{"isActive":true}"# } else { "null" };
    format!(
        r#"{{"id":"gid://shopify/ProductVariant/{variant}","inventoryQuantity":{level},"inventoryItem":{{"id":"gid://shopify/InventoryItem/3{variant}","tracked":{tracked},"inventoryLevel":{active}}}}}"#
    )
}

pub(super) fn nodes(rows: &[String]) -> Reply {
    data(&format!(r#"{{"nodes":[{}]}}"#, rows.join(",")))
}

/// What the shop says to each field: nothing, or the code of a complaint.
pub(super) fn says_each(codes: &[&str]) -> Reply {
    let field = |(at, code): (usize, &&str)| {
        let errors = if code.is_empty() {
            String::new()
        } else {
            format!(r#"{{"field":["input","quantities","0","quantity"],"message":"no","code":"{code}"}}"#)
        };
        format!(r#""write{at}":{{"userErrors":[{errors}]}}"#)
    };
    let fields: Vec<String> = codes.iter().enumerate().map(field).collect();
    data(&format!("{{{}}}", fields.join(",")))
}

#[test]
fn every_number_goes_under_its_own_key() {
    let script = Script::of(
        PROVED,
        vec![
            nodes(&[
                node("1", 5, true, true),
                node("2", 9, true, true),
                node("3", 0, false, true),
                "null".into(),
            ]),
            says_each(&["", ""]),
        ],
    );
    let mut half = write("5", 1, 2);
    half.value = OnHand::new("1.5".parse().unwrap());
    let writes = [
        write("1", 5, 4),
        write("2", 5, 7),
        write("3", 1, 2),
        write("4", 1, 2),
        half,
        write("6", 3, 3),
        write("x", 1, 2),
    ];
    let outcomes = run(Shopify.push_stock(&script.ctx(), &writes)).unwrap();
    // Whatever was read before, what the books explain is compared: the shop says whether it is so.
    assert_eq!(outcomes[..2], [applied(4), applied(7)]);
    assert!(is_refused(&outcomes[2], "Track quantity"));
    assert!(is_refused(&outcomes[3], "deleted"));
    assert!(is_refused(&outcomes[4], "whole units"));
    assert_eq!(outcomes[5], Outcome::Applied { now: None });
    assert!(is_refused(&outcomes[6], "deleted"));
    assert_eq!(script.calls(), ["LevelsAt", "SetQuantities"]);
    assert_eq!(
        script.variables(1)["input0"],
        json!({
            "name": "available", "reason": "correction",
            "referenceDocumentUri": format!("gid://storeloom/Write/{}", writes[0].write),
            "quantities": [{
                "inventoryItemId": "gid://shopify/InventoryItem/31", "locationId": "gid://shopify/Location/9",
                "changeFromQuantity": 5, "quantity": 4,
            }],
        })
    );
    assert_eq!(script.variables(1)["key0"], key(&writes[0].write, ""));
    assert_eq!(script.variables(1)["key1"], key(&writes[1].write, ""));
    assert_eq!(script.variables(1)["input1"]["quantities"][0]["changeFromQuantity"], 5);
}

#[test]
fn the_same_write_is_sent_the_same_way_again() {
    let sent = |level: i64| {
        let script = Script::of(PROVED, vec![nodes(&[node("1", level, true, true)]), says_each(&[""])]);
        let outcomes = run(Shopify.push_stock(&script.ctx(), &[write("1", 5, 4)])).unwrap();
        (outcomes, script.variables(1))
    };
    // The second time the shop shows what the first attempt wrote: the shop knows the key, and the call is the same.
    assert_eq!(sent(5), sent(4));
}

#[test]
fn each_row_has_its_own_outcome() {
    let rows: Vec<String> = (1..=6).map(|at| node(&at.to_string(), 5, true, true)).collect();
    let script = Script::of(
        PROVED,
        vec![
            nodes(&rows),
            says_each(&[
                "",
                "CHANGE_FROM_QUANTITY_STALE",
                "IDEMPOTENCY_CONCURRENT_REQUEST",
                "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
                "INVALID_INVENTORY_ITEM",
                "INVALID_QUANTITY_TOO_HIGH",
            ]),
            nodes(&[node("2", 3, true, true)]),
        ],
    );
    let writes: Vec<StockWrite> = (1..=6).map(|at| write(&at.to_string(), 5, 4)).collect();
    let outcomes = run(Shopify.push_stock(&script.ctx(), &writes)).unwrap();
    assert_eq!(outcomes[..4], [applied(4), stale(3), Outcome::Unknown, Outcome::Unknown]);
    assert!(is_refused(&outcomes[4], "deleted") && is_refused(&outcomes[5], "refuses the number"));
    assert_eq!(script.calls(), ["LevelsAt", "SetQuantities", "Levels"]);
}

#[test]
fn an_attempt_that_failed_is_made_once_more_under_a_new_key() {
    let failed = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED";
    let one = || nodes(&[node("1", 5, true, true)]);
    let script = Script::of(PROVED, vec![one(), says_each(&[failed]), says_each(&[""])]);
    let writes = [write("1", 5, 4)];
    assert_eq!(run(Shopify.push_stock(&script.ctx(), &writes)).unwrap(), [applied(4)]);
    assert_eq!(script.variables(2)["key0"], key(&writes[0].write, "again"));
    let script = Script::of(PROVED, vec![one(), says_each(&[failed]), says_each(&[failed])]);
    assert!(is_refused(&run(Shopify.push_stock(&script.ctx(), &writes)).unwrap()[0], "again and again"));
    let script = Script::of(PROVED, vec![one(), says_each(&[failed]), says(500, "")]);
    assert_eq!(run(Shopify.push_stock(&script.ctx(), &writes)).unwrap(), [Outcome::Unknown]);
}

#[test]
fn what_may_have_happened_is_unknown() {
    for trouble in [
        Reply::Fails(HttpErrorKind::Timeout),
        Reply::Fails(HttpErrorKind::Broken),
        says(500, "<html>"),
        says(502, ""),
        says(200, "<html>"),
        says(200, r#"{"data":{"write0":{"userEr"#),
        fails("INTERNAL_SERVER_ERROR"),
        says(
            200,
            r#"{"data":{"write0":null},"errors":[{"message":"x","path":["write0"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#,
        ),
    ] {
        let script = Script::of(PROVED, vec![nodes(&[node("1", 5, true, true)]), trouble]);
        assert_eq!(run(Shopify.push_stock(&script.ctx(), &[write("1", 5, 4)])).unwrap(), [Outcome::Unknown]);
    }
}

#[test]
fn what_surely_did_not_happen_is_an_error() {
    for (trouble, kind) in [
        (says(401, "{}"), ErrorKind::Unauthorized),
        (says(429, ""), ErrorKind::RateLimited),
        (fails("THROTTLED"), ErrorKind::RateLimited),
        (fails("ACCESS_DENIED"), ErrorKind::Rejected),
    ] {
        let script = Script::of(PROVED, vec![nodes(&[node("1", 5, true, true)]), trouble]);
        let error = run(Shopify.push_stock(&script.ctx(), &[write("1", 5, 4)])).unwrap_err();
        assert_eq!((error.kind, error.may_have_taken_effect), (kind, false));
    }
    let denied = r#"{"data":{"write0":null},"errors":[{"message":"Access denied","path":["write0"],"extensions":{"code":"ACCESS_DENIED"}}]}"#;
    let script = Script::of(PROVED, vec![nodes(&[node("1", 5, true, true)]), says(200, denied)]);
    let outcomes = run(Shopify.push_stock(&script.ctx(), &[write("1", 5, 4)])).unwrap();
    assert!(is_refused(&outcomes[0], "write_inventory"));
}

#[test]
fn one_row_that_fails_leaves_its_brothers_their_answers() {
    let body = r#"{"data":{"write0":{"userErrors":[]},"write1":null},"errors":[{"message":"x","path":["write1"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;
    let rows = nodes(&[node("1", 5, true, true), node("2", 5, true, true)]);
    let script = Script::of(PROVED, vec![rows, says(200, body)]);
    let outcomes = run(Shopify.push_stock(&script.ctx(), &[write("1", 5, 4), write("2", 5, 4)])).unwrap();
    assert_eq!(outcomes, [applied(4), Outcome::Unknown]);
}

#[test]
fn a_call_that_costs_too_much_is_halved() {
    let rows: Vec<String> = (1..=3).map(|at| node(&at.to_string(), 5, true, true)).collect();
    let replies = vec![
        nodes(&rows),
        fails("MAX_COST_EXCEEDED"),
        says_each(&[""]),
        says_each(&["", "CHANGE_FROM_QUANTITY_STALE"]),
        nodes(&[node("3", 1, true, true)]),
    ];
    let script = Script::of(PROVED, replies);
    let writes = [write("1", 5, 4), write("2", 5, 3), write("3", 5, 2)];
    let outcomes = run(Shopify.push_stock(&script.ctx(), &writes)).unwrap();
    assert_eq!(outcomes, [applied(4), applied(3), stale(1)]);
    let script =
        Script::of(PROVED, vec![nodes(&rows), fails("MAX_COST_EXCEEDED"), says_each(&[""]), says(401, "{}")]);
    let outcomes = run(Shopify.push_stock(&script.ctx(), &writes)).unwrap();
    assert_eq!(outcomes, [applied(4), Outcome::Unknown, Outcome::Unknown]);
}

#[test]
fn a_variant_that_is_not_stocked_is_stocked_first() {
    let stocked = |errors: &str| data(&format!(r#"{{"inventoryActivate":{{"userErrors":[{errors}]}}}}"#));
    let one = || nodes(&[node("1", 0, true, false)]);
    let script = Script::of(PROVED, vec![one(), stocked(""), says_each(&[""])]);
    let writes = [write("1", 0, 4)];
    assert_eq!(run(Shopify.push_stock(&script.ctx(), &writes)).unwrap(), [applied(4)]);
    assert_eq!(script.calls(), ["LevelsAt", "StockAtLocation", "SetQuantities"]);
    assert_eq!(script.variables(1)["key"], key(&writes[0].write, "stock"));
    let script = Script::of(PROVED, vec![one(), stocked(r#"{"field":null,"message":"is closed"}"#)]);
    assert!(is_refused(&run(Shopify.push_stock(&script.ctx(), &writes)).unwrap()[0], "is closed"));
    let script = Script::of(PROVED, vec![one(), says(500, "")]);
    assert_eq!(run(Shopify.push_stock(&script.ctx(), &writes)).unwrap(), [Outcome::Unknown]);
}

#[test]
fn numbers_are_read_in_one_call() {
    let script = Script::of(
        PROVED,
        vec![nodes(&[
            node("1", -2, true, true),
            node("2", 7, false, true),
            "null".into(),
            node("4", 0, true, true),
        ])],
    );
    let names = [name("1"), name("x"), name("2"), name("3"), name("4")];
    let levels = run(Shopify.read_stock(&script.ctx(), &names)).unwrap();
    let shown: Vec<Option<OnHand>> = levels.iter().map(|it| it.level).collect();
    assert_eq!(shown, [Some(OnHand::whole(-2)), None, None, None, Some(OnHand::ZERO)]);
    assert_eq!(levels[1].variant.as_str(), "x");
    let script = Script::of(PROVED, vec![nodes(&["null".into()])]);
    assert_eq!(run(Shopify.read_stock(&script.ctx(), &names)).unwrap_err().kind, ErrorKind::Malformed);
}
