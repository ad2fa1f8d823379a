//! What a FIFO queue must do, as its senders and its consumers see it.

use async_trait::async_trait;
use domain::message::{Message, MessageV1};
use domain::{OrgId, StoreId};
use ports::{ErrorKind, Queue, Send, SendName};

/// A message in a consumer's hands.
#[derive(Debug, Clone)]
pub struct InHand {
    /// The message.
    pub message: Message,
    /// How often it was received, this time included.
    pub count: u32,
    /// Names this receive, in the adapter's own words.
    pub receipt: String,
}

/// A queue under test: an empty one, three receives before a message is dead, and its consumers' side, which is
/// no port.
#[async_trait]
pub trait Counter: Sync {
    /// The port.
    fn queue(&self) -> &dyn Queue;
    /// Takes what can be taken now, at most `max`.
    async fn take(&self, max: usize) -> Vec<InHand>;
    /// Acknowledges.
    async fn ack(&self, receipt: &str);
    /// Lets the visibility of all that is in hand pass.
    async fn lapse(&self);
    /// The dead letters.
    async fn dead(&self) -> Vec<Message>;
    /// How often a dead message was received.
    fn most(&self) -> u32;
}

/// Runs the suite on an empty queue.
pub async fn suite(counter: &dyn Counter) {
    groups_keep_their_order(counter).await;
    names_are_stored_once(counter).await;
    what_is_not_acknowledged_comes_again(counter).await;
    what_comes_too_often_dies(counter).await;
    what_cannot_be_sent_is_refused(counter).await;
    several_are_sent_at_once_each_with_its_result(counter).await;
    a_batch_that_fails_in_its_middle_goes_on_in_order(counter).await;
}

fn message(what: &str) -> Message {
    Message::V1(MessageV1::Doorbell { org: OrgId::derive(&["o"]), store: StoreId::derive(&[what]) })
}

async fn send(counter: &dyn Counter, group: &str, what: &str) {
    let send =
        Send { message: message(what), group: group.to_owned(), name: SendName(format!("name-{what}")) };
    counter.queue().send(send).await.unwrap();
}

/// Takes all there is and acknowledges it, in the order it came.
async fn drain(counter: &dyn Counter) -> Vec<Message> {
    let mut all = Vec::new();
    loop {
        let taken = counter.take(10).await;
        if taken.is_empty() {
            return all;
        }
        for one in taken {
            counter.ack(&one.receipt).await;
            all.push(one.message);
        }
    }
}

async fn groups_keep_their_order(counter: &dyn Counter) {
    for number in 0..5 {
        for group in ["a", "b"] {
            send(counter, group, &format!("order-{group}{number}")).await;
        }
    }
    let first = counter.take(1).await.remove(0);
    let others = counter.take(10).await;
    let of_a = |message: &Message| {
        (0..5).any(|number| *message == super::queue::message(&format!("order-a{number}")))
    };
    let held = of_a(&first.message);
    assert!(others.iter().all(|one| of_a(&one.message) != held), "a group whose first is in hand is held");
    assert!(!others.is_empty(), "other groups go on");
    counter.ack(&first.receipt).await;
    for one in &others {
        counter.ack(&one.receipt).await;
    }
    let mut all = vec![first.message];
    all.extend(others.into_iter().map(|one| one.message));
    all.extend(drain(counter).await);
    for group in ["a", "b"] {
        let expected: Vec<_> = (0..5).map(|number| message(&format!("order-{group}{number}"))).collect();
        let seen: Vec<_> = all.iter().filter(|one| expected.contains(one)).cloned().collect();
        assert_eq!(seen, expected, "group {group}");
    }
    assert_eq!(all.len(), 10);
}

async fn names_are_stored_once(counter: &dyn Counter) {
    for _ in 0..3 {
        send(counter, "n", "once").await;
    }
    assert_eq!(drain(counter).await, [message("once")]);
    send(counter, "n", "once").await;
    assert!(drain(counter).await.is_empty(), "a name counts after its message was deleted, too");
}

async fn what_is_not_acknowledged_comes_again(counter: &dyn Counter) {
    send(counter, "r", "again").await;
    let first = counter.take(1).await.remove(0);
    assert_eq!(first.count, 1);
    assert!(counter.take(1).await.is_empty());
    counter.lapse().await;
    let second = counter.take(1).await.remove(0);
    assert_eq!((second.message.clone(), second.count), (message("again"), 2));
    counter.ack(&second.receipt).await;
    counter.lapse().await;
    assert!(counter.take(1).await.is_empty());
}

async fn what_comes_too_often_dies(counter: &dyn Counter) {
    send(counter, "d", "poison").await;
    send(counter, "d", "behind").await;
    for count in 1..=counter.most() {
        let one = counter.take(1).await.remove(0);
        assert_eq!((one.message, one.count), (message("poison"), count));
        counter.lapse().await;
    }
    assert_eq!(drain(counter).await, [message("behind")]);
    assert_eq!(counter.dead().await, [message("poison")]);
}

async fn what_cannot_be_sent_is_refused(counter: &dyn Counter) {
    for (group, name) in [("", "n"), ("g", ""), ("g", "x".repeat(129).as_str())] {
        let send = Send { message: message("x"), group: group.to_owned(), name: SendName(name.to_owned()) };
        let error = counter.queue().send(send).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused);
        assert!(!error.is_passing());
    }
    assert!(drain(counter).await.is_empty());
}

/// One that is refused holds back none of the others, and a second sending of all stores none twice.
async fn several_are_sent_at_once_each_with_its_result(counter: &dyn Counter) {
    let sends: Vec<Send> = (0..23)
        .map(|number| {
            let name = if number == 11 { "x".repeat(129) } else { format!("several-{number}") };
            Send { message: message(&format!("s{number}")), group: "s".to_owned(), name: SendName(name) }
        })
        .collect();
    for _ in 0..2 {
        let results = counter.queue().send_all(&sends).await;
        let refused: Vec<usize> = results
            .iter()
            .enumerate()
            .filter(|(_, result)| result.is_err())
            .map(|(place, _)| place)
            .collect();
        assert_eq!((results.len(), refused), (23, vec![11]));
    }
    let expected: Vec<_> =
        (0..23).filter(|number| *number != 11).map(|number| message(&format!("s{number}"))).collect();
    assert_eq!(drain(counter).await, expected);
}

/// A consumer stops a batch at its first failure and gives it back with all that came after it in the group.
async fn a_batch_that_fails_in_its_middle_goes_on_in_order(counter: &dyn Counter) {
    let all: Vec<Message> = (0..4).map(|number| message(&format!("middle-{number}"))).collect();
    for number in 0..4 {
        send(counter, "m", &format!("middle-{number}")).await;
    }
    let mut handled = Vec::new();
    let mut failed = false;
    for _ in 0..12 {
        let mut stopped = false;
        for one in counter.take(10).await {
            if !failed && one.message == all[1] {
                (failed, stopped) = (true, true);
            }
            if !stopped {
                counter.ack(&one.receipt).await;
                handled.push(one.message);
            }
        }
        if stopped {
            counter.lapse().await;
        }
    }
    assert!(failed);
    assert_eq!(handled, all, "each once, in order");
}
