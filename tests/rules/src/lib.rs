//! The house rules, executable.
//!
//! Each rule reads the tree as it is, tells what it met and what breaks it, and fails when it met nothing:
//! a rule that looks at the wrong place must not pass. Beside each stands a test that plants a violation.

pub mod attributes;
pub mod decisions;
pub mod findings;
pub mod functions;
pub mod house;
pub mod imports;
pub mod lengths;
pub mod members;
pub mod names;
pub mod outsiders;
pub mod roles;
pub mod secrets;
pub mod source;
pub mod speech;
pub mod template;
pub mod versions;

#[cfg(test)]
pub(crate) mod planted;
