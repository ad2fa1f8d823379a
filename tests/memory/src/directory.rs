//! Stores, API keys, connections under way.

use async_trait::async_trait;
use domain::store::Store;
use domain::{OrgId, PlatformSlug, RemoteShop, StoreId};
use jiff::Timestamp;
use ports::{ApiKey, Decisions, Directory, ErrorKind, PendingConnect, PortError, Result, Written};

use crate::Memory;

fn refused(op: &'static str, why: &str) -> PortError {
    PortError::new(ErrorKind::Refused, op, why)
}

#[async_trait]
impl Directory for Memory {
    fn decisions(&self) -> Option<&dyn Decisions> {
        Some(self)
    }

    async fn create_store(&self, store: &Store) -> Result<Written> {
        let mut all = self.all();
        let new = Store { version: 0, ..store.clone() };
        let shop = (store.platform.as_str().to_owned(), store.shop.as_str().to_owned());
        if all.claims.contains_key(&shop) || all.routes.contains_key(&store.id) {
            // The very same store, unchanged since: an earlier call created it.
            let mine = all.orgs.get(&store.org).and_then(|rows| rows.stores.get(&store.id)) == Some(&new);
            return Ok(if mine { Written::Done } else { Written::Raced });
        }
        all.claims.insert(shop, (store.org.clone(), store.id.clone()));
        all.routes.insert(store.id.clone(), store.org.clone());
        all.listed.insert(store.org.clone());
        all.of(&store.org).stores.insert(store.id.clone(), new);
        Ok(Written::Done)
    }

    async fn change_store(&self, store: &Store) -> Result<Written> {
        let mut all = self.all();
        let standing = all.orgs.get_mut(&store.org).and_then(|rows| rows.stores.get_mut(&store.id));
        match standing {
            Some(standing) if standing.version == store.version => {
                *standing = Store { version: store.version + 1, ..store.clone() };
                Ok(Written::Done)
            }
            _ => Ok(Written::Raced),
        }
    }

    async fn store(&self, org: &OrgId, store: &StoreId) -> Result<Option<Store>> {
        Ok(self.all().orgs.get(org).and_then(|rows| rows.stores.get(store)).cloned())
    }

    async fn org_of(&self, store: &StoreId) -> Result<Option<OrgId>> {
        Ok(self.all().routes.get(store).cloned())
    }

    async fn store_of_shop(
        &self,
        platform: &PlatformSlug,
        shop: &RemoteShop,
    ) -> Result<Option<(OrgId, StoreId)>> {
        let shop = (platform.as_str().to_owned(), shop.as_str().to_owned());
        Ok(self.all().claims.get(&shop).cloned())
    }

    async fn stores(&self, org: &OrgId) -> Result<Vec<Store>> {
        let all = self.all();
        let Some(rows) = all.orgs.get(org) else { return Ok(Vec::new()) };
        let mut stores: Vec<Store> = rows.stores.values().cloned().collect();
        stores.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(stores)
    }

    async fn orgs(&self) -> Result<Vec<OrgId>> {
        Ok(self.all().listed.iter().cloned().collect())
    }

    async fn put_key(&self, key: &ApiKey) -> Result<()> {
        let mut all = self.all();
        if all.keys.get(&key.hash).is_some_and(|known| known.org != key.org) {
            return Err(refused("directory.put_key", "the key belongs to another merchant"));
        }
        all.keys.insert(key.hash.clone(), key.clone());
        all.listed.insert(key.org.clone());
        Ok(())
    }

    async fn key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>> {
        Ok(self.all().keys.get(hash).cloned())
    }

    async fn put_pending(&self, state_hash: &str, pending: &PendingConnect) -> Result<()> {
        let mut all = self.all();
        match all.pending.get(state_hash) {
            Some((known, _)) if known == pending => Ok(()),
            Some(_) => Err(refused("directory.put_pending", "this one-time state was used before")),
            None => {
                all.pending.insert(state_hash.to_owned(), (pending.clone(), false));
                Ok(())
            }
        }
    }

    async fn take_pending(&self, state_hash: &str, now: Timestamp) -> Result<Option<PendingConnect>> {
        let mut all = self.all();
        let Some((pending, taken)) = all.pending.get_mut(state_hash).filter(|(_, taken)| !taken) else {
            return Ok(None);
        };
        *taken = true;
        Ok(Some(pending.clone()).filter(|pending| pending.expires_at > now))
    }
}
