//! What merchants decided about their numbers, and which numbers are being raised.
//!
//! The raises of a store are one row with an attribute for each five minutes: a set of names of links. Adding to it and
//! reading what stands there is one call, and adding the same twice is adding it once.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::rules::{Authority, Rules};
use domain::{ItemId, LinkId, OrgId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Decisions, OwnAuthority, Page, RAISES_TOGETHER, Result, Written};

use crate::Table;
use crate::table::{Key, Query, Row, Took, Write, key, n, put_document, read_document};

/// Attributes of raises begin so.
const SLICE: &str = "raised_";
/// So many characters name a link among the raised ones of a store: a million of a million different ones.
const NAME: usize = 8;
/// So many old attributes are left before they are taken out.
const LEFT: usize = 24;
/// A row of raises that is not added to is kept for three days.
const KEPT_SECONDS: i64 = 3 * 24 * 3600;

fn rules_of(org: &OrgId) -> Key {
    Key::new(key::rules(org), "rules")
}

fn own(org: &OrgId, item: &ItemId) -> Key {
    Key::new(key::rules(org), format!("item#{item}"))
}

#[async_trait]
impl Decisions for Table {
    async fn rules(&self, org: &OrgId) -> Result<Option<Rules>> {
        self.get("decisions.rules", &rules_of(org)).await?.map(|row| read_document(&row)).transpose()
    }

    async fn put_rules(&self, rules: &Rules) -> Result<Written> {
        let stored = Rules { version: rules.version + 1, ..rules.clone() };
        let mut row = Row::new();
        put_document(&mut row, &stored)?;
        row.insert("version".into(), n(stored.version));
        let write = Write::put(rules_of(&rules.org), row);
        let write = match rules.version {
            0 => write.if_new(),
            read => write.when("#version = :read").with(":read", n(read)),
        };
        Ok(match self.one("decisions.put_rules", write).await? {
            Took::Done(_) => Written::Done,
            Took::Refused(_) => Written::Raced,
        })
    }

    async fn own_authority(&self, org: &OrgId, item: &ItemId) -> Result<Option<Authority>> {
        let row = self.get("decisions.own_authority", &own(org, item)).await?;
        Ok(row.map(|row| read_document::<OwnAuthority>(&row)).transpose()?.map(|own| own.authority))
    }

    async fn set_own_authority(
        &self,
        org: &OrgId,
        item: &ItemId,
        authority: Option<&Authority>,
    ) -> Result<()> {
        const OP: &str = "decisions.set_own_authority";
        let write = match authority {
            None => Write::delete(own(org, item)),
            Some(authority) => {
                let mut row = Row::new();
                put_document(&mut row, &OwnAuthority { item: item.clone(), authority: authority.clone() })?;
                Write::put(own(org, item), row)
            }
        };
        self.one(OP, write).await.map(|_| ())
    }

    async fn own_authorities(&self, org: &OrgId, ask: &Ask) -> Result<Page<OwnAuthority>> {
        let query = Query::rows(key::rules(org)).prefix("item#");
        let page = self.page("decisions.own_authorities", &query, ask).await?;
        Ok(Page { items: page.items.iter().map(read_document).collect::<Result<_>>()?, next: page.next })
    }

    async fn note_raises(
        &self,
        org: &OrgId,
        store: &StoreId,
        links: &[LinkId],
        now: Timestamp,
        since: Timestamp,
    ) -> Result<u64> {
        const OP: &str = "decisions.note_raises";
        if links.is_empty() {
            return Ok(0);
        }
        let (slice, oldest) = (slice_of(now), slice_of(since));
        let row = key::raises(org, store);
        let names: BTreeSet<String> = links.iter().map(name_of).collect();
        let expires = u64::try_from(now.as_second() + KEPT_SECONDS).unwrap_or(0);
        let add = Write::update(row.clone(), format!("SET #expires = :expires ADD #{SLICE}{slice} :links"))
            .with(":expires", n(expires))
            .with(":links", AttributeValue::Ss(names.into_iter().collect()));
        let (Took::Done(standing) | Took::Refused(standing)) = self.one(OP, add).await?;
        let mut raised: BTreeSet<&str> = BTreeSet::new();
        let mut old: Vec<&String> = Vec::new();
        for (attribute, value) in &standing {
            let Some(at) = attribute.strip_prefix(SLICE).and_then(|at| at.parse::<i64>().ok()) else {
                continue;
            };
            if at < oldest {
                old.push(attribute);
            } else if let Ok(names) = value.as_ss() {
                raised.extend(names.iter().map(String::as_str));
            }
        }
        let raised = u64::try_from(raised.len()).unwrap_or(u64::MAX);
        if old.len() > LEFT {
            let old: Vec<String> = old.into_iter().map(|attribute| format!("#{attribute}")).collect();
            let tidy = Write::update(row, format!("REMOVE {}", old.join(", ")));
            self.one(OP, tidy).await?;
        }
        Ok(raised)
    }
}

/// The five minutes that a time belongs to.
fn slice_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(RAISES_TOGETHER)
}

/// The end of a link's id, which differs the most.
fn name_of(link: &LinkId) -> String {
    let text = link.as_str();
    text.get(text.len().saturating_sub(NAME)..).unwrap_or(text).to_owned()
}
