//! The same histories over DynamoDB: every call on the books answers as memory did, and the same is left.

use std::collections::BTreeSet;
use std::sync::Arc;

use conformance::embedded;
use domain::{Day, OrgId};
use futures::StreamExt as _;
use ports::{Ask, Catalog, Ledger};
use races::crowd::seed_of;
use races::history::History;
use races::play::Player;
use races::recorded::{Books, Call};

/// So many histories are played over both, unless the environment says how many.
const HISTORIES: u64 = 25;
/// The name of that number in the environment.
const ASKED: &str = "STORELOOM_HISTORIES";
/// One after another, each on a table of its own: other tests need the machine too.
const AT_ONCE: usize = 1;

/// What the books of a merchant hold, as text: balances, entries, links.
async fn held<B: Ledger + Catalog + ?Sized>(books: &B, org: &OrgId) -> Vec<String> {
    let ask = Ask::first(1000);
    let mut held = Vec::new();
    let mut days = BTreeSet::new();
    for item in books.items(org, &ask).await.unwrap().items {
        held.push(format!("{:?}", books.balance(org, &item.id).await.unwrap()));
        let entries = books.entries(org, &item.id, &ask).await.unwrap().items;
        days.extend(entries.iter().map(|entry| Day::of(entry.at)));
        held.extend(entries.iter().map(|entry| format!("{entry:?}")));
        let links = books.links_of(org, &item.id).await.unwrap();
        for link in &links {
            let orders = books.orders(org, &link.store, &ask).await.unwrap().items;
            for order in &orders {
                held.push(format!("{order:?} {:?}", books.effects(org, &order.id).await.unwrap()));
            }
        }
        held.extend(links.iter().map(|link| format!("{link:?}")));
        held.push(format!("{:?}", books.outbox(org, 100).await.unwrap()));
        held.push(format!("{:?}", books.unapplied(org, 100).await.unwrap()));
    }
    for day in days {
        let vouchers = books.vouchers(org, day, &ask).await.unwrap().items;
        held.extend(vouchers.iter().map(|voucher| format!("{voucher:?}")));
    }
    held.sort_unstable();
    held
}

/// Makes the calls of a history on a table; returns what differs.
async fn differs(
    number: u64,
    calls: Vec<Call>,
    orgs: [OrgId; 2],
    expected: [Vec<String>; 2],
) -> Option<String> {
    let (table, _guard) = embedded::table().await;
    let books: Arc<dyn Books> = Arc::new(table);
    for (place, call) in calls.iter().enumerate() {
        if let Err(trouble) = call.again(&books).await {
            return Some(format!("history {number}, call {place}: {trouble}"));
        }
    }
    for (org, expected) in orgs.iter().zip(&expected) {
        let found = held(&*books, org).await;
        if found != *expected {
            return Some(format!(
                "history {number}: the books hold\n{found:#?}\nand should hold\n{expected:#?}"
            ));
        }
    }
    None
}

#[expect(clippy::disallowed_methods, reason = "a test is asked for more of the same in the environment")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_of_the_same_histories_are_the_same() {
    let asked = std::env::var(ASKED).ok().map(|text| text.parse::<u64>().expect("a number of histories"));
    let histories = (0..asked.unwrap_or(HISTORIES)).map(|number| {
        let history = History::of(seed_of(17, number));
        let mut player = Player::default();
        let (calls, orgs, memory) = player.record(&history);
        async move {
            let expected = [held(&*memory, &orgs[0]).await, held(&*memory, &orgs[1]).await];
            assert!(!expected[0].is_empty() && !expected[1].is_empty());
            differs(number, calls, orgs, expected).await
        }
    });
    let mut differences = futures::stream::iter(histories).buffer_unordered(AT_ONCE);
    while let Some(difference) = differences.next().await {
        assert_eq!(difference, None);
    }
}
