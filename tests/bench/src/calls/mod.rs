//! What one webhook asks of AWS, from its delivery to the other shop's number: counted, not estimated.
//!
//! The functions' own routers and workers run here over the table that a desk uses, which names the units of each
//! call; queues are drained by hand, one message at a time, as in a quiet hour of the queue.

mod door;
mod ports;
mod price;
mod secrets;
mod table;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::ports::{Directory as _, Vault as _};
use domain::message::{Message, MessageV1};
use domain::run::Stream;
use hub::Settings;
use journeys::{World, shop};
use lambda::{Parts, Worker};
use simulators::woocommerce::Basket;
use storeloom::blobs::FolderBlobs;
use storeloom::clock::SystemDice;
use storeloom::dynamo::{Dynamo, Keep};
use storeloom::vault::FileVault;

use self::door::{Door, Knock};
use self::ports::{Counted, Line};
use self::price::{bill, dollars};
use self::tally::{Counts, Tally, Who, gather};
use crate::Failure;

const STOCK: [(&str, i64); 4] = [("A", 5000), ("B", 5000), ("C", 5000), ("D", 5000)];
/// After a sale a shop sends its messages within this time.
const SENDS: Duration = Duration::from_millis(1500);
/// No stream is read by itself while this counts.
const NEVER: u64 = 86_400;

/// The functions, over ports that count.
struct Counting {
    tally: Tally,
    webhooks: axum::Router,
    worker: Worker,
    inbox: Line,
    doorbell: Line,
}

/// What was counted of messages of one kind.
#[derive(Default)]
struct Found {
    messages: u64,
    counts: Counts,
}

/// Joins two shops, sells in one of them, and counts what each of its messages asks of AWS.
///
/// # Errors
/// If the hub or the shops do not do what they do everywhere else.
pub async fn run(sales: usize, calls: bool) -> Result<(), Failure> {
    let mut world = World::open(vec![shop(1, &STOCK), shop(2, &STOCK)], NEVER).await;
    world.join_all().await;
    let (org, stores) = (world.desk().org.clone(), world.stores.clone());
    world.stop().await;
    let table = Dynamo::start(Keep::Folder(&world.data().join("table"))).await?;
    let hub = counting(&world, &table).await?;
    let mut door = Door::open(&world.url(""), world.data()).await?;
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for sale in 0..=sales {
        let sku = STOCK[sale % STOCK.len()].0;
        world.shops[0].buy(&Basket::of(world.listed(0, sku), 1))?;
        for knock in door.all(SENDS).await {
            // Only the shop that sold: what the other sends is the echo of our own write, and counts as its own.
            let topic = format!("{}{}", knock.topic(), if sale == 0 { ", the first of a store" } else { "" });
            hub.deliver(knock).await?;
            let one = found.entry(topic).or_default();
            one.messages += 1;
            gather(&mut one.counts, hub.tally.take());
        }
    }
    for sku in STOCK.map(|(sku, _)| sku) {
        if world.shows(0, sku) != world.shows(1, sku) {
            return Err(format!("the shops show different numbers of {sku}: not all was worked on").into());
        }
    }
    for (topic, found) in &found {
        println!("{}", table_of(topic, found, 1.0));
        if calls {
            println!("{}", calls_of(found));
        }
    }
    let mut all = Found::default();
    for (_, one) in found.into_iter().filter(|(topic, _)| !topic.ends_with("of a store")) {
        all.messages += one.messages;
        gather(&mut all.counts, one.counts);
    }
    println!("{}", table_of("all messages of a sale together", &all, 1.0));
    hub.tally.invoke(Who::Sweep);
    hub.worker.sweep().await?;
    hub.drain().await?;
    let opened = Found { messages: 1, counts: hub.tally.take() };
    let items = STOCK.len();
    println!("{}", table_of(&format!("the sweep that keeps a day's opening of {items} items"), &opened, 0.0));
    hub.tally.invoke(Who::Sweep);
    hub.worker.sweep().await?;
    hub.drain().await?;
    let swept = Found { messages: 1, counts: hub.tally.take() };
    println!("{}", table_of("a minute in which nothing happens (the sweep)", &swept, 0.0));
    let tick = Message::V1(MessageV1::Tick { org, store: stores[0].clone(), stream: Stream::Orders });
    hub.tally.invoke(Who::Ingest);
    hub.worker.handle(&tick).await?;
    hub.drain().await?;
    let ticked = Found { messages: 1, counts: hub.tally.take() };
    println!("{}", table_of("a reading of one stream that finds nothing new", &ticked, 0.0));
    if calls {
        println!("{}\n{}", calls_of(&swept), calls_of(&ticked));
    }
    table.stop().await?;
    Ok(())
}

async fn counting(world: &World, table: &Dynamo) -> Result<Counting, Failure> {
    let tally = Tally::default();
    let (inbox, doorbell) = (Line::new("inbox", &tally), Line::new("doorbell", &tally));
    let rows = aws::Table::new(self::table::client(table.endpoint(), &tally), "storeloom");
    let services = aws::Place::emulated("us-east-1", secrets::open(&tally).await?);
    // The stores were connected on a desk: their credentials are moved to where functions keep them.
    let desk = FileVault::open(world.data(), Arc::new(SystemDice))?;
    let org = rows.orgs().await?.into_iter().next().ok_or("no merchant")?;
    for store in &world.stores {
        let secret = desk.read(&org, store).await?.ok_or("a store has no credentials")?;
        services.vault("storeloom", &rows).replace_if(&org, store, None, &secret.value).await?;
    }
    let blobs = FolderBlobs::open(&world.data().join("blobs"))?;
    let options = world.options();
    let http = net::Client::new(&net::Settings {
        allow_loopback: true,
        extra_roots: options.extra_roots,
        ..net::Settings::default()
    })?;
    let blobs = || Counted { inner: blobs.clone(), tally: tally.clone() };
    let receive = Parts::new(rows.clone().reading())
        .vault(services.vault("storeloom", &rows).reading())
        .blobs(blobs())
        .inbox(inbox.clone())
        .platforms(platforms_all::all())
        .receive();
    let renewing = services.vault("storeloom", &rows).renewing();
    let outside = Parts::new(rows)
        .vault(renewing)
        .blobs(blobs())
        .doorbell(doorbell.clone())
        .http(Counted { inner: http, tally: tally.clone() })
        .platforms(platforms_all::all())
        .outside(Settings {
            public_url: options.public_url.ok_or("no address")?,
            app_name: "Storeloom".to_owned(),
            interval_seconds: NEVER,
        });
    // What moving them asked does not count.
    drop(tally.take());
    Ok(Counting {
        webhooks: lambda::webhooks(receive),
        worker: Worker::new(&outside),
        inbox,
        doorbell,
        tally,
    })
}

impl Counting {
    /// Takes a delivery and works until nothing is left to do.
    async fn deliver(&self, knock: Knock) -> Result<(), Failure> {
        self.tally.invoke(Who::Webhook);
        let status = knock.give(self.webhooks.clone()).await?;
        if status != 200 {
            return Err(format!("a delivery was answered {status}").into());
        }
        self.drain().await
    }

    async fn drain(&self) -> Result<(), Failure> {
        loop {
            if let Some(send) = self.inbox.next() {
                self.tally.invoke(Who::Ingest);
                self.worker.handle(&send.message).await?;
            } else if let Some(send) = self.doorbell.next() {
                self.tally.invoke(Who::Lane);
                self.worker.handle(&send.message).await?;
            } else {
                return Ok(());
            }
        }
    }
}

/// What it costs, with the arithmetic: so much of each thing, its price for a million, the product.
fn table_of(what: &str, found: &Found, requests: f64) -> String {
    let each = found.messages.max(1) as f64;
    let lines = bill(&found.counts, each * requests);
    let mut text = format!("### {what} ({} counted)\n\n| for each | ", found.messages);
    let who: Vec<Who> =
        Who::ALL.into_iter().filter(|who| lines.iter().any(|line| line.used.contains_key(who))).collect();
    for one in &who {
        text.push_str(&format!("{} | ", one.word()));
    }
    text.push_str("$ for a million of it | $ for a million |\n|---|");
    text.push_str(&"---|".repeat(who.len() + 2));
    text.push('\n');
    for line in &lines {
        let sum: f64 = line.used.values().sum::<f64>() / each;
        if sum == 0.0 {
            continue;
        }
        text.push_str(&format!("| {} | ", line.name));
        for one in &who {
            text.push_str(&format!("{:.3} | ", line.used.get(one).copied().unwrap_or_default() / each));
        }
        text.push_str(&format!("{} | {:.2} |\n", line.price, sum * line.price));
    }
    text.push_str(&format!(
        "| **together** | {}| **{:.2}** |\n",
        "| ".repeat(who.len()),
        dollars(&lines, each)
    ));
    text
}

/// The calls themselves, by who asked.
fn calls_of(found: &Found) -> String {
    let each = found.messages.max(1) as f64;
    let mut text = String::from(
        "| who | call | about | calls | read units | write units |\n|---|---|---|---|---|---|\n",
    );
    for ((who, operation, about), count) in &found.counts {
        text.push_str(&format!(
            "| {} | {operation} | {about} | {:.2} | {:.2} | {:.2} |\n",
            who.word(),
            count.calls as f64 / each,
            count.reads / each,
            count.writes / each,
        ));
    }
    text
}
