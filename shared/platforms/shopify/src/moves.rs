//! Moving what is available at locations: which ones, in one call for many rows, each a field with a key of its own.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;

use platform::{Result, StockWrite};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::Shop;
use crate::documents::Document;
use crate::levels::Standing;
use crate::read::{Answer, Asked};
use crate::refusal::{UserError, shown};
use crate::wire::loose::gid;
use crate::write_key::key;

/// A location, what is compared there, and what shall be there.
pub(crate) type Placed = (String, Decimal, Decimal);

/// One number on its way.
#[derive(Debug, Clone)]
pub(crate) struct Move {
    /// Which of the writes it belongs to.
    pub(crate) row: usize,
    /// What the shop counts.
    pub(crate) item: String,
    pub(crate) places: Vec<Placed>,
    pub(crate) key: String,
}

/// What the shop says to a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was done, now or before under the same key.
    Done,
    /// The number was another.
    Stale,
    /// A location is not there, or not active.
    Nowhere,
    /// The key was used before with other numbers.
    Known,
    /// It may or may not have been done.
    Unknown,
    /// The shop refuses, for this reason.
    Refused(Cow<'static, str>),
}

/// Where units are put or taken so that the sum becomes `value`; none if the variant is stocked nowhere.
///
/// Units are put where most are, and taken there first, then from the next: no location is brought below zero while
/// another has some. If the sum is not what is compared, the move is one that cannot take effect: it only asks whether
/// the shop knows the write from before.
pub(crate) fn plan(standing: &Standing, compare: Decimal, value: Decimal) -> Option<Vec<Placed>> {
    let (first, most) = standing.levels.first()?;
    let by = value - compare;
    if standing.sum != compare {
        return Some(vec![(first.clone(), *most - by, *most)]);
    }
    if by > Decimal::ZERO {
        return Some(vec![(first.clone(), *most, *most + by)]);
    }
    let mut left = -by;
    let mut places: Vec<Placed> = Vec::new();
    for (location, level) in &standing.levels {
        let taken = left.min((*level).max(Decimal::ZERO));
        if taken > Decimal::ZERO {
            places.push((location.clone(), *level, *level - taken));
            left -= taken;
        }
    }
    if left > Decimal::ZERO {
        match places.first_mut() {
            Some((_, _, to)) => *to -= left,
            None => places.push((first.clone(), *most, *most - left)),
        }
    }
    Some(places)
}

/// The document that writes so many numbers: fields of one call, each with its own key, run one after the other.
pub(crate) fn document(fields: usize) -> String {
    if fields == 1 { Document::SetQuantities.text().to_owned() } else { grown(fields) }
}

fn grown(fields: usize) -> String {
    let mut head = String::new();
    let mut body = String::new();
    for at in 0..fields {
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(head, "{comma}$input{at}: InventorySetQuantitiesInput!, $key{at}: String!");
        let _ = write!(
            body,
            "  write{at}: inventorySetQuantities(input: $input{at}) @idempotent(key: $key{at}) {{\n    userErrors {{\n      \
             field\n      message\n      code\n    }}\n  }}\n"
        );
    }
    format!("mutation SetQuantities({head}) {{\n{body}}}\n")
}

/// Sends moves, and those whose earlier attempt failed once more under a new key. An error says that surely nothing was
/// written.
pub(crate) async fn send(
    shop: &Shop<'_>,
    op: &'static str,
    writes: &[StockWrite],
    moves: Vec<Move>,
) -> Result<Vec<(Move, Verdict)>> {
    let mut settled = Vec::with_capacity(moves.len());
    let mut again = Vec::new();
    for (mut moved, word) in send_all(shop, op, writes, moves).await? {
        match word {
            Word::Verdict(verdict) => settled.push((moved, verdict)),
            Word::FailedBefore => {
                if let Some(write) = writes.get(moved.row) {
                    moved.key = key(&write.write, "again");
                }
                again.push(moved);
            }
        }
    }
    if again.is_empty() {
        return Ok(settled);
    }
    let rest = again.clone();
    match send_all(shop, op, writes, again).await {
        Ok(answers) => settled.extend(answers.into_iter().map(|(moved, word)| match word {
            Word::Verdict(verdict) => (moved, verdict),
            Word::FailedBefore => {
                (moved, Verdict::Refused(Cow::Borrowed("the shop fails at this number again and again")))
            }
        })),
        Err(_) => settled.extend(rest.into_iter().map(|moved| (moved, Verdict::Unknown))),
    }
    Ok(settled)
}

/// What the shop says, before it is asked again.
enum Word {
    Verdict(Verdict),
    FailedBefore,
}

/// Sends moves in as few calls as their cost lets them.
async fn send_all(
    shop: &Shop<'_>,
    op: &'static str,
    writes: &[StockWrite],
    moves: Vec<Move>,
) -> Result<Vec<(Move, Word)>> {
    let mut settled: Vec<(Move, Word)> = Vec::with_capacity(moves.len());
    let mut waiting: VecDeque<Vec<Move>> =
        if moves.is_empty() { VecDeque::new() } else { vec![moves].into() };
    let unknown = |moves: Vec<Move>| moves.into_iter().map(|moved| (moved, Word::Verdict(Verdict::Unknown)));
    let mut sent = false;
    while let Some(mut some) = waiting.pop_front() {
        match call(shop, op, writes, &some).await {
            Ok(words) => {
                sent = true;
                settled.extend(some.into_iter().zip(words));
            }
            // The cost is looked at before anything is done.
            Err(error) if error.code.as_deref() == Some("MAX_COST_EXCEEDED") && some.len() > 1 => {
                let half = some.split_off(some.len() / 2);
                waiting.push_front(half);
                waiting.push_front(some);
            }
            Err(error) if sent || error.may_have_taken_effect => {
                settled.extend(unknown(some));
                settled.extend(waiting.drain(..).flat_map(unknown));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(settled)
}

async fn call(shop: &Shop<'_>, op: &'static str, writes: &[StockWrite], moves: &[Move]) -> Result<Vec<Word>> {
    let mut variables = Map::new();
    for (at, moved) in moves.iter().enumerate() {
        let Some(write) = writes.get(moved.row) else { continue };
        let quantities: Vec<Value> = moved
            .places
            .iter()
            .map(|(location, from, to)| {
                json!({
                    "inventoryItemId": gid("InventoryItem", &moved.item),
                    "locationId": gid("Location", location),
                    "changeFromQuantity": from.to_i64(),
                    "quantity": to.to_i64(),
                })
            })
            .collect();
        let input = json!({
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": format!("gid://storeloom/Write/{}", write.write),
            "quantities": quantities,
        });
        variables.insert(format!("input{at}"), input);
        variables.insert(format!("key{at}"), Value::String(moved.key.clone()));
    }
    let asked = Asked { op, writes: true };
    let answer = shop.send(asked, &document(moves.len()), Value::Object(variables)).await?;
    words(&answer, moves.len())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    user_errors: Vec<UserError>,
}

/// What the shop says to each of so many fields.
fn words(answer: &Answer, fields: usize) -> Result<Vec<Word>> {
    // An error of one field is that field's; its brothers have their own answers.
    let mut data: BTreeMap<String, Option<Field>> = answer.shaped_but(|error| error.root().is_some())?;
    let word = |at: usize| {
        let name = format!("write{at}");
        match data.remove(&name).flatten() {
            Some(field) => read(&field.user_errors),
            None => {
                let denied = answer
                    .errors()
                    .iter()
                    .find(|error| error.root() == Some(&name) && error.code() == "ACCESS_DENIED");
                Word::Verdict(denied.map_or(Verdict::Unknown, |_| {
                    Verdict::Refused(Cow::Borrowed(
                        "the app may not write stock: allow `write_inventory` in its settings and connect the store again",
                    ))
                }))
            }
        }
    };
    Ok((0..fields).map(word).collect())
}

/// What the complaints about one move mean, in a few words.
pub(crate) fn complaint(errors: &[UserError]) -> String {
    match read(errors) {
        Word::Verdict(verdict) => format!("{verdict:?}").split('(').next().unwrap_or_default().to_lowercase(),
        Word::FailedBefore => "failed before".to_owned(),
    }
}

/// What the complaints about one move mean.
fn read(errors: &[UserError]) -> Word {
    let has = |code: &str| errors.iter().any(|error| error.code() == code);
    let Some(first) = errors.first() else { return Word::Verdict(Verdict::Done) };
    if has("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED") {
        return Word::FailedBefore;
    }
    Word::Verdict(if has("IDEMPOTENCY_CONCURRENT_REQUEST") {
        Verdict::Unknown
    } else if has("IDEMPOTENCY_KEY_PARAMETER_MISMATCH") {
        Verdict::Known
    } else if has("CHANGE_FROM_QUANTITY_STALE") || has("COMPARE_QUANTITY_STALE") {
        Verdict::Stale
    } else if has("INVALID_INVENTORY_ITEM") {
        Verdict::Refused(Cow::Borrowed("the shop does not have this variant any more; it was deleted"))
    } else if has("INVALID_LOCATION") {
        Verdict::Nowhere
    } else {
        Verdict::Refused(Cow::Owned(format!("the shop refuses the number: {}", shown(&first.message))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_grows_by_fields() {
        assert_eq!(grown(1), document(1));
        assert!(
            document(3).contains("write2: inventorySetQuantities(input: $input2) @idempotent(key: $key2)")
        );
    }

    fn planned(levels: &[i64], sum: i64, compare: i64, value: i64) -> Vec<(usize, i64, i64)> {
        let standing = Standing {
            item: "1".into(),
            tracked: true,
            sum: sum.into(),
            stocked: true,
            levels: levels.iter().enumerate().map(|(at, units)| (at.to_string(), (*units).into())).collect(),
        };
        let places = plan(&standing, compare.into(), value.into()).unwrap_or_default();
        let number = |number: Decimal| number.to_i64().unwrap();
        places.iter().map(|(at, from, to)| (at.parse().unwrap(), number(*from), number(*to))).collect()
    }

    #[test]
    fn units_are_put_where_most_are_and_taken_there_first() {
        assert_eq!(planned(&[5, 2], 7, 7, 9), [(0, 5, 7)]);
        assert_eq!(planned(&[5, 2], 7, 7, 4), [(0, 5, 2)]);
        assert_eq!(planned(&[5, 2], 7, 7, 1), [(0, 5, 0), (1, 2, 1)]);
        assert_eq!(planned(&[5, 2], 7, 7, -1), [(0, 5, -1), (1, 2, 0)]);
        assert_eq!(planned(&[0, -2], -2, -2, -3), [(0, 0, -1)]);
        assert_eq!(planned(&[], 0, 0, 1), []);
    }

    #[test]
    fn a_sum_that_was_not_expected_only_asks_what_became_of_the_write() {
        // Whatever stands at the location, it is not what is compared: nothing can be written by it.
        assert_eq!(planned(&[3, 2], 5, 7, 5), [(0, 5, 3)]);
        assert_eq!(planned(&[9], 9, 7, 8), [(0, 8, 9)]);
    }

    #[test]
    fn complaints_have_a_meaning() {
        let word = |code: &str| {
            let json = format!(r#"[{{"field":["input","quantities","0"],"message":"no","code":"{code}"}}]"#);
            match read(&serde_json::from_str::<Vec<UserError>>(&json).unwrap()) {
                Word::Verdict(verdict) => format!("{verdict:?}"),
                Word::FailedBefore => "FailedBefore".to_owned(),
            }
        };
        assert_eq!(word("CHANGE_FROM_QUANTITY_STALE"), "Stale");
        assert_eq!(word("IDEMPOTENCY_CONCURRENT_REQUEST"), "Unknown");
        assert_eq!(word("IDEMPOTENCY_KEY_PARAMETER_MISMATCH"), "Known");
        assert_eq!(word("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"), "FailedBefore");
        assert_eq!(word("INVALID_LOCATION"), "Nowhere");
        assert!(word("INVALID_INVENTORY_ITEM").contains("deleted"));
        assert!(word("INVALID_QUANTITY_TOO_HIGH").contains("refuses the number: no"));
    }
}
