//! Which shops must be looked at when the books of an item moved: pure.

use domain::link::Link;
use domain::store::Store;
use domain::work::{Change, LaneWork, Priority, Verb};

/// The lane work that a change causes: one row per link that follows it in a store that is written to or shadowed, and
/// another where a difference stands that the change may explain.
///
/// The link that the change came through is among them: if its number is right, its work ends without a
/// call. Fewer units are urgent, more units are not.
#[must_use]
pub fn fan_out(change: &Change, links: &[Link], stores: &[Store]) -> Vec<LaneWork> {
    let urgent = if change.available.lowers() { Priority::Lower } else { Priority::Raise };
    let work = |link: &Link, priority: Priority, verb: Verb| {
        LaneWork::new(&change.org, &link.store, priority, verb, change.at)
    };
    let mut all = Vec::new();
    for link in links.iter().filter(|link| link.explained.is_some()) {
        let Some(store) = stores.iter().find(|store| store.id == link.store) else { continue };
        if store.is_followed() {
            all.push(work(link, urgent, Verb::Push { link: link.id.clone() }));
        }
        if link.unexplained.is_some() {
            all.push(work(link, Priority::Raise, Verb::Check { link: link.id.clone() }));
        }
    }
    all
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::link::Listed;
    use domain::product::Sku;
    use domain::store::{Condition, Phase};
    use domain::{Delta, ItemId, OnHand, OrgId, StoreId, TaskId};
    use jiff::Timestamp;

    pub(crate) fn store(name: &str, phase: Phase) -> Store {
        Store {
            id: StoreId::derive(&[name]),
            org: OrgId::derive(&["o"]),
            platform: domain::PlatformSlug::new("p"),
            shop: domain::RemoteShop::new(name),
            name: name.into(),
            address: String::new(),
            currency: None,
            zone: None,
            phase,
            condition: Condition::Active,
            opens_books: false,
            location: domain::LocationId::main(),
            created_at: Timestamp::UNIX_EPOCH,
            baseline_at: None,
            writing_since: None,
            allocation: None,
            raises: None,
            version: 0,
        }
    }

    fn link(store: &Store, explained: Option<i64>) -> Link {
        let listed = Listed {
            variant: domain::RemoteVariantId::new("1"),
            product: domain::RemoteProductId::new("1"),
            sku: Sku::read("A").unwrap(),
        };
        let mut link = Link::new(store.org.clone(), store.id.clone(), ItemId::derive(&["A"]), listed);
        link.explained = explained.map(OnHand::whole);
        link
    }

    #[test]
    fn only_stores_that_are_written_to_or_shadowed_are_looked_at() {
        let stores = [
            store("writes", Phase::Writing),
            store("reads", Phase::ReadOnly),
            store("joins", Phase::Joining),
            store("new", Phase::Writing),
            store("shadow", Phase::Shadow),
        ];
        let links = [
            link(&stores[0], Some(3)),
            link(&stores[1], Some(3)),
            link(&stores[2], None),
            link(&stores[3], None),
            link(&stores[4], Some(3)),
        ];
        for (available, priority) in [(-1, Priority::Lower), (1, Priority::Raise), (0, Priority::Raise)] {
            let change = Change {
                id: TaskId::derive(&["c"]),
                org: OrgId::derive(&["o"]),
                item: ItemId::derive(&["A"]),
                also: Vec::new(),
                available: Delta::whole(available),
                at: Timestamp::UNIX_EPOCH,
            };
            let work = fan_out(&change, &links, &stores);
            let lanes: Vec<_> = work.iter().map(|work| &work.store).collect();
            assert_eq!(lanes, [&stores[0].id, &stores[4].id]);
            assert!(work.iter().all(|work| work.priority == priority));
            assert_eq!(fan_out(&change, &[], &stores), vec![]);
        }
    }
    #[test]
    fn a_difference_that_stands_is_looked_at_again() {
        let reads = store("reads", Phase::ReadOnly);
        let mut odd = link(&reads, Some(3));
        let difference = Delta::whole(1);
        odd.unexplained = Some(domain::link::Unexplained {
            difference,
            since: Timestamp::UNIX_EPOCH,
            explained: None,
            version: None,
        });
        let change = Change {
            id: TaskId::derive(&["c"]),
            org: OrgId::derive(&["o"]),
            item: ItemId::derive(&["A"]),
            also: Vec::new(),
            available: Delta::whole(-1),
            at: Timestamp::UNIX_EPOCH,
        };
        let work = fan_out(&change, std::slice::from_ref(&odd), &[reads]);
        let verbs: Vec<&Verb> = work.iter().map(|work| &work.verb).collect();
        assert_eq!(verbs, [&Verb::Check { link: odd.id }]);
    }
}
