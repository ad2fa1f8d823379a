//! A scripted shop, and what the crate makes of its answers.

mod documents;
