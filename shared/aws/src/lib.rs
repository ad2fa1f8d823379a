//! The ports over AWS: directory, catalogue, ledger, journal, lanes and runs over one DynamoDB table; the queue
//! over SQS, the vault over Secrets Manager, blobs over S3, schedules over EventBridge Scheduler.
//!
//! [`Place`] says where AWS is and makes each of them.
//!
//! The README of this crate lists every row, its keys and who reads it. The rules that all files follow:
//! every row of a merchant has the merchant in its partition key; an index only names candidates, and the
//! row itself, read consistently, decides; every write that may be sent twice can tell its own first effect
//! from somebody else's.

mod answer;
mod blobs;
mod catalog;
mod decisions;
mod directory;
mod journal;
mod lanes;
mod late;
mod ledger;
mod place;
mod queue;
mod runs;
mod schedules;
mod seal;
mod sealed;
mod table;
mod trials;
mod vault;

pub use blobs::BucketBlobs;
pub use place::Place;
pub use queue::FifoQueue;
pub use schedules::{RateSchedules, TickTarget};
pub use sealed::SealedVault;
pub use table::Table;
pub use vault::SecretVault;
