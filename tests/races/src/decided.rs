//! What merchants decide before a history begins: whose number counts.

use std::sync::Arc;

use domain::rules::{Authority, RaiseLimit, Rules};
use domain::{OrgId, StoreId};
use memory::Memory;
use ports::Decisions;

use crate::gate::Gate;
use crate::gated::{Begun, Gated, at_once};
use crate::shop::sku;

/// Beginnings whose merchants decided whose number counts.
pub const DECIDED: std::ops::Range<u64> = 112..160;
/// From this one on, raises of two numbers of a shop within a minute are too many.
const FEW_RAISES: u64 = 144;

/// What merchants decide, where they decided something.
pub fn decisions(
    gate: &Arc<Gate>,
    memory: &Arc<Memory>,
    begun: &Arc<Begun>,
    orgs: &[OrgId],
) -> Option<Arc<dyn Decisions>> {
    let decides = |org: &OrgId| at_once(memory.rules(org)).expect("memory never fails").is_some();
    orgs.iter().any(decides).then(|| Arc::new(Gated::new(gate, memory, begun)) as Arc<dyn Decisions>)
}

/// Merchants decide whose number counts: the books', a store's, or one for most items and another for two.
pub fn decide(memory: &Memory, number: u64, orgs: &[OrgId; 2], stores: &[StoreId]) {
    let owner = |store: &StoreId| Authority::Store { store: store.clone() };
    let authorities = match number % 4 {
        0 => [owner(&stores[0]), owner(&stores[3])],
        1 => [owner(&stores[1]), Authority::Hub],
        _ => [Authority::Hub, Authority::Hub],
    };
    for (org, authority) in orgs.iter().zip(authorities) {
        let mut rules = Rules { authority, ..Rules::of(org) };
        if number >= FEW_RAISES {
            rules.raises = RaiseLimit { window_minutes: 1, share_percent: 50, links: 2 };
        }
        at_once(memory.put_rules(&rules)).expect("memory never fails");
    }
    if number % 4 == 3 {
        for (item, authority) in [(0, owner(&stores[2])), (1, Authority::Ask)] {
            let item = hub::listings::item_of(&orgs[0], &sku(item));
            at_once(memory.set_own_authority(&orgs[0], &item, Some(&authority))).expect("memory never fails");
        }
    }
}
