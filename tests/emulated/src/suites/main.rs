//! The suites over the AWS adapters, against an emulator: `suites http://127.0.0.1:PORT`.
//!
//! It is a program and no test, since it needs an emulator: `cargo xtask test` starts one and counts the lines
//! `ok NAME` and `FAILED NAME: WHY`; the last line says how many there must be.

mod queue;
mod schedules;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use aws::{Place, Table};
use conformance::trouble::{self, Fault};
use conformance::{blobs, catalog, claims, directory, journal, lanes, ledger, runs, vault};
use tokio::task::JoinHandle;

/// The region that everything is made in.
const REGION: &str = "us-east-1";

/// Where the emulator is, and a word that no other run uses.
struct Emulator {
    place: Place,
    endpoint: String,
    run: String,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> ExitCode {
    let Some(endpoint) = std::env::args().nth(1).filter(|word| !word.starts_with('-')) else {
        eprintln!("suites: name the emulator's address, such as http://127.0.0.1:4566");
        return ExitCode::FAILURE;
    };
    let emulator = Arc::new(Emulator {
        place: Place::emulated(REGION, &endpoint),
        run: format!("run{:08x}", rand::random::<u32>()),
        endpoint,
    });
    let suites: Vec<(&str, JoinHandle<()>)> = vec![
        begin("the-queue", &emulator, |at| async move { queue::suite(&at).await }),
        begin("the-secrets", &emulator, |at| async move { vault::suite(&at.place.secrets(&at.run)).await }),
        begin(
            "the-vault",
            &emulator,
            |at| async move { vault::suite(&sealed_vault(&at, "i").await.0).await },
        ),
        begin("the-seal", &emulator, |at| async move { seal(&at).await }),
        begin("the-reading-vault", &emulator, |at| async move { reading_vault(&at).await }),
        begin("the-blobs", &emulator, |at| async move { blobs::suite(&bucket(&at).await).await }),
        begin("the-schedules", &emulator, |at| async move { schedules::suite(&at).await }),
        begin("the-ticks", &emulator, |at| async move { schedules::ticks(&at).await }),
        begin("the-directory", &emulator, |at| async move { directory::suite(&table(&at, "a").await).await }),
        begin("the-catalogue", &emulator, |at| async move { catalog::suite(&table(&at, "b").await).await }),
        begin("the-claims", &emulator, |at| async move { claims::suite(&table(&at, "c").await).await }),
        begin("the-ledger", &emulator, |at| async move { ledger::suite(&table(&at, "d").await).await }),
        begin("the-journal", &emulator, |at| async move { journal::suite(&table(&at, "e").await).await }),
        begin("the-lanes", &emulator, |at| async move { lanes::suite(&table(&at, "f").await).await }),
        begin("the-runs", &emulator, |at| async move { runs::suite(&table(&at, "g").await).await }),
        begin("a-transaction-conflict", &emulator, |at| async move { conflicts(&at).await }),
        begin("a-reading-table", &emulator, |at| async move { reading_table(&at).await }),
    ];
    let wanted = suites.len();
    let mut failed = 0_usize;
    for (name, suite) in suites {
        match suite.await {
            Ok(()) => println!("ok {name}"),
            Err(error) => {
                failed += 1;
                println!("FAILED {name}: {error}");
            }
        }
    }
    println!("{wanted} suites");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn begin<F, R>(name: &'static str, emulator: &Arc<Emulator>, suite: F) -> (&'static str, JoinHandle<()>)
where
    F: FnOnce(Arc<Emulator>) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    (name, tokio::spawn(suite(Arc::clone(emulator))))
}

async fn table(at: &Emulator, name: &str) -> Table {
    let table = at.place.table(format!("{}-{name}", at.run));
    table.create().await.expect("the table is created");
    table
}

async fn bucket(at: &Emulator) -> aws::BucketBlobs {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new(REGION))
        .endpoint_url(&at.endpoint)
        .credentials_provider(aws_sdk_s3::config::Credentials::new(
            "emulated", "emulated", None, None, "emulated",
        ))
        .force_path_style(true);
    let client = aws_sdk_s3::Client::from_conf(config.build());
    client.create_bucket().bucket(&at.run).send().await.expect("the bucket is created");
    at.place.blobs(&at.run)
}

/// One transaction in three meets another one: the ledger's suite sees nothing of it.
async fn conflicts(at: &Emulator) {
    let name = format!("{}-conflicts", at.run);
    at.place.table(&name).create().await.expect("the table is created");
    let trouble = trouble::before(&at.endpoint, 1, 0.3, &[Fault::Conflict]).await;
    let table = trouble.table(&name);
    ledger::suite(&table).await;
    assert!(trouble.hits(Fault::Conflict) > 0, "no transaction met another");
}

/// Who only reads is refused here, before anything is sent.
async fn reading_table(at: &Emulator) {
    use conformance::fixtures::{org, store};
    use ports::{Directory as _, ErrorKind};
    let table = table(at, "h").await;
    let shop = store(&org(), "shop.example");
    table.create_store(&shop).await.unwrap();
    let reading = table.clone().reading();
    assert_eq!(
        reading.store(&shop.org, &shop.id).await.unwrap().map(|found| found.id),
        Some(shop.id.clone())
    );
    let refused = reading.change_store(&shop).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Refused);
    let refused = reading.create_store(&store(&org(), "other.example")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Refused);
}

/// A vault with a table of its own, and the secret that it seals with; the prefix of its secrets.
async fn sealed_vault(at: &Emulator, name: &str) -> (aws::SealedVault, String) {
    let (table, prefix) = (table(at, name).await, format!("{}{name}", at.run));
    let made =
        secrets(at).create_secret().name(format!("{prefix}/seal")).secret_string("0123456789".repeat(6));
    made.send().await.expect("the secret to seal with");
    (at.place.vault(&prefix, &table), prefix)
}

fn secrets(at: &Emulator) -> aws_sdk_secretsmanager::Client {
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
        .region(aws_sdk_secretsmanager::config::Region::new(REGION))
        .endpoint_url(&at.endpoint)
        .credentials_provider(aws_sdk_secretsmanager::config::Credentials::new(
            "emulated", "emulated", None, None, "emulated",
        ));
    aws_sdk_secretsmanager::Client::from_conf(config.build())
}

/// A renewal writes nothing to Secrets Manager, what lies in the table cannot be read there, and a change of the
/// secret that is sealed with leaves readable what was sealed before.
async fn seal(at: &Emulator) {
    use domain::{OrgId, StoreId};
    use ports::{ErrorKind, Vault as _, VaultWrite};
    use secrecy::ExposeSecret as _;
    let (vault, prefix) = sealed_vault(at, "j").await;
    let (org, store) = (OrgId::derive(&["seal"]), StoreId::derive(&["seal"]));
    let write = async |version: Option<&str>, to: &str| match vault
        .replace_if(&org, &store, version, &to.to_owned().into())
        .await
        .unwrap()
    {
        VaultWrite::Done(version) => version,
        VaultWrite::Raced => panic!("nobody else writes"),
    };
    let first = write(None, "connected").await;
    let name = format!("{prefix}/{org}/{store}");
    let kept =
        async || secrets(at).get_secret_value().secret_id(&name).send().await.unwrap().secret_string.unwrap();
    assert_eq!(kept().await, "connected");
    let second = write(Some(&first), "the token that was renewed").await;
    assert_eq!(kept().await, "connected", "a renewal leaves the secret alone");
    let rows = at.place.table(format!("{}-j", at.run));
    let other = "abcdefghij".repeat(6);
    secrets(at)
        .put_secret_value()
        .secret_id(format!("{prefix}/seal"))
        .secret_string(other)
        .send()
        .await
        .unwrap();
    let fresh = at.place.vault(&prefix, &rows);
    let read = async || fresh.read(&org, &store).await.unwrap().unwrap();
    assert_eq!(read().await.value.expose_secret(), "the token that was renewed");
    assert_eq!(read().await.version, second);
    let renewing = at.place.vault(&prefix, &rows).renewing();
    let third = renewing.replace_if(&org, &store, Some(&second), &"again".to_owned().into()).await.unwrap();
    assert!(matches!(third, VaultWrite::Done(_)));
    assert_eq!(read().await.value.expose_secret(), "again");
    let elsewhere = StoreId::derive(&["elsewhere"]);
    let refused = renewing.replace_if(&org, &elsewhere, None, &"x".to_owned().into()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Refused, "whoever renews does not connect");
}

async fn reading_vault(at: &Emulator) {
    use domain::{OrgId, StoreId};
    use ports::{ErrorKind, Vault as _};
    let (vault, _) = sealed_vault(at, "k").await;
    let (org, store) = (OrgId::derive(&["reading"]), StoreId::derive(&["reading"]));
    vault.replace_if(&org, &store, None, &"kept".to_owned().into()).await.unwrap();
    let reading = vault.reading();
    let kept = reading.read(&org, &store).await.unwrap().unwrap();
    for refused in [
        reading.replace_if(&org, &store, Some(&kept.version), &"x".to_owned().into()).await.map(|_| ()),
        reading.forget(&org, &store).await,
    ] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Refused);
    }
    assert_eq!(reading.read(&org, &store).await.unwrap().unwrap().version, kept.version);
}
