//! Keys and secrets: where they come from, and that they are never shown.

use std::path::PathBuf;

use serde_json::json;

use super::answers::{store, stores, value, view};
use super::fake::{FakeHub, Reply, problem};
use super::stage::{Stage, help, parses, play, play_bare, play_on};
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
    assert!(played.err.contains("writes it to no file"), "{}", played.err);
    let folder = tempfile::tempdir().unwrap();
    let (empty, folder) = (folder.path().join("empty"), folder.path().to_owned());
    std::fs::write(&empty, "\n").unwrap();
    for (file, why) in [(empty, "is empty"), (folder, "cannot be read (")] {
        let played =
            play_bare(Stage::default(), &hub, &["stores", "--key-file", file.to_str().unwrap()]).await;
        assert!(played.failed().err.contains(why), "{}", played.err);
    }
    assert!(hub.asked().is_empty());
}

#[tokio::test]
async fn a_refused_key_is_not_shown() {
    let hub = FakeHub::default().reply("GET /v1/stores", problem(401, "the API key is missing or unknown"));
    let played = play(&hub, &["stores"]).await;
    played.failed();
    assert!(played.err.contains("does not know the key from --api-key or STORELOOM_KEY"), "{}", played.err);
    assert!(played.err.contains("when it is started first"), "{}", played.err);
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
        assert!(body.contains(&format!(r#""keys":{{"key":"ck_1","secret":"{sent}"}}"#)), "{body}");
        assert!(!played.out.contains("cs_"), "{}", played.out);
    }
    let hub = FakeHub::default();
    let played = play(&hub, &["connect", "woocommerce", "--url", "north.example", "--key", "ck_1"]).await;
    played.called_wrongly();
    assert!(played.err.contains("STORELOOM_SHOP_SECRET"), "{}", played.err);
}

#[tokio::test]
async fn at_a_terminal_a_secret_is_typed_unseen() {
    let terminal = Terminal { input: true, out: true, err: true };
    let line = ["connect", "woocommerce", "--url", "north.example", "--key", "ck_1", "--no-wait"];
    let connected = json!({"store": store('a', "North"), "again": true, "findings": []});
    let hub = FakeHub::default()
        .on("POST /v1/stores", connected)
        .on(&format!("GET /v1/stores/{NORTH}"), value(&view(store('a', "North"))));
    // What comes through standard input is not taken: there it would have been shown.
    let stage = Stage { terminal, typed: "cs_seen\n", unseen: &[" cs_unseen "], ..Stage::default() };
    let played = play_on(stage, &hub, &line).await;
    assert!(hub.asked()[0].contains(r#""secret":"cs_unseen""#), "{}", hub.asked()[0]);
    assert_eq!(played.err, "The secret of that key: ");
    assert!(!played.out.contains("cs_"), "{}", played.out);

    let hub = FakeHub::default();
    let stage = Stage { terminal, unseen: &[""], ..Stage::default() };
    let nothing = play_on(stage, &hub, &line).await;
    assert!(nothing.called_wrongly().err.starts_with("The secret of that key: error: "), "{}", nothing.err);
    // A terminal that cannot be kept from showing it is not read at all.
    let stage = Stage { terminal, typed: "cs_seen\n", ..Stage::default() };
    let refused = play_on(stage, &hub, &line).await;
    assert!(refused.failed().err.contains("cannot be typed unseen"), "{}", refused.err);
    assert!(refused.err.contains("through a pipe") && hub.asked().is_empty());
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
        vec!["connect", "woocommerce", "--url", "x", "--key", "ck_1", "--no-open"],
        vec!["app", "shopify"],
        vec!["app", "shopify", "--id", "1", "--scopes", "a,,b"],
        vec!["claim"],
        vec!["cancel"],
        vec!["ship"],
        vec!["ship", "1001", "--line", "12"],
        vec!["ship", "1001", "--line", "12=0"],
        vec!["ship", "1001", "--line", "12=-1"],
        vec!["ship", "1001", "--line", "12=1.5"],
        vec!["ship", "1001", "--line", "=1"],
        vec!["ship", "1001", "--url", "javascript:alert(1)"],
        vec!["ship", "1001", "--url", "track.example/7"],
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
fn help_says_what_keys_are_called_on_each_platform() {
    let help = help("connect");
    for words in [
        "WooCommerce: the consumer key, ck_...",
        "WooCommerce: the consumer secret, cs_...",
        "access token of the shop's own app, shpat_..., or the client id of an app",
        "the app's API secret key where --key is an access token",
    ] {
        assert!(help.contains(words), "{help}");
    }
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
