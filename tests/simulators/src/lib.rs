//! Honest simulators of the platforms a shop may live on, sharing nothing with the clients they judge.
#![recursion_limit = "512"]

pub mod ground;
pub mod shopify;
pub mod woocommerce;
