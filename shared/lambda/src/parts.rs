//! What a function is handed, put together: what it is not handed, it cannot use.

use std::sync::Arc;

use hub::archive::Archive;
use hub::receive::{Intake, Receive};
use hub::{Outside, Platforms, Settings};
use platform::{Http, Platform};
use ports::{Blobs, Catalog, Directory, Journal, Lanes, Ledger, Queue, Runs, Schedules, Vault};

use crate::nothing::Nothing;
use crate::outside::{SystemClock, SystemDice};

/// What a function is handed.
pub struct Parts<T> {
    table: Arc<T>,
    inbox: Arc<dyn Queue>,
    doorbell: Arc<dyn Queue>,
    vault: Arc<dyn Vault>,
    blobs: Arc<dyn Blobs>,
    schedules: Arc<dyn Schedules>,
    http: Arc<dyn Http>,
    platforms: Vec<Arc<dyn Platform>>,
    archives: bool,
}

impl<T> Parts<T>
where
    T: Directory + Catalog + Ledger + Journal + Lanes + Runs + 'static,
{
    /// The table, and nothing else yet.
    #[must_use]
    pub fn new(table: T) -> Self {
        Self {
            table: Arc::new(table),
            inbox: Arc::new(Nothing),
            doorbell: Arc::new(Nothing),
            vault: Arc::new(Nothing),
            blobs: Arc::new(Nothing),
            schedules: Arc::new(Nothing),
            http: Arc::new(Nothing),
            platforms: Vec::new(),
            archives: false,
        }
    }

    /// The queue of platforms' messages.
    #[must_use]
    pub fn inbox(self, inbox: impl Queue + 'static) -> Self {
        Self { inbox: Arc::new(inbox), ..self }
    }

    /// The queue of doorbells.
    #[must_use]
    pub fn doorbell(self, doorbell: impl Queue + 'static) -> Self {
        Self { doorbell: Arc::new(doorbell), ..self }
    }

    /// The vault.
    #[must_use]
    pub fn vault(self, vault: impl Vault + 'static) -> Self {
        Self { vault: Arc::new(vault), ..self }
    }

    /// Large bodies.
    #[must_use]
    pub fn blobs(self, blobs: impl Blobs + 'static) -> Self {
        Self { blobs: Arc::new(blobs), ..self }
    }

    /// Large bodies, and the raw events of the journal beside them, by day.
    #[must_use]
    pub fn archive(self, blobs: impl Blobs + 'static) -> Self {
        Self { archives: true, ..self.blobs(blobs) }
    }

    /// Interval schedules.
    #[must_use]
    pub fn schedules(self, schedules: impl Schedules + 'static) -> Self {
        Self { schedules: Arc::new(schedules), ..self }
    }

    /// The way to shops.
    #[must_use]
    pub fn http(self, http: impl Http + 'static) -> Self {
        Self { http: Arc::new(http), ..self }
    }

    /// One platform.
    #[must_use]
    pub fn platform(mut self, platform: impl Platform + 'static) -> Self {
        self.platforms.push(Arc::new(platform));
        self
    }

    /// Several platforms.
    #[must_use]
    pub fn platforms(mut self, platforms: Vec<Box<dyn Platform>>) -> Self {
        self.platforms.extend(platforms.into_iter().map(Arc::from));
        self
    }

    /// Receiving alone.
    #[must_use]
    pub fn receive(self) -> Receive {
        Receive::of(Intake {
            directory: self.table,
            vault: self.vault,
            blobs: self.blobs,
            inbox: self.inbox,
            clock: Arc::new(SystemClock),
            dice: Arc::new(SystemDice),
            platforms: Platforms::new(self.platforms),
        })
    }

    /// Everything outside, for the use-cases.
    #[must_use]
    pub fn outside(self, settings: Settings) -> Outside {
        let journal: Arc<dyn Journal> = self.table.clone();
        let journal =
            if self.archives { Arc::new(Archive::new(journal, Arc::clone(&self.blobs))) } else { journal };
        Outside {
            directory: self.table.clone(),
            catalog: self.table.clone(),
            ledger: self.table.clone(),
            journal,
            lanes: self.table.clone(),
            runs: self.table,
            inbox: self.inbox,
            doorbell: self.doorbell,
            vault: self.vault,
            blobs: self.blobs,
            schedules: self.schedules,
            http: self.http,
            clock: Arc::new(SystemClock),
            dice: Arc::new(SystemDice),
            platforms: Platforms::new(self.platforms),
            settings,
        }
    }
}
