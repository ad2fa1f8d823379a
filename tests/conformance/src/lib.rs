//! What must hold for every adapter of a port, written once.
