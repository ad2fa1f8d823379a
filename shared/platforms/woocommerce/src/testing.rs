//! test fakes
