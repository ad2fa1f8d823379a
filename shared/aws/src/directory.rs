//! Stores, API keys, connections under way, and the few rows that lead to a merchant.

use async_trait::async_trait;
use domain::store::Store;
use domain::{OrgId, PlatformSlug, RemoteShop, StoreId};
use jiff::Timestamp;
use ports::{ApiKey, Decisions, Directory, PendingConnect, Result, Written};

use crate::Table;
use crate::table::{
    All, Key, Query, Row, Took, Write, corrupt, document, key, maybe_moment, maybe_text, moment, n, nonce,
    put_document, read_document, refused, s, text,
};

/// The id of a row that leads somewhere.
fn id<T: std::str::FromStr>(row: &Row, name: &str) -> Result<T> {
    text(row, name)?.parse().map_err(|_| corrupt(format!("attribute `{name}` is no id")))
}

/// The row of a store at a version.
fn row_of(store: &Store, version: u64) -> Result<Row> {
    let mut row = Row::new();
    put_document(&mut row, &Store { version, ..store.clone() })?;
    row.insert("version".into(), n(version));
    Ok(row)
}

/// Keeps a merchant in the list of all merchants.
fn listed(org: &OrgId) -> Write {
    Write::put(Key::new(key::ORGS, org.as_str()), Row::new())
}

#[async_trait]
impl Directory for Table {
    fn decisions(&self) -> Option<&dyn Decisions> {
        Some(self)
    }

    async fn create_store(&self, store: &Store) -> Result<Written> {
        const OP: &str = "directory.create_store";
        let own = Key::new(key::stores(&store.org), store.id.as_str());
        let claim = key::claim(&store.platform, &store.shop);
        let leads = Row::from([
            ("org".to_owned(), s(store.org.as_str())),
            ("store".to_owned(), s(store.id.as_str())),
        ]);
        let writes = vec![
            Write::put(own.clone(), row_of(store, 0)?).if_new(),
            Write::put(claim, leads).if_new(),
            Write::put(key::route(&store.id), Row::from([("org".to_owned(), s(store.org.as_str()))]))
                .if_new(),
            listed(&store.org),
        ];
        if self.all(OP, writes).await? == All::Done {
            return Ok(Written::Done);
        }
        // The very same store, unchanged since: an earlier call created it and its answer was lost.
        let before = self.get(OP, &own).await?.map(|row| read_document::<Store>(&row)).transpose()?;
        let mine = before.is_some_and(|before| before == Store { version: 0, ..store.clone() });
        Ok(if mine { Written::Done } else { Written::Raced })
    }

    async fn change_store(&self, store: &Store) -> Result<Written> {
        const OP: &str = "directory.change_store";
        let row = row_of(store, store.version + 1)?;
        let own = Key::new(key::stores(&store.org), store.id.as_str());
        let write = Write::put(own, row).when("#version = :read").with(":read", n(store.version));
        Ok(match self.one(OP, write).await? {
            Took::Done(_) => Written::Done,
            Took::Refused(_) => Written::Raced,
        })
    }

    async fn store(&self, org: &OrgId, store: &StoreId) -> Result<Option<Store>> {
        let own = Key::new(key::stores(org), store.as_str());
        self.get("directory.store", &own).await?.map(|row| read_document(&row)).transpose()
    }

    async fn org_of(&self, store: &StoreId) -> Result<Option<OrgId>> {
        self.get("directory.org_of", &key::route(store)).await?.map(|row| id(&row, "org")).transpose()
    }

    async fn store_of_shop(
        &self,
        platform: &PlatformSlug,
        shop: &RemoteShop,
    ) -> Result<Option<(OrgId, StoreId)>> {
        let row = self.get("directory.store_of_shop", &key::claim(platform, shop)).await?;
        row.map(|row| Ok((id(&row, "org")?, id(&row, "store")?))).transpose()
    }

    async fn stores(&self, org: &OrgId) -> Result<Vec<Store>> {
        let rows = self.whole("directory.stores", &Query::rows(key::stores(org))).await?;
        let mut stores = rows.iter().map(read_document::<Store>).collect::<Result<Vec<_>>>()?;
        stores.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(stores)
    }

    async fn orgs(&self) -> Result<Vec<OrgId>> {
        let rows = self.whole("directory.orgs", &Query::rows(key::ORGS)).await?;
        rows.iter().map(|row| id(row, "sk")).collect()
    }

    async fn put_key(&self, api_key: &ApiKey) -> Result<()> {
        const OP: &str = "directory.put_key";
        let mut row = Row::new();
        put_document(&mut row, api_key)?;
        row.insert("org".into(), s(api_key.org.as_str()));
        let write = Write::put(key::api_key(&api_key.hash), row)
            .when("attribute_not_exists(#pk) OR #org = :org")
            .with(":org", s(api_key.org.as_str()));
        match self.all(OP, vec![write, listed(&api_key.org)]).await? {
            All::Done => Ok(()),
            All::Refused(_) => Err(refused(OP, "the key belongs to another merchant: make another key")),
        }
    }

    async fn key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>> {
        self.get("directory.key_by_hash", &key::api_key(hash))
            .await?
            .map(|row| read_document(&row))
            .transpose()
    }

    async fn put_pending(&self, state_hash: &str, pending: &PendingConnect) -> Result<()> {
        const OP: &str = "directory.put_pending";
        let mut row = Row::new();
        put_document(&mut row, pending)?;
        row.insert("until".into(), s(moment(pending.expires_at)));
        row.insert("expires".into(), n(u64::try_from(pending.expires_at.as_second()).unwrap_or(0)));
        match self.one(OP, Write::put(key::pending(state_hash), row).if_new()).await? {
            Took::Done(_) => Ok(()),
            Took::Refused(row) if maybe_text(&row, "doc") == Some(&document(pending)?) => Ok(()),
            Took::Refused(_) => Err(refused(OP, "this one-time state was used before: begin again")),
        }
    }

    async fn take_pending(&self, state_hash: &str, now: Timestamp) -> Result<Option<PendingConnect>> {
        const OP: &str = "directory.take_pending";
        // The row stays until it expires, marked by who took it: a lost answer can then be told from a
        // second call.
        let write = Write::update(key::pending(state_hash), "SET #taken = :taken")
            .when("attribute_exists(#doc) AND attribute_not_exists(#taken)")
            .with(":taken", s(nonce()));
        let row = match self.one(OP, write).await? {
            Took::Done(row) => row,
            Took::Refused(_) => return Ok(None),
        };
        if maybe_moment(&row, "until")?.is_none_or(|until| until <= now) {
            return Ok(None);
        }
        Ok(Some(read_document(&row)?))
    }
}
