//! What lies where, and the forms by which people move it.

use domain::LocationId;
use hub::why::ItemWhy;
use maud::{Markup, html};

/// What people call a location.
pub(crate) fn location<'a>(why: &'a ItemWhy, id: &'a LocationId) -> &'a str {
    why.locations.iter().find(|one| one.id == *id).map_or(id.as_str(), |one| one.name.as_str())
}

/// What lies at each location, and the forms of the stock room.
pub(crate) fn stock_room(why: &ItemWhy, key: &str) -> Markup {
    html! {
        h2 { "Where it lies" }
        div.wide { table {
            thead { tr { th { "Location" } th.number { "On hand" } th.number { "Set aside" } th.number { "Free" } } }
            tbody { @for place in &why.places {
                tr {
                    td { (place.name) }
                    td.number { (place.there.on_hand) }
                    td.number { (place.there.reserved.units()) }
                    td.number { (place.there.available()) }
                }
            } }
        } }
        details.moves {
            summary { "Receive, count, correct or carry units" }
            div.forms {
                (form(why, key, "receive", "Receive", &html! { (units("receive", "Units that came in")) (at(why, "at", "Where they lie")) (note("Which delivery")) }))
                (form(why, key, "count", "Count", &html! { (units("count", "Units found there, those set aside among them")) (at(why, "at", "Where")) (note("Who asked for it")) }))
                (form(why, key, "adjust", "Correct", &html! { (units("adjust", "By how many, such as -1")) (at(why, "at", "Where")) (reason()) }))
                @if why.locations.len() > 1 {
                    (form(why, key, "transfer", "Carry", &html! { (units("transfer", "Units")) (at(why, "at", "From")) (at(why, "to", "To")) (note("Why")) }))
                }
                form method="post" action="/locations" {
                    h3 { "New location" }
                    input type="hidden" name="back" value=(why.item.id);
                    label { "Name " input name="name" required maxlength="60"; }
                    button.quiet type="submit" { "Add" }
                }
            }
        }
    }
}

fn form(why: &ItemWhy, key: &str, deed: &str, word: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" action={ "/move/" (why.item.id) } {
            h3 { (word) }
            input type="hidden" name="do" value=(deed);
            input type="hidden" name="key" value={ (deed) " " (key) };
            (fields)
            button type="submit" { (word) }
        }
    }
}

fn units(deed: &str, word: &str) -> Markup {
    let least = match deed {
        "adjust" => None,
        "count" => Some("0"),
        _ => Some("0.001"),
    };
    html! { label { (word) " " input name="units" type="number" step="any" min=[least] required; } }
}

fn at(why: &ItemWhy, name: &str, word: &str) -> Markup {
    html! {
        @if why.locations.len() > 1 {
            label { (word) " " select name=(name) {
                @for one in &why.locations { option value=(one.id) { (one.name) } }
            } }
        }
    }
}

fn note(word: &str) -> Markup {
    html! { label { (word) " " input name="note" maxlength="200"; } }
}

fn reason() -> Markup {
    html! { label { "The reason " input name="note" maxlength="200" required; } }
}
