//! Requests in, answers out.
//!
//! The routers that the desk serves on its port and that functions serve behind API Gateway, the one function
//! that turns errors into HTTP answers, and the worker that turns queue messages into use-cases.

mod auth;
mod budget;
mod desk;
mod oauth;
mod pages;
mod problem;
mod v1;
mod webhooks;
mod worker;

pub use desk::{Desk, router};
pub use problem::Problem;
pub use worker::Worker;
