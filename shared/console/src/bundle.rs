//! What an item is made of, what is made of it, and the form that says so.

use hub::bundle::{PartOf, Recipe, UsedIn};
use hub::why::ItemWhy;
use maud::{Markup, html};

/// What an item is made of and what is made of it.
pub(crate) fn bundle(why: &ItemWhy) -> Markup {
    let (parts, used_in): (&[PartOf], &[UsedIn]) = match &why.recipe {
        Some(Recipe { parts, used_in, .. }) => (parts, used_in),
        None => (&[], &[]),
    };
    let said: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.sku, part.units.normalize())).collect();
    html! {
        @if !parts.is_empty() {
            h2 { "Made of" }
            p.aside { "A bundle has no stock of its own: what may be sold of it follows from its parts." }
            div.wide { table {
                thead { tr { th { "SKU" } th { "Title" } th.number { "In each" } th.number { "May be sold" } th.number { "Enough for" } } }
                tbody { @for part in parts {
                    tr {
                        td { a href={ "/items/" (part.item) "/why" } { (part.sku) } }
                        td { (part.title) }
                        td.number { (part.units.normalize()) }
                        td.number { (part.available) }
                        td.number { (part.enough_for) }
                    }
                } }
            } }
        }
        @if !used_in.is_empty() {
            h2 { "Part of" }
            ul.evidence { @for one in used_in {
                li { (one.units.normalize()) " in each " a href={ "/items/" (one.item) "/why" } { (one.sku) } " " (one.title) }
            } }
        } @else {
            details.moves {
                summary { @if parts.is_empty() { "Make it a bundle of other items" } @else { "Change what it is made of" } }
                div.forms { form method="post" action={ "/bundle/" (why.item.id) } {
                    h3 { "Parts" }
                    label { "A line for each: its SKU, and its units in one bundle; none for an ordinary item "
                        textarea name="parts" rows="5" placeholder="CUP-1 2" { (said.join("\n")) }
                    }
                    button type="submit" { "Save" }
                } }
            }
        }
    }
}
