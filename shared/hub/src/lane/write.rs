//! Writing prices and titles that somebody asked for.

use domain::exception::ExceptionKind;
use domain::money::Money;
use domain::order::Shipment;
use domain::{RemoteOrderId, RemoteProductId, RemoteVariantId};
use platform::VariantName;
use ports::Seen;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::{HubError, Result};

impl Lane {
    pub(super) async fn write_price(
        &self,
        shop: &Shop,
        product: &RemoteProductId,
        variant: &RemoteVariantId,
        price: Money,
    ) -> Result<Turn> {
        let name = VariantName { product: product.clone(), variant: variant.clone() };
        let write = shop.platform.write_listing().ok_or_else(|| lacks("prices"))?;
        let shown = write.write_price(&shop.ctx(), &name, price).await?;
        self.written(shop, &shown, &format!("price {variant}")).await
    }

    pub(super) async fn write_title(
        &self,
        shop: &Shop,
        product: &RemoteProductId,
        title: &str,
    ) -> Result<Turn> {
        let write = shop.platform.write_listing().ok_or_else(|| lacks("titles"))?;
        let shown = write.write_title(&shop.ctx(), product, title).await?;
        self.written(shop, &shown, &format!("title {product}")).await
    }

    /// Notes a shipment in the shop; what the order says afterwards is booked.
    pub(super) async fn fulfil(
        &self,
        shop: &Shop,
        order: &RemoteOrderId,
        shipment: &Shipment,
    ) -> Result<Turn> {
        let fulfil = shop.platform.fulfil().ok_or_else(|| lacks("shipments"))?;
        let latest = fulfil.fulfil(&shop.ctx(), order, shipment).await?;
        self.book.order(&shop.store, latest, true).await?;
        let subject = format!("shipment {order}");
        let store = &shop.store;
        self.alerts.settle(&store.org, ExceptionKind::WriteRefused, Some(&store.id), &subject).await?;
        Ok(Turn::Done)
    }

    async fn written(&self, shop: &Shop, shown: &domain::product::Listings, subject: &str) -> Result<Turn> {
        let store = &shop.store;
        self.shelves.put(store, shown, &Seen { at: self.clock.now(), run: None }).await?;
        self.alerts.settle(&store.org, ExceptionKind::WriteRefused, Some(&store.id), subject).await?;
        Ok(Turn::Done)
    }
}

fn lacks(what: &str) -> HubError {
    HubError::Invalid(format!("{what} cannot be written on this platform"))
}
