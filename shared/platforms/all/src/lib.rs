//! The list of platforms.
