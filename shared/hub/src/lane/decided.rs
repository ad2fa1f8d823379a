//! A difference that no order explains: settled by the rule of its item, or told to a person.

use domain::OnHand;
use domain::exception::{Exception, ExceptionKind};
use domain::link::Link;
use platform::VariantName;
use ports::Ask;

use super::{Lane, Turn};
use crate::access::Shop;
use crate::alerts::Alert;
use crate::settle::Right;
use crate::{HubError, Result};

/// Links that are read together.
const PAGE: u32 = 200;
/// At most so many numbers are looked at, to see whether most of them fell.
const LOOKED_AT: usize = 100;
/// Numbers that fell to zero and are named.
const NAMED: usize = 5;
/// Fewer numbers than this may fall to zero, all of them, without a person being asked.
const FEW: usize = 3;

impl Lane {
    /// Settles a declared difference by the rule of its item; where there is none, or too much would fall to zero by
    /// it, a person is told.
    pub(super) async fn decide(
        &self,
        shop: &Shop,
        link: &Link,
        explained: OnHand,
        shown: OnHand,
    ) -> Result<Turn> {
        let store = &shop.store;
        let ruling = self.authorities.of(&store.org, &link.item).await?;
        let right = match ruling.right_about(&store.id) {
            Some(Right::Shop) if self.falls(shop, explained, shown).await? => None,
            right => right,
        };
        let Some(right) = right else {
            self.tell(shop, link, explained, shown).await?;
            return Ok(Turn::Done);
        };
        let kind = ExceptionKind::Unexplained;
        self.alerts.settle(&store.org, kind, Some(&store.id), link.variant.as_str()).await?;
        let said = format!("{}, {}", store.name, ruling.said());
        match self.settle.number(&store.org, &link.id, right, &said).await {
            Ok(()) => Ok(Turn::Done),
            // It has moved: it is looked at afresh.
            Err(HubError::Conflict(_)) => Ok(Turn::Later(self.clock.now())),
            Err(error) => Err(error),
        }
    }

    /// Whether taking a number into the books would be part of a fall of most of a store's numbers to zero: a broken
    /// import in the shop looks like that, and must not empty the books by itself.
    async fn falls(&self, shop: &Shop, explained: OnHand, shown: OnHand) -> Result<bool> {
        if !is_fall(explained, shown) {
            return Ok(false);
        }
        let store = &shop.store;
        let kind = ExceptionKind::FellToZero;
        let id = Exception::id_of(&store.org, kind, Some(&store.id), "");
        if self.journal.exception(&store.org, &id).await?.is_some_and(|asked| asked.resolved_at.is_none()) {
            return Ok(true);
        }
        let (of, fell, named) = self.fallen(shop).await?;
        if fell <= FEW || fell * 2 <= of {
            return Ok(false);
        }
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind,
                subject: "",
                message: format!(
                    "{fell} of {of} numbers of {} that were looked at fell to zero together, and no order explains it",
                    store.name
                ),
                advice: "The books did not follow. Look into the shop: an import or a plugin may have emptied it. \
                         Resolve with `shop` if the goods are really gone, or with `books` to have the shop \
                         follow the books again.",
                facts: vec![
                    ("fell", fell.to_string()),
                    ("looked_at", of.to_string()),
                    ("such_as", named.join(", ")),
                ],
            })
            .await?;
        Ok(true)
    }

    /// Looks at some of a store's numbers that should be above zero: how many were looked at, how many the shop shows
    /// as zero now, and some of these. Links lie in no order of meaning, so that some stand for all.
    async fn fallen(&self, shop: &Shop) -> Result<(usize, usize, Vec<String>)> {
        let store = &shop.store;
        let read = shop.platform.read_stock().ok_or_else(|| HubError::Invalid("no stock reads".into()))?;
        let page = self.ledger.links_of_store(&store.org, &store.id, &Ask::first(PAGE)).await?;
        let stocked = |link: &&Link| link.explained.is_some_and(|explained| explained > OnHand::ZERO);
        let some: Vec<&Link> = page.items.iter().filter(stocked).take(LOOKED_AT).collect();
        let (mut of, mut fell, mut named) = (0, 0, Vec::new());
        for links in some.chunks(shop.platform.limits().read_batch.max(1)) {
            let names: Vec<VariantName> = links
                .iter()
                .map(|link| VariantName { product: link.product.clone(), variant: link.variant.clone() })
                .collect();
            let shown = read.read_stock(&shop.ctx(), &names).await?;
            for link in links {
                let level = shown.iter().find(|one| one.variant == link.variant).and_then(|one| one.level);
                let (Some(level), Some(explained)) = (level, link.explained) else { continue };
                of += 1;
                if is_fall(explained, level) {
                    fell += 1;
                    if named.len() < NAMED {
                        named.push(format!("{} ({explained})", link.sku));
                    }
                }
            }
        }
        Ok((of, fell, named))
    }
}

/// Whether a number that should be above zero is not.
fn is_fall(explained: OnHand, shown: OnHand) -> bool {
    explained > OnHand::ZERO && shown <= OnHand::ZERO
}
