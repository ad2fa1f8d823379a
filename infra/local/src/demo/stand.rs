//! A simulated shop of either platform, as the demo sees it.

use std::collections::BTreeMap;

use domain::PlatformSlug;
use hub::connect::Connect;
use secrecy::SecretString;
use simulators::shopify::StockWrite;
use simulators::{shopify, woocommerce};
use url::Url;

use super::Failure;
use super::browser::get;
use crate::desk::Desk;

/// A simulated shop.
pub(crate) enum Stand {
    /// Of WooCommerce.
    WooCommerce(Box<woocommerce::Shop>),
    /// Of Shopify.
    Shopify(Box<shopify::Shop>),
}

/// One thing that can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) id: u64,
    pub(crate) sku: String,
    pub(crate) listed: bool,
    /// The number of its own that the shop shows for it; none if it has none.
    pub(crate) quantity: Option<i64>,
}

/// Who moved a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// An order: a buyer, a refund, a cancellation.
    Order,
    /// A write of ours.
    Us,
    /// The merchant.
    Merchant,
}

/// A number that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) at: String,
    pub(crate) id: u64,
    pub(crate) before: i64,
    pub(crate) after: i64,
    pub(crate) by: By,
}

/// What goes wrong with webhooks while buyers come, as shares of all.
const DROPPED: f64 = 0.1;
const DOUBLED: f64 = 0.2;
const REORDERED: f64 = 0.3;

impl Stand {
    pub(crate) fn platform(&self) -> PlatformSlug {
        PlatformSlug::new(match self {
            Self::WooCommerce(_) => "woocommerce",
            Self::Shopify(_) => "shopify",
        })
    }

    /// The address that its owner would type.
    pub(crate) fn address(&self) -> &str {
        match self {
            Self::WooCommerce(shop) => shop.url(),
            Self::Shopify(shop) => shop.domain(),
        }
    }

    pub(crate) fn ca_pem(&self) -> Option<&str> {
        match self {
            Self::WooCommerce(shop) => shop.ca_pem(),
            Self::Shopify(shop) => shop.ca_pem(),
        }
    }

    /// The shop's name and where it is on this machine, if it is called by a name of its platform.
    pub(crate) fn stand_in(&self) -> Option<(String, std::net::SocketAddr)> {
        match self {
            Self::WooCommerce(_) => None,
            Self::Shopify(shop) => Some((shop.domain().to_owned(), shop.address())),
        }
    }

    /// Plays the owner who lets the hub in.
    pub(crate) async fn join(&self, desk: &Desk, connect: &Connect) -> Result<(), Failure> {
        let page = connect.begin(&desk.org, &self.platform(), self.address(), "").await?;
        match self {
            Self::WooCommerce(shop) => {
                shop.approve(page.as_str()).await?;
            }
            Self::Shopify(shop) => {
                let sent = get(&desk.url, page.as_str(), None).await?;
                let at = sent.location.ok_or_else(|| format!("the hub answered {}", sent.status))?;
                let back = shop.approve(&at).await?;
                let landed = get(&desk.url, &back, sent.cookie.as_deref()).await?;
                if !landed.status.is_redirection() {
                    return Err(format!("the hub took the shop's answer with {}", landed.status).into());
                }
            }
        }
        Ok(())
    }

    pub(crate) fn shelves(&self) -> Vec<Shelf> {
        match self {
            Self::WooCommerce(shop) => shop
                .window()
                .stock()
                .into_iter()
                .map(|row| Shelf {
                    id: row.id,
                    sku: row.sku.trim().to_owned(),
                    listed: row.status != "trash",
                    quantity: row.quantity.filter(|_| row.held_by == "own"),
                })
                .collect(),
            Self::Shopify(shop) => shop
                .window()
                .stock()
                .into_iter()
                .map(|row| Shelf {
                    id: row.id,
                    sku: row.sku.trim().to_owned(),
                    listed: true,
                    quantity: row.quantity,
                })
                .collect(),
        }
    }

    pub(crate) fn quantity(&self, id: u64) -> Option<i64> {
        match self {
            Self::WooCommerce(shop) => shop.window().quantity(id),
            Self::Shopify(shop) => shop.window().quantity(id),
        }
    }

    /// Every number that moved since the logs were cleared.
    pub(crate) fn moved(&self) -> Vec<Moved> {
        let who = |by: &str| match by.split_once(':').map(|(who, _)| who) {
            Some("order") => By::Order,
            Some("api") => By::Us,
            Some(_) | None => By::Merchant,
        };
        match self {
            Self::WooCommerce(shop) => shop
                .window()
                .stock_log()
                .into_iter()
                .filter_map(|write| {
                    let by = who(&write.by);
                    let (before, after) = (write.before?, write.after?);
                    Some(Moved { at: write.at, id: write.product, before, after, by })
                })
                .collect(),
            Self::Shopify(shop) => shop
                .window()
                .stock_log()
                .into_iter()
                .filter(|write| write.name == "available")
                .map(|write| {
                    let by = who(&write.by);
                    let StockWrite { at, variant, before, after, .. } = write;
                    Moved { at, id: variant, before, after, by }
                })
                .collect(),
        }
    }

    pub(crate) fn clear_logs(&self) {
        match self {
            Self::WooCommerce(shop) => shop.window().clear_logs(),
            Self::Shopify(shop) => shop.window().clear_logs(),
        }
    }

    /// A buyer takes units of one thing: the order and its line, or none if they came too late.
    pub(crate) fn buy(&self, id: u64, units: i64) -> Option<(u64, u64)> {
        match self {
            Self::WooCommerce(shop) => {
                let order = shop.buy(&woocommerce::Basket::of(id, units)).ok()?;
                Some((order.id, order.lines.first()?.id))
            }
            Self::Shopify(shop) => {
                let order = shop.buy(&shopify::Basket::of(id, units)).ok()?;
                Some((order.id, order.lines.first()?.id))
            }
        }
    }

    /// The merchant types a number over the one that is shown.
    pub(crate) fn type_number(&self, id: u64, units: i64) -> bool {
        match self {
            Self::WooCommerce(shop) => shop.admin().set_stock(id, units),
            Self::Shopify(shop) => shop.admin().set_stock(id, units),
        }
    }

    pub(crate) fn cancel(&self, order: u64) -> bool {
        match self {
            Self::WooCommerce(shop) => shop.admin().cancel_order(order),
            Self::Shopify(shop) => shop.admin().cancel_order(order, true),
        }
    }

    pub(crate) fn refund(&self, order: u64, line: u64) -> bool {
        match self {
            Self::WooCommerce(shop) => shop.admin().refund(order, line, 1, true).is_some(),
            Self::Shopify(shop) => shop.admin().refund(order, line, 1, true).is_some(),
        }
    }

    pub(crate) fn send_off(&self, order: u64) -> bool {
        match self {
            Self::WooCommerce(shop) => shop.admin().complete_order(order),
            Self::Shopify(shop) => !shop.admin().fulfil_order(order).is_empty(),
        }
    }

    /// Webhooks are dropped, doubled and reordered, or not any more.
    pub(crate) fn trouble(&self, on: bool) {
        let share = |share: f64| if on { share } else { 0.0 };
        match self {
            Self::WooCommerce(shop) => shop.faults().deliveries(woocommerce::DeliveryFaults {
                stalled: false,
                drop_rate: share(DROPPED),
                duplicate_rate: share(DOUBLED),
                reorder_rate: share(REORDERED),
            }),
            Self::Shopify(shop) => shop.faults().deliveries(shopify::DeliveryFaults {
                drop_rate: share(DROPPED),
                duplicate_rate: share(DOUBLED),
                reorder_rate: share(REORDERED),
                ..shopify::DeliveryFaults::default()
            }),
        }
    }

    pub(crate) async fn drain(&self) {
        match self {
            Self::WooCommerce(shop) => shop.drain().await,
            Self::Shopify(shop) => shop.drain().await,
        };
    }

    pub(crate) async fn shutdown(self) {
        match self {
            Self::WooCommerce(shop) => shop.shutdown().await,
            Self::Shopify(shop) => shop.shutdown().await,
        }
    }
}

/// Two shops of WooCommerce, one over https with an authority of its own and one over plain http, and two of
/// Shopify, of which one keeps its stock at two places.
pub(crate) async fn open(seed: u64, hub: &Url, hub_ca: &str) -> Result<Vec<Stand>, Failure> {
    let mut shops = Vec::new();
    let first = seed.wrapping_mul(40);
    for (number, (name, https)) in [(0, ("Harbour Street", true)), (1, ("Mill Lane", false))] {
        let config = woocommerce::Config {
            name: name.to_owned(),
            seed: first.wrapping_add(number),
            https,
            lab: true,
            extra_ca: Some(hub_ca.to_owned()),
            remembered: 1_000_000,
            ..woocommerce::Config::default()
        };
        shops.push(Stand::WooCommerce(Box::new(woocommerce::Shop::start(config).await?)));
    }
    let app = shopify::App {
        client_id: format!("{:032x}", u128::from(first.wrapping_add(7))),
        client_secret: format!("shpss_{:032x}", u128::from(first.wrapping_add(11))),
        redirects: vec![hub.join("oauth/shopify/callback")?.to_string()],
        ..shopify::App::default()
    };
    for (number, (name, locations)) in [(2, ("Quay Market", 1)), (3, ("Castle Square", 2))] {
        let config = shopify::Config {
            name: name.to_owned(),
            seed: first.wrapping_add(number),
            app: app.clone(),
            https: true,
            lab: true,
            locations,
            extra_ca: Some(hub_ca.to_owned()),
            remembered: 1_000_000,
            ..shopify::Config::default()
        };
        shops.push(Stand::Shopify(Box::new(shopify::Shop::start(config).await?)));
    }
    Ok(shops)
}

/// What the owner of the app on Shopify tells the hub of it.
pub(crate) fn app(shops: &[Stand]) -> BTreeMap<String, SecretString> {
    let app = shops.iter().find_map(|shop| match shop {
        Stand::Shopify(shop) => Some(shop.app()),
        Stand::WooCommerce(_) => None,
    });
    let fields = app.map(|app| [("client_id", app.client_id), ("client_secret", app.client_secret)]);
    fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value.into())).collect()
}
