//! Keys and secrets: where they come from, and that they are never shown.

use std::path::PathBuf;

use serde_json::json;

use super::answers::{store, stores, value, view};
use super::fake::{FakeHub, Reply, problem};
use super::stage::{Stage, parses, play, play_bare, play_on};
use crate::{Connection, Terminal};

const NORTH: &str = "sto_aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn the_key_is_read_from_its_file_and_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api-key");
    std::fs::write(&file, "slk_from_file\n").unwrap();
    let hub = FakeHub::default().on("GET /v1/stores", stores(&[]));
    play_bare(Stage::default(), &hub, &["stores", "--key-file", file.to_str().unwrap()]).await.done();
    assert_eq!(hub.keys(), ["Bearer slk_from_file"]);
    play(&hub, &["stores"]).await.done();
    assert_eq!(hub.keys()[1], "Bearer slk_test");
}

#[tokio::test]
async fn without_a_key_it_says_where_one_is() {
    let hub = FakeHub::default();
    let played = play_bare(Stage::default(), &hub, &["stores", "--key-file", "/nowhere/api-key"]).await;
    played.failed();
    assert!(
        played.err.contains("/nowhere/api-key") && played.err.contains("STORELOOM_KEY"),
        "{}",
        played.err
    );
    assert!(hub.asked().is_empty());
}

#[tokio::test]
async fn a_refused_key_is_not_shown() {
    let hub = FakeHub::default().reply("GET /v1/stores", problem(401, "the API key is missing or unknown"));
    let played = play(&hub, &["stores"]).await;
    played.failed();
    assert!(played.err.contains("does not know the key from --api-key or STORELOOM_KEY"), "{}", played.err);
    assert!(played.err.contains("when it was started first"), "{}", played.err);
    assert!(!played.err.contains("slk_test") && played.out.is_empty());
}

#[tokio::test]
async fn the_shops_secret_may_come_from_standard_input() {
    let connected = json!({"store": store('a', "North"), "again": true, "findings": []});
    for (secret, typed, sent) in [
        (vec![], "cs_piped\n", "cs_piped"),
        (vec!["--secret", "-"], "cs_piped", "cs_piped"),
        (vec!["--secret", "cs_given"], "cs_piped\n", "cs_given"),
    ] {
        let hub = FakeHub::default()
            .reply("POST /v1/stores", Reply::Json(200, connected.clone()))
            .on(&format!("GET /v1/stores/{NORTH}"), value(&view(store('a', "North"))));
        let line = ["connect", "woocommerce", "--url", "north.example", "--key", "ck_1", "--no-wait"];
        let line = [&line[..], &secret].concat();
        let played = play_on(Stage { typed, ..Stage::default() }, &hub, &line).await;
        assert!(played.done().out.contains("is connected again"), "{}", played.out);
        let body = &hub.asked()[0];
        assert!(body.contains(&format!(r#""consumer_secret":"{sent}""#)), "{body}");
        assert!(!played.out.contains("cs_"), "{}", played.out);
    }
    let hub = FakeHub::default();
    let line = ["connect", "woocommerce", "--url", "north.example", "--key", "ck_1"];
    let terminal = Terminal { input: true, out: true, err: true };
    let asked = play_on(Stage { terminal, typed: "" }, &hub, &line).await;
    assert!(asked.called_wrongly().err.starts_with("The secret of that key: error: "), "{}", asked.err);
    let played = play(&hub, &line).await;
    played.called_wrongly();
    assert!(played.err.contains("STORELOOM_SHOP_SECRET"), "{}", played.err);
}

#[test]
fn a_debug_print_shows_no_secret() {
    let connection = Connection {
        hub: "https://hub.example".parse().unwrap(),
        api_key: Some(secrecy::SecretString::from("slk_hidden")),
        key_file: PathBuf::new(),
        extra_ca: None,
        json: false,
    };
    assert!(!format!("{connection:?}").contains("slk_hidden"));
}

#[tokio::test]
async fn a_key_is_never_sent_in_the_clear_to_another_machine() {
    let mut connection = Connection {
        hub: "http://hub.example".parse().unwrap(),
        api_key: Some(secrecy::SecretString::from("slk_hidden")),
        key_file: PathBuf::new(),
        extra_ca: None,
        json: false,
    };
    assert!(connection.client().unwrap_err().what().contains("in the clear"));
    for address in ["http://127.0.0.1:8787", "http://localhost:1", "http://[::1]:1", "https://hub.example"] {
        connection.hub = address.parse().unwrap();
        assert!(connection.client().is_ok(), "{address}");
    }
    connection.extra_ca = Some("/nowhere/ca.pem".into());
    assert!(connection.client().unwrap_err().what().contains("/nowhere/ca.pem"));
}

#[test]
fn wrong_calls_are_refused_before_anything_is_asked() {
    for line in [
        vec!["connect", "woocommerce", "--url", "x", "--browser", "--key", "ck_1"],
        vec!["connect", "woocommerce", "--url", "x"],
        vec!["connect", "woocommerce", "--key", "ck_1"],
        vec!["sync", "--stream", "prices"],
        vec!["start"],
        vec!["events", "--limit", "0"],
        vec!["resolve", "exc_1", "--right", "me"],
        vec!["schedule", "north", "orders"],
        vec!["schedule", "north", "orders", "9"],
        vec!["stores", "--hub", "not an address"],
    ] {
        let error = parses(&line).expect_err(&line.join(" "));
        assert_eq!(error.exit_code(), 2, "{line:?}");
    }
    parses(&["schedule", "north"]).unwrap();
}

#[test]
fn the_subcommands_fit_together() {
    use clap::CommandFactory as _;
    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        _connection: Connection,
        #[command(subcommand)]
        _command: crate::Command,
    }
    Program::command().debug_assert();
    assert_eq!(Terminal::default(), Terminal { input: false, out: false, err: false });
}
