//! The use-cases of Storeloom.
