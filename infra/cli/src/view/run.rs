//! Synchronisation runs as the hub answers them.

use jiff::Timestamp;
use serde::Deserialize;

/// A run with its progress.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RunView {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) store: String,
    pub(crate) stream: String,
    pub(crate) state: RunState,
    #[serde(default)]
    pub(crate) done: u64,
    #[serde(default)]
    pub(crate) expected: Option<u64>,
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) started_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) finished_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RunState {
    Running,
    Completed,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    pub(crate) per_second_tenths: u64,
    pub(crate) eta_seconds: Option<u64>,
    pub(crate) percent: Option<u64>,
}

impl RunView {
    /// How long it took, once it ended.
    pub(crate) fn took_seconds(&self) -> Option<u64> {
        let took = self.finished_at?.duration_since(self.started_at?);
        u64::try_from(took.as_secs()).ok()
    }
}
