//! The words of Storeloom.
//!
//! What a shopkeeper or an operator would say, as types: no I/O, no async, no clock. Time is always
//! handed in, ids are made from randomness handed in or derived from their cause, and numbers carry
//! their meaning in their type.

pub mod allocation;
pub mod bundle;
pub mod customer;
pub mod day;
pub mod deed;
pub mod event;
pub mod exception;
pub mod id;
pub mod link;
pub mod location;
pub mod message;
pub mod money;
pub mod order;
pub mod product;
pub mod quantity;
pub mod remote;
pub mod rules;
pub mod run;
pub mod stock;
pub mod store;
pub mod voucher;
pub mod work;

pub use day::Day;
pub use id::{
    CustomerId, EntryId, EventId, ExceptionId, IdError, ItemId, KeyId, LinkId, LocationId, OrderId, OrgId,
    RunId, StoreId, TaskId, VoucherId, WriteId,
};
pub use quantity::{Delta, OnHand};
pub use remote::{
    PlatformSlug, RemoteCustomerId, RemoteLocationId, RemoteOrderId, RemoteProductId, RemoteShop,
    RemoteStockId, RemoteVariantId,
};
