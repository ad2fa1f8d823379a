//! The ports over AWS: directory, catalogue, ledger, journal, lanes and runs over one DynamoDB table.
//!
//! The README of this crate lists every row, its keys and who reads it. The rules that all files follow:
//! every row of a merchant has the merchant in its partition key; an index only names candidates, and the
//! row itself, read consistently, decides; every write that may be sent twice can tell its own first effect
//! from somebody else's.

mod catalog;
mod directory;
mod journal;
mod lanes;
mod ledger;
mod runs;
mod table;

pub use table::Table;
