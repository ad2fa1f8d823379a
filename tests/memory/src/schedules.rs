//! Interval schedules in memory; whoever keeps the clock asks which there are.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::run::Stream;
use domain::{OrgId, StoreId};
use ports::{ErrorKind, PortError, Result, Schedule, Schedules};

type Kept = BTreeMap<(OrgId, StoreId, Stream), Schedule>;

/// Interval schedules in memory.
#[derive(Debug, Default)]
pub struct MemorySchedules {
    all: Mutex<Kept>,
}

impl Clone for MemorySchedules {
    /// A snapshot.
    fn clone(&self) -> Self {
        Self { all: Mutex::new(self.kept().clone()) }
    }
}

impl MemorySchedules {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All schedules there are.
    #[must_use]
    pub fn all(&self) -> Vec<Schedule> {
        self.kept().values().cloned().collect()
    }
}

#[async_trait]
impl Schedules for MemorySchedules {
    async fn put(&self, schedule: &Schedule) -> Result<()> {
        if schedule.every_seconds == 0 {
            return Err(PortError::new(
                ErrorKind::Refused,
                "schedules.put",
                "an interval is at least a second",
            ));
        }
        let key = (schedule.org.clone(), schedule.store.clone(), schedule.stream);
        self.kept().insert(key, schedule.clone());
        Ok(())
    }

    async fn remove(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<()> {
        self.kept().remove(&(org.clone(), store.clone(), stream));
        Ok(())
    }

    async fn of_store(&self, org: &OrgId, store: &StoreId) -> Result<Vec<Schedule>> {
        let kept = self.kept();
        let of = kept.values().filter(|schedule| schedule.org == *org && schedule.store == *store);
        Ok(of.cloned().collect())
    }
}
