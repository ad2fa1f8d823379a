//! Reading and writing the numbers that the shop shows. Why by difference: see the README.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use async_trait::async_trait;
use domain::OnHand;
use http::Method;
use platform::{
    Ctx, ErrorKind, Outcome, PlatformError, PushStock, ReadStock, Result, ShownLevel, StockWrite, VariantName,
};
use serde::Deserialize;
use serde_json::{Number, Value, json};

use crate::WooCommerce;
use crate::call::{Call, Shop};
use crate::fetch::digits;
use crate::limits::MOST_PER_PAGE;
use crate::listing::path_of;
use crate::page::{Page, read_page};
use crate::read::Complaint;
use crate::wire::loose::List;
use crate::wire::product::{Managed, Product};

const READ: &str = "read_stock";
const PUSH: &str = "push_stock";
const LEVEL_FIELDS: &str = "id,type,parent_id,manage_stock,stock_quantity";

#[async_trait]
impl ReadStock for WooCommerce {
    async fn read_stock(&self, ctx: &Ctx<'_>, variants: &[VariantName]) -> Result<Vec<ShownLevel>> {
        let shop = Shop::open(ctx)?;
        let mut products = BTreeSet::new();
        let mut variations: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for name in variants {
            let (product, variant) = (name.product.as_str(), name.variant.as_str());
            // An id that is no number is in no list: it shows no level.
            if digits(READ, product).is_err() || digits(READ, variant).is_err() {
                continue;
            }
            if product == variant {
                products.insert(variant);
            } else {
                variations.entry(product).or_default().insert(variant);
            }
        }
        let mut levels: BTreeMap<String, OnHand> = BTreeMap::new();
        let products: Vec<&str> = products.into_iter().collect();
        let call = Call::get(READ, "products").with("status", "any");
        note_levels(ctx, &shop, call, &products, &mut levels).await?;
        variation_levels(ctx, &shop, &variations, &mut levels).await?;
        let shown = |name: &VariantName| ShownLevel {
            variant: name.variant.clone(),
            level: levels.get(name.variant.as_str()).copied(),
        };
        Ok(variants.iter().map(shown).collect())
    }
}

async fn variation_levels(
    ctx: &Ctx<'_>,
    shop: &Shop<'_>,
    variations: &BTreeMap<&str, BTreeSet<&str>>,
    levels: &mut BTreeMap<String, OnHand>,
) -> Result<()> {
    // One parent is asked directly; several at once where the shop can list all variations.
    if shop.route.variations && variations.len() > 1 {
        let all: Vec<&str> = variations.values().flatten().copied().collect();
        match note_levels(ctx, shop, Call::get(READ, "variations"), &all, levels).await {
            Err(error) if error.kind == ErrorKind::Unsupported => {}
            done => return done,
        }
    }
    for (product, ids) in variations {
        let ids: Vec<&str> = ids.iter().copied().collect();
        let call = Call::get(READ, format!("products/{product}/variations"));
        match note_levels(ctx, shop, call, &ids, levels).await {
            Err(error) if error.kind == ErrorKind::NotFound => {}
            done => done?,
        }
    }
    Ok(())
}

/// Reads the levels of some ids from a list.
async fn note_levels(
    ctx: &Ctx<'_>,
    shop: &Shop<'_>,
    call: Call,
    ids: &[&str],
    levels: &mut BTreeMap<String, OnHand>,
) -> Result<()> {
    for some in ids.chunks(usize::try_from(MOST_PER_PAGE).unwrap_or(100)) {
        let call = call.clone().with("include", some.join(",")).with("_fields", LEVEL_FIELDS);
        let mut from = Some(0);
        while let Some(offset) = from {
            let page: Page<Product> = read_page(ctx, shop, &call, offset, MOST_PER_PAGE).await?;
            for row in &page.rows {
                if let (Some(id), Some(level)) = (&row.id.0, row.level()) {
                    levels.insert(id.clone(), level);
                }
            }
            from = page.next;
        }
    }
    Ok(())
}

#[async_trait]
impl PushStock for WooCommerce {
    async fn push_stock(&self, ctx: &Ctx<'_>, writes: &[StockWrite]) -> Result<Vec<Outcome>> {
        let shop = Shop::open(ctx)?;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; writes.len()];
        let mut groups = VecDeque::from(group(writes, &mut outcomes));
        let mut sent_any = false;
        while let Some(group) = groups.pop_front() {
            match send(&shop, &group).await {
                Ok(answers) => {
                    sent_any = true;
                    for (row, outcome) in group.rows.iter().zip(answers) {
                        set(&mut outcomes, row.place, outcome);
                    }
                }
                // Too many rows for this shop: nothing was done, so halves are sent.
                Err(error) if error.code.as_deref() == Some(TOO_MANY) && group.rows.len() > 1 => {
                    let (first, second) = group.halves();
                    groups.push_front(second);
                    groups.push_front(first);
                }
                Err(error) if error.may_have_taken_effect => {
                    for row in &group.rows {
                        set(&mut outcomes, row.place, Outcome::Unknown);
                    }
                    // The shop is in trouble: what was not sent yet waits for another time.
                    if !sent_any
                        && groups.is_empty()
                        && outcomes.iter().all(|it| it == &Some(Outcome::Unknown))
                    {
                        return Ok(vec![Outcome::Unknown; writes.len()]);
                    }
                    break;
                }
                Err(error) if !sent_any && outcomes.iter().all(Option::is_none) => return Err(error),
                Err(_) => break,
            }
        }
        // What was not reached is unknown to the caller, who reads before it writes again: safe, if slow.
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Unknown)).collect())
    }
}

const TOO_MANY: &str = "woocommerce_rest_request_entity_too_large";

/// One number on its way.
struct Row {
    /// Its place among the writes.
    place: usize,
    /// The variant's id.
    id: String,
    /// By how much the number moves, as JSON.
    delta: Value,
    name: VariantName,
}

/// Numbers that go in one request: products, or the variations of one product.
struct Group {
    /// The product whose variations they are.
    parent: Option<String>,
    rows: Vec<Row>,
}

impl Group {
    fn halves(self) -> (Self, Self) {
        let mut first = self.rows;
        let second = first.split_off(first.len() / 2);
        (Self { parent: self.parent.clone(), rows: first }, Self { parent: self.parent, rows: second })
    }
}

fn set(outcomes: &mut [Option<Outcome>], place: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(place) {
        *slot = Some(outcome);
    }
}

/// Spreads the writes over requests; what needs none has its outcome at once.
fn group(writes: &[StockWrite], outcomes: &mut [Option<Outcome>]) -> Vec<Group> {
    let mut groups: BTreeMap<Option<String>, Vec<Row>> = BTreeMap::new();
    for (place, write) in writes.iter().enumerate() {
        let name = &write.variant;
        let (product, variant) = (name.product.as_str(), name.variant.as_str());
        let delta = write.value.since(write.compare);
        if digits(PUSH, product).is_err() || digits(PUSH, variant).is_err() {
            set(outcomes, place, refused("the shop numbers its records, and this id is no number"));
            continue;
        }
        if delta.is_zero() {
            set(outcomes, place, Outcome::Applied { now: None });
            continue;
        }
        let Ok(number) = delta.units().to_string().parse::<Number>() else {
            set(outcomes, place, refused("the difference cannot be written as a number"));
            continue;
        };
        let parent = (product != variant).then(|| product.to_owned());
        let row = Row { place, id: variant.to_owned(), delta: Value::Number(number), name: name.clone() };
        groups.entry(parent).or_default().push(row);
    }
    groups.into_iter().map(|(parent, rows)| Group { parent, rows }).collect()
}

fn refused(why: impl Into<Cow<'static, str>>) -> Outcome {
    Outcome::Refused { why: why.into() }
}

/// Sends one group; one outcome per row.
async fn send(shop: &Shop<'_>, group: &Group) -> Result<Vec<Outcome>> {
    if let [row] = group.rows.as_slice() {
        return send_one(shop, row).await.map(|outcome| vec![outcome]);
    }
    let rows: Vec<Value> = group
        .rows
        .iter()
        .map(|row| json!({ "id": id_number(&row.id), "inventory_delta": row.delta }))
        .collect();
    let path = match &group.parent {
        Some(parent) => format!("products/{parent}/variations/batch"),
        None => "products/batch".to_owned(),
    };
    let answer = shop.ask(&Call::send(PUSH, Method::POST, path, &json!({ "update": rows }))).await?;
    let answered: BatchAnswer = answer.shaped()?;
    Ok(match_rows(&group.rows, answered.update.0))
}

async fn send_one(shop: &Shop<'_>, row: &Row) -> Result<Outcome> {
    let body = json!({ "inventory_delta": row.delta });
    match shop.ask(&Call::send(PUSH, Method::PUT, path_of(PUSH, &row.name)?, &body)).await {
        Ok(answer) => Ok(outcome_of(&answer.shaped()?)),
        Err(error) => refusal_of(error),
    }
}

/// A refusal of the one row; anything else is an error of the call.
fn refusal_of(error: PlatformError) -> Result<Outcome> {
    match error.kind {
        ErrorKind::NotFound | ErrorKind::Rejected if !error.may_have_taken_effect => {
            Ok(refused(error.message))
        }
        _ => Err(error),
    }
}

#[derive(Debug, Deserialize)]
struct BatchAnswer {
    #[serde(default)]
    update: List<Product>,
}

fn id_number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| Value::String(id.to_owned()), Value::from)
}

/// The outcome of each row: the shop answers in the order it was asked, and every answer names its record.
fn match_rows(rows: &[Row], mut answers: Vec<Product>) -> Vec<Outcome> {
    rows.iter()
        .map(|row| {
            let found = answers.iter().position(|answer| answer.id.0.as_deref() == Some(row.id.as_str()));
            match found {
                Some(at) => outcome_of(&answers.remove(at)),
                None => Outcome::Unknown,
            }
        })
        .collect()
}

/// What became of a row, from what the shop shows afterwards.
pub(crate) fn outcome_of(answer: &Product) -> Outcome {
    if let Some(complaint) = &answer.error.0 {
        return complaint_of(complaint);
    }
    match answer.managed() {
        Managed::Itself => Outcome::Applied { now: answer.level() },
        Managed::ByParent => refused("the shop counts this variation at its product; read the catalog again"),
        Managed::No => refused(
            "the shop does not count this product; switch on \u{201c}Track stock quantity\u{201d} for it in the shop",
        ),
    }
}

fn complaint_of(complaint: &Complaint) -> Outcome {
    if complaint.status().is_some_and(|status| status >= 500) {
        return Outcome::Unknown;
    }
    let code = complaint.code.0.as_str();
    if code.ends_with("_invalid_id") {
        return refused("the shop does not have this product any more; it was deleted");
    }
    let code: String =
        code.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(60).collect();
    refused(format!("the shop refuses the number ({code}); look at the product in the shop"))
}
