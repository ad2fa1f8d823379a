//! The program that `cargo run` starts.

fn main() {}
