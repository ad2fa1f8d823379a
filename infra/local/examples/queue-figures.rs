//! How fast the queue takes messages: sends in a second and syncs at 1, 16 and 64 senders, and how long a send
//! takes. Run with `cargo run --release -p storeloom --example queue-figures -- FOLDER`.
#![expect(clippy::print_stdout, clippy::float_arithmetic, reason = "a measuring tool that prints figures")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::message::{Body, Inbox, Message, MessageV1, Raw};
use domain::{OrgId, PlatformSlug, StoreId};
use platform::Clock as _;
use ports::{Queue as _, Send, SendName};
use storeloom::clock::SystemClock;
use storeloom::dynamo::{Dynamo, Keep};
use storeloom::queue::{FifoQueue, Settings};

type Failure = Box<dyn std::error::Error + std::marker::Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).filter(|word| !word.starts_with('-'));
    let folder = PathBuf::from(folder.ok_or("say in which folder to measure")?);
    for senders in [1_usize, 16, 64, 256] {
        let path = folder.join(format!("figures-{senders}"));
        let queue = Arc::new(FifoQueue::open(&path, Settings::default(), Arc::new(SystemClock))?);
        let until = Instant::now() + Duration::from_secs(4);
        let begun = Instant::now();
        let cpu = cpu_ticks();
        let mut tasks = Vec::new();
        for sender in 0..senders {
            let queue = Arc::clone(&queue);
            tasks.push(tokio::spawn(async move {
                let mut took = Vec::new();
                for number in 0_u64.. {
                    let begun = Instant::now();
                    if begun > until {
                        break;
                    }
                    queue.send(send(sender, number)).await?;
                    took.push(begun.elapsed());
                }
                Ok::<_, ports::PortError>(took)
            }));
        }
        let mut took = Vec::new();
        for task in tasks {
            took.extend(task.await??);
        }
        took.sort_unstable();
        let at =
            |share: usize| took.get(took.len().saturating_mul(share) / 1000).copied().unwrap_or_default();
        let rate = took.len() as f64 / begun.elapsed().as_secs_f64();
        println!(
            "{senders:4} senders: {rate:8.0} sends/s, {} syncs, p50 {:?}, p99 {:?}, {:.1} us CPU a send",
            queue.syncs(),
            at(500),
            at(990),
            (cpu_ticks() - cpu) as f64 * 10_000.0 / took.len() as f64,
        );
        let (begun, mut taken) = (Instant::now(), 0_usize);
        loop {
            let received = queue.take(10, SystemClock.now())?;
            if received.is_empty() {
                break;
            }
            taken = taken.saturating_add(received.len());
            for one in received {
                queue.ack(&one.receipt);
            }
        }
        println!(
            "              {:8.0} received and acknowledged/s",
            taken as f64 / begun.elapsed().as_secs_f64()
        );
        drop(queue);
        std::fs::remove_dir_all(path)?;
    }
    table(&folder).await
}

async fn table(folder: &std::path::Path) -> Result<(), Failure> {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let path = folder.join("figures-table");
    let table = Dynamo::start(Keep::Folder(&path)).await?;
    let client = table.client();
    client
        .create_table()
        .table_name("figures")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name("pk")
                .attribute_type(ScalarAttributeType::S)
                .build()?,
        )
        .key_schema(KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build()?)
        .send()
        .await?;
    for writers in [1_usize, 16, 64] {
        let (begun, until) = (Instant::now(), Instant::now() + Duration::from_secs(3));
        let mut tasks = Vec::new();
        for writer in 0..writers {
            let client = client.clone();
            tasks.push(tokio::spawn(async move {
                let mut done = 0_usize;
                while Instant::now() < until {
                    let key = AttributeValue::S(format!("{writer}-{done}"));
                    let put = client.put_item().table_name("figures").item("pk", key);
                    put.item("body", AttributeValue::S("x".repeat(500))).send().await?;
                    done += 1;
                }
                Ok::<_, Failure>(done)
            }));
        }
        let mut done = 0;
        for task in tasks {
            done += task.await??;
        }
        println!(
            "{writers:4} writers: {:8.0} puts/s into the table",
            done as f64 / begun.elapsed().as_secs_f64()
        );
    }
    table.stop().await?;
    std::fs::remove_dir_all(path)?;
    Ok(())
}

fn send(sender: usize, number: u64) -> Send {
    let store = StoreId::derive(&[&(sender % 8).to_string()]);
    let group = format!("{store}#{}", number % 8);
    let raw = Raw {
        headers: vec![("x-wc-webhook-topic".to_owned(), "order.updated".to_owned())],
        body: Body::Text("{\"id\":1,\"sku\":\"a-b-c\"}".repeat(80)),
    };
    let message = Message::V1(MessageV1::Inbox(Inbox {
        org: OrgId::derive(&["o"]),
        store,
        platform: PlatformSlug::new("woocommerce"),
        received_at: SystemClock.now(),
        raw,
    }));
    Send { message, group, name: SendName(format!("{sender}-{number}")) }
}

/// Processor time of this process in hundredths of a second.
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    after.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}
