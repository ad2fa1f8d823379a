//! Saying what a recorded answer becomes.
