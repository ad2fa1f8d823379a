//! The queue as its senders, its consumers and a crash see it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::AtomicI64;

use domain::message::{Body, Inbox, Message, MessageV1, Raw};
use domain::{OrgId, PlatformSlug, StoreId};
use ports::SendName;
use tempfile::TempDir;

use super::*;

/// A clock that is moved by hand.
#[derive(Debug)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_800_000_000_000)))
    }

    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

struct Desk {
    folder: TempDir,
    clock: Arc<Hand>,
    settings: Settings,
}

impl Desk {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), clock: Hand::new(), settings: Settings::default() }
    }

    fn open(&self) -> FifoQueue {
        let clock: Arc<dyn Clock> = Arc::<Hand>::clone(&self.clock);
        FifoQueue::open(self.folder.path(), self.settings.clone(), clock).unwrap()
    }

    fn logs(&self) -> Vec<PathBuf> {
        let mut logs: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        logs.sort();
        logs
    }

    fn take(&self, queue: &FifoQueue, max: usize) -> Vec<Received> {
        queue.take(max, self.clock.now()).unwrap()
    }
}

fn message(text: &str) -> Message {
    Message::V1(MessageV1::Inbox(Inbox {
        org: OrgId::derive(&["o"]),
        store: StoreId::derive(&["s"]),
        platform: PlatformSlug::new("woocommerce"),
        received_at: Timestamp::UNIX_EPOCH,
        raw: Raw { headers: Vec::new(), body: Body::Text(text.to_owned()) },
    }))
}

fn text(message: &Message) -> &str {
    match message {
        Message::V1(MessageV1::Inbox(Inbox { raw: Raw { body: Body::Text(text), .. }, .. })) => text,
        other => panic!("{other:?}"),
    }
}

fn texts(received: &[Received]) -> Vec<&str> {
    received.iter().map(|one| text(&one.message)).collect()
}

async fn send(queue: &FifoQueue, group: &str, what: &str) {
    let send = Send { message: message(what), group: group.to_owned(), name: SendName(what.to_owned()) };
    queue.send(send).await.unwrap();
}

#[tokio::test]
async fn a_group_comes_in_order_one_at_a_time_while_others_go_on() {
    let desk = Desk::new();
    let queue = desk.open();
    for what in ["a1", "a2", "b1", "b2", "c1"] {
        send(&queue, &what[..1], what).await;
    }
    let first = desk.take(&queue, 10);
    assert_eq!(texts(&first), ["a1", "b1", "c1"]);
    assert!(desk.take(&queue, 10).is_empty());
    assert!(queue.ack(&first[1].receipt));
    assert_eq!(texts(&desk.take(&queue, 10)), ["b2"]);
    assert!(queue.ack(&first[0].receipt) && queue.ack(&first[2].receipt));
    assert_eq!(texts(&desk.take(&queue, 10)), ["a2"]);
    assert_eq!((queue.len(), queue.in_flight()), (2, 2));
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again_and_a_late_acknowledgement_does_not_count() {
    let desk = Desk::new();
    let queue = desk.open();
    send(&queue, "g", "one").await;
    send(&queue, "g", "two").await;
    let first = desk.take(&queue, 1).remove(0);
    desk.clock.forward(59);
    assert!(desk.take(&queue, 1).is_empty());
    desk.clock.forward(1);
    let second = desk.take(&queue, 1).remove(0);
    assert_eq!((text(&second.message), second.receive_count), ("one", 2));
    assert!(!queue.ack(&first.receipt));
    assert!(queue.ack(&second.receipt));
    assert!(!queue.ack(&second.receipt));
    assert_eq!(texts(&desk.take(&queue, 1)), ["two"]);
}

#[tokio::test]
async fn an_acknowledgement_counts_after_its_time_if_nobody_received_it_again() {
    let desk = Desk::new();
    let queue = desk.open();
    send(&queue, "g", "one").await;
    send(&queue, "g", "two").await;
    let first = desk.take(&queue, 1).remove(0);
    desk.clock.forward(61);
    assert!(desk.take(&queue, 0).is_empty());
    assert!(queue.ack(&first.receipt));
    assert_eq!(texts(&desk.take(&queue, 9)), ["two"]);
}

#[tokio::test]
async fn what_is_put_off_holds_its_group_until_then() {
    let desk = Desk::new();
    let queue = desk.open();
    send(&queue, "g", "one").await;
    send(&queue, "g", "two").await;
    send(&queue, "h", "other").await;
    let first = desk.take(&queue, 1).remove(0);
    assert!(queue.nack(&first.receipt, desk.clock.now() + Duration::from_secs(300)));
    assert_eq!(texts(&desk.take(&queue, 9)), ["other"]);
    desk.clock.forward(299);
    assert_eq!(texts(&desk.take(&queue, 9)), ["other"]);
    desk.clock.forward(1);
    let again = desk.take(&queue, 1).remove(0);
    assert_eq!((text(&again.message), again.receive_count), ("one", 2));
    assert!(queue.nack(&again.receipt, desk.clock.now()));
    assert_eq!(texts(&desk.take(&queue, 9)), ["one"]);
}

#[tokio::test]
async fn a_name_counts_for_five_minutes_over_acknowledgement_and_restart() {
    let desk = Desk::new();
    let queue = desk.open();
    send(&queue, "g", "one").await;
    send(&queue, "g", "one").await;
    assert_eq!(queue.len(), 1);
    let first = desk.take(&queue, 1).remove(0);
    assert!(queue.ack(&first.receipt));
    send(&queue, "h", "one").await;
    assert_eq!(queue.len(), 0);
    drop(queue);
    let queue = desk.open();
    desk.clock.forward(299);
    send(&queue, "g", "one").await;
    assert_eq!(queue.len(), 0);
    desk.clock.forward(1);
    send(&queue, "g", "one").await;
    assert_eq!(queue.len(), 1);
}

#[tokio::test]
async fn what_is_received_too_often_dies_and_can_be_sent_again() {
    let mut desk = Desk::new();
    desk.settings.max_receives = 3;
    let mut queue = desk.open();
    send(&queue, "g", "poison").await;
    send(&queue, "g", "next").await;
    for count in 1..=3 {
        assert_eq!(desk.take(&queue, 1)[0].receive_count, count);
        desk.clock.forward(60);
        // A restart does not make it younger.
        drop(queue);
        queue = desk.open();
    }
    assert_eq!(texts(&desk.take(&queue, 1)), ["next"]);
    drop(queue);
    let queue = desk.open();
    let dead = queue.dead(10).unwrap();
    assert_eq!((dead.len(), queue.len(), queue.dead_len()), (1, 1, 1));
    assert_eq!((text(dead[0].message.as_ref().unwrap()), dead[0].receive_count), ("poison", 3));
    assert_eq!((dead[0].group.as_str(), dead[0].died_at), ("g", desk.clock.now()));
    assert!(queue.redrive(dead[0].number).await.unwrap());
    assert!(!queue.redrive(dead[0].number).await.unwrap());
    assert_eq!(queue.dead_len(), 0);
    drop(queue);
    let queue = desk.open();
    assert_eq!((queue.len(), queue.dead_len()), (2, 0));
    let first = desk.take(&queue, 9).remove(0);
    assert_eq!(text(&first.message), "next");
    queue.ack(&first.receipt);
    assert_eq!(desk.take(&queue, 9)[0].receive_count, 1);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_dies_at_once() {
    let desk = Desk::new();
    let queue = desk.open();
    send(&queue, "g", "one").await;
    drop(queue);
    let log = desk.logs().remove(0);
    let mut bytes = Vec::new();
    frame::put(&mut bytes, &Record::Begun { number: 1 });
    let sent = frame::Sent { number: 1, at: 0, group: "g", name: "n", body: b"{\"v\":\"9\"}" };
    frame::put(&mut bytes, &Record::Message(sent));
    fs::write(log, bytes).unwrap();
    let queue = desk.open();
    assert!(desk.take(&queue, 1).is_empty());
    drop(queue);
    let queue = desk.open();
    assert_eq!((queue.len(), queue.dead_len()), (0, 1));
    assert!(queue.dead(1).unwrap()[0].message.is_none());
    assert!(queue.forget_dead(1).unwrap() && !queue.forget_dead(1).unwrap());
}

#[tokio::test]
async fn a_torn_tail_at_any_byte_costs_what_was_being_written_and_nothing_else() {
    let desk = Desk::new();
    let queue = desk.open();
    let log = desk.logs().remove(0);
    send(&queue, "g", "first").await;
    let whole_first = fs::metadata(&log).unwrap().len();
    send(&queue, "g", "second").await;
    drop(queue);
    let bytes = fs::read(&log).unwrap();
    for cut in usize::try_from(whole_first).unwrap()..bytes.len() {
        for filler in [None, Some(0_u8), Some(0xff)] {
            let mut torn = bytes[..cut].to_vec();
            if let Some(byte) = filler {
                torn.resize(bytes.len(), byte);
            }
            fs::write(&log, &torn).unwrap();
            let queue = desk.open();
            assert_eq!(queue.len(), 1, "cut at {cut}");
            drop(queue);
            assert_eq!(fs::metadata(&log).unwrap().len(), whole_first, "cut at {cut}");
        }
    }
    // The log goes on behind the cut, and the send that was lost may be made again.
    let queue = desk.open();
    send(&queue, "g", "second").await;
    drop(queue);
    let queue = desk.open();
    let first = desk.take(&queue, 1).remove(0);
    queue.ack(&first.receipt);
    assert_eq!((text(&first.message), texts(&desk.take(&queue, 1))), ("first", vec!["second"]));
}

#[tokio::test]
async fn damage_in_the_middle_costs_the_damaged_message_alone() {
    let desk = Desk::new();
    let queue = desk.open();
    let log = desk.logs().remove(0);
    let mut ends = Vec::new();
    for what in ["a", "b", "c"] {
        send(&queue, what, what).await;
        ends.push(usize::try_from(fs::metadata(&log).unwrap().len()).unwrap());
    }
    drop(queue);
    let bytes = fs::read(&log).unwrap();
    for at in (ends[0]..ends[1]).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        fs::write(&log, &damaged).unwrap();
        let queue = desk.open();
        assert_eq!(texts(&desk.take(&queue, 9)), ["a", "c"], "byte {at}");
    }
}

#[tokio::test]
async fn acknowledgements_survive_a_restart() {
    let desk = Desk::new();
    let queue = desk.open();
    send(&queue, "g", "one").await;
    send(&queue, "g", "two").await;
    let first = desk.take(&queue, 1).remove(0);
    queue.ack(&first.receipt);
    drop(queue);
    let queue = desk.open();
    assert_eq!(texts(&desk.take(&queue, 9)), ["two"]);
}

#[tokio::test]
async fn log_files_turn_and_go_when_nothing_needs_them() {
    let mut desk = Desk::new();
    desk.settings.log_bytes = 2000;
    let queue = desk.open();
    for number in 0..50 {
        send(&queue, "g", &format!("m{number}")).await;
    }
    assert!(desk.logs().len() > 5, "{:?}", desk.logs());
    for number in 0..50 {
        let one = desk.take(&queue, 1).remove(0);
        assert_eq!(text(&one.message), format!("m{number}"));
        queue.ack(&one.receipt);
    }
    drop(queue);
    let queue = desk.open();
    assert_eq!(queue.len(), 0);
    desk.clock.forward(300);
    send(&queue, "g", "last").await;
    drop(queue);
    assert!(desk.logs().len() <= 2, "{:?}", desk.logs());
    let queue = desk.open();
    assert_eq!(texts(&desk.take(&queue, 9)), ["last"]);
}

#[tokio::test]
async fn numbers_do_not_start_again_when_old_logs_are_gone() {
    let mut desk = Desk::new();
    desk.settings.log_bytes = 1;
    let queue = desk.open();
    send(&queue, "g", "one").await;
    let one = desk.take(&queue, 1).remove(0);
    queue.ack(&one.receipt);
    desk.clock.forward(300);
    drop(queue);
    let queue = desk.open();
    send(&queue, "g", "two").await;
    assert!(desk.take(&queue, 1)[0].receipt.number > one.receipt.number);
}

#[test]
fn sixty_four_threads_send_and_each_message_is_stored_once() {
    let desk = Desk::new();
    let queue = Arc::new(desk.open());
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..64 {
            let queue = Arc::clone(&queue);
            scope.spawn(move || {
                runtime().block_on(async {
                    for number in 0..20 {
                        // Each is sent twice; every eighth thread sends what its neighbour sends, too.
                        let what = format!(
                            "{}-{number}",
                            thread / 2 * 2 + usize::from(thread % 8 != 1) * (thread % 2)
                        );
                        send(&queue, &format!("group{}", thread % 10), &what).await;
                        send(&queue, &format!("group{}", thread % 10), &what).await;
                    }
                });
            });
        }
    });
    let syncs = queue.syncs();
    assert!(syncs < 64 * 20, "{syncs} syncs");
    drop(Arc::into_inner(queue).unwrap());
    let queue = desk.open();
    let mut seen = HashSet::new();
    loop {
        let received = desk.take(&queue, 100);
        if received.is_empty() {
            break;
        }
        for one in received {
            assert!(seen.insert(text(&one.message).to_owned()), "twice: {}", text(&one.message));
            assert!(queue.ack(&one.receipt));
        }
    }
    assert_eq!(seen.len(), 56 * 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consumers_work_on_different_groups_at_once_and_never_on_one() {
    let desk = Desk::new();
    let queue = Arc::new(desk.open());
    for number in 0..20 {
        for group in 0..5 {
            send(&queue, &format!("g{group}"), &format!("{number}.{group}")).await;
        }
    }
    let busy: Arc<StdMutex<HashSet<String>>> = Arc::default();
    let order: Arc<StdMutex<HashMap<String, Vec<usize>>>> = Arc::default();
    let most = Arc::new(AtomicU64::new(0));
    let mut workers = Vec::new();
    for _ in 0..8 {
        let (queue, busy, order, most) =
            (Arc::clone(&queue), Arc::clone(&busy), Arc::clone(&order), Arc::clone(&most));
        workers.push(tokio::spawn(async move {
            loop {
                let one = queue.receive(1).await.unwrap().remove(0);
                {
                    let mut busy = busy.lock().unwrap();
                    assert!(busy.insert(one.group.clone()), "two at once in {}", one.group);
                    most.fetch_max(busy.len() as u64, Ordering::SeqCst);
                }
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
                let number = text(&one.message).split('.').next().unwrap().parse().unwrap();
                order.lock().unwrap().entry(one.group.clone()).or_default().push(number);
                busy.lock().unwrap().remove(&one.group);
                assert!(queue.ack(&one.receipt));
            }
        }));
    }
    while !queue.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    assert_eq!(most.load(Ordering::SeqCst), 5);
    for (group, numbers) in order.lock().unwrap().iter() {
        assert_eq!(*numbers, (0..20).collect::<Vec<_>>(), "{group}");
    }
}

#[tokio::test]
async fn a_consumer_that_waits_is_woken_by_a_send() {
    let desk = Desk::new();
    let queue = Arc::new(desk.open());
    let waiting = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { queue.receive(5).await.unwrap().len() }
    });
    tokio::task::yield_now().await;
    send(&queue, "g", "one").await;
    assert_eq!(tokio::time::timeout(Duration::from_secs(2), waiting).await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn what_sqs_would_refuse_is_refused() {
    let desk = Desk::new();
    let queue = desk.open();
    let try_send = async |group: &str, name: &str, body: &str| {
        let send = Send { message: message(body), group: group.to_owned(), name: SendName(name.to_owned()) };
        queue.send(send).await.map_err(|error| error.kind)
    };
    assert_eq!(try_send("", "n", "x").await, Err(ErrorKind::Refused));
    assert_eq!(try_send("a b", "n", "x").await, Err(ErrorKind::Refused));
    assert_eq!(try_send("g", &"n".repeat(129), "x").await, Err(ErrorKind::Refused));
    assert_eq!(try_send("g", "n", &"x".repeat(1 << 20)).await, Err(ErrorKind::TooLarge));
    assert_eq!(try_send("g", "n", &"x".repeat(1 << 19)).await, Ok(()));
}

#[tokio::test]
async fn a_hundred_thousand_waiting_messages_do_not_slow_a_receive() {
    let desk = Desk::new();
    drop(desk.open());
    let log = desk.logs().remove(0);
    let mut bytes = fs::read(&log).unwrap();
    let body = serde_json::to_vec(&message("x")).unwrap();
    for number in 1..=100_000_u64 {
        let (group, name) = (format!("g{}", number % 50), number.to_string());
        let sent = frame::Sent { number, at: 0, group: &group, name: &name, body: &body };
        frame::put(&mut bytes, &Record::Message(sent));
    }
    fs::write(&log, bytes).unwrap();
    let queue = desk.open();
    assert_eq!(queue.len(), 100_000);
    let begun = std::time::Instant::now();
    for _ in 0..200 {
        for one in desk.take(&queue, 10) {
            queue.ack(&one.receipt);
        }
    }
    assert_eq!(queue.len(), 98_000);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}
