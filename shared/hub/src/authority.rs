//! Whose number counts where a shop's and the books' part: a merchant's rule, and rules of items.

use std::sync::Arc;

use domain::exception::ExceptionKind;
use domain::product::Sku;
use domain::rules::Authority;
use domain::store::{Condition, Store};
use domain::work::{LaneWork, Priority, Verb};
use domain::{ItemId, LinkId, OrgId, StoreId};
use platform::Clock;
use ports::{Ask, Directory, Journal, Ledger, OwnAuthority, Page};
use serde::Serialize;

use crate::dispatch::Dispatch;
use crate::outside::decisions;
use crate::rules::RuleBook;
use crate::settle::Right;
use crate::{HubError, Outside, Result};

/// Exceptions that are read together.
const PAGE: u32 = 200;

/// Whose number counts for an item, and where that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// Whose number counts.
    #[serde(flatten)]
    pub authority: Authority,
    /// Whether it was decided for this item alone.
    pub own: bool,
}

impl Ruling {
    /// Who is right about the number of a store; none if a person says so.
    #[must_use]
    pub fn right_about(&self, store: &StoreId) -> Option<Right> {
        match &self.authority {
            Authority::Ask => None,
            Authority::Store { store: owner } if owner == store => Some(Right::Shop),
            Authority::Hub | Authority::Store { .. } => Some(Right::Books),
        }
    }

    /// Where it was said, for the trace of what follows from it.
    #[must_use]
    pub fn said(&self) -> String {
        let whose = if self.own { "the item's" } else { "the merchant's" };
        let owner = match self.authority {
            Authority::Hub => "the hub counts",
            Authority::Store { .. } => "a store counts",
            Authority::Ask => "a person says",
        };
        format!("by {whose} rule: {owner}")
    }
}

/// The rule of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemRule {
    /// The item.
    pub item: ItemId,
    /// Its SKU.
    pub sku: Sku,
    /// Whose number counts.
    pub authority: Authority,
}

/// Whose number counts.
#[derive(Clone)]
pub struct Authorities {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    book: RuleBook,
    dispatch: Dispatch,
}

impl Authorities {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            journal: Arc::clone(&outside.journal),
            clock: Arc::clone(&outside.clock),
            book: RuleBook::new(outside),
            dispatch: Dispatch::new(outside),
        }
    }

    /// Whose number counts for an item.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn of(&self, org: &OrgId, item: &ItemId) -> Result<Ruling> {
        if let Some(decisions) = self.directory.decisions()
            && let Some(authority) = decisions.own_authority(org, item).await?
        {
            return Ok(Ruling { authority, own: true });
        }
        Ok(Ruling { authority: self.book.rules(org).await?.authority, own: false })
    }

    /// Items that have a rule of their own.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn own(&self, org: &OrgId, ask: &Ask) -> Result<Page<ItemRule>> {
        let page = decisions(&self.directory)?.own_authorities(org, ask).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for OwnAuthority { item, authority } in page.items {
            let Some(record) = self.ledger.item(org, &item).await? else { continue };
            items.push(ItemRule { item, sku: record.sku, authority });
        }
        Ok(Page { items, next: page.next })
    }

    /// Decides whose number counts where an item has no rule of its own. What a person is asked about already is
    /// looked at again, and settled by the new rule.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store, [`HubError::Conflict`] if it was taken out.
    pub async fn decide(&self, org: &OrgId, authority: Authority) -> Result<Ruling> {
        self.is_sound(org, &authority).await?;
        let rules = self.book.change(org, |rules| rules.authority = authority.clone()).await?;
        self.look_again(org, None).await?;
        Ok(Ruling { authority: rules.authority, own: false })
    }

    /// Decides whose number counts for an item alone, or has it follow the merchant's rule again.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such item or store, [`HubError::Conflict`] if the store was taken out.
    pub async fn decide_for(
        &self,
        org: &OrgId,
        item: &ItemId,
        authority: Option<Authority>,
    ) -> Result<Ruling> {
        if self.ledger.item(org, item).await?.is_none() {
            return Err(HubError::not_found("item", item));
        }
        if let Some(authority) = &authority {
            self.is_sound(org, authority).await?;
        }
        decisions(&self.directory)?.set_own_authority(org, item, authority.as_ref()).await?;
        self.look_again(org, Some(item)).await?;
        self.of(org, item).await
    }

    async fn is_sound(&self, org: &OrgId, authority: &Authority) -> Result<()> {
        let Authority::Store { store } = authority else { return Ok(()) };
        let found: Option<Store> = self.directory.store(org, store).await?;
        let found = found.ok_or_else(|| HubError::not_found("store", store))?;
        if found.condition == Condition::Disconnected {
            let name = &found.name;
            return Err(HubError::Conflict(format!("{name} was taken out: name a store that is connected")));
        }
        Ok(())
    }

    /// Has the numbers looked at that a person is asked about: of all items, or of one.
    async fn look_again(&self, org: &OrgId, only: Option<&ItemId>) -> Result<()> {
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.journal.exceptions(org, false, &ask).await?;
            let now = self.clock.now();
            let mut work = Vec::new();
            for one in page.items.iter().filter(|one| one.kind == ExceptionKind::Unexplained) {
                let of_item = |item: &ItemId| one.facts.get("item").is_some_and(|fact| fact == item.as_str());
                if only.is_some_and(|item| !of_item(item)) {
                    continue;
                }
                let link = one.facts.get("link").and_then(|text| text.parse::<LinkId>().ok());
                if let (Some(link), Some(store)) = (link, &one.store) {
                    work.push(LaneWork::new(org, store, Priority::Raise, Verb::Check { link }, now));
                }
            }
            self.dispatch.work(&work).await?;
            if page.next.is_none() {
                return Ok(());
            }
            ask = Ask::after(PAGE, page.next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_right_about_its_own_number_and_the_books_about_all_others() {
        let (own, other) = (StoreId::derive(&["own"]), StoreId::derive(&["other"]));
        let ruling = |authority| Ruling { authority, own: false };
        let table = [
            (Authority::Ask, None, None),
            (Authority::Hub, Some(Right::Books), Some(Right::Books)),
            (Authority::Store { store: own.clone() }, Some(Right::Shop), Some(Right::Books)),
        ];
        for (authority, about_own, about_other) in table {
            let ruling = ruling(authority);
            assert_eq!((ruling.right_about(&own), ruling.right_about(&other)), (about_own, about_other));
        }
    }
}
