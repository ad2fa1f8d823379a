//! The places where a merchant's items lie, and which of them a store sells from.

use std::sync::Arc;

use domain::location::Location;
use domain::store::Store;
use domain::{LocationId, OrgId, StoreId};
use platform::Clock;
use ports::{Directory, Ledger, Written};

use crate::access::Access;
use crate::{HubError, Outside, Result};

/// The longest name.
const LONGEST: usize = 60;

/// Naming locations.
#[derive(Clone)]
pub struct Locations {
    directory: Arc<dyn Directory>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    access: Access,
}

impl Locations {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            directory: Arc::clone(&outside.directory),
            ledger: Arc::clone(&outside.ledger),
            clock: Arc::clone(&outside.clock),
            access: Access::new(outside),
        }
    }

    /// The locations of a merchant: the main one is always there and comes first.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn all(&self, org: &OrgId) -> Result<Vec<Location>> {
        Ok(self.ledger.locations(org).await?)
    }

    /// One location.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such location.
    pub async fn one(&self, org: &OrgId, id: &LocationId) -> Result<Location> {
        let found = self.all(org).await?.into_iter().find(|location| location.id == *id);
        found.ok_or_else(|| HubError::not_found("location", id))
    }

    /// Adds a location; a second call with the same name finds it there.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for a name that is none.
    pub async fn add(&self, org: &OrgId, name: &str) -> Result<Location> {
        let name = read(name)?;
        let known = self.all(org).await?;
        if let Some(same) = known.iter().find(|location| same(&location.name, &name)) {
            return Ok(same.clone());
        }
        // The id comes from the name, so that two calls at once name one location; one that was renamed since
        // keeps its own.
        let id = (0_u32..)
            .map(|turn| LocationId::derive(&[org.as_str(), &name.to_lowercase(), &turn.to_string()]))
            .find(|id| !known.iter().any(|location| location.id == *id))
            .ok_or_else(|| HubError::Conflict("there are too many locations".into()))?;
        let location = Location { id, name, created_at: self.clock.now() };
        self.ledger.put_location(org, &location).await?;
        Ok(location)
    }

    /// Gives a location another name.
    ///
    /// # Errors
    /// [`HubError::Conflict`] if another location has that name.
    pub async fn rename(&self, org: &OrgId, id: &LocationId, name: &str) -> Result<Location> {
        let name = read(name)?;
        let known = self.all(org).await?;
        if known.iter().any(|location| location.id != *id && same(&location.name, &name)) {
            return Err(HubError::Conflict(format!(
                "another location is called `{name}`: give this one another name"
            )));
        }
        let location = known
            .into_iter()
            .find(|location| location.id == *id)
            .ok_or_else(|| HubError::not_found("location", id))?;
        let location = Location { name, ..location };
        self.ledger.put_location(org, &location).await?;
        Ok(location)
    }

    /// Says from which location a store sells. Orders that are booked already stay with theirs.
    ///
    /// # Errors
    /// [`HubError::NotFound`] if there is no such store or location.
    pub async fn sell_from(&self, org: &OrgId, store: &StoreId, id: &LocationId) -> Result<Store> {
        self.one(org, id).await?;
        for _ in 0..8 {
            let mut store = self.access.store(org, store).await?;
            store.location = id.clone();
            if self.directory.change_store(&store).await? == Written::Done {
                store.version += 1;
                return Ok(store);
            }
        }
        Err(HubError::Conflict("the store is changed by others at the same time: try again".into()))
    }
}

fn read(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(HubError::Invalid("a location's name has from 1 to 60 characters".into()));
    }
    Ok(name.to_owned())
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
