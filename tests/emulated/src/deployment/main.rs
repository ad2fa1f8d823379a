//! A deployment that is tried: `deployment ENDPOINT TEMPLATE BINARIES` deploys the template with these binaries to
//! an emulator of AWS, joins a simulated shop of each platform through its real flow, and drives the whole.
//!
//! It is a program and no test, since it needs an emulator: `cargo xtask deploy-test` starts one. A line `ok NAME`
//! stands for each thing that was seen to hold; the last line says how many there must be.

mod front;
mod hub;
mod queues;
mod stack;
mod world;
mod zip;

use std::path::PathBuf;

use world::World;

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(endpoint), Some(template), Some(binaries)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        eprintln!("deployment: name the emulator's address, the template, and the folder of the binaries");
        std::process::exit(2);
    };
    let template = std::fs::read_to_string(template).expect("the template");
    let mut held = 0_u32;
    let mut ok = |what: &str| {
        held += 1;
        println!("ok {what}");
    };
    let world = World::deploy(&endpoint, &template, &PathBuf::from(binaries)).await;
    ok("the template is deployed");
    world.doors().await;
    ok("the doors open to whoever may enter");
    world.join_woocommerce().await;
    ok("a WooCommerce shop joins through its key flow");
    world.join_shopify().await;
    ok("a Shopify shop joins through its OAuth flow");
    world.sell_in_woocommerce().await;
    ok("a signed webhook of WooCommerce lowers the other shop");
    world.sell_in_shopify().await;
    ok("a signed webhook of Shopify lowers the other shop");
    world.sell_through_the_bus().await;
    ok("a sale that comes through the event bus lowers the other shop");
    world.forged().await;
    ok("a forged webhook is refused and changes nothing");
    world.poisoned().await;
    ok("a poisoned message is parked and holds nobody up");
    world.dead_and_back().await;
    ok("a message dies, is redriven, and is worked on");
    world.unheard_sale().await;
    ok("a schedule finds a sale whose webhook was lost");
    println!("{held} checks");
}
