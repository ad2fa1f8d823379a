//! The command line over the HTTP API.
