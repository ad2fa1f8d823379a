//! Days of the books.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json as Answer, Router};
use domain::Day;
use hub::HubError;
use hub::daybook::Report;

use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Desk> {
    Router::new().route("/days/{day}/replay", get(replay))
}

/// Writes a day again from its vouchers, and compares that with the books.
async fn replay(
    State(desk): State<Desk>,
    Caller(org): Caller,
    Path(day): Path<String>,
) -> Result<Answer<Report>, Problem> {
    let day: Day = day.parse().map_err(|wrong: domain::day::NoDay| HubError::Invalid(wrong.to_string()))?;
    Ok(Answer(desk.0.daybook.replay(&org, day).await?))
}
