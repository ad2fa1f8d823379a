//! Events in, answers out: routers and batches.
