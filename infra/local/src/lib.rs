//! The embedded stand-in for AWS: queues, secrets, blobs and schedules on one disk, the table in the same
//! process, one port; wired together as the template says.

pub mod blobs;
pub mod clock;
pub mod demo;
pub mod desk;
pub mod disk;
pub mod dynamo;
mod flush;
pub mod front;
pub mod functions;
pub mod listener;
pub mod lock;
pub mod log;
pub mod queue;
mod queues;
pub mod schedules;
pub mod scratch;
pub mod serve;
mod tls;
pub mod vault;
pub mod wiring;
mod workers;
