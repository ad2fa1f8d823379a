//! Units that a person moved.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deed::Deed;
use crate::stock::Entry;
use crate::{Delta, EntryId, ItemId, OnHand};

/// Units that a person moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedByHand {
    /// The item.
    pub item: ItemId,
    /// What was done.
    pub deed: Deed,
    /// What lay by the books at its first location.
    pub lay: OnHand,
    /// Why, in the person's words.
    pub note: String,
    /// Who did it: the name of an API key or the id of a user.
    pub actor: String,
    /// The names of the lines, which come from the key that the caller gave.
    pub names: Vec<EntryId>,
}

impl MovedByHand {
    pub(super) fn lines(&self, at: Timestamp) -> Vec<Entry> {
        let line = |((kind, location, on_hand), id): (_, &EntryId)| Entry {
            id: id.clone(),
            item: self.item.clone(),
            location,
            kind,
            on_hand,
            reserved: Delta::ZERO,
            cause: self.deed.cause(&self.note),
            actor: Some(self.actor.clone()),
            at,
        };
        self.deed.movements(self.lay).into_iter().zip(&self.names).map(line).collect()
    }
}
