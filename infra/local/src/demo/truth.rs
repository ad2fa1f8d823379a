//! What is true, from the shops' own windows and from nothing of ours: what is left of each item, and who
//! oversold what.

use std::collections::{BTreeMap, BTreeSet};

use super::stand::{By, Moved, Shelf, Stand};

/// The items that are followed: SKU, then for each shop the id that lists it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Followed(pub(crate) BTreeMap<String, BTreeMap<usize, u64>>);

/// What is true of all items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    /// What every shop should show of each SKU.
    pub(crate) left: BTreeMap<String, i64>,
    /// Units sold beyond what there was, where a write of ours had put the number above the truth.
    pub(crate) oversold: i64,
    /// Units sold beyond what there was, between a sale in one shop and its news reaching the other.
    pub(crate) oversold_by_shops: i64,
    /// Raises of ours above the truth, sold or not.
    pub(crate) blind_raises: u64,
}

/// Finds the items that can be followed: one listing with a number of its own per SKU and shop.
pub(crate) fn follow(shops: &[Vec<Shelf>]) -> Followed {
    let mut followed = Followed::default();
    for (shop, rows) in shops.iter().enumerate() {
        let mut times: BTreeMap<&str, u32> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.sku.is_empty() && row.listed) {
            *times.entry(&row.sku).or_default() += 1;
        }
        for row in rows {
            let single = times.get(row.sku.as_str()) == Some(&1);
            if single && row.quantity.is_some() && row.listed {
                followed.0.entry(row.sku.clone()).or_default().insert(shop, row.id);
            }
        }
        // A SKU that this shop lists twice is matched in no way here; another shop may still follow it.
        let doubled: BTreeSet<&str> =
            times.iter().filter(|(_, count)| **count > 1).map(|(sku, _)| *sku).collect();
        followed.0.retain(|sku, _| !doubled.contains(sku.as_str()));
    }
    followed
}

/// Follows each item from what was left at the start through everything that happened in the shops.
pub(crate) fn follow_through(
    followed: &Followed,
    start: &BTreeMap<String, i64>,
    logs: &[Vec<Moved>],
) -> Truth {
    let mut truth = Truth { left: start.clone(), ..Truth::default() };
    let skus: BTreeMap<(usize, u64), &str> = followed
        .0
        .iter()
        .flat_map(|(sku, shops)| shops.iter().map(move |(shop, id)| ((*shop, *id), sku.as_str())))
        .collect();
    let mut all: Vec<(usize, &Moved)> =
        logs.iter().enumerate().flat_map(|(shop, log)| log.iter().map(move |write| (shop, write))).collect();
    all.sort_by(|one, other| one.1.at.cmp(&other.1.at));
    // The last number of ours in each shop stood above the truth.
    let mut above: BTreeMap<(usize, u64), bool> = BTreeMap::new();
    for (shop, write) in all {
        let place = (shop, write.id);
        let Some(sku) = skus.get(&place) else { continue };
        let (before, after) = (write.before, write.after);
        let Some(left) = truth.left.get_mut(*sku) else { continue };
        if write.by == By::Order {
            *left += after - before;
            let short = (-*left).max(0).min((before - after).max(0));
            if short > 0 {
                if above.get(&place) == Some(&true) {
                    truth.oversold += short;
                } else {
                    truth.oversold_by_shops += short;
                }
            }
        } else if write.by == By::Us {
            let blind = after > before && after > (*left).max(0);
            truth.blind_raises += u64::from(blind);
            above.insert(place, blind);
        }
    }
    truth
}

/// A shop that shows another number than what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disagreement {
    pub(crate) sku: String,
    pub(crate) shop: usize,
    pub(crate) shows: Option<i64>,
    pub(crate) left: i64,
}

/// The shops that show another number than what is left, over all items.
pub(crate) fn disagreements(followed: &Followed, truth: &Truth, shops: &[Stand]) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for (sku, places) in &followed.0 {
        let Some(left) = truth.left.get(sku) else { continue };
        let left = (*left).max(0);
        for (shop, id) in places {
            let shows = shops.get(*shop).and_then(|shop| shop.quantity(*id));
            if shows != Some(left) {
                found.push(Disagreement { sku: sku.clone(), shop: *shop, shows, left });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u64, sku: &str, quantity: i64) -> Shelf {
        Shelf { id, sku: sku.into(), listed: true, quantity: Some(quantity) }
    }

    fn write(at: u32, id: u64, before: i64, after: i64, by: By) -> Moved {
        Moved { at: format!("2026-11-20T10:00:00.{at:03}Z"), id, before, after, by }
    }

    fn two_shops() -> (Followed, BTreeMap<String, i64>) {
        let followed = follow(&[
            vec![row(1, "A", 1), row(2, "B", 1), row(3, "B", 1), row(4, "", 1)],
            vec![row(9, "A", 1)],
        ]);
        assert_eq!(followed.0.len(), 1, "{followed:?}");
        (followed, BTreeMap::from([("A".to_owned(), 1)]))
    }

    #[test]
    fn two_shops_that_sell_the_last_unit_oversell_by_themselves() {
        let (followed, start) = two_shops();
        let logs = [vec![write(1, 1, 1, 0, By::Order)], vec![write(2, 9, 1, 0, By::Order)]];
        let truth = follow_through(&followed, &start, &logs);
        assert_eq!((truth.oversold, truth.oversold_by_shops, truth.blind_raises), (0, 1, 0));
        assert_eq!(truth.left["A"], -1);
    }

    #[test]
    fn a_raise_over_a_sale_is_ours() {
        let (followed, start) = two_shops();
        let logs = [
            vec![write(1, 1, 1, 0, By::Order), write(2, 1, 0, 1, By::Us), write(3, 1, 1, 0, By::Order)],
            vec![],
        ];
        let truth = follow_through(&followed, &start, &logs);
        assert_eq!((truth.oversold, truth.oversold_by_shops, truth.blind_raises), (1, 0, 1));
    }

    #[test]
    fn a_lowering_is_not_a_raise_and_a_unit_put_back_counts() {
        let (followed, start) = two_shops();
        let logs = [
            vec![write(1, 1, 1, 0, By::Order), write(3, 1, 0, 1, By::Order)],
            vec![write(2, 9, 1, 0, By::Us), write(4, 9, 0, 1, By::Us)],
        ];
        let truth = follow_through(&followed, &start, &logs);
        assert_eq!((truth.oversold, truth.oversold_by_shops, truth.blind_raises), (0, 0, 0));
        assert_eq!(truth.left["A"], 1);
    }
}
