//! A shop's own truth: what it shows, what was bought there, what it tells and when.

use std::collections::BTreeMap;

use domain::money::Money;
use domain::order::{Buyer, Fence, Order, OrderLine, OrderState};
use domain::product::{Listing, Listings, Product, Sku, Stock, Variant};
use domain::{OnHand, OrgId, RemoteOrderId, RemoteProductId, RemoteVariantId, StoreId, WriteId};
use rust_decimal::Decimal;

use crate::gate::at;

/// Items that every world has.
pub const ITEMS: usize = 3;

/// How a shop lets its numbers be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Compare and set, with a key per write that is done once.
    Compare,
    /// By difference, without keys.
    Delta,
    /// By replacing the number, whatever it was.
    Absolute,
}

impl Way {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Compare, Self::Delta, Self::Absolute];

    /// How long an order may stay invisible to reading, in milliseconds.
    #[must_use]
    pub fn lag(self) -> i64 {
        match self {
            Self::Compare => 90_000,
            Self::Delta => 15_000,
            Self::Absolute => 25_000,
        }
    }

    /// The smallest step of the shop's clock, in milliseconds.
    fn grain(self) -> i64 {
        match self {
            Self::Compare | Self::Absolute => 1,
            Self::Delta => 1000,
        }
    }
}

/// A line of an order: units of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The item.
    pub item: usize,
    /// Units bought, after edits.
    pub quantity: i64,
    /// Units paid back.
    pub refunded: i64,
    /// Units paid back that were put back on the shelf.
    pub restocked: i64,
    /// Units that the shop holds taken from its number.
    pub taken: i64,
}

/// An order as the shop has it.
#[derive(Debug, Clone)]
pub struct ShopOrder {
    /// Its number.
    pub id: usize,
    /// Where it stands.
    pub state: OrderState,
    /// Its lines.
    pub lines: Vec<Line>,
    /// When it was placed, by the shop's clock.
    pub placed: i64,
    /// When it changed last, by the shop's clock.
    pub updated: i64,
    /// From when lists show this change, and what they go by until then.
    pub indexed: (i64, Option<i64>),
}

/// What a shop has to tell.
#[derive(Debug, Clone)]
pub struct Telling {
    /// Names the delivery: repeats of it have the same.
    pub name: u64,
    /// What it says.
    pub what: Told,
}

/// What a message says.
#[derive(Debug, Clone)]
pub enum Told {
    /// An order's state when it was sent.
    Order(Box<Order>),
    /// Only: look at this order.
    Look(RemoteOrderId),
    /// What the shop lists.
    Listed(Box<Listings>),
    /// What the shop lists no more.
    Gone(RemoteProductId),
}

/// A shop.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Its place in the mall.
    pub place: usize,
    /// Its way of writing.
    pub way: Way,
    /// The merchant.
    pub org: OrgId,
    /// The store that it is joined as.
    pub store: StoreId,
    /// How far its clock is ahead, in milliseconds.
    pub skew: i64,
    /// What it listed at first, if its products come and go.
    pub shelved: Option<[bool; ITEMS]>,
    /// What it lists.
    pub listed: [bool; ITEMS],
    /// The numbers it shows.
    pub levels: [i64; ITEMS],
    /// When a number changed last, by the shop's clock.
    pub moved: [i64; ITEMS],
    /// Its orders.
    pub orders: Vec<ShopOrder>,
    /// What it has to tell and did not get through yet.
    pub tells: Vec<Telling>,
    /// All messages that were sent, by their number.
    pub sent: Vec<Told>,
    /// Writes that were done, where writes have keys.
    pub keys: BTreeMap<WriteId, Option<i64>>,
    /// Units that were put or taken by hand, per item.
    pub by_hand: [i64; ITEMS],
    /// Whether somebody counted: who counts back leaves no unit, and what was made of the first count stays.
    pub counted: [bool; ITEMS],
    /// What was read of each item last: what replaces a number was computed from it.
    pub read: [Option<i64>; ITEMS],
    /// Units that were sold between a reading and the writing that replaced the number, per item.
    pub undone: [i64; ITEMS],
    /// Whether a write took a number for what it was before units came back: they are missing since.
    pub hid_return: [bool; ITEMS],
    /// Units that were sold, per item, returns not counted.
    pub sold: [i64; ITEMS],
    /// Units that came back to the shelf, per item.
    pub returned: [i64; ITEMS],
}

fn id(letter: char, item: usize) -> String {
    format!("{letter}{item}")
}

/// The SKU of an item.
#[must_use]
pub fn sku(item: usize) -> Sku {
    Sku::read(&id('S', item)).expect("it is not empty")
}

/// The variant that lists an item, in every shop.
#[must_use]
pub fn variant_id(item: usize) -> RemoteVariantId {
    RemoteVariantId::new(id('v', item))
}

/// The product that lists an item, in every shop.
#[must_use]
pub fn product_id(item: usize) -> RemoteProductId {
    RemoteProductId::new(id('p', item))
}

/// The item that a variant lists.
#[must_use]
pub fn item_of(variant: &RemoteVariantId) -> Option<usize> {
    variant.as_str().strip_prefix('v')?.parse().ok().filter(|item| *item < ITEMS)
}

impl ShopOrder {
    /// The order as its platform's crate would read it.
    #[must_use]
    pub fn read(&self) -> Order {
        let line = |(place, line): (usize, &Line)| OrderLine {
            remote: place.to_string(),
            product: None,
            variant: Some(variant_id(line.item)),
            sku: None,
            title: String::new(),
            quantity: line.quantity.into(),
            refunded: line.refunded.into(),
            restocked: line.restocked.into(),
            taken: line.taken.into(),
            unit_price: None,
            total: None,
        };
        Order {
            remote: self.remote(),
            number: self.id.to_string(),
            state: self.state,
            fence: Fence { updated_at: at(self.updated), revision: 0 },
            placed_at: at(self.placed),
            total: Money::new(Decimal::ZERO, "EUR".parse().expect("a currency")),
            tax: None,
            shipping: None,
            discount: None,
            buyer: Buyer { customer: None, name: String::new(), email: None, country: None },
            lines: self.lines.iter().enumerate().map(line).collect(),
            unpaid: false,
        }
    }

    /// Its name in the shop.
    #[must_use]
    pub fn remote(&self) -> RemoteOrderId {
        RemoteOrderId::new(format!("o{}", self.id))
    }

    /// The time that lists go by now.
    #[must_use]
    pub fn listed_as(&self, now: i64) -> Option<i64> {
        if now >= self.indexed.0 { Some(self.updated) } else { self.indexed.1 }
    }

    /// Units owed and gone of an item.
    #[must_use]
    pub fn demand(&self, item: usize) -> i64 {
        let order = self.lines.iter().filter(|line| line.item == item);
        order.map(|line| owed(self.state, line)).sum()
    }
}

fn owed(state: OrderState, line: &Line) -> i64 {
    let gone = (line.refunded - line.restocked).max(0);
    match state {
        OrderState::Draft | OrderState::Pending | OrderState::Failed => 0,
        OrderState::Open => (line.quantity - line.refunded).max(0) + gone,
        OrderState::Fulfilled => (line.quantity - line.restocked).max(0),
        OrderState::Refunded => line.taken.max(gone),
        OrderState::Cancelled | OrderState::Removed => gone,
    }
}

impl Shop {
    /// Whether an item was not in the books when the history began.
    #[must_use]
    pub fn came_later(&self, item: usize) -> bool {
        self.shelved.is_some_and(|first| !first[item])
    }

    /// The shop's clock.
    #[must_use]
    pub fn clock(&self, now: i64) -> i64 {
        let grain = self.way.grain();
        (now + self.skew).div_euclid(grain) * grain
    }

    /// What it lists of some items.
    #[must_use]
    pub fn listings(&self, items: impl Iterator<Item = usize>) -> Listings {
        let mut listings = Listings::default();
        for item in items.filter(|item| self.listed[*item]) {
            listings.products.push(Product {
                remote: product_id(item),
                title: String::new(),
                listing: Listing::Published,
                url: None,
                images: Vec::new(),
                updated_at: at(self.moved[item]),
            });
            listings.variants.push(Variant {
                remote: variant_id(item),
                product: product_id(item),
                sku: Some(sku(item)),
                title: String::new(),
                options_only: false,
                price: None,
                regular_price: None,
                stock: Stock::Tracked { level: OnHand::whole(self.levels[item]) },
                sellable: true,
                updated_at: at(self.moved[item]),
            });
        }
        listings
    }

    /// An item is listed again: that is newer than whatever happened to it before.
    pub fn lists(&mut self, item: usize, now: i64) {
        self.listed[item] = true;
        self.moved[item] = self.clock(now).max(self.moved[item] + self.way.grain());
    }

    /// A number changes.
    pub fn moves(&mut self, item: usize, by: i64, now: i64) {
        self.levels[item] += by;
        self.moved[item] = self.moved[item].max(self.clock(now));
    }

    /// Something is to be told.
    pub fn tell(&mut self, what: Told) {
        let name = self.sent.len() as u64;
        self.sent.push(what.clone());
        self.tells.push(Telling { name, what });
    }

    /// An order changed: it is dated, lists show it later, and a message is sent.
    fn touched(&mut self, place: usize, now: i64, lag: i64, hint: bool) {
        let clock = self.clock(now);
        let order = &mut self.orders[place];
        let before = order.listed_as(now);
        order.updated = clock;
        order.indexed = (now + lag, before);
        let told = if hint { Told::Look(order.remote()) } else { Told::Order(Box::new(order.read())) };
        self.tell(told);
    }

    /// Somebody buys; false if the shop does not offer so many.
    pub fn buy(&mut self, lines: &[(usize, i64)], pays: bool, now: i64, lag: i64, hint: bool) -> bool {
        if lines.iter().any(|(item, units)| !self.listed[*item] || self.levels[*item] < *units) {
            return false;
        }
        let clock = self.clock(now);
        let line = |(item, quantity): &(usize, i64)| Line {
            item: *item,
            quantity: *quantity,
            refunded: 0,
            restocked: 0,
            taken: if pays { *quantity } else { 0 },
        };
        let lines: Vec<Line> = lines.iter().map(line).collect();
        for line in &lines {
            if pays {
                self.sold[line.item] += line.quantity;
                self.moves(line.item, -line.taken, now);
            }
        }
        let id = self.orders.len();
        let state = if pays { OrderState::Open } else { OrderState::Pending };
        let order = ShopOrder { id, state, lines, placed: clock, updated: clock, indexed: (i64::MAX, None) };
        self.orders.push(order);
        self.touched(id, now, lag, hint);
        true
    }

    /// Something happens to an order; false if it cannot.
    pub fn change(&mut self, place: usize, change: Change, now: i64, lag: i64, hint: bool) -> bool {
        let Some(order) = self.orders.get(place) else { return false };
        let state = order.state;
        let mut lines = order.lines.clone();
        let mut back = [0; ITEMS];
        let mut new = state;
        match change {
            Change::Pay if state == OrderState::Pending => {
                if lines.iter().any(|line| self.levels[line.item] < line.quantity) {
                    new = OrderState::Failed;
                } else {
                    new = OrderState::Open;
                    for line in &mut lines {
                        line.taken = line.quantity;
                        back[line.item] -= line.quantity;
                        self.sold[line.item] += line.quantity;
                    }
                }
            }
            Change::Cancel { restock } if matches!(state, OrderState::Open | OrderState::Pending) => {
                new = OrderState::Cancelled;
                if restock {
                    for line in &mut lines {
                        back[line.item] += line.taken;
                        line.taken = 0;
                    }
                }
            }
            Change::Refund { line, restock } if matches!(state, OrderState::Open | OrderState::Fulfilled) => {
                let count = lines.len();
                let line = &mut lines[line % count];
                if line.refunded >= line.quantity {
                    return false;
                }
                line.refunded += 1;
                if restock {
                    line.restocked += 1;
                    line.taken -= 1;
                    back[line.item] += 1;
                }
            }
            Change::Edit { line, more } if state == OrderState::Open => {
                let count = lines.len();
                let line = &mut lines[line % count];
                if line.refunded > 0 || (more && self.levels[line.item] < 1) || (!more && line.quantity < 2) {
                    return false;
                }
                let by = if more { 1 } else { -1 };
                line.quantity += by;
                line.taken += by;
                back[line.item] -= by;
                self.sold[line.item] += by.max(0);
            }
            Change::Send if state == OrderState::Open => new = OrderState::Fulfilled,
            _ => return false,
        }
        for (item, units) in back.into_iter().enumerate() {
            if units != 0 {
                self.returned[item] += units.max(0);
                self.moves(item, units, now);
            }
        }
        let order = &mut self.orders[place];
        order.state = new;
        order.lines = lines;
        self.touched(place, now, lag, hint);
        true
    }

    /// Units that the shop holds taken of an item.
    #[must_use]
    pub fn taken(&self, item: usize) -> i64 {
        let lines = self.orders.iter().flat_map(|order| &order.lines);
        lines.filter(|line| line.item == item).map(|line| line.taken).sum()
    }
}

/// What may happen to an order.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// It is paid.
    Pay,
    /// It is called off.
    Cancel {
        /// Whether its units go back on the shelf.
        restock: bool,
    },
    /// A unit of a line is paid back.
    Refund {
        /// The line.
        line: usize,
        /// Whether it goes back on the shelf.
        restock: bool,
    },
    /// A line gets a unit more or less.
    Edit {
        /// The line.
        line: usize,
        /// More, or less.
        more: bool,
    },
    /// It is sent.
    Send,
}
