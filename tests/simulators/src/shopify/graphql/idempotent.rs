//! Idempotency keys: a call that is sent again gets the first answer.

use super::thing::{Out, user_error};
use super::variables::{self, Variables};
use apollo_compiler::Node;
use apollo_compiler::executable::Field;
use serde_json::Value as Json;

/// The first answer to a key.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Mutation and arguments.
    pub(crate) asked: String,
    pub(crate) out: Out,
    pub(crate) failed: bool,
}

/// Mutations that are not carried out without a key.
pub(crate) fn required(name: &str) -> bool {
    matches!(
        name,
        "inventoryActivate" | "inventoryAdjustQuantities" | "inventorySetQuantities" | "refundCreate"
    )
}

/// The key on a field.
pub(crate) fn key(field: &Node<Field>, variables: &Variables) -> Option<String> {
    let value = field.directives.get("idempotent")?.specified_argument_by_name("key")?;
    variables::of_directive(value, variables).as_str().map(str::to_owned)
}

/// The payload of a call whose key stands in its way.
pub(crate) fn refusal(code: &str, message: &str) -> Out {
    errors(vec![user_error(&[], message, Some(code))])
}

/// A payload with nothing but errors.
pub(crate) fn errors(errors: Vec<Json>) -> Out {
    Out::made("", vec![("userErrors", Out::plain("", Json::Array(errors)))])
}
