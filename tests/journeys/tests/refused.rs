//! What is refused changes nothing, and nothing of it is told.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use journeys::{Post, World, order_body, shop, sign};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Heard {
    /// Hears everything from here on, down to traces of ours.
    fn begin() -> Self {
        let heard = Self::default();
        let writer = heard.clone();
        tracing_subscriber::fmt()
            .with_env_filter(
                "warn,hub=trace,lambda=trace,storeloom=trace,aws=trace,net=trace,woocommerce=trace",
            )
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .try_init()
            .unwrap();
        heard
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// The bytes of everything that the hub keeps: table and queues.
fn kept(world: &World) -> u64 {
    fn size(path: &Path) -> u64 {
        let Ok(entries) = std::fs::read_dir(path) else {
            return path.metadata().map_or(0, |meta| meta.len());
        };
        entries.map(|entry| size(&entry.unwrap().path())).sum()
    }
    size(&world.data().join("table")) + size(&world.data().join("queues")) + size(&world.data().join("blobs"))
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_deliveries_are_refused_and_change_nothing() {
    let heard = Heard::begin();
    let mut world = World::open(vec![shop(1, &[("A", 5)])], 3600).await;
    world.join_all().await;
    let store = world.stores[0].clone();
    let hook = world.hook(&store);
    let secret = world.shops[0].window().webhooks()[0].secret.clone();
    let body = order_body(900_001, world.listed(0, "A"), "A", 1);
    let events = count(&world).await;
    let post = Post::default();
    let right = sign(&secret, &body);
    let unknown = hook.replace(store.as_str(), "sto_00000000000000000000000000");
    let nonsense = hook.replace(store.as_str(), "anything");
    let table = [
        (&hook, None, body.clone(), 401),
        (&hook, Some(sign("other", &body)), body.clone(), 401),
        (&hook, Some(right[..10].to_owned()), body.clone(), 401),
        (&hook, Some(sign(&secret, b"other")), body.clone(), 401),
        (&unknown, Some(right.clone()), body.clone(), 401),
        (&nonsense, Some(right.clone()), body.clone(), 401),
        (&hook, Some(right.clone()), vec![b'x'; 5 * 1024 * 1024], 413),
    ];
    let (before, kept_before) = (heard.text().len(), kept(&world));
    for (url, signature, body, expected) in table {
        let lines = heard.text().lines().count();
        let status = post.send(url, "order.created", &body, signature.as_deref()).await;
        assert_eq!(status, expected, "{url} {signature:?}");
        let all = heard.text();
        let new: Vec<&str> = all.lines().skip(lines).filter(|line| line.contains("refused")).collect();
        assert_eq!(new.len(), 1, "one line for {url} {signature:?}: {new:?}");
    }
    assert_eq!(kept(&world), kept_before, "table, queues and blobs are unchanged");
    assert!(heard.text().len() > before);
    world.quiet().await;
    assert_eq!(count(&world).await, events);
    assert_eq!(world.available("A").await, 5);
    assert_eq!(post.send(&hook, "order.created", &body, Some(&right)).await, 200);
    journeys::until("the order is booked", || async { (world.available("A").await == 4).then_some(()) })
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_counts_once() {
    let mut world = World::open(vec![shop(2, &[("A", 5)])], 3600).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let callback = world.url("/oauth/woocommerce/callback");
    let keys = world.shops[0].keys().clone();
    let answer = |state: &str| {
        serde_json::json!({
            "key_id": 1, "user_id": state, "consumer_key": keys.consumer_key,
            "consumer_secret": keys.consumer_secret, "key_permissions": "read_write"
        })
    };
    let desk = world.desk();
    let connect = hub::connect::Connect::new(&desk.outside);
    let slug = domain::PlatformSlug::new("woocommerce");
    let page = connect.begin(&desk.org, &slug, world.shops[0].url(), "").await.unwrap();
    let state = page.query_pairs().find(|(name, _)| name == "user_id").unwrap().1.into_owned();
    let forged = client.post(&callback).json(&answer("0123456789abcdef")).send().await.unwrap();
    assert_eq!(forged.status(), 400);
    let first = client.post(&callback).json(&answer(&state)).send().await.unwrap();
    assert_eq!(first.status(), 200);
    let second = client.post(&callback).json(&answer(&state)).send().await.unwrap();
    assert_eq!(second.status(), 400);
    let garbage = client.post(&callback).body("not json").send().await.unwrap();
    assert_eq!(garbage.status(), 400);
    assert_eq!(desk.outside.directory.stores(&desk.org).await.unwrap().len(), 1);
    world.stop().await;
}

async fn count(world: &World) -> u64 {
    let desk = world.desk();
    let mut sum = 0;
    for store in &world.stores {
        sum += desk.outside.journal.counts(&desk.org, store).await.unwrap()[0];
    }
    sum
}
