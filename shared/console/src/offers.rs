//! How many of an item's units each shop may offer, and the forms that say so.

use domain::allocation::{Allocation, Buffer};
use domain::{LinkId, OnHand};
use hub::allocate::Offer;
use hub::why::ItemWhy;
use maud::{Markup, html};
use rust_decimal::Decimal;

use crate::words::{ago, millis};
use jiff::Timestamp;

/// What somebody typed into a form of what may be offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedOffer {
    /// The way: `as-store`, `shared`, `capped` or `quota`.
    pub mode: String,
    /// What is held back.
    pub buffer: String,
    /// The units of a cap or a quota.
    pub units: String,
}

/// A form that was refused: what was typed stays, and beside it stands why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedOffer {
    /// The link that the form is about; none for that of a store.
    pub link: Option<LinkId>,
    /// What was typed.
    pub typed: TypedOffer,
    /// Why it was refused.
    pub why: String,
}

impl TypedOffer {
    /// What a form shows of what is said by now.
    fn of(said: Option<Allocation>, owns: Option<OnHand>) -> Self {
        let buffer = |buffer: Buffer| match buffer {
            Buffer::None => String::new(),
            other => other.to_string(),
        };
        match said {
            None => Self { mode: "as-store".into(), ..Self::default() },
            Some(Allocation::Shared { buffer: held }) => {
                Self { mode: "shared".into(), buffer: buffer(held), units: String::new() }
            }
            Some(Allocation::Capped { at_most, buffer: held }) => {
                Self { mode: "capped".into(), buffer: buffer(held), units: at_most.to_string() }
            }
            Some(Allocation::Quota { .. }) => {
                let units = owns.map(|owns| owns.to_string()).unwrap_or_default();
                Self { mode: "quota".into(), buffer: String::new(), units }
            }
        }
    }
}

/// What each shop may offer of an item: a picture of what belongs to whom, the numbers, and a form for each.
pub(crate) fn offers(
    why: &ItemWhy,
    offers: &[Offer],
    refused: Option<&RefusedOffer>,
    now: Timestamp,
) -> Markup {
    let shared = shared(offers);
    html! {
        h2 #offers { "What each shop may offer" }
        @if offers.is_empty() {
            p.aside { "No shop lists it." }
        } @else {
            (picture(why, offers))
            div.wide { table {
                thead { tr { th { "Shop" } th { "Offers" } th.number { "Held back" } th.number { "Should show" } th.number { "Shows" } } }
                tbody { @for one in offers {
                    tr {
                        td { (name(why, offers, one)) }
                        td { (told(one, now)) }
                        td.number { @if let Some(held) = held_back(one, shared) { (held) } @else { "–" } }
                        td.number { @if let Some(target) = one.target { (target) } @else { "joining" } }
                        td.number { @if let Some(shows) = one.explained { (shows) } @else { "–" } }
                    }
                } }
            } }
            @let open = refused.is_some_and(|refused| offers.iter().any(|one| refused.link.as_ref() == Some(&one.link)));
            details.moves open[open] {
                summary { "Change what a shop may offer" }
                p.aside { (MEANING) }
                div.forms { @for one in offers {
                    @let refused = refused.filter(|refused| refused.link.as_ref() == Some(&one.link));
                    (form(why, one, &name(why, offers, one), refused))
                } }
            }
        }
    }
}

/// What can be said in a form.
const MEANING: &str = "A buffer is nothing, a number as 2, a part as 10%, or adaptive 1%: what is sold elsewhere before \
                       this shop is brought down, in all but 1 of 100 such times.";

fn form(why: &ItemWhy, one: &Offer, name: &str, refused: Option<&RefusedOffer>) -> Markup {
    let typed =
        refused.map_or_else(|| TypedOffer::of(one.allocation, one.owns), |refused| refused.typed.clone());
    html! {
        form method="post" action={ "/allot/items/" (why.item.id) } {
            h3 { (name) }
            input type="hidden" name="link" value=(one.link);
            (fields(&typed, &[
                ("as-store", "What its store says"),
                ("shared", "All that nobody else owns, less a buffer"),
                ("capped", "The same, and never more than so many"),
                ("quota", "Units of its own, that nobody else sells"),
            ]))
            p.aside { "Up to " (one.unowned) " can be its own." }
            (said(refused))
            button type="submit" { "Save" }
        }
    }
}

/// The form of what a store's links may offer where nothing else is said of a link.
pub(crate) fn store_form(store: &domain::store::Store, refused: Option<&RefusedOffer>) -> Markup {
    let typed =
        refused.map_or_else(|| TypedOffer::of(store.allocation, None), |refused| refused.typed.clone());
    html! {
        div.forms { form method="post" action={ "/allot/stores/" (store.id) } {
            h3 { "Change it" }
            p.aside { (MEANING) }
            (fields(&typed, &[
                ("as-store", "All that nobody else owns"),
                ("shared", "The same, less a buffer"),
                ("capped", "The same, and never more than so many of an item"),
            ]))
            (said(refused))
            button type="submit" { "Save" }
        } }
    }
}

fn fields(typed: &TypedOffer, ways: &[(&str, &str)]) -> Markup {
    html! {
        label { "It offers " select name="mode" {
            @for (mode, meaning) in ways { option value=(mode) selected[typed.mode == *mode] { (meaning) } }
        } }
        label { "Buffer " input name="buffer" maxlength="20" placeholder="none" value=(typed.buffer); }
        label { "Units, of a cap or its own " input name="units" inputmode="numeric" maxlength="12" value=(typed.units); }
    }
}

fn said(refused: Option<&RefusedOffer>) -> Markup {
    html! {
        @if let Some(refused) = refused {
            p.trouble role="alert" { (refused.why) ". Nothing was changed." }
        }
    }
}

/// What people call a link's shop; where a shop lists the item more than once, with the variant.
fn name(why: &ItemWhy, offers: &[Offer], one: &Offer) -> String {
    let link = why.links.iter().find(|link| link.store == one.store);
    let store = link.map_or_else(|| one.store.to_string(), |link| link.store_name.clone());
    if offers.iter().filter(|other| other.store == one.store).count() < 2 {
        return store;
    }
    let standings = why.links.iter().filter_map(|link| link.standing.as_ref());
    match standings.into_iter().find(|standing| standing.link == one.link) {
        Some(standing) => format!("{store}, variant {}", standing.variant),
        None => store,
    }
}

/// What holds for a link.
fn standing(one: &Offer) -> Allocation {
    one.allocation.unwrap_or(one.of_store)
}

/// What is said of a link, in words.
fn told(one: &Offer, now: Timestamp) -> Markup {
    html! {
        @match one.owns {
            Some(owns) => { strong { (owns) } " of its own" }
            None => (in_words(&standing(one))),
        }
        @if one.allocation.is_none() { " " span.aside { "as its store says" } }
        @if let (Some(Buffer::Adaptive { .. }), Some(margin)) = (standing(one).buffer(), one.margin) {
            " " span.aside {
                (margin.units.normalize()) " held back: " (margin.per_day.normalize()) " sold a day, and the shop is "
                (millis(margin.lag_millis)) " behind; measured " (ago(margin.at, now))
            }
        }
    }
}

/// What an allocation means, in words.
pub(crate) fn in_words(allocation: &Allocation) -> Markup {
    let less = |buffer: &Buffer| match buffer {
        Buffer::None => String::new(),
        Buffer::Units { units } => format!(" but {}", units.normalize()),
        Buffer::Percent { percent } => format!(" less {} of 100", percent.normalize()),
        Buffer::Adaptive { risk } => {
            format!(" less what is sold before it is told, in all but {} of 100 times", risk.normalize())
        }
    };
    html! {
        @match allocation {
            Allocation::Shared { buffer } => { "all" (less(buffer)) }
            Allocation::Capped { at_most, buffer } => { "all" (less(buffer)) ", at most " (at_most) }
            Allocation::Quota { .. } => "its own units",
        }
    }
}

/// Units that belong to nobody alone.
fn shared(offers: &[Offer]) -> OnHand {
    let available = offers.first().map_or(OnHand::ZERO, |one| one.available);
    OnHand::new(available.units() - owned(offers))
}

/// Units that belong to single links, all together.
fn owned(offers: &[Offer]) -> Decimal {
    offers.iter().filter_map(|one| one.owns).map(OnHand::units).sum()
}

/// What the buffer of a link holds back of so many units, if it has one.
fn held_back(one: &Offer, shared: OnHand) -> Option<Decimal> {
    let buffer = standing(one).buffer()?;
    let left = Allocation::Shared { buffer }.of_shared(shared, one.margin.as_ref());
    Some((shared.units() - left.units()).normalize())
}

/// Width of the picture.
const WIDTH: u64 = 600;

/// What belongs to whom, beside what there is; only where anything belongs to a shop alone.
fn picture(why: &ItemWhy, offers: &[Offer]) -> Markup {
    let owners: Vec<(String, u64)> =
        offers.iter().filter_map(|one| Some((name(why, offers, one), one.owns?.sellable_units()))).collect();
    let available = offers.first().map_or(0, |one| one.available.sellable_units());
    let owned: u64 = owners.iter().map(|(_, units)| units).sum();
    let most = owned.max(available).max(1);
    let along = |units: u64| units.saturating_mul(WIDTH) / most;
    let left = available.saturating_sub(owned);
    let mut said: Vec<String> = owners.iter().map(|(name, units)| format!("{name} {units}")).collect();
    said.push(format!("shared {left}"));
    let mut begins = Vec::new();
    let mut at = 0;
    for (_, units) in &owners {
        begins.push((at, *units));
        at += units;
    }
    html! {
        @if !owners.is_empty() {
            @if owned > available {
                div.notice.bad role="status" {
                    p { strong { (owned) " units belong to shops, and " (available) " may be sold: " (owned - available) " too many." }
                        " Who was given first keeps first; the others offer less than is theirs. Take units back, or \
                         receive some." }
                }
            }
            svg.shares role="img" aria-label={ "Of " (available) " units: " (said.join(", ")) } viewBox={ "0 0 " (WIDTH) " 34" } {
                @if left > 0 { rect.shared x=(along(owned)) y="6" height="18" width=(along(left).max(1)) {} }
                @for (place, (begin, units)) in begins.iter().enumerate() {
                    @if *units > 0 {
                        rect.own.other[place % 2 == 1] x=(along(*begin)) y="6" height="18" width=(along(*units).max(1)) {}
                    }
                }
                @if owned > available {
                    rect.over x=(along(available)) y="6" height="18" width=(along(owned - available).max(1)) {}
                }
                line.there x1=(along(available)) x2=(along(available)) y1="0" y2="30" {}
            }
            p.aside { "Of " (available) " that may be sold: " (said.join(", ")) "." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::allocation::Margin;
    use domain::{Delta, ItemId, StoreId};

    fn offer(store: &str, allocation: Option<Allocation>, owns: Option<i64>) -> Offer {
        Offer {
            link: LinkId::derive(&[store]),
            item: ItemId::derive(&["i"]),
            store: StoreId::derive(&[store]),
            allocation,
            of_store: Allocation::ALL,
            available: OnHand::whole(10),
            owns: owns.map(OnHand::whole),
            unowned: OnHand::whole(6),
            margin: None,
            target: Some(OnHand::whole(4)),
            explained: Some(OnHand::whole(5)),
        }
    }

    fn quota() -> Option<Allocation> {
        Some(Allocation::Quota { until: Delta::whole(9), since: Timestamp::UNIX_EPOCH })
    }

    #[test]
    fn a_buffer_holds_back_of_what_belongs_to_nobody() {
        let held = |buffer: &str| {
            let buffer = buffer.parse().unwrap();
            let mut one = offer("s", Some(Allocation::Shared { buffer }), None);
            one.margin = Some(Margin {
                units: 3.into(),
                per_day: 40.into(),
                lag_millis: 60_000,
                at: Timestamp::UNIX_EPOCH,
            });
            let all = [one, offer("o", quota(), Some(4))];
            held_back(&all[0], shared(&all))
        };
        let numbers = ["none", "2", "25%", "adaptive 1%"].map(held);
        assert_eq!(numbers, [0, 2, 2, 3].map(|units| Some(Decimal::from(units))));
        assert_eq!(held_back(&offer("o", quota(), Some(4)), OnHand::whole(6)), None, "nothing is shared");
    }

    #[test]
    fn a_form_shows_what_is_said_by_now() {
        let typed = |said, owns| {
            let TypedOffer { mode, buffer, units } = TypedOffer::of(said, owns);
            format!("{mode}|{buffer}|{units}")
        };
        let buffer = |text: &str| text.parse::<Buffer>().unwrap();
        let table = [
            (None, None, "as-store||"),
            (Some(Allocation::ALL), None, "shared||"),
            (Some(Allocation::Shared { buffer: buffer("adaptive 1%") }), None, "shared|adaptive 1%|"),
            (Some(Allocation::Capped { at_most: OnHand::whole(5), buffer: buffer("2") }), None, "capped|2|5"),
            (quota(), Some(OnHand::whole(4)), "quota||4"),
        ];
        for (said, owns, expected) in table {
            assert_eq!(typed(said, owns), expected);
        }
    }
}
