//! How fast the adapter is on an embedded table in a file; run by hand.

use std::time::Instant;

use conformance::embedded;
use conformance::fixtures::*;
use domain::stock::Effect;
use futures::StreamExt;
use ports::{Catalog, Lanes, Ledger, Seen};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["memory", "file"] {
        let (table, _guard) = match kind {
            "memory" => embedded::table().await,
            _ => embedded::table_in(&folder.path().join("table.sqlite")).await,
        };
        let (ours, shop, run) = (org(), store_id(), run_id(0));
        let seen = Seen { at: at(0), run: Some(run) };
        let products: Vec<_> = (0..10_000).map(|number| product(&number.to_string(), 1)).collect();
        for time in ["new", "the same"] {
            let begun = Instant::now();
            for page in products.chunks(100) {
                table.put_products(&ours, &shop, page, &seen).await.unwrap();
            }
            println!("{kind}: 10,000 products, {time}, in pages of 100: {:?}", begun.elapsed());
        }
        let variants: Vec<_> = (0..10_000).map(|number| variant("p", &number.to_string(), 1)).collect();
        let begun = Instant::now();
        for page in variants.chunks(2_000) {
            table.put_variants(&ours, &shop, page, &seen).await.unwrap();
        }
        println!("{kind}: 10,000 variants, new, in pages of 2,000: {:?}", begun.elapsed());

        let begun = Instant::now();
        futures::stream::iter(0..500)
            .for_each_concurrent(8, |number| {
                let (table, ours, shop) = (&table, &ours, &shop);
                async move {
                    let mut link = link(ours, shop, &number.to_string());
                    link.explained = Some(domain::OnHand::whole(10));
                    table.put_link(&link).await.unwrap();
                    let record = order(ours, shop, &number.to_string(), 3, 0);
                    table.fence(&record, &[link.item.clone()], false).await.unwrap();
                    let sale = movement(&record, &link, Effect::default(), effect(1, 0, 1), 0);
                    table.book(&sale).await.unwrap();
                    table.applied(ours, &record.id, &record.order.fence, &record.digest).await.unwrap();
                }
            })
            .await;
        println!("{kind}: 500 orders linked, fenced, booked and applied, 8 at once: {:?}", begun.elapsed());

        let begun = Instant::now();
        let work: Vec<_> = (0..1_000)
            .map(|number: u32| {
                let link = domain::LinkId::derive(&[&number.to_string()]);
                let verb = domain::work::Verb::Push { link };
                domain::work::LaneWork::new(&ours, &shop, domain::work::Priority::Lower, verb, at(0))
            })
            .collect();
        table.put_all(&work).await.unwrap();
        println!("{kind}: 1,000 pieces of work put: {:?}", begun.elapsed());
        let begun = Instant::now();
        let due = table.due(&ours, &shop, at(1), 100).await.unwrap();
        println!("{kind}: 100 of 1,000 read as due: {:?}", begun.elapsed());
        let begun = Instant::now();
        for work in &due {
            table.done(work).await.unwrap();
        }
        println!("{kind}: 100 done one by one: {:?}", begun.elapsed());
    }
}
