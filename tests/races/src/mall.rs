//! The shops as platforms: two ways of writing, one truth each, trouble from the gate.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::customer::Customer;
use domain::event::{About, DedupKey, Event};
use domain::order::Order;
use domain::product::Listings;
use domain::{OnHand, PlatformSlug};
use platform::*;

use crate::gate::{Fault, Gate, at};
use crate::gated::{Begun, whole};
use crate::shop::{ITEMS, Shop, Told, Way, item_of, product_id};

/// All shops of a world, and what was seen of the writes that reached them.
pub struct Mall {
    gate: Arc<Gate>,
    begun: Arc<Begun>,
    all: Mutex<Shops>,
}

/// The shops, and what happened to them.
#[derive(Debug, Clone, Default)]
pub struct Shops {
    /// The shops.
    pub shops: Vec<Shop>,
    /// What must never happen and did.
    pub wrong: Vec<String>,
    /// Writes that took effect: the shop's place, the item, and the target that the books had.
    pub applied: Vec<(usize, usize, i64)>,
    /// Calls of each kind.
    pub calls: Calls,
}

/// How often shops were called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// Lists of orders and products.
    pub pulls: u64,
    /// Readings of numbers.
    pub reads: u64,
    /// Single records.
    pub fetches: u64,
    /// Writes of numbers.
    pub writes: u64,
}

impl Mall {
    /// No shops yet.
    pub fn new(gate: &Arc<Gate>, begun: &Arc<Begun>) -> Self {
        Self { gate: Arc::clone(gate), begun: Arc::clone(begun), all: Mutex::default() }
    }

    /// The shops.
    pub fn shops(&self) -> MutexGuard<'_, Shops> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A platform whose shops are written in one way.
pub struct Street {
    mall: Arc<Mall>,
    way: Way,
}

impl Street {
    /// The platform of the shops that are written this way.
    pub fn new(mall: &Arc<Mall>, way: Way) -> Self {
        Self { mall: Arc::clone(mall), way }
    }

    /// Waits at the gate, and then looks at the shop.
    async fn visit<T>(
        &self,
        op: &'static str,
        ctx: &Ctx<'_>,
        look: impl FnOnce(&mut Shop, &mut Calls, i64) -> T + Send,
    ) -> Result<T> {
        self.mall.gate.pass_out(op).await.map_err(|fault| trouble(op, fault))?;
        let place = place_of(ctx.session)?;
        let mut all = self.mall.shops();
        let Shops { shops, calls, .. } = &mut *all;
        let now = self.mall.gate.millis();
        let answer = look(&mut shops[place], calls, now);
        drop(all);
        if self.mall.gate.loses() {
            return Err(trouble(op, Fault::Lost));
        }
        Ok(answer)
    }
}

/// The name of the platform of a way.
#[must_use]
pub fn slug(way: Way) -> PlatformSlug {
    PlatformSlug::new(match way {
        Way::Compare => "compare",
        Way::Delta => "delta",
        Way::Absolute => "absolute",
    })
}

fn place_of(session: &Session) -> Result<usize> {
    session
        .address
        .parse()
        .map_err(|_| PlatformError::new(ErrorKind::Unexpected, "address", "this is no shop of the mall"))
}

fn trouble(op: &'static str, fault: Fault) -> PlatformError {
    match fault {
        Fault::Throttle => PlatformError::new(ErrorKind::RateLimited, op, "too many calls")
            .retry(Retry::After(Duration::from_secs(2))),
        Fault::Conflict => PlatformError::new(ErrorKind::Unavailable, op, "busy"),
        Fault::Fails | Fault::Lost | Fault::Crash => {
            PlatformError::new(ErrorKind::Unavailable, op, "no answer").unsure()
        }
    }
}

impl Platform for Street {
    fn slug(&self) -> PlatformSlug {
        slug(self.way)
    }
    fn limits(&self) -> Limits {
        let lag = Duration::from_millis(self.way.lag().unsigned_abs());
        Limits {
            page: if self.way == Way::Delta { 5 } else { 50 },
            stock_batch: 4,
            read_batch: 10,
            stock_mode: match self.way {
                Way::Compare => StockMode::CompareAndSet,
                Way::Delta => StockMode::Delta,
                Way::Absolute => StockMode::Absolute,
            },
            repeats_writes: self.way == Way::Compare,
            order_visibility_lag: lag,
            overlap: lag + Duration::from_secs(5),
        }
    }
    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }
    fn pull_catalog(&self) -> Option<&dyn PullCatalog> {
        Some(self)
    }
    fn pull_orders(&self) -> Option<&dyn PullOrders> {
        Some(self)
    }
    fn pull_customers(&self) -> Option<&dyn PullCustomers> {
        Some(self)
    }
    fn fetch(&self) -> Option<&dyn Fetch> {
        Some(self)
    }
    fn read_stock(&self) -> Option<&dyn ReadStock> {
        Some(self)
    }
    fn push_stock(&self) -> Option<&dyn PushStock> {
        Some(self)
    }
}

impl Webhooks for Street {
    fn is_greeting(&self, _: &Delivery<'_>) -> bool {
        false
    }
    fn verify<'a>(&self, delivery: Delivery<'a>, _: &Secrets<'_>) -> Result<Verified<'a>> {
        Verified::compare(delivery, b"signed", &[b"signed".to_vec()])
    }
    fn headers(&self) -> &'static [&'static str] {
        &[]
    }
    fn topic(&self, _: &Message<'_>) -> String {
        "told".to_owned()
    }
    fn entity(&self, message: &Message<'_>) -> String {
        String::from_utf8_lossy(message.body).into_owned()
    }
    /// A body is the shop's place and the number of what it told.
    fn events(&self, message: &Message<'_>) -> Result<Vec<(DedupKey, Event)>> {
        let unread = || PlatformError::new(ErrorKind::Malformed, "events", "the message cannot be read");
        let body = std::str::from_utf8(message.body).map_err(|_| unread())?;
        let (place, number) = body.split_once(' ').ok_or_else(unread)?;
        let (place, number): (usize, usize) =
            (place.parse().map_err(|_| unread())?, number.parse().map_err(|_| unread())?);
        let all = self.mall.shops();
        let told = all.shops.get(place).and_then(|shop| shop.sent.get(number)).ok_or_else(unread)?;
        let event = match told {
            Told::Order(order) => Event::Order(order.clone()),
            Told::Look(order) => Event::Hint(About::Order(order.clone())),
            Told::Listed(listings) => Event::Catalog(listings.clone()),
            Told::Gone(product) => Event::ProductGone(product.clone()),
        };
        Ok(vec![(DedupKey::new(body), event)])
    }
}

fn page<T>(records: T, count: usize, size: u32, next: Option<String>, total: usize, clock: i64) -> Pulled<T> {
    Pulled {
        records,
        count: count as u64,
        next,
        total: Some(total as u64),
        shop_time: Some(at(clock)),
        size,
        wait: None,
    }
}

#[async_trait]
impl PullOrders for Street {
    async fn pull_orders(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<Order>>> {
        self.visit("pull_orders", ctx, |shop, calls, now| {
            calls.pulls += 1;
            let since = match ask.extent {
                Extent::Full => i64::MIN,
                Extent::Since(since) => since.as_millisecond(),
            };
            let clock = shop.clock(now);
            let listed = |order: &crate::shop::ShopOrder| Some((order.listed_as(now)?, order.id));
            let mut found: Vec<(i64, usize)> =
                shop.orders.iter().filter_map(listed).filter(|(updated, _)| *updated >= since).collect();
            found.sort_unstable();
            let total = found.len();
            if let Some(after) = ask.cursor.as_deref().and_then(cursor) {
                found.retain(|one| *one > after);
            }
            let size = usize::try_from(ask.size).unwrap_or(1).max(1);
            let more = found.len() > size;
            found.truncate(size);
            let next = found.last().filter(|_| more).map(|(updated, id)| format!("{updated} {id}"));
            let orders: Vec<Order> = found.iter().map(|(_, id)| shop.orders[*id].read()).collect();
            let count = orders.len();
            page(orders, count, ask.size, next, total, clock)
        })
        .await
    }
}

fn cursor(text: &str) -> Option<(i64, usize)> {
    let (updated, id) = text.split_once(' ')?;
    Some((updated.parse().ok()?, id.parse().ok()?))
}

#[async_trait]
impl PullCatalog for Street {
    async fn pull_catalog(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Listings>> {
        self.visit("pull_catalog", ctx, |shop, calls, now| {
            calls.pulls += 1;
            let since = match ask.extent {
                Extent::Full => i64::MIN,
                Extent::Since(since) => since.as_millisecond(),
            };
            let moved = shop.moved;
            let listings = shop.listings((0..ITEMS).filter(|item| moved[*item] >= since));
            let count = listings.products.len() * 2;
            page(listings, count, ask.size, None, count, shop.clock(now))
        })
        .await
    }
}

#[async_trait]
impl PullCustomers for Street {
    async fn pull_customers(&self, ctx: &Ctx<'_>, ask: &Ask) -> Result<Pulled<Vec<Customer>>> {
        self.visit("pull_customers", ctx, |shop, calls, now| {
            calls.pulls += 1;
            page(Vec::new(), 0, ask.size, None, 0, shop.clock(now))
        })
        .await
    }
}

#[async_trait]
impl Fetch for Street {
    async fn fetch(&self, ctx: &Ctx<'_>, about: &About) -> Result<Vec<Event>> {
        self.visit("fetch", ctx, |shop, calls, _| {
            calls.fetches += 1;
            match about {
                About::Order(wanted) => match shop.orders.iter().find(|order| order.remote() == *wanted) {
                    Some(order) => vec![Event::Order(Box::new(order.read()))],
                    None => vec![Event::OrderGone(wanted.clone())],
                },
                About::Product(wanted) => {
                    let listings = shop.listings((0..ITEMS).filter(|item| product_id(*item) == *wanted));
                    if listings.products.is_empty() {
                        return vec![Event::ProductGone(wanted.clone())];
                    }
                    vec![Event::Catalog(Box::new(listings))]
                }
                About::Customer(_) | About::Stock(_) => Vec::new(),
            }
        })
        .await
    }
}

#[async_trait]
impl ReadStock for Street {
    async fn read_stock(&self, ctx: &Ctx<'_>, variants: &[VariantName]) -> Result<Vec<ShownLevel>> {
        self.visit("read_stock", ctx, |shop, calls, _| {
            calls.reads += 1;
            for item in variants.iter().filter_map(|name| item_of(&name.variant)) {
                shop.read[item] = Some(shop.levels[item]);
            }
            let shown = |name: &VariantName| ShownLevel {
                variant: name.variant.clone(),
                level: item_of(&name.variant)
                    .filter(|item| shop.listed[*item])
                    .map(|item| OnHand::whole(shop.levels[item])),
            };
            variants.iter().map(shown).collect()
        })
        .await
    }
}

#[async_trait]
impl PushStock for Street {
    async fn push_stock(&self, ctx: &Ctx<'_>, writes: &[StockWrite]) -> Result<Vec<Outcome>> {
        self.push_bent(ctx, writes, writes).await
    }
}

impl Street {
    /// Writes rows that a planted bug may have bent; the checks know them as they were noted.
    ///
    /// # Errors
    /// As a write that is not bent.
    pub async fn push_bent(
        &self,
        ctx: &Ctx<'_>,
        writes: &[StockWrite],
        noted: &[StockWrite],
    ) -> Result<Vec<Outcome>> {
        const OP: &str = "push_stock";
        self.mall.gate.pass_out(OP).await.map_err(|fault| trouble(OP, fault))?;
        let place = place_of(ctx.session)?;
        let now = self.mall.gate.millis();
        let loses = self.mall.gate.loses();
        let mut all = self.mall.shops();
        let Shops { shops, wrong, calls, applied } = &mut *all;
        calls.writes += 1;
        let shop = &mut shops[place];
        // Where the answer is lost, only some of the rows may have been done.
        let done =
            if loses { 1 + usize::try_from(now).unwrap_or(0) % writes.len().max(1) } else { writes.len() };
        let rows = writes.iter().zip(noted).take(done);
        let outcomes = rows.map(|(row, noted)| self.write(shop, row, noted, now, wrong, applied)).collect();
        if loses {
            return Err(trouble(OP, Fault::Lost));
        }
        Ok(outcomes)
    }
}

impl Street {
    fn write(
        &self,
        shop: &mut Shop,
        row: &StockWrite,
        noted: &StockWrite,
        now: i64,
        wrong: &mut Vec<String>,
        applied: &mut Vec<(usize, usize, i64)>,
    ) -> Outcome {
        let Some(item) = item_of(&row.variant.variant).filter(|item| shop.listed[*item]) else {
            return Outcome::Refused { why: "there is no such variant".into() };
        };
        let (compare, value) = (whole(row.compare), whole(row.value));
        let shown = shop.levels[item];
        let after = match self.way {
            Way::Compare => {
                if let Some(done) = shop.keys.get(&row.write) {
                    return match done {
                        None => Outcome::Applied { now: Some(row.value) },
                        Some(seen) => Outcome::Stale { seen: Some(OnHand::whole(*seen)) },
                    };
                }
                let stale = (shown != compare).then_some(shown);
                shop.keys.insert(row.write.clone(), stale);
                if stale.is_some() {
                    return Outcome::Stale { seen: Some(OnHand::whole(shown)) };
                }
                value
            }
            Way::Delta => shown + value - compare,
            Way::Absolute => value,
        };
        if let Some(trouble) = self.judge(shop, item, noted, after) {
            wrong.push(trouble);
        }
        applied.push((shop.place, item, self.mall.begun.write(&noted.write).map_or(0, |begun| begun.target)));
        shop.moves(item, after - shown, now);
        if now % 3 == 0 {
            let listings = shop.listings(std::iter::once(item));
            shop.tell(Told::Listed(Box::new(listings)));
        }
        // Who replaces a number says nothing of it.
        Outcome::Applied { now: (self.way != Way::Absolute).then(|| OnHand::whole(after)) }
    }

    /// No blind raise: a write moves a number by no more than what was missing when it was computed.
    fn judge(&self, shop: &mut Shop, item: usize, row: &StockWrite, after: i64) -> Option<String> {
        let mut shown = shop.levels[item];
        let compare = whole(row.compare);
        let Some(begun) = self.mall.begun.write(&row.write) else {
            return Some(format!("I3: shop {} is written without a note of it", shop.place));
        };
        if begun.value != whole(row.value) || begun.compare != whole(row.compare) {
            return Some(format!("I3: a write to shop {} is not the one that was noted", shop.place));
        }
        let may = begun.target - begun.explained;
        if self.way == Way::Absolute {
            if shop.read[item] != Some(compare) {
                return Some(format!("I3: shop {} is written over what was not read of it", shop.place));
            }
            // What was sold since it was read comes back, what came back is gone: nobody can help that, but it
            // must be found.
            let undone = compare - shown;
            shop.undone[item] += undone.max(0);
            shop.hid_return[item] |= undone < 0;
            shop.by_hand[item] += undone.abs();
            shown += undone.max(0);
        }
        (after - shown > may && after > 0).then(|| {
            format!(
                "I3: shop {} showed {shown} of item {item} and is made to show {after}; the books had a target of \
                 {} and could explain {}",
                shop.place, begun.target, begun.explained
            )
        })
    }
}
