//! The one HTTP client and its layers: time limit, size limit, egress guard.
