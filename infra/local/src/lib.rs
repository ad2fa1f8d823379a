//! The embedded stand-in for AWS: queues, secrets, blobs and schedules on one disk, the table in the same
//! process, one port.

pub mod clock;
pub mod disk;
pub mod queue;
