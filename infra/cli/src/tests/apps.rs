//! The hub's app on a platform, and shops that are claimed.

use domain::store::Phase;
use serde_json::json;

use super::answers::{finding, store, summary, value, view};
use super::fake::{FakeHub, Reply, problem};
use super::stage::{Stage, play, play_on};
use crate::Terminal;

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A hub that keeps an app, and answers with nothing as it does then.
fn keeps() -> FakeHub {
    FakeHub::default().reply("PUT /v1/apps/shopify", Reply::Text(204, ""))
}

#[tokio::test]
async fn an_app_is_given_to_the_hub() {
    let line = ["app", "shopify", "--id", "id_1"];
    for (more, typed, keys) in [
        (vec![], "new\n", json!({"client_id": "id_1", "client_secret": "new"})),
        (vec!["--secret", "-"], "new", json!({"client_id": "id_1", "client_secret": "new"})),
        (vec!["--secret", "given"], "new", json!({"client_id": "id_1", "client_secret": "given"})),
        (
            vec!["--old-secret", "-", "--scopes", "read_orders, write_inventory"],
            "new\nold\n",
            json!({
                "client_id": "id_1", "client_secret": "new", "old_client_secret": "old",
                "scopes": "read_orders,write_inventory",
            }),
        ),
        (
            vec!["--old-secret", "old", "--scopes", "read_orders"],
            "new",
            json!({
                "client_id": "id_1", "client_secret": "new", "old_client_secret": "old", "scopes": "read_orders",
            }),
        ),
    ] {
        let hub = keeps();
        let played = play_on(Stage { typed, ..Stage::default() }, &hub, &[&line[..], &more].concat()).await;
        assert_eq!(
            played.done().out,
            "This hub's app on shopify is id_1 from now on.\n\
             next:  storeloom connect shopify --url https://your-shop.example --browser\n"
        );
        assert_eq!(hub.asked(), [format!("PUT /v1/apps/shopify {}", json!({"keys": keys}))]);
    }
    let whole = [&line[..], &["--json"]].concat();
    let played = play_on(Stage { typed: "new", ..Stage::default() }, &keeps(), &whole).await;
    assert_eq!(played.done().json(), json!({"platform": "shopify", "client_id": "id_1"}));
}

#[tokio::test]
async fn an_apps_secrets_are_typed_unseen_and_never_left_out() {
    let terminal = Terminal { input: true, out: true, err: true };
    let line = ["app", "shopify", "--id", "id_1", "--old-secret", "-"];
    let hub = keeps();
    let stage = Stage { terminal, unseen: &["new", "old"], ..Stage::default() };
    let played = play_on(stage, &hub, &line).await;
    assert_eq!(played.err, "The app's client secret: The client secret before it: ");
    assert!(
        hub.asked()[0].contains(r#""client_secret":"new","old_client_secret":"old""#),
        "{:?}",
        hub.asked()
    );
    assert!(!played.out.contains("new") && !played.out.contains("old"), "{}", played.out);
    for (typed, said) in
        [("", "the app's client secret is missing"), ("new\n", "the old client secret is missing")]
    {
        let hub = keeps();
        let played = play_on(Stage { typed, ..Stage::default() }, &hub, &line).await;
        assert!(
            played.called_wrongly().err.starts_with(&format!("error: {said}\nnext:  ")),
            "{}",
            played.err
        );
        assert!(hub.asked().is_empty());
    }
}

#[tokio::test]
async fn a_platform_without_apps_says_so() {
    let refused = problem(422, "this platform needs no app");
    let hub = FakeHub::default().reply("PUT /v1/apps/woocommerce", refused);
    let played = play(&hub, &["app", "woocommerce", "--id", "1", "--secret", "hush"]).await;
    assert_eq!(played.failed().err, "error: this platform needs no app\n");
}

#[tokio::test(start_paused = true)]
async fn a_claimed_shop_joins_as_a_connected_one_does() {
    let mut joining = view(store('a', "North"));
    joining.store.phase = Phase::Joining;
    (joining.agreement.links, joining.agreement.joining) = (0, 40);
    let claimed = json!({"store": joining.store, "again": false, "findings": [finding(false)]});
    let call = format!("GET /v1/stores/{NORTH}");
    let hub = FakeHub::default()
        .reply("POST /v1/claims", Reply::Json(201, claimed))
        .on(&call, value(&joining))
        .on(&call, value(&view(store('a', "North"))))
        .on(&format!("GET /v1/stores/{NORTH}/summary"), value(&summary()));
    let played = play(&hub, &["claim", "c0de", "--name", "North"]).await;
    insta::assert_snapshot!("text_claim", format!("{}\n{}\n", played.done().out, hub.asked().join("\n")));
}

#[tokio::test]
async fn a_claim_need_not_be_waited_for_and_may_be_refused() {
    let claimed = json!({"store": store('a', "North"), "again": true, "findings": []});
    let hub = FakeHub::default()
        .on("POST /v1/claims", claimed)
        .on(&format!("GET /v1/stores/{NORTH}"), value(&view(store('a', "North"))));
    let played = play(&hub, &["claim", "c0de", "--no-wait", "--json"]).await;
    assert_eq!(played.done().json()["again"], true);
    assert_eq!(hub.asked()[0], r#"POST /v1/claims {"code":"c0de","name":""}"#);
    assert!(!played.out.contains("c0de"));

    let hub = FakeHub::default().reply("POST /v1/claims", problem(404, "the code is unknown or too old"));
    let played = play(&hub, &["claim", "c0de"]).await;
    assert_eq!(played.failed().err, "error: the code is unknown or too old\n");
}
