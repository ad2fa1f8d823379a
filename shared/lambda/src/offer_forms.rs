//! The forms that say how many units a shop may offer: of one item, or of all.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use console::{RefusedOffer, TypedOffer};
use domain::LinkId;
use hub::HubError;
use hub::allocate::Wish;
use serde::Deserialize;

use crate::desk::Desk;
use crate::pages::{Visitor, item_page, same_site, store_page};
use crate::problem::Problem;
use crate::stock_forms::units;
use crate::v1::{id, item_of, store_of};

pub(crate) fn acts() -> Router<Desk> {
    Router::new().route("/allot/items/{item}", post(for_link)).route("/allot/stores/{store}", post(for_store))
}

/// What a form says that may be offered.
#[derive(Deserialize)]
struct Offered {
    #[serde(default)]
    link: String,
    mode: String,
    #[serde(default)]
    buffer: String,
    #[serde(default)]
    units: String,
}

impl Offered {
    /// What is wished.
    fn wish(&self) -> Result<Wish, HubError> {
        let buffer = || Some(self.buffer.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let units = || units(&self.units);
        match self.mode.as_str() {
            "as-store" => Ok(Wish::AsStore),
            "shared" => Ok(Wish::Shared { buffer: buffer() }),
            "capped" => Ok(Wish::Capped { at_most: units()?, buffer: buffer() }),
            "quota" => Ok(Wish::Quota { units: units()? }),
            _ => Err(HubError::Invalid("choose what the shop offers".to_owned())),
        }
    }

    /// What was typed and refused, if the refusal is one of what was typed: its page shows it.
    fn refused(self, link: Option<LinkId>, problem: &Problem) -> Option<RefusedOffer> {
        let why = problem.detail().to_owned();
        let typed = TypedOffer { mode: self.mode, buffer: self.buffer, units: self.units };
        problem.status().is_client_error().then_some(RefusedOffer { link, typed, why })
    }
}

async fn for_link(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, _): Visitor,
    Path(item): Path<String>,
    Form(offered): Form<Offered>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let item = item_of(&org, &item)?;
    let link: LinkId = id("link", &offered.link)?;
    if desk.0.ledger.link(&org, &link).await?.is_none_or(|link| link.item != item) {
        return Err(HubError::not_found("link of the item", link).into());
    }
    let done = match offered.wish() {
        Ok(wish) => desk.0.allocate.link(&org, &link, wish).await.map(|_| ()),
        Err(error) => Err(error),
    };
    let Err(error) = done else {
        return Ok(Redirect::to(&format!("/items/{item}/why#offers")).into_response());
    };
    let problem = Problem::from(error);
    let Some(refused) = offered.refused(Some(link), &problem) else { return Err(problem) };
    let mut response = item_page(&desk, &org, &item, None, Some(&refused)).await?;
    *response.status_mut() = problem.status();
    Ok(response)
}

async fn for_store(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Visitor(org, _): Visitor,
    Path(store): Path<String>,
    Form(offered): Form<Offered>,
) -> Result<Response, Problem> {
    same_site(&desk, &headers)?;
    let store = store_of(&desk, &org, &store).await?;
    let done = match offered.wish() {
        Ok(wish) => desk.0.allocate.store(&org, &store.id, wish).await.map(|_| ()),
        Err(error) => Err(error),
    };
    let Err(error) = done else {
        return Ok(Redirect::to(&format!("/stores/{}#offers", store.id)).into_response());
    };
    let problem = Problem::from(error);
    let Some(refused) = offered.refused(None, &problem) else { return Err(problem) };
    let mut response = store_page(&desk, store, Some(&refused)).await?;
    *response.status_mut() = problem.status();
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(mode: &str, buffer: &str, units: &str) -> Offered {
        let [mode, buffer, units] = [mode, buffer, units].map(str::to_owned);
        Offered { link: String::new(), mode, buffer, units }
    }

    #[test]
    fn what_a_form_says_is_what_is_wished() {
        let held = |text: &str| Some(text.to_owned());
        let table = [
            (offered("as-store", "2", "7"), Wish::AsStore),
            (offered("shared", "", ""), Wish::Shared { buffer: None }),
            (offered("shared", " 10% ", "7"), Wish::Shared { buffer: held("10%") }),
            (offered("capped", "2", " 5 "), Wish::Capped { at_most: 5.into(), buffer: held("2") }),
            (offered("quota", "", "4"), Wish::Quota { units: 4.into() }),
        ];
        for (form, wish) in table {
            assert_eq!(form.wish().unwrap(), wish);
        }
        for (form, why) in [
            (offered("quota", "", ""), "say how many units"),
            (offered("capped", "", "some"), "`some` is no number of units"),
            (offered("everything", "", ""), "choose what the shop offers"),
        ] {
            assert_eq!(form.wish().unwrap_err().to_string(), why);
        }
    }
}
