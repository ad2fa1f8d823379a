//! A program that is killed in the middle of its sends keeps every one that it acknowledged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use domain::message::{Message, MessageV1};
use domain::{OrgId, StoreId};
use jiff::Timestamp;
use ports::{Queue as _, Send, SendName};
use storeloom::clock::SystemClock;
use storeloom::queue::{FifoQueue, Settings};

fn open(folder: &Path) -> FifoQueue {
    // Small log files, so that a kill may also hit the turn from one to the next.
    let settings = Settings { log_bytes: 20_000, ..Settings::default() };
    FifoQueue::open(folder, settings, Arc::new(SystemClock)).unwrap()
}

fn message(name: &str) -> Message {
    Message::V1(MessageV1::Doorbell { org: OrgId::derive(&["o"]), store: StoreId::derive(&[name]) })
}

/// Says that this process is the one that is killed.
const CHILD: &str = "STORELOOM_TEST_IS_KILLED";

/// The program that is killed sends from many tasks without end and says what was acknowledged. Run as a test of
/// its own, it sends a few and finds them all.
#[test]
fn child_sends_until_it_is_killed() {
    let killed = std::env::var_os(CHILD).is_some();
    let scratch = tempfile::TempDir::new().unwrap();
    let folder = if killed { Path::new("queue").to_owned() } else { scratch.path().join("queue") };
    let most = if killed { u64::MAX } else { 8 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let queue = Arc::new(open(&folder));
        let run = Timestamp::as_millisecond(platform::Clock::now(&SystemClock));
        let tasks: Vec<_> = (0..16)
            .map(|task| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move {
                    for number in 0..most {
                        let name = format!("{run}-{task}-{number}");
                        let send = Send {
                            message: message(&name),
                            group: format!("g{task}"),
                            name: SendName(name.clone()),
                        };
                        queue.send(send).await.unwrap();
                        println!("acknowledged {name}");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(queue.len(), 16 * 8, "what was acknowledged is there");
    });
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 1..=5_usize {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child_sends_until_it_is_killed", "--exact", "--nocapture"])
            .env(CHILD, "1")
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut here = 0;
        while here < 40 * round {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, name)) = line.split_once("acknowledged ") {
                acknowledged.push(name.to_owned());
                here += 1;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died was acknowledged, too; its very last line may be cut off.
        let mut rest: Vec<String> = lines.map_while(Result::ok).collect();
        rest.pop();
        acknowledged
            .extend(rest.iter().filter_map(|line| Some(line.split_once("acknowledged ")?.1.to_owned())));
    }
    let queue = open(&folder.path().join("queue"));
    let mut stored = HashSet::new();
    loop {
        let received = queue.take(100, platform::Clock::now(&SystemClock)).unwrap();
        if received.is_empty() {
            break;
        }
        for one in received {
            assert!(stored.insert(serde_json::to_string(&one.message).unwrap()), "stored twice");
            queue.ack(&one.receipt);
        }
    }
    assert!(acknowledged.len() >= 600);
    for name in acknowledged {
        assert!(
            stored.contains(&serde_json::to_string(&message(&name)).unwrap()),
            "{name} was acknowledged and is gone"
        );
    }
}
