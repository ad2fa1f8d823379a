//! Making bundles: items that are sold as one and are made of others.

use std::sync::Arc;

use domain::allocation::Allocation;
use domain::bundle::{NoBundle, Part, makes, parts_of};
use domain::link::Link;
use domain::product::Sku;
use domain::stock::Balance;
use domain::work::Change;
use domain::{Delta, ItemId, OnHand, OrgId, TaskId};
use futures::future::try_join_all;
use platform::Clock;
use ports::{Compose, Guard, ItemRecord, Ledger, Moved};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::dispatch::Dispatch;
use crate::{HubError, Outside, Result};

/// How often a bundle whose parts are sold meanwhile is decided again.
const DECISIONS: usize = 12;

/// A part of a bundle, with what there is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartOf {
    /// The item.
    pub item: ItemId,
    /// Its SKU.
    pub sku: Sku,
    /// What people call it.
    pub title: String,
    /// Units of it in one bundle.
    pub units: Decimal,
    /// Units of it that may be sold.
    pub available: OnHand,
    /// For so many bundles it is enough.
    pub enough_for: OnHand,
}

/// A bundle that an item is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsedIn {
    /// The bundle.
    pub item: ItemId,
    /// Its SKU.
    pub sku: Sku,
    /// What people call it.
    pub title: String,
    /// Units of the item in one of them.
    pub units: Decimal,
}

/// What an item is made of, and what is made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// The item.
    pub item: ItemId,
    /// Its SKU.
    pub sku: Sku,
    /// Its parts; none if it is no bundle.
    pub parts: Vec<PartOf>,
    /// How many of it may be sold.
    pub available: OnHand,
    /// The bundles that it is a part of.
    pub used_in: Vec<UsedIn>,
}

/// Making bundles.
#[derive(Clone)]
pub struct Bundles {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    dispatch: Dispatch,
}

impl Bundles {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            ledger: Arc::clone(&outside.ledger),
            clock: Arc::clone(&outside.clock),
            dispatch: Dispatch::new(outside),
        }
    }

    /// What an item is made of, and what is made of it.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such item.
    pub async fn recipe(&self, org: &OrgId, id: &ItemId) -> Result<Recipe> {
        recipe(&*self.ledger, org, id).await
    }

    /// Makes an item a bundle of these parts, or gives a bundle others; with none, it is an ordinary item again, of
    /// which nothing is there. Orders that were booked with other parts keep those.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for parts that make no bundle; [`HubError::Conflict`] where the item or a part cannot be
    /// in one as it stands.
    pub async fn make(&self, org: &OrgId, item: &ItemId, parts: &[Part]) -> Result<Recipe> {
        if parts.is_empty() {
            return self.compose(org, item, Vec::new()).await;
        }
        let parts = parts_of(item, parts).map_err(|why: NoBundle| HubError::Invalid(why.to_string()))?;
        for part in &parts {
            self.item(org, &part.item).await?;
        }
        self.compose(org, item, parts).await
    }

    async fn item(&self, org: &OrgId, id: &ItemId) -> Result<ItemRecord> {
        self.ledger.item(org, id).await?.ok_or_else(|| HubError::not_found("item", id))
    }

    async fn compose(&self, org: &OrgId, id: &ItemId, parts: Vec<Part>) -> Result<Recipe> {
        let item = self.item(org, id).await?;
        for _ in 0..DECISIONS {
            let balance = self.ledger.balance(org, id).await?;
            if balance.parts == parts {
                return self.recipe(org, id).await;
            }
            self.may_be_made(org, &item, &balance).await?;
            let has = |parts: &[Part], item: &ItemId| parts.iter().any(|part| part.item == *item);
            let mut added = Vec::new();
            for part in parts.iter().filter(|part| !has(&balance.parts, &part.item)) {
                added.push(self.may_be_part(org, &part.item).await?);
            }
            let old = balance.parts.iter().map(|part| part.item.clone());
            let compose = Compose {
                org: org.clone(),
                item: id.clone(),
                read: balance.version,
                added,
                removed: old.filter(|item| !has(&parts, item)).collect(),
                parts: parts.clone(),
                change: Change {
                    id: TaskId::derive(&[id.as_str(), "composed", &balance.version.to_string()]),
                    org: org.clone(),
                    item: id.clone(),
                    also: Vec::new(),
                    available: Delta::ZERO,
                    at: self.clock.now(),
                },
            };
            if self.ledger.compose(&compose).await? == Moved::Done {
                self.dispatch.changes(org, &[compose.change]).await?;
                return self.recipe(org, id).await;
            }
        }
        Err(HubError::Conflict("the item or its parts are moved all the time: try again".into()))
    }

    /// Whether an item may be a bundle, as its balance says.
    async fn may_be_made(&self, org: &OrgId, item: &ItemRecord, balance: &Balance) -> Result<()> {
        let sku = &item.sku;
        if balance.used_in > 0 {
            return Err(HubError::Conflict(format!(
                "{sku} is a part of {} bundle(s), and bundles are not made of bundles: name its own parts there",
                balance.used_in
            )));
        }
        let is_new = balance.parts.is_empty();
        if is_new && (balance.on_hand != OnHand::ZERO || !balance.reserved.is_zero()) {
            return Err(HubError::Conflict(format!(
                "{} of {sku} are on hand and {} are set aside, and a bundle has no stock of its own: send what is \
                 owed, count the rest to nothing, and book it as received where its parts are",
                balance.on_hand,
                balance.reserved.units().normalize()
            )));
        }
        let links = self.ledger.links_of(org, &item.id).await?;
        if links.iter().any(owns_units) {
            return Err(owned(sku));
        }
        for link in links.iter().filter(|link| link.explained.is_none()) {
            if !self.ledger.owed(org, &link.id).await?.is_zero() {
                return Err(HubError::Conflict(format!(
                    "a store that sells {sku} is still joining, and owes some of it: say what it is made of when the \
                     store has joined"
                )));
            }
        }
        Ok(())
    }

    /// Whether an item may be a part, with the version of its balance that says so.
    async fn may_be_part(&self, org: &OrgId, id: &ItemId) -> Result<Guard> {
        let item = self.item(org, id).await?;
        let balance = self.ledger.balance(org, id).await?;
        if !balance.parts.is_empty() {
            return Err(HubError::Conflict(format!(
                "{} is a bundle, and bundles are not made of bundles: name its parts instead",
                item.sku
            )));
        }
        if balance.divided && self.ledger.links_of(org, id).await?.iter().any(owns_units) {
            return Err(owned(&item.sku));
        }
        Ok(Guard { item: id.clone(), version: balance.version })
    }
}

fn owns_units(link: &Link) -> bool {
    matches!(link.allocation, Some(Allocation::Quota { .. }))
}

fn owned(sku: &Sku) -> HubError {
    HubError::Conflict(format!(
        "units of {sku} belong to single shops, and a bundle would sell them, too: let the shops share them first"
    ))
}

/// What an item is made of, and what is made of it.
pub(crate) async fn recipe(ledger: &dyn Ledger, org: &OrgId, id: &ItemId) -> Result<Recipe> {
    let item = ledger.item(org, id).await?.ok_or_else(|| HubError::not_found("item", id))?;
    let balance = ledger.balance(org, id).await?;
    let mut parts = Vec::with_capacity(balance.parts.len());
    let mut balances = Vec::with_capacity(balance.parts.len());
    for part in &balance.parts {
        let known = ledger.item(org, &part.item).await?;
        let known = known.ok_or_else(|| HubError::not_found("item", &part.item))?;
        let there = ledger.balance(org, &part.item).await?;
        parts.push(PartOf {
            item: known.id,
            sku: known.sku,
            title: known.title,
            units: part.units,
            available: there.available(),
            enough_for: makes(std::slice::from_ref(part), std::slice::from_ref(&there)),
        });
        balances.push(there);
    }
    let available = if parts.is_empty() { balance.available() } else { makes(&balance.parts, &balances) };
    let mut used_in = Vec::new();
    if balance.used_in > 0 {
        for bundle in ledger.bundles_of(org, id).await? {
            let made = ledger.balance(org, &bundle).await?.parts;
            let (Some(part), Some(known)) =
                (made.into_iter().find(|part| part.item == *id), ledger.item(org, &bundle).await?)
            else {
                continue;
            };
            used_in.push(UsedIn { item: bundle, sku: known.sku, title: known.title, units: part.units });
        }
    }
    Ok(Recipe { item: item.id, sku: item.sku, parts, available, used_in })
}

/// The balances of a bundle's parts; none of an ordinary item.
pub(crate) async fn balances_of(ledger: &dyn Ledger, org: &OrgId, parts: &[Part]) -> Result<Vec<Balance>> {
    Ok(try_join_all(parts.iter().map(|part| ledger.balance(org, &part.item))).await?)
}

/// How many units of an item may be sold, whether it is a bundle or not.
///
/// # Errors
/// What the ledger says.
pub async fn available_of(ledger: &dyn Ledger, org: &OrgId, balance: &Balance) -> Result<OnHand> {
    if balance.parts.is_empty() {
        return Ok(balance.available());
    }
    Ok(makes(&balance.parts, &balances_of(ledger, org, &balance.parts).await?))
}
