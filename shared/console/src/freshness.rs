//! The page that shows how long a sale takes until the other shops show it.

use hub::freshness::{Freshness, StoreFreshness, Times};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::frame;
use crate::words::{grouped, millis};

/// The page is read afresh after so many seconds.
const REFRESH: u32 = 10;
/// A sale that a shop does not show after so long is told loudly: the alarm in the cloud goes off at the same age.
const LATE: u64 = 300_000;
/// The left end of the picture, in milliseconds; each part of it reaches to ten times as much.
const BEGINS: u64 = 100;
/// Width of one such part.
const DECADE: u64 = 130;
/// What stands at the parts' ends.
const MARKS: [&str; 5] = ["0.1 s", "1 s", "10 s", "100 s", "1000 s"];

/// The page that shows how long a sale takes until the other shops show it.
#[must_use]
pub fn freshness(found: &Freshness, now: Timestamp) -> String {
    let body = html! {
        (frame::top(&html! { "Freshness" }))
        main {
            p.lead {
                "How long a sale takes from its message reaching the hub to another shop showing one unit less. \
                 Sales that are still on their way are not in it: of those the oldest is named."
            }
            @if found.stores.is_empty() {
                div.panel { p { "No store is written to yet: there is nothing to be late with." } }
            } @else {
                section.panel aria-label="Until every shop shows it" {
                    h2 { "Until every shop shows it" }
                    (told(&found.every_shop, found.oldest_sale_ms))
                    (picture(&found.every_shop, found.oldest_sale_ms))
                }
                @for store in &found.stores { (of_store(store)) }
            }
        }
        footer {
            p.aside {
                "As of " time datetime=(now) { (now.strftime("%Y-%m-%d %H:%M:%S")) " UTC" }
                "; this page reads itself afresh every " (REFRESH) " seconds."
            }
        }
    };
    frame::page("Freshness", Some(REFRESH), &body)
}

fn of_store(store: &StoreFreshness) -> Markup {
    html! {
        section.panel aria-label=(store.name) {
            h2 { (store.name) }
            (told(&store.times, store.oldest_sale_ms))
            @if store.waiting > 0 {
                p.aside {
                    @if store.waiting >= 500 { "500 numbers or more" } @else { (grouped(store.waiting)) " number(s)" }
                    " of it wait to be lowered."
                }
            }
            (picture(&store.times, store.oldest_sale_ms))
        }
    }
}

fn told(times: &Times, oldest: Option<u64>) -> Markup {
    html! {
        p {
            @match (times.p50_ms, times.p95_ms, times.p99_ms) {
                (Some(half), Some(more), Some(most)) => {
                    "Half within " strong { (millis(half)) } ", 95 of 100 within " strong { (millis(more)) }
                    ", 99 of 100 within " strong { (millis(most)) } ". "
                    span.aside { "The last " (grouped(times.samples)) " sales." }
                }
                _ => { "No sale elsewhere yet." }
            }
        }
        @if let Some(oldest) = oldest {
            p.notice.bad[oldest >= LATE].warn[oldest < LATE] {
                "The oldest sale that is not shown yet came " strong { (millis(oldest)) } " ago."
                @if oldest >= LATE { " If the shop is held, connect it again; else look at its exceptions." }
            }
        }
    }
}

/// The same as a picture, each part of it ten times the one before.
fn picture(times: &Times, oldest: Option<u64>) -> Markup {
    let width = DECADE * 4;
    let said = |name: &str, value: Option<u64>| value.map(|value| format!("{name} {}", millis(value)));
    let label: Vec<String> = [
        said("half within", times.p50_ms),
        said("95 of 100 within", times.p95_ms),
        said("99 of 100 within", times.p99_ms),
        said("oldest on its way", oldest),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! {
        @if !label.is_empty() {
            svg.times role="img" aria-label=(label.join(", ")) viewBox=(format!("-16 0 {} 44", width + 40)) {
                @for (place, mark) in (0u64..).zip(MARKS) {
                    line.tick x1=(place * DECADE) x2=(place * DECADE) y1="4" y2="28" {}
                    text x=(place * DECADE) y="42" { (mark) }
                }
                @for (name, value) in [("most", times.p99_ms), ("more", times.p95_ms), ("half", times.p50_ms)] {
                    @if let Some(value) = value {
                        rect class=(name) x="0" y="8" height="16" width=(along(value).max(2)) {}
                    }
                }
                @if let Some(oldest) = oldest {
                    line.oldest x1=(along(oldest)) x2=(along(oldest)) y1="2" y2="30" {}
                }
            }
        }
    }
}

/// How far to the right a time stands.
fn along(value: u64) -> u64 {
    let (mut begins, mut left) = (BEGINS, 0);
    while value >= begins * 10 && left < DECADE * 3 {
        begins *= 10;
        left += DECADE;
    }
    let within = value.saturating_sub(begins).min(begins * 9);
    left + within * DECADE / (begins * 9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StoreId;

    fn now() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn times(millis: [u64; 3]) -> Times {
        let [half, more, most] = millis.map(Some);
        Times { samples: 1200, p50_ms: half, p95_ms: more, p99_ms: most }
    }

    fn store(name: &str, times: Times, oldest_sale_ms: Option<u64>) -> StoreFreshness {
        let store = StoreId::derive(&[name]);
        StoreFreshness { store, name: name.to_owned(), times, oldest_sale_ms, waiting: 3 }
    }

    #[test]
    fn times_stand_in_their_order_and_never_outside() {
        let all = [0, 99, 100, 340, 999, 1000, 1500, 60_000, 999_999, 1_000_000, 9_000_000, u64::MAX / 1000];
        let places = all.map(along);
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(
            (places[2], along(1000), along(10_000), along(1_000_000)),
            (0, DECADE, DECADE * 2, DECADE * 4)
        );
        assert_eq!(places[11], DECADE * 4);
    }

    #[test]
    fn what_is_late_is_told_loudly_and_what_is_not_is_not() {
        let evil = "<b>North</b>";
        let page = |oldest| {
            let one = store(evil, times([340, 1200, 8200]), oldest);
            let found = Freshness { every_shop: one.times, oldest_sale_ms: oldest, stores: vec![one] };
            freshness(&found, now())
        };
        let fine = page(None);
        assert!(fine.contains("340 ms") && fine.contains("8.2 s") && fine.contains("1\u{202f}200"), "{fine}");
        assert!(fine.contains(r#"aria-label="half within 340 ms, 95 of 100 within 1.2 s"#), "{fine}");
        assert!(!fine.contains(r#"class="notice"#) && !fine.contains(evil), "{fine}");
        let (soon, late) = (page(Some(LATE - 1)), page(Some(LATE)));
        assert!(soon.contains(r#"class="notice warn""#) && !soon.contains(r#"class="notice bad""#), "{soon}");
        assert!(late.contains(r#"class="notice bad""#) && late.contains("connect it again"), "{late}");
    }

    #[test]
    fn nothing_is_late_where_nothing_is_written() {
        let none = Freshness { every_shop: Times::default(), oldest_sale_ms: None, stores: Vec::new() };
        assert!(freshness(&none, now()).contains("No store is written to yet"));
        let new = store("South", Times::default(), None);
        let found = Freshness { stores: vec![new], ..none };
        let page = freshness(&found, now());
        assert!(page.contains("No sale elsewhere yet.") && !page.contains("<svg"), "{page}");
    }
}
