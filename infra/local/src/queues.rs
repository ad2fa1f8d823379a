//! The queues of a desk: those that the template has work for, each with its rules.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use platform::Clock;

use crate::queue::{FifoQueue, Settings};
use crate::wiring::{Wiring, WiringError};

/// The queues of a desk, by their names in the template.
pub(crate) struct Queues(BTreeMap<String, Arc<FifoQueue>>);

/// Why the queues cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueuesError {
    #[error(transparent)]
    Wiring(#[from] WiringError),
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}

impl Queues {
    /// Opens those that something is sent to or worked on from, each in a folder of its own.
    pub(crate) fn open(folder: &Path, wiring: &Wiring, clock: &Arc<dyn Clock>) -> Result<Self, QueuesError> {
        let mut open = BTreeMap::new();
        let worked_on = wiring.consumers.iter().map(|consumer| &consumer.queue);
        for name in worked_on.chain([&wiring.inbox, &wiring.doorbell]) {
            if open.contains_key(name) {
                continue;
            }
            let rules = wiring.queue(name)?;
            let settings = Settings {
                visibility: rules.visibility,
                max_receives: rules.max_receives.unwrap_or(u32::MAX),
                ..Settings::default()
            };
            let queue = FifoQueue::open(&folder.join(folder_of(name)), settings, Arc::clone(clock))?;
            open.insert(name.clone(), Arc::new(queue));
        }
        Ok(Self(open))
    }

    /// A queue, by its name in the template.
    pub(crate) fn get(&self, name: &str) -> Result<Arc<FifoQueue>, WiringError> {
        let found = self.0.get(name).cloned();
        found.ok_or_else(|| WiringError::new(name, "this queue is not open on a desk"))
    }
}

/// `ManyWords` lies in `many-words`.
fn folder_of(name: &str) -> String {
    let mut folder = String::new();
    for sign in name.chars() {
        if sign.is_ascii_uppercase() && !folder.is_empty() {
            folder.push('-');
        }
        folder.push(sign.to_ascii_lowercase());
    }
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_as_they_always_were() {
        assert_eq!(["Inbox", "Doorbell", "ManyWords"].map(folder_of), ["inbox", "doorbell", "many-words"]);
    }
}
