//! A merchant's rules: reading them, and changing what is safe to change.

use std::sync::Arc;

use domain::OrgId;
use domain::rules::{RaiseLimit, Rules};
use ports::{Directory, Written};
use serde::Deserialize;

use crate::outside::decisions;
use crate::{HubError, Outside, Result};

/// How often a change that others race with is tried.
const TRIES: usize = 8;

/// Merchants' rules.
#[derive(Clone)]
pub struct RuleBook {
    directory: Arc<dyn Directory>,
}

/// What is to be changed of a merchant's rules; what is left out stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleChange {
    /// The length of the window in which raises are counted, in minutes.
    pub window_minutes: Option<u32>,
    /// Of a hundred numbers of a store, so many may be raised within the window.
    pub share_percent: Option<u32>,
    /// Fewer raised numbers than this never stop.
    pub links: Option<u32>,
    /// How long an order may stand unpaid before its shop is asked about it, in days.
    pub unpaid_days: Option<u32>,
}

impl RuleBook {
    /// Takes what it needs.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self { directory: Arc::clone(&outside.directory) }
    }

    /// A merchant's rules; the defaults where nothing was decided.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn rules(&self, org: &OrgId) -> Result<Rules> {
        let Some(decisions) = self.directory.decisions() else { return Ok(Rules::of(org)) };
        Ok(decisions.rules(org).await?.unwrap_or_else(|| Rules::of(org)))
    }

    /// Changes the rules that a person gives as numbers.
    ///
    /// # Errors
    /// [`HubError::Invalid`] for a number out of its bounds.
    pub async fn set(&self, org: &OrgId, change: RuleChange) -> Result<Rules> {
        let within = |what: &str, number: Option<u32>, least: u32, most: u32| match number {
            Some(number) if !(least..=most).contains(&number) => {
                Err(HubError::Invalid(format!("`{what}` is a number from {least} to {most}")))
            }
            _ => Ok(()),
        };
        within("window_minutes", change.window_minutes, 10, 1440)?;
        within("share_percent", change.share_percent, 1, 100)?;
        within("links", change.links, 1, 100_000)?;
        within("unpaid_days", change.unpaid_days, 1, 365)?;
        self.change(org, |rules| {
            let RaiseLimit { window_minutes, share_percent, links } = rules.raises;
            rules.raises = RaiseLimit {
                window_minutes: change.window_minutes.unwrap_or(window_minutes),
                share_percent: change.share_percent.unwrap_or(share_percent),
                links: change.links.unwrap_or(links),
            };
            rules.unpaid_days = change.unpaid_days.unwrap_or(rules.unpaid_days);
        })
        .await
    }

    /// Changes a merchant's rules as they stand.
    pub(crate) async fn change(
        &self,
        org: &OrgId,
        mut change: impl FnMut(&mut Rules) + Send,
    ) -> Result<Rules> {
        let decisions = decisions(&self.directory)?;
        for _ in 0..TRIES {
            let mut rules = decisions.rules(org).await?.unwrap_or_else(|| Rules::of(org));
            change(&mut rules);
            if decisions.put_rules(&rules).await? == Written::Done {
                return Ok(Rules { version: rules.version + 1, ..rules });
            }
        }
        Err(HubError::Conflict("the rules are changed by others at the same time: try again".into()))
    }
}
