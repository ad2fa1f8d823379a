//! The page that shows how all stores stand.

use hub::overview::Overview;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::command::command;
use crate::words::count;
use crate::{card, exception, frame};

/// The page is read afresh after so many seconds.
const REFRESH: u32 = 5;

/// The page that shows how all stores stand.
#[must_use]
pub fn overview(overview: &Overview, now: Timestamp) -> String {
    let body = html! {
        header.top {
            h1 { "Storeloom" }
            p { (headline(overview)) }
            @if !overview.stores.is_empty() { p { a href="/freshness" { "Freshness" } } }
            form method="post" action="/logout" { button.quiet type="submit" { "Log out" } }
        }
        main {
            @if overview.stores.is_empty() {
                (empty())
            } @else {
                section.stores aria-label="Stores" {
                    @for view in &overview.stores { (card::card(view, now)) }
                }
                (exceptions(overview, now))
            }
        }
        footer {
            p.aside {
                "As of " time datetime=(now) { (now.strftime("%Y-%m-%d %H:%M:%S")) " UTC" }
                "; this page reads itself afresh every " (REFRESH) " seconds."
            }
        }
    };
    frame::page("Stores", Some(REFRESH), &body)
}

fn headline(overview: &Overview) -> Markup {
    let stores = u64::try_from(overview.stores.len()).unwrap_or(u64::MAX);
    let open = u64::try_from(overview.exceptions.len()).unwrap_or(u64::MAX);
    html! {
        (count(stores, "store", "stores"))
        @if open > 0 {
            " · "
            a href="#exceptions" {
                @if overview.more_exceptions { "more than " }
                (count(open, "thing needs a person", "things need a person"))
            }
        } @else if stores > 0 {
            " · nothing needs a person"
        }
    }
}

fn exceptions(overview: &Overview, now: Timestamp) -> Markup {
    let store_of =
        |id: &domain::StoreId| overview.stores.iter().map(|view| &view.store).find(|store| &store.id == id);
    html! {
        section #exceptions aria-labelledby="exceptions-title" {
            h2 #exceptions-title { "What needs a person" }
            @if overview.exceptions.is_empty() {
                p.aside { "Nothing." }
            } @else {
                ul.exceptions {
                    @for one in &overview.exceptions {
                        (exception::row(one, one.store.as_ref().and_then(store_of), now))
                    }
                }
                @if overview.more_exceptions {
                    p { "There are more: " (command("storeloom exceptions")) }
                }
            }
        }
    }
}

/// How to connect a first store.
fn empty() -> Markup {
    html! {
        section.panel.first aria-labelledby="first" {
            h2 #first { "Connect a first store" }
            p {
                "Its products, stock and orders are read into the books. Nothing is written to it until you say so."
            }
            h3 { "Through the browser of the shop's owner" }
            p.command { (command("storeloom connect woocommerce --url https://your-shop.example --browser")) }
            h3 { "With keys made in the shop" }
            p {
                "In WooCommerce under Settings, Advanced, REST API, with Read/Write permission; the secret is asked \
                 for, so it does not stand in the shell's history."
            }
            p.command { (command("storeloom connect woocommerce --url https://your-shop.example --key ck_…")) }
        }
    }
}
