//! What a strategy may change about a world.

use std::sync::Arc;

use hub::Outside;
use platform::Platform;

use crate::mall::Street;

/// What a strategy may change about a world: it wraps the outside of the hub or its platforms.
pub trait Bend: std::marker::Sync {
    /// The outside as the hub is handed it.
    fn outside(&self, outside: Outside) -> Outside {
        outside
    }
    /// A platform as the hub is handed it.
    fn street(&self, street: Arc<Street>) -> Arc<dyn Platform> {
        street
    }
}

/// The world as it is.
pub struct Straight;

impl Bend for Straight {}
