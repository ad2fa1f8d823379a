//! REST errors: one shape, `{code, message, data: {status, ..}}`.

use super::json::Object;
use serde_json::{Value, json};

/// An answer that is an error object.
#[derive(Clone, Debug)]
pub(crate) struct RestError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) more: Box<Object>,
}

impl RestError {
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), more: Box::default() }
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.into(), value.into());
        self
    }

    pub(crate) fn body(&self) -> Value {
        let mut data = Object::new();
        data.insert("status".into(), self.status.into());
        data.extend((*self.more).clone());
        json!({"code": self.code, "message": self.message, "data": data})
    }

    pub(crate) fn no_route() -> Self {
        Self::new(404, "rest_no_route", "No route was found matching the URL and request method.")
    }

    pub(crate) fn invalid_id(kind: &str, status: u16) -> Self {
        Self::new(status, format!("woocommerce_rest_{kind}_invalid_id"), "Invalid ID.")
    }

    pub(crate) fn no_trash(kind: &str) -> Self {
        let message = format!("{kind} do not support trashing.");
        Self::new(501, "woocommerce_rest_trash_not_supported", message)
    }

    pub(crate) fn unauthenticated(message: &str) -> Self {
        Self::new(401, "woocommerce_rest_authentication_error", message)
    }
}
