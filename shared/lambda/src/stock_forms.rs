//! The forms of the item page: units that people move, what bundles are made of, and new locations.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use domain::LocationId;
use hub::HubError;
use hub::stock_room::{ByHand, Deed};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::desk::Desk;
use crate::pages::{Visitor, page, same_site};
use crate::problem::Problem;
use crate::v1::{id, item_of, parts_of};

pub(crate) fn acts() -> Router<Desk> {
    Router::new()
        .route("/move/{item}", post(book))
        .route("/bundle/{item}", post(make))
        .route("/locations", post(add))
}

/// What a form of the stock room says.
#[derive(Deserialize)]
struct Move {
    r#do: String,
    units: String,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    note: String,
    key: String,
}

impl Move {
    fn deed(&self) -> Result<Deed, Problem> {
        let units = units(&self.units)?;
        let read = |named: &Option<String>| match named.as_deref() {
            None | Some("") => Ok(LocationId::main()),
            Some(named) => id("location", named),
        };
        let at = read(&self.at)?;
        Ok(match self.r#do.as_str() {
            "receive" => Deed::Receive { units, at },
            "count" => Deed::Count { units, at },
            "adjust" => Deed::Adjust { by: units, at },
            "transfer" => Deed::Transfer { units, from: at, to: read(&self.to)? },
            other => {
                return Err(
                    HubError::Invalid(format!("`{}` is nothing that is done here", short(other))).into()
                );
            }
        })
    }
}

/// The units that somebody typed.
pub(crate) fn units(typed: &str) -> Result<Decimal, HubError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(HubError::Invalid("say how many units".to_owned()));
    }
    typed.parse().map_err(|_| HubError::Invalid(format!("`{}` is no number of units", short(typed))))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

async fn book(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, actor): Visitor,
    Path(item): Path<String>,
    Form(form): Form<Move>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let item = item_of(&org, &item)?;
    let deed = match form.deed() {
        Ok(deed) => deed,
        Err(problem) => return Ok(refused(&problem)),
    };
    let asked = ByHand { deed, note: form.note, key: form.key, actor };
    match desk.0.stock_room.book(&org, &item, &asked).await {
        Ok(_) => Ok(Redirect::to(&format!("/items/{item}/why")).into_response()),
        Err(error) => Ok(refused(&error.into())),
    }
}

/// What a form says that an item is made of: a line for each part, its SKU and its units.
#[derive(Deserialize)]
struct Made {
    #[serde(default)]
    parts: String,
}

/// The SKU and the units of a line such as `CUP-1 2`; without units, one.
fn part(line: &str) -> (&str, Decimal) {
    let line = line.trim();
    let split = line.rsplit_once(char::is_whitespace);
    split.and_then(|(sku, units)| Some((sku.trim(), units.parse().ok()?))).unwrap_or((line, Decimal::ONE))
}

async fn make(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, _): Visitor,
    Path(item): Path<String>,
    Form(form): Form<Made>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let item = item_of(&org, &item)?;
    let lines = form.parts.lines().filter(|line| !line.trim().is_empty()).map(part);
    let parts = match parts_of(&org, lines) {
        Ok(parts) => parts,
        Err(problem) => return Ok(refused(&problem)),
    };
    match desk.0.bundles.make(&org, &item, &parts).await {
        Ok(_) => Ok(Redirect::to(&format!("/items/{item}/why")).into_response()),
        Err(error) => Ok(refused(&error.into())),
    }
}

/// What a form of a new location says.
#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    back: String,
}

async fn add(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, _): Visitor,
    Form(form): Form<Named>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    if let Err(error) = desk.0.locations.add(&org, &form.name).await {
        return Ok(refused(&error.into()));
    }
    let back = item_of(&org, &form.back).map_or("/".to_owned(), |item| format!("/items/{item}/why"));
    Ok(Redirect::to(&back).into_response())
}

/// What was refused, as a page with the status of the refusal.
fn refused(problem: &Problem) -> Response {
    let said = format!("{}. Nothing was booked.", problem.detail());
    (problem.status(), page(console::message("Not booked", &said))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_part_and_how_many_of_it() {
        let table = [
            ("CUP-1 2", "CUP-1", "2"),
            (" green tea   0.25 ", "green tea", "0.25"),
            ("CUP-1", "CUP-1", "1"),
            ("7", "7", "1"),
            ("100 2", "100", "2"),
            ("cup of tea", "cup of tea", "1"),
        ];
        for (line, sku, units) in table {
            assert_eq!(part(line), (sku, units.parse().unwrap()), "{line}");
        }
    }
}
