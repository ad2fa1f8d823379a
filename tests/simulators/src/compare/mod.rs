//! Replays recorded requests of real shops against simulated ones and compares what comes back.

mod ears;
mod graph;
mod replay;
mod scenes;
mod shape;
mod sign;
mod store;

use std::path::Path;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Compares what recordings the folder holds: its own, or those in folders named by platform.
pub async fn run(reference: &Path) -> Result<bool, Failure> {
    let places = ["", "woocommerce", "shopify", "fixtures/woocommerce", "fixtures/shopify"];
    let (mut found, mut same) = (false, true);
    for place in places.map(|place| reference.join(place)) {
        if place.join("captures").is_dir() {
            found = true;
            same &= store::run(&place).await?;
        }
        if place.join("graphql-recorded").is_dir() {
            found = true;
            same &= graph::run(&place.join("graphql-recorded")).await?;
        }
    }
    if !found {
        return Err(format!("{} holds no recordings", reference.display()).into());
    }
    Ok(same)
}
