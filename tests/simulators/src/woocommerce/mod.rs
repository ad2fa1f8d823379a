//! A WooCommerce store: REST v3 over WordPress, `wc-auth`, webhooks, a till and a merchant.
//!
//! It answers as a recorded store (10.7.0) does, field by field, and writes its own wire: nothing here
//! is shared with a client. Start one with [`Shop::start`], look in with [`Shop::window`], break it with
//! [`Shop::faults`].

mod admin;
mod args;
mod auth;
mod broken;
mod browser;
mod call;
mod clock;
mod config;
mod consent;
mod currency;
mod customer;
mod error;
mod faults;
mod front;
mod house;
mod json;
mod key;
mod order;
mod ordering;
mod outbound;
mod product;
mod queue;
mod routes;
mod seed;
mod shop;
mod show_order;
mod show_product;
mod sim;
mod store;
mod till;
mod webhook;
mod window;

pub use admin::Admin;
pub use browser::Decision;
pub use config::{Catalogue, Config, Generated, Item};
pub use faults::{DeliveryFaults, Fault, Faults, HostFaults, Rule};
pub use key::Keys;
pub use shop::Shop;
pub use till::{Basket, Refusal};
pub use window::{DeliveryRow, OrderLineRow, OrderRow, RequestRow, StockRow, StockWrite, WebhookRow, Window};
