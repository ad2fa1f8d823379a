use domain::OnHand;
use platform::{Outcome, PushStock as _};

use super::stock::{applied, is_refused, nodes, says_each, stale, write};
use super::{MANY, PROVED, Reply, Script, data, run};
use crate::Shopify;
use crate::write_key::key;

/// A variant's node with what is available at locations 1, 2, ...
fn node(variant: &str, levels: &[i64]) -> String {
    let sum: i64 = levels.iter().sum();
    let rows: Vec<String> = levels
        .iter()
        .enumerate()
        .map(|(at, units)| {
            format!(r#"{{"location":{{"id":"gid://shopify/Location/{}"}},"quantities":[{{"quantity":{units}}}]}}"#, at + 1)
        })
        .collect();
    format!(
        r#"{{"id":"gid://shopify/ProductVariant/{variant}","inventoryQuantity":{sum},"inventoryItem":{{"id":"gid://shopify/InventoryItem/3{variant}","tracked":true,"inventoryLevels":{{"nodes":[{}],"pageInfo":{{"hasNextPage":false}}}}}}}}"#,
        rows.join(",")
    )
}

fn pushed(levels: &[i64], compare: i64, value: i64, replies: Vec<Reply>) -> (Outcome, String) {
    let mut all = vec![nodes(&[node("1", levels)])];
    all.extend(replies);
    let script = Script::of(MANY, all);
    let outcome = run(Shopify.push_stock(&script.ctx(), &[write("1", compare, value)])).unwrap().remove(0);
    script.is_done();
    let sent = script.variables(1)["input0"]["quantities"].as_array().unwrap().clone();
    let shown = |row: &serde_json::Value| {
        let place = row["locationId"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        format!("{place}: {} to {}", row["changeFromQuantity"], row["quantity"])
    };
    (outcome, sent.iter().map(shown).collect::<Vec<_>>().join(", "))
}

#[test]
fn the_sum_moves_at_the_location_that_has_the_most() {
    let done = || vec![says_each(&[""])];
    assert_eq!(pushed(&[2, 5], 7, 9, done()), (applied(9), "2: 5 to 7".into()));
    assert_eq!(pushed(&[2, 5], 7, 3, done()), (applied(3), "2: 5 to 1".into()));
    assert_eq!(pushed(&[2, 5], 7, 1, done()), (applied(1), "2: 5 to 0, 1: 2 to 1".into()));
}

#[test]
fn another_sum_is_stale_unless_the_shop_knows_the_write() {
    let fresh = |level: i64| nodes(&[node("1", &[level])]);
    // Units were sold: the call that cannot take effect says that the write was never seen.
    let (outcome, sent) = pushed(&[2, 4], 7, 9, vec![says_each(&["CHANGE_FROM_QUANTITY_STALE"]), fresh(6)]);
    assert_eq!((outcome, sent.as_str()), (stale(6), "2: 2 to 4"));
    // The earlier attempt took effect: the shop answers as it did then.
    let (outcome, sent) = pushed(&[2, 7], 7, 9, vec![says_each(&[""])]);
    assert_eq!((outcome, sent.as_str()), (applied(9), "2: 5 to 7"));
    let known = || vec![says_each(&["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"])];
    assert_eq!(pushed(&[2, 7], 7, 9, known()).0, applied(9));
    assert_eq!(pushed(&[2, 6], 7, 9, known()).0, Outcome::Unknown);
    assert_eq!(pushed(&[2, 5], 7, 9, known()).0, stale(7));
}

#[test]
fn a_variant_that_is_stocked_nowhere_is_refused() {
    let script = Script::of(MANY, vec![nodes(&[node("1", &[])])]);
    let outcomes = run(Shopify.push_stock(&script.ctx(), &[write("1", 0, 4)])).unwrap();
    assert!(is_refused(&outcomes[0], "no location"));
}

#[test]
fn many_locations_are_read_to_their_end() {
    let first = node("1", &[1])
        .replace(r#""pageInfo":{"hasNextPage":false}"#, r#""pageInfo":{"hasNextPage":true,"endCursor":"c"}"#);
    let first = first.replace(r#""inventoryQuantity":1"#, r#""inventoryQuantity":8"#);
    let more = r#"{"inventoryItem":{"inventoryLevels":{"nodes":[{"location":{"id":"gid://shopify/Location/40"},"quantities":[{"quantity":7}]}],"pageInfo":{"hasNextPage":false}}}}"#;
    let script = Script::of(MANY, vec![nodes(&[first]), data(more), says_each(&[""])]);
    assert_eq!(run(Shopify.push_stock(&script.ctx(), &[write("1", 8, 9)])).unwrap(), [applied(9)]);
    assert_eq!(script.calls(), ["LevelsEverywhere", "ItemLevels", "SetQuantities"]);
    let sent = script.variables(2)["input0"]["quantities"][0].clone();
    assert_eq!(sent["locationId"], "gid://shopify/Location/40");
}

#[test]
fn a_shop_that_opened_a_second_location_is_noticed() {
    let known = r#"{"id":"gid://shopify/ProductVariant/1","inventoryQuantity":7,"inventoryItem":{"id":"gid://shopify/InventoryItem/31","tracked":true,"inventoryLevel":{"isActive":true}}}"#;
    let writes = [write("1", 7, 6)];
    // The number at the location that was known is not the sum, and the sum is what the books explain.
    let stale = vec![
        nodes(&[known.into()]),
        says_each(&["CHANGE_FROM_QUANTITY_STALE"]),
        nodes(&[node("1", &[5, 2])]),
        nodes(&[node("1", &[5, 2])]),
        says_each(&[""]),
    ];
    // The location that was known is closed.
    let closed = vec![
        nodes(&[known.into()]),
        says_each(&["INVALID_LOCATION"]),
        nodes(&[node("1", &[5, 2])]),
        says_each(&[""]),
    ];
    for replies in [stale, closed] {
        let last = replies.len() - 1;
        let script = Script::of(PROVED, replies);
        assert_eq!(run(Shopify.push_stock(&script.ctx(), &writes)).unwrap(), [applied(6)]);
        script.is_done();
        let sent = script.variables(last);
        assert_eq!(sent["key0"], key(&writes[0].write, "everywhere"));
        assert_eq!(sent["input0"]["quantities"][0]["quantity"], 4);
    }
    assert_eq!(OnHand::whole(6), writes[0].value);
}

#[test]
fn a_write_that_was_done_elsewhere_is_known_again() {
    let known = r#"{"id":"gid://shopify/ProductVariant/1","inventoryQuantity":6,"inventoryItem":{"id":"gid://shopify/InventoryItem/31","tracked":true,"inventoryLevel":{"isActive":true}}}"#;
    let again = |last: Vec<Reply>| {
        let mut replies = vec![
            nodes(&[known.into()]),
            says_each(&["CHANGE_FROM_QUANTITY_STALE"]),
            nodes(&[node("1", &[4, 2])]),
            nodes(&[node("1", &[4, 2])]),
        ];
        replies.extend(last);
        let script = Script::of(PROVED, replies);
        let outcome = run(Shopify.push_stock(&script.ctx(), &[write("1", 7, 6)])).unwrap().remove(0);
        script.is_done();
        outcome
    };
    // The shop remembers what the first attempt did at several locations.
    assert_eq!(again(vec![says_each(&[""])]), applied(6));
    // Somebody else wrote the same number: the shop knows no such write.
    let refused = says_each(&["CHANGE_FROM_QUANTITY_STALE"]);
    assert_eq!(again(vec![refused, nodes(&[node("1", &[4, 2])])]), stale(6));
}

#[test]
fn a_location_that_is_closed_meanwhile_is_no_refusal() {
    let (outcome, _) = pushed(&[2, 5], 7, 9, vec![says_each(&["INVALID_LOCATION"])]);
    assert_eq!(outcome, Outcome::Stale { seen: None });
}
