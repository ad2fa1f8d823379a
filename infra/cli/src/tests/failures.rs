//! What is said when something is wrong, and how the program ends.

use platform::HttpErrorKind;
use serde_json::json;

use super::answers::{store, stores, two, value, view};
use super::fake::{FakeHub, Reply, problem};
use super::stage::play;

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn a_hub_that_is_not_there() {
    for (kind, why, advice) in [
        (HttpErrorKind::Connect, "nothing accepts connections there", "storeloom serve"),
        (HttpErrorKind::Timeout, "it did not answer in time", "storeloom serve"),
        (HttpErrorKind::Tls, "127.0.0.1 is silent", "--extra-ca"),
        (HttpErrorKind::Name, "127.0.0.1 is silent", "STORELOOM_HUB"),
        (HttpErrorKind::Forbidden, "127.0.0.1 is silent", "STORELOOM_HUB"),
        (HttpErrorKind::TooLarge, "127.0.0.1 is silent", "--limit"),
    ] {
        let hub = FakeHub::default().reply("GET /v1/stores", Reply::Silence(kind, "127.0.0.1 is silent"));
        let played = play(&hub, &["stores", "--json"]).await;
        played.failed();
        assert_eq!(played.out, "");
        let mut lines = played.err.lines();
        let said = format!("error: the hub at http://127.0.0.1:8787 cannot be reached: {why}");
        assert_eq!(lines.next(), Some(said.as_str()));
        assert!(
            lines.next().is_some_and(|next| next.starts_with("next:  ") && next.contains(advice)),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn what_the_hub_refuses_is_said_in_its_words() {
    for (status, next) in
        [(409, None), (422, None), (500, Some("log")), (503, Some("moment")), (502, Some("moment"))]
    {
        let hub = FakeHub::default()
            .on("GET /v1/stores", two())
            .reply(&format!("POST /v1/stores/{NORTH}/pause"), problem(status, "North is not connected"));
        let played = play(&hub, &["pause", "north"]).await;
        played.failed();
        assert!(played.err.starts_with("error: North is not connected\n"), "{}", played.err);
        match next {
            Some(word) => assert!(played.err.contains(word), "{}", played.err),
            None => assert_eq!(played.err.lines().count(), 1),
        }
    }
}

#[tokio::test]
async fn an_answer_that_no_hub_gives() {
    let hub = FakeHub::default().reply("GET /v1/stores", Reply::Text(404, "<html>not here</html>"));
    let played = play(&hub, &["stores"]).await;
    assert!(played.failed().err.contains("as no hub does"), "{}", played.err);
    let hub = FakeHub::default().reply("GET /v1/stores", Reply::Text(200, "<html>hello</html>"));
    let played = play(&hub, &["stores"]).await;
    assert!(played.failed().err.contains("not JSON"), "{}", played.err);
    let hub = FakeHub::default().on("GET /v1/stores", json!({"items": [{"store": {"id": 7}}]}));
    let played = play(&hub, &["stores"]).await;
    assert!(played.failed().err.contains("unexpected"), "{}", played.err);
}

#[tokio::test]
async fn a_list_that_does_not_go_on_ends() {
    let hub = FakeHub::default()
        .on("GET /v1/stock?limit=200", json!({"items": [], "next": "same"}))
        .on("GET /v1/stock?limit=200&after=same", json!({"items": [], "next": "same"}));
    assert!(play(&hub, &["stock"]).await.failed().err.contains("does not go on"));
}

#[tokio::test(start_paused = true)]
async fn questions_that_come_too_fast_are_asked_again_and_deeds_are_not() {
    let hub = FakeHub::default()
        .reply("GET /v1/stores", problem(429, "too many requests at once"))
        .reply("GET /v1/stores", problem(429, "too many requests at once"))
        .on("GET /v1/stores", two())
        .reply(&format!("POST /v1/stores/{NORTH}/stop"), problem(429, "too many requests at once"));
    play(&hub, &["stop", "north"]).await.failed();
    assert_eq!(hub.asked().len(), 4);
}

#[tokio::test]
async fn stores_that_are_not_there_or_not_clear() {
    let twin = |letter| view(store(letter, "Twin"));
    let hub = FakeHub::default().on("GET /v1/stores", stores(&[twin('a'), twin('b')]));
    let played = play(&hub, &["pause", "twin"]).await;
    played.called_wrongly();
    assert!(played.err.contains(&format!("may be Twin ({NORTH}), Twin (sto_bbb")), "{}", played.err);
    let played = play(&hub, &["pause", "nobody"]).await;
    assert!(played.failed().err.contains("there is no store `nobody`; there is Twin"), "{}", played.err);
    let empty = FakeHub::default().on("GET /v1/stores", stores(&[]));
    assert!(play(&empty, &["pause", "x"]).await.failed().err.contains("storeloom connect"));
    assert!(play(&empty, &["sync"]).await.failed().err.contains("storeloom connect"));
}

#[tokio::test]
async fn things_that_are_not_in_the_books() {
    let hub = FakeHub::default()
        .on("GET /v1/stores", two())
        .on("GET /v1/stock?limit=1&sku=NONE", json!({"items": [], "next": null}))
        .on(&format!("GET /v1/stores/{NORTH}/orders?limit=200"), json!({"items": [], "next": null}))
        .reply("POST /v1/runs/run_x/cancel", problem(404, "there is no run `run_x`"))
        .reply("POST /v1/events/evt_x/replay", problem(404, "there is no event `evt_x`"))
        .reply("GET /v1/exceptions/exc_x", problem(404, "there is no exception `exc_x`"))
        .on("GET /v1/exceptions?limit=200", json!({"items": [], "next": null}));
    for (line, said) in [
        (vec!["stock", "NONE"], "nothing in the books has the SKU `NONE`"),
        (vec!["orders", "north", "5"], "North has no order 5"),
        (vec!["cancel", "run_x"], "there is no run `run_x`"),
        (vec!["replay", "evt_x"], "there is no event `evt_x`"),
        (vec!["resolve", "exc_x"], "there is no open exception `exc_x`"),
    ] {
        let played = play(&hub, &line).await;
        assert!(played.failed().err.starts_with(&format!("error: {said}")), "{}", played.err);
        assert_eq!((played.err.lines().count(), played.out.as_str()), (2, ""), "{line:?}");
    }
}

#[tokio::test]
async fn a_number_in_question_takes_a_side() {
    use domain::exception::ExceptionKind::Unexplained;
    let exception = super::answers::exception(Unexplained, "differs");
    let hub = FakeHub::default()
        .reply("GET /v1/exceptions/exc_", problem(404, "no"))
        .reply(&format!("GET /v1/exceptions/{}", &exception.id.as_str()[..9]), problem(404, "no"))
        .on("GET /v1/exceptions?limit=200", json!({"items": [exception], "next": null}));
    let played = play(&hub, &["resolve", &exception.id.as_str()[..9]]).await;
    played.called_wrongly();
    assert!(played.err.contains("--right shop") && played.err.contains("--right books"), "{}", played.err);
    assert!(hub.asked().iter().all(|call| call.starts_with("GET")));
}

#[tokio::test]
async fn amounts_and_currencies() {
    let mut north = view(store('a', "North"));
    north.store.currency = None;
    let hub = FakeHub::default()
        .on("GET /v1/stores", stores(&[north]))
        .on(&format!("GET /v1/stores/{NORTH}/variants/55"), json!({"variant": {"remote": "55"}}))
        .on(&format!("PATCH /v1/stores/{NORTH}/variants/55"), value(&json!({"task": "tsk_1"})));
    assert!(play(&hub, &["price", "north", "55", "12,5"]).await.called_wrongly().err.contains("12.50"));
    assert!(play(&hub, &["price", "north", "55", "12.5"]).await.called_wrongly().err.contains("--currency"));
    play(&hub, &["price", "north", "55", "12.5", "--currency", "EUR"]).await.done();
}
