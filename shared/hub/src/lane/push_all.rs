//! All of a store's numbers, once a change of the store is made: the work stands in the lane before the change does, so
//! that whoever dies between the two loses none.

use domain::work::{LaneWork, Priority, Verb};
use jiff::SignedDuration;
use ports::Ask;

use super::push::HELD;
use super::{Lane, SHIFT, Turn};
use crate::Result;
use crate::access::Shop;
use crate::stores::push_all;

/// Links that are looked at together.
const PAGE: u32 = 200;
/// How long the change is waited for: whoever was about to make it is dead by then, or was refused.
const AWAITED: SignedDuration = SignedDuration::from_mins(5);

impl Lane {
    /// Puts the work for a store's numbers into its lane, some pages at a time.
    pub(super) async fn push_all(
        &self,
        shop: &Shop,
        work: &LaneWork,
        (version, after): (u64, Option<String>),
    ) -> Result<Turn> {
        let store = &shop.store;
        let began = self.clock.now();
        if store.version < version && began < work.since + AWAITED {
            return Ok(Turn::Next(began + HELD));
        }
        let mut ask = Ask::after(PAGE, after);
        loop {
            let page = self.ledger.links_of_store(&store.org, &store.id, &ask).await?;
            let now = self.clock.now();
            let mut pushes: Vec<LaneWork> = page
                .items
                .iter()
                .filter(|link| link.explained.is_some())
                .map(|link| {
                    let verb = Verb::Push { link: link.id.clone() };
                    LaneWork::new(&store.org, &store.id, Priority::Raise, verb, now)
                })
                .collect();
            let late = now.duration_since(began) > SHIFT;
            let (goes_on, next) = if late { (page.next, None) } else { (None, page.next) };
            pushes.extend(goes_on.map(|after| push_all(store, (version, Some(after)), now)));
            self.dispatch.work(&pushes).await?;
            if next.is_none() {
                return Ok(Turn::Done);
            }
            ask = Ask::after(PAGE, next);
        }
    }
}
