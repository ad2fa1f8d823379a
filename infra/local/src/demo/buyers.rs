//! Buyers, and a merchant who cancels, refunds and ships, in all shops at once.

use std::time::Duration;

use super::stand::Stand;
use super::truth::Followed;

/// How often somebody comes.
const EVERY: Duration = Duration::from_millis(150);

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bustle {
    /// Orders placed.
    pub(crate) orders: u64,
    /// Buyers who came too late.
    pub(crate) refused: u64,
    /// Orders cancelled, refunded or shipped.
    pub(crate) changed: u64,
}

/// A small deterministic generator (SplitMix64): the demo needs variety, not secrecy.
struct Variety(u64);

impl Variety {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(u64::try_from(from.len()).ok()?)).ok()?;
        from.get(index)
    }
}

/// Lets buyers come for a time, while webhooks are duplicated, reordered and dropped.
pub(crate) async fn bustle(shops: &[Stand], followed: &Followed, time: Duration, seed: u64) -> Bustle {
    for shop in shops {
        shop.trouble(true);
    }
    let mut variety = Variety(seed);
    let (scarce, plenty) = shelves(shops, followed);
    let mut placed: Vec<Vec<(u64, u64)>> = vec![Vec::new(); shops.len()];
    let mut done = Bustle::default();
    let mut ticks = tokio::time::interval(EVERY);
    let end = tokio::time::Instant::now() + time;
    while tokio::time::Instant::now() < end {
        ticks.tick().await;
        let index = usize::try_from(variety.below(u64::try_from(shops.len()).unwrap_or(1))).unwrap_or(0);
        let Some(shop) = shops.get(index) else { continue };
        if variety.below(100) < 82 {
            let from = if variety.below(100) < 55 { &scarce } else { &plenty };
            let Some(places) = variety.pick(from) else { continue };
            let Some((_, id)) = places.iter().find(|(at, _)| *at == index) else { continue };
            let units = i64::try_from(1 + variety.below(10) / 8).unwrap_or(1);
            match shop.buy(*id, units) {
                Some(order) => {
                    done.orders += 1;
                    placed.get_mut(index).into_iter().for_each(|list| list.push(order));
                }
                None => done.refused += 1,
            }
        } else {
            let Some(list) = placed.get_mut(index).filter(|list| !list.is_empty()) else { continue };
            let bound = u64::try_from(list.len()).unwrap_or(1);
            let (order, line) = list.swap_remove(usize::try_from(variety.below(bound)).unwrap_or(0));
            let changed = match variety.below(3) {
                0 => shop.cancel(order),
                1 => shop.refund(order, line),
                _ => shop.send_off(order),
            };
            done.changed += u64::from(changed);
        }
    }
    for shop in shops {
        shop.trouble(false);
    }
    done
}

type Places = Vec<(usize, u64)>;

/// Items of which few are left, and the others; each with its listings.
fn shelves(shops: &[Stand], followed: &Followed) -> (Vec<Places>, Vec<Places>) {
    let (mut scarce, mut plenty) = (Vec::new(), Vec::new());
    for places in followed.0.values() {
        let places: Places = places.iter().map(|(shop, id)| (*shop, *id)).collect();
        let few = places.len() > 1
            && places.iter().all(|(shop, id)| {
                let left = shops.get(*shop).and_then(|shop| shop.quantity(*id));
                left.is_some_and(|left| (1..=3).contains(&left))
            });
        if few { scarce.push(places) } else { plenty.push(places) }
    }
    (scarce, plenty)
}
