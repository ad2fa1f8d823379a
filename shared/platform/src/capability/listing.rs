//! Writing prices and titles.

use async_trait::async_trait;
use domain::RemoteProductId;
use domain::money::Money;
use domain::product::Listings;

use crate::{Ctx, Result, VariantName};

/// Writing prices and titles. The answer is what the shop shows afterwards.
#[async_trait]
pub trait WriteListing: Send + Sync {
    /// Changes the regular price of a variant.
    async fn write_price(&self, ctx: &Ctx<'_>, variant: &VariantName, price: Money) -> Result<Listings>;
    /// Changes the title of a product.
    async fn write_title(&self, ctx: &Ctx<'_>, product: &RemoteProductId, title: &str) -> Result<Listings>;
}
