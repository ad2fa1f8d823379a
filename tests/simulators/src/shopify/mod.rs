//! A Shopify shop: Admin GraphQL, OAuth, webhooks, bulk operations, a till and a merchant.
//!
//! Documents are checked against an extract of the platform's schema of 2026-10, answers follow recordings of real
//! shops where there are any, and nothing is shared with a client. Start one with [`Shop::start`], look in with
//! [`Shop::window`], break it with [`Shop::faults`].

mod admin;
mod app;
mod bodies;
mod bodies_order;
mod breaker;
mod bulk;
mod clock;
mod config;
mod faults;
mod front;
mod gid;
mod goods;
mod graphql;
mod house;
mod money;
mod oauth;
mod operation;
mod order;
mod orders;
mod outbound;
mod queue;
mod refunds;
mod rows;
mod seed;
mod seed_past;
mod sending;
mod shop;
mod sign;
mod sim;
mod stock;
mod store;
mod subscription;
mod till;
mod web;
mod window;

pub use admin::Admin;
pub use breaker::Faults;
pub use config::{App, Catalogue, Config, Generated, Item, Plan};
pub use faults::{DeliveryFaults, Fault, Rule};
pub use rows::{
    DeliveryRow, LevelRow, OrderLineRow, OrderRow, RequestRow, StockRow, StockWrite, SubscriptionRow,
};
pub use shop::Shop;
pub use till::{Basket, Refusal};
pub use window::Window;

/// The one version of the Admin API that is served.
pub const VERSION: &str = "2026-10";
