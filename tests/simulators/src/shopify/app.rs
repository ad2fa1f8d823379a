//! The app in the shop: its secrets, scopes and tokens.

use super::clock::Millis;
use super::config::{App, Config};
use crate::ground::random::Random;
use std::collections::{BTreeSet, HashMap};

/// How long an offline token that expires lives.
pub(crate) const ACCESS_LIFE: Millis = 3_600_000;
/// How long a token for client credentials lives.
pub(crate) const CREDENTIALS_LIFE: Millis = 86_399_000;
/// How long a refresh token lives.
pub(crate) const REFRESH_LIFE: Millis = 90 * super::clock::DAY;
/// How long a refresh token may be used again after its first use.
pub(crate) const REUSE_LIFE: Millis = 30 * super::clock::DAY;

/// An access token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) access: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) expires: Option<Millis>,
}

/// A refresh token and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) born: Millis,
    pub(crate) first_used: Option<Millis>,
    /// The token it replaces, which it retires when it is first used.
    pub(crate) parent: Option<String>,
    pub(crate) retired: bool,
    pub(crate) scopes: BTreeSet<String>,
}

/// A code on its way back to the app.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) expires: Millis,
}

/// Everything that was granted to the app.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    pub(crate) app: App,
    pub(crate) installed: bool,
    /// The merchant pressed Install once: the same scopes need no second page.
    pub(crate) approved: bool,
    /// What the merchant granted.
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) refreshes: HashMap<String, Refresh>,
    pub(crate) codes: HashMap<String, Code>,
    /// Static tokens that were exchanged for ones that expire, with the answer given.
    pub(crate) migrated: HashMap<String, (Millis, String)>,
    /// The next grant leaves these out.
    pub(crate) withheld: BTreeSet<String>,
    /// So many refreshes are done and then not answered.
    pub(crate) lose_refreshes: u32,
}

impl Grants {
    pub(crate) fn new(config: &Config, random: &mut Random) -> Self {
        let mut app = config.app.clone();
        let fill = |slot: &mut String, made: String| {
            if slot.is_empty() {
                *slot = made;
            }
        };
        fill(&mut app.client_id, random.hex(32));
        fill(&mut app.client_secret, format!("shpss_{}", random.hex(32)));
        if app.api_client_id == 0 {
            app.api_client_id = 340_000_000_000 + random.below(9_000_000_000);
        }
        let scopes = app.scopes.iter().cloned().collect();
        Self { app, scopes, installed: true, ..Self::default() }
    }

    /// The secret that signs: the oldest that is not revoked.
    pub(crate) fn signing_secret(&self) -> String {
        self.app.old_client_secret.clone().unwrap_or_else(|| self.app.client_secret.clone())
    }

    /// Whether this is one of the app's secrets.
    pub(crate) fn knows_secret(&self, secret: &str) -> bool {
        secret == self.app.client_secret || Some(secret) == self.app.old_client_secret.as_deref()
    }

    /// Makes an access token.
    pub(crate) fn issue(
        &mut self,
        random: &mut Random,
        scopes: &BTreeSet<String>,
        expires: Option<Millis>,
    ) -> String {
        let access = format!("shpat_{}", random.hex(32));
        let token = Token { access: access.clone(), scopes: scopes.clone(), expires };
        self.tokens.insert(access.clone(), token);
        self.installed = true;
        access
    }

    /// Makes a refresh token.
    pub(crate) fn issue_refresh(
        &mut self,
        random: &mut Random,
        scopes: &BTreeSet<String>,
        parent: Option<String>,
        now: Millis,
    ) -> String {
        let token = format!("shprt_{}", random.hex(32));
        let row = Refresh { born: now, first_used: None, parent, retired: false, scopes: scopes.clone() };
        self.refreshes.insert(token.clone(), row);
        token
    }

    /// The live token of this text.
    pub(crate) fn token(&self, access: &str, now: Millis) -> Option<&Token> {
        self.tokens.get(access).filter(|token| token.expires.is_none_or(|at| now < at))
    }

    /// Uses a refresh token if it still may be used; its first use retires the ones before it.
    pub(crate) fn use_refresh(&mut self, token: &str, now: Millis) -> Option<BTreeSet<String>> {
        let row = self.refreshes.get_mut(token)?;
        let spent = row.first_used.is_some_and(|first| now >= first + REUSE_LIFE);
        if row.retired || spent || now >= row.born + REFRESH_LIFE {
            return None;
        }
        row.first_used.get_or_insert(now);
        let scopes = row.scopes.clone();
        let mut before = row.parent.clone();
        while let Some(name) = before {
            let Some(row) = self.refreshes.get_mut(&name) else { break };
            row.retired = true;
            before = row.parent.clone();
        }
        Some(scopes)
    }

    /// Takes every token away, as an uninstall does.
    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
        self.refreshes.clear();
        self.codes.clear();
        self.migrated.clear();
        self.installed = false;
    }
}

/// Scopes as a token answer lists them: a read scope that a write scope implies is left out.
pub(crate) fn listed(scopes: &BTreeSet<String>) -> String {
    let kept: Vec<&str> = scopes
        .iter()
        .map(String::as_str)
        .filter(|scope| {
            scope.strip_prefix("read_").is_none_or(|what| !scopes.contains(&format!("write_{what}")))
        })
        .collect();
    kept.join(",")
}

/// Whether granted scopes allow this one; to write is to read.
pub(crate) fn allows(granted: &BTreeSet<String>, scope: &str) -> bool {
    granted.contains(scope)
        || scope.strip_prefix("read_").is_some_and(|what| granted.contains(&format!("write_{what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants() -> (Grants, Random, BTreeSet<String>) {
        let mut random = Random::new(1);
        let grants = Grants::new(&Config::default(), &mut random);
        (grants, random, BTreeSet::from(["read_orders".to_owned()]))
    }

    #[test]
    fn a_refresh_token_lives_until_its_replacement_is_used() {
        let (mut grants, mut random, scopes) = grants();
        let first = grants.issue_refresh(&mut random, &scopes, None, 0);
        assert!(grants.use_refresh(&first, 10).is_some());
        let second = grants.issue_refresh(&mut random, &scopes, Some(first.clone()), 10);
        assert!(grants.use_refresh(&first, 20).is_some(), "the answer was lost: once more");
        assert!(grants.use_refresh(&second, 30).is_some());
        assert!(grants.use_refresh(&first, 40).is_none(), "its replacement is in use");
    }

    #[test]
    fn reuse_ends_thirty_days_after_the_first_use() {
        let (mut grants, mut random, scopes) = grants();
        let token = grants.issue_refresh(&mut random, &scopes, None, 0);
        assert!(grants.use_refresh(&token, 5).is_some());
        assert!(grants.use_refresh(&token, REUSE_LIFE + 4).is_some());
        assert!(grants.use_refresh(&token, REUSE_LIFE + 5).is_none());
        let unused = grants.issue_refresh(&mut random, &scopes, None, 0);
        assert!(grants.use_refresh(&unused, REFRESH_LIFE).is_none());
    }

    #[test]
    fn reading_is_implied_and_not_listed() {
        let scopes: BTreeSet<String> =
            ["read_orders", "read_products", "write_products"].map(str::to_owned).into();
        assert_eq!(listed(&scopes), "read_orders,write_products");
        assert!(allows(&scopes, "read_products") && !allows(&scopes, "write_orders"));
    }
}
