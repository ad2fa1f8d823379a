//! Lanes: coalescing, urgency, leases.

use domain::event::About;
use domain::run::Stream;
use domain::work::{LaneWork, Priority, Verb};
use domain::{LinkId, OrgId, RemoteOrderId, StoreId};
use ports::{Lanes, Written};

use crate::fixtures::*;

/// Runs all of it.
pub async fn suite(lanes: &dyn Lanes) {
    work_coalesces(lanes).await;
    the_most_urgent_goes_first(lanes).await;
    what_moved_stays(lanes).await;
    a_late_worker_takes_nothing_out(lanes).await;
    many_put_the_same(lanes).await;
    leases_are_fenced(lanes).await;
    a_lane_rests(lanes).await;
}

fn push(org: &OrgId, store: &StoreId, name: &str, priority: Priority, due: i64) -> LaneWork {
    let link = LinkId::derive(&[name]);
    LaneWork::new(org, store, priority, Verb::Push { link }, at(due))
}

async fn one(lanes: &dyn Lanes, org: &OrgId, store: &StoreId) -> LaneWork {
    let mut due = lanes.due(org, store, at(1_000_000), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    due.remove(0)
}

async fn work_coalesces(lanes: &dyn Lanes) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    assert_eq!(lanes.next_due(&ours, &shop).await.unwrap(), None);
    let work = push(&ours, &shop, "a", Priority::Raise, 10);
    lanes.put(&work).await.unwrap();
    let first = one(lanes, &ours, &shop).await;
    assert_eq!((first.due, first.since, first.attempts), (at(10), at(10), 0));
    assert_eq!((&first.task, &first.verb, &first.priority), (&work.task, &work.verb, &work.priority));

    let put_off = LaneWork { attempts: 4, due: at(50), ..first.clone() };
    assert_eq!(lanes.defer(&put_off).await.unwrap(), Written::Done);
    assert_eq!(lanes.defer(&put_off).await.unwrap(), Written::Done, "a second run changes nothing");
    assert_eq!(one(lanes, &ours, &shop).await, put_off);

    lanes.put(&push(&ours, &shop, "a", Priority::Raise, 70)).await.unwrap();
    let again = one(lanes, &ours, &shop).await;
    assert_eq!((again.due, again.since, again.attempts), (at(50), at(10), 0), "earlier due and cause stay");
    assert!(again.generation > first.generation);
    lanes.put(&push(&ours, &shop, "a", Priority::Raise, 5)).await.unwrap();
    let earlier = one(lanes, &ours, &shop).await;
    assert_eq!((earlier.due, earlier.since), (at(5), at(5)));
    assert_eq!(lanes.next_due(&ours, &shop).await.unwrap(), Some(at(5)), "its old place in the line is gone");

    assert!(lanes.due(&theirs, &shop, at(100), 9).await.unwrap().is_empty());
    assert!(lanes.due(&ours, &store_id(), at(100), 9).await.unwrap().is_empty());
    assert_eq!(lanes.next_due(&theirs, &shop).await.unwrap(), None);

    assert_eq!(lanes.done(&first).await.unwrap(), Written::Raced);
    assert_eq!(lanes.done(&earlier).await.unwrap(), Written::Done);
    assert_eq!(lanes.done(&earlier).await.unwrap(), Written::Done, "a second run changes nothing");
    assert_eq!(lanes.next_due(&ours, &shop).await.unwrap(), None);
}

async fn the_most_urgent_goes_first(lanes: &dyn Lanes) {
    let (ours, shop) = (org(), store_id());
    let pull = |due| {
        LaneWork::new(&ours, &shop, Priority::Incremental, Verb::Pull { stream: Stream::Orders }, at(due))
    };
    let fetch = LaneWork::new(
        &ours,
        &shop,
        Priority::Raise,
        Verb::Fetch { about: About::Order(RemoteOrderId::new("7 # 1")) },
        at(3),
    );
    let work = [
        pull(0),
        push(&ours, &shop, "later", Priority::Raise, 4),
        fetch,
        push(&ours, &shop, "lower", Priority::Lower, 6),
        push(&ours, &shop, "lower early", Priority::Lower, 5),
        push(&ours, &shop, "not yet", Priority::Lower, 60),
    ];
    lanes.put_all(&work).await.unwrap();
    let order = |works: Vec<LaneWork>| works.into_iter().map(|work| work.task).collect::<Vec<_>>();
    let expected = [4, 3, 2, 1, 0].map(|place: usize| work[place].task.clone());
    assert_eq!(order(lanes.due(&ours, &shop, at(6), 10).await.unwrap()), expected);
    assert_eq!(order(lanes.due(&ours, &shop, at(6), 3).await.unwrap()), expected[..3]);
    assert_eq!(order(lanes.due(&ours, &shop, at(0), 3).await.unwrap()), expected[4..]);
    assert!(lanes.due(&ours, &shop, at(-1), 3).await.unwrap().is_empty());
    assert!(lanes.due(&ours, &shop, at(6), 0).await.unwrap().is_empty());
    assert_eq!(lanes.next_due(&ours, &shop).await.unwrap(), Some(at(0)));
}

async fn what_moved_stays(lanes: &dyn Lanes) {
    let (ours, shop) = (org(), store_id());
    lanes.put(&push(&ours, &shop, "a", Priority::Lower, 0)).await.unwrap();
    let read = one(lanes, &ours, &shop).await;
    lanes.put(&push(&ours, &shop, "a", Priority::Lower, 1)).await.unwrap();
    assert_eq!(lanes.done(&read).await.unwrap(), Written::Raced);
    assert_eq!(lanes.defer(&LaneWork { due: at(90), ..read }).await.unwrap(), Written::Raced);
    assert_eq!(one(lanes, &ours, &shop).await.due, at(0), "it stays, to be done again");
    let stranger = push(&ours, &shop, "b", Priority::Lower, 0);
    assert_eq!(lanes.defer(&stranger).await.unwrap(), Written::Raced, "there is nothing to put off");
}

async fn a_late_worker_takes_nothing_out(lanes: &dyn Lanes) {
    let (ours, shop) = (org(), store_id());
    lanes.put(&push(&ours, &shop, "a", Priority::Lower, 0)).await.unwrap();
    let read = one(lanes, &ours, &shop).await;
    assert_eq!(lanes.done(&read).await.unwrap(), Written::Done);
    lanes.put(&push(&ours, &shop, "a", Priority::Lower, 1)).await.unwrap();
    assert_eq!(lanes.done(&read).await.unwrap(), Written::Raced, "it is other work by now");
    assert_eq!(one(lanes, &ours, &shop).await.due, at(1));
}

async fn many_put_the_same(lanes: &dyn Lanes) {
    let (ours, shop) = (org(), store_id());
    let puts = (0..12).map(|number| {
        let work = push(&ours, &shop, "a", Priority::Raise, 20 - number);
        async move { while lanes.put(&work).await.is_err() {} }
    });
    futures::future::join_all(puts).await;
    let work = one(lanes, &ours, &shop).await;
    assert_eq!((work.due, work.since), (at(9), at(9)));
    assert_eq!(lanes.next_due(&ours, &shop).await.unwrap(), Some(at(9)));
    assert_eq!(lanes.done(&work).await.unwrap(), Written::Done);
    assert_eq!(lanes.next_due(&ours, &shop).await.unwrap(), None, "no place in the line is left over");
}

async fn leases_are_fenced(lanes: &dyn Lanes) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    let takes = (0..8).map(|_| lanes.lease(&ours, &shop, at(0), at(30)));
    let mut held: Vec<_> =
        futures::future::join_all(takes).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(held.len(), 1, "one worker at a time");
    let first = held.remove(0);
    assert_eq!((&first.org, &first.store, first.until), (&ours, &shop, at(30)));
    assert_eq!(lanes.lease(&ours, &shop, at(29), at(60)).await.unwrap(), None);
    assert!(lanes.lease(&theirs, &shop, at(0), at(30)).await.unwrap().is_some(), "another merchant's lane");

    assert_eq!(lanes.extend(&first, at(40)).await.unwrap(), Written::Done);
    assert_eq!(lanes.lease(&ours, &shop, at(35), at(60)).await.unwrap(), None);
    let second = lanes.lease(&ours, &shop, at(40), at(70)).await.unwrap().expect("the lease ran out");
    assert!(second.token > first.token);
    assert_eq!(lanes.extend(&first, at(99)).await.unwrap(), Written::Raced, "a late holder is told apart");
    lanes.release(&first).await.unwrap();
    assert_eq!(
        lanes.lease(&ours, &shop, at(50), at(80)).await.unwrap(),
        None,
        "only its holder gives it back"
    );
    lanes.release(&second).await.unwrap();
    lanes.release(&second).await.unwrap();
    let third = lanes.lease(&ours, &shop, at(50), at(80)).await.unwrap().expect("it was given back");
    assert!(third.token > second.token);
}

async fn a_lane_rests(lanes: &dyn Lanes) {
    let (ours, theirs, shop) = (org(), org(), store_id());
    assert_eq!(lanes.resting(&ours, &shop).await.unwrap(), None);
    lanes.rest(&ours, &shop, at(60)).await.unwrap();
    lanes.rest(&ours, &shop, at(20)).await.unwrap();
    assert_eq!(lanes.resting(&ours, &shop).await.unwrap(), Some(at(60)), "a shorter rest ends no longer one");
    assert_eq!(lanes.resting(&theirs, &shop).await.unwrap(), None);
}
