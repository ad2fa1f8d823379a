//! Reading a JSON body or an id, with an error that says what is wrong.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A JSON body; a bad one is answered 422 (413 if it is too large).
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refused(&rejection)),
        }
    }
}

fn refused(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::BytesRejection(inner) if inner.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than this hub takes")
        }
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "send JSON with the header `Content-Type: application/json`",
        ),
        // The text names the field and the place, never the value of a secret: secrets are not echoed.
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the body is not the JSON that this address takes: see its fields in the README",
        ),
        _ => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "the body could not be read"),
    }
}

/// Reads an id of ours out of a path; one that cannot be ours is not there.
pub(crate) fn id<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| hub::HubError::not_found(what, text).into())
}
