//! The platforms that this hub was handed, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::PlatformSlug;
use platform::Platform;

use crate::{HubError, Result};

/// The platforms that this hub was handed.
#[derive(Clone)]
pub struct Platforms(Arc<BTreeMap<PlatformSlug, Arc<dyn Platform>>>);

impl Platforms {
    /// Takes the platforms that the program links.
    #[must_use]
    pub fn new(platforms: Vec<Arc<dyn Platform>>) -> Self {
        Self(Arc::new(platforms.into_iter().map(|platform| (platform.slug(), platform)).collect()))
    }

    /// Finds a platform by its name.
    ///
    /// # Errors
    /// [`HubError::NotFound`] for a name that is not linked.
    pub fn get(&self, slug: &PlatformSlug) -> Result<&Arc<dyn Platform>> {
        self.0.get(slug).ok_or_else(|| HubError::not_found("platform", slug))
    }
}
