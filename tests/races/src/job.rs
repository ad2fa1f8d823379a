//! What workers of a world are busy with.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use domain::bundle::Part;
use domain::message::Inbox;
use domain::run::Stream;
use domain::store::Store;
use domain::{ExceptionId, ItemId, LinkId, OrgId, StoreId};
use hub::allocate::Wish;
use hub::settle::Right;
use platform::Delivery;

use crate::mall::slug;
use crate::world::World;

/// What a worker is busy with.
#[derive(Debug, Clone)]
pub enum Job {
    /// Taking a delivery: the shop's place and the name of what it tells.
    Receive(usize, u64),
    /// Booking a message.
    Ingest(Box<Inbox>),
    /// Answering a doorbell.
    Ring(OrgId, StoreId),
    /// Sweeping.
    Sweep,
    /// Reading what changed.
    Tick(OrgId, StoreId, Stream),
    /// Settling an exception.
    Settle(OrgId, ExceptionId, Right),
    /// Beginning to write.
    Start(OrgId, StoreId),
    /// Beginning to read a store's catalogue whole.
    Read(Box<Store>),
    /// Making an item a bundle of these parts, or of none.
    Make(OrgId, ItemId, Vec<Part>),
    /// Halting a store, or letting it go on.
    Halt(OrgId, StoreId, Halt),
    /// Giving so many units to a link alone.
    Allot(OrgId, LinkId, i64),
}

/// How a person halts a store, or lets it go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// No calls.
    Pause,
    /// Calls again.
    Resume,
    /// No writes.
    Stop,
}

/// The work of a worker.
pub(crate) type Work = Pin<Box<dyn Future<Output = hub::Result<()>> + Send>>;

impl Job {
    /// The work of a worker that is busy with this.
    pub(crate) fn future(self, world: &World) -> Work {
        let hub = Arc::clone(&world.hub);
        match self {
            Self::Receive(place, name) => {
                let (platform, store) = {
                    let all = world.mall.shops();
                    (slug(all.shops[place].way), all.shops[place].store.clone())
                };
                Box::pin(async move {
                    let (headers, body) = (http::HeaderMap::new(), Bytes::from(format!("{place} {name}")));
                    let delivery = Delivery { headers: &headers, query: "", body: &body };
                    hub.receive.receive(platform.as_str(), store.as_str(), delivery).await.map(|_| ())
                })
            }
            Self::Ingest(inbox) => Box::pin(async move { hub.ingest.ingest(&inbox).await }),
            Self::Ring(org, store) => Box::pin(async move { hub.lane.answer(&org, &store).await }),
            Self::Sweep => Box::pin(async move { hub.sweep.sweep().await }),
            Self::Tick(org, store, stream) => {
                Box::pin(async move { hub.sync.tick(&org, &store, stream).await })
            }
            Self::Settle(org, exception, right) => {
                Box::pin(async move { hub.settle.exception(&org, &exception, Some(right)).await.map(|_| ()) })
            }
            Self::Read(store) => Box::pin(async move {
                hub.sync.start(&store, Stream::Catalog, domain::run::Extent::Full).await.map(|_| ())
            }),
            Self::Allot(org, link, units) => Box::pin(async move {
                let wish = Wish::Quota { units: units.into() };
                match hub.allocate.link(&org, &link, wish).await {
                    // There may be too few units to give: then nothing is given.
                    Ok(_) | Err(hub::HubError::Conflict(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            }),
            Self::Make(org, item, parts) => Box::pin(async move {
                match hub.bundles.make(&org, &item, &parts).await {
                    // It may be owed as an item, or a store that owes it may be joining.
                    Ok(_) | Err(hub::HubError::Conflict(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            }),
            Self::Start(org, store) => {
                Box::pin(async move { hub.stores.start(&org, &store).await.map(|_| ()) })
            }
            Self::Halt(org, store, Halt::Pause) => {
                Box::pin(async move { hub.stores.pause(&org, &store).await.map(|_| ()) })
            }
            Self::Halt(org, store, Halt::Resume) => {
                Box::pin(async move { hub.stores.resume(&org, &store).await.map(|_| ()) })
            }
            Self::Halt(org, store, Halt::Stop) => {
                Box::pin(async move { hub.stores.stop(&org, &store).await.map(|_| ()) })
            }
        }
    }

    /// What the worker does, in a word.
    pub(crate) fn named(&self) -> String {
        match self {
            Self::Receive(shop, name) => format!("receives message {name} of shop {shop}"),
            Self::Ingest(inbox) => match &inbox.raw.body {
                domain::message::Body::Text(text) => format!("books message {text}"),
                _ => "books a message".to_owned(),
            },
            Self::Ring(_, store) => format!("works in the lane of {store}"),
            Self::Sweep => "sweeps".to_owned(),
            Self::Tick(_, store, stream) => format!("plans to read {} of {store}", stream.as_str()),
            Self::Settle(_, exception, right) => format!("settles {exception} ({right:?})"),
            Self::Start(_, store) => format!("begins to write to {store}"),
            Self::Read(store) => format!("begins to read {} whole", store.name),
            Self::Make(_, item, parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|part| format!("{} of {}", part.units, part.item)).collect();
                format!("makes {item} of {}", parts.join(" and "))
            }
            Self::Halt(_, store, how) => format!("{how:?}s {store}").to_lowercase(),
            Self::Allot(_, link, units) => format!("gives {units} unit(s) to {link} alone"),
        }
    }
}
