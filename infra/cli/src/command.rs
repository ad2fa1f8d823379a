//! The subcommands and what each takes.

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::connection::secret;
use crate::stock_command::{Adjust, Bundle, Count, Places, Receive, Transfer};

/// What is asked of the hub.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Connect a store, wait until its numbers are in the books, and show what came of it
    Connect(Connect),
    /// Give this hub the credentials of its app on a platform, for connecting shops through a browser
    App(App),
    /// Take a shop that installed this hub's app, with the code that its owner was shown
    Claim(Claim),
    /// List the stores and how they stand
    Stores,
    /// Examine the hub and the connection of each store, and say what to do
    Doctor {
        /// A store's name, its id, or the beginning of its id; without it, all
        store: Option<String>,
    },
    /// Read a store's catalogue, orders and customers anew
    Sync(Sync),
    /// End a run before it has read everything
    Cancel {
        /// The run's id
        run: String,
    },
    /// Work out every write that beginning to write to a store would cause, and send none
    Rehearse {
        /// A store's name, its id, or the beginning of its id
        store: String,
        /// How many writes are shown at most, the largest first
        #[arg(long, default_value_t = 15, value_parser = at_least_one)]
        limit: usize,
    },
    /// Show what would have been written to a store while it was shadowed; nothing is
    Shadow {
        /// A store's name, its id, or the beginning of its id
        store: String,
        /// Begin to shadow it; `stop` ends it
        #[arg(long)]
        begin: bool,
    },
    /// Begin to write numbers to a store, after showing what would change
    Start(Start),
    /// Stop writing numbers to a store, or shadowing it; its sales still count
    Stop(One),
    /// Stop all calls to a store; its events still count
    Pause(One),
    /// Go on calling a store, its orders first
    Resume(One),
    /// Take a store out: its keys are forgotten, its history stays
    Disconnect(Agree),
    /// List what the shops told us, the newest first
    Events {
        /// A store's name, its id, or the beginning of its id; without it, all
        store: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50, value_parser = at_least_one)]
        limit: usize,
    },
    /// Read an event again from its raw body
    Replay {
        /// The event's id
        event: String,
    },
    /// List the stock, or one SKU with its links and latest movements
    Stock {
        /// A SKU; without it, all
        sku: Option<String>,
        /// How many items at most; without it, all
        #[arg(long, value_parser = at_least_one)]
        limit: Option<usize>,
    },
    /// Book units of an item that came in
    Receive(Receive),
    /// Book what was counted of an item: the difference from the books at that moment
    Count(Count),
    /// Correct the books of an item by some units, with the reason
    Adjust(Adjust),
    /// Book units that were carried from one location to another
    Transfer(Transfer),
    /// Show what an item is made of, make it a bundle of others, or take it apart
    Bundle(Bundle),
    /// List the locations where items lie, add or rename one, or say from which one a store sells
    Locations {
        /// What to do; without it, list them
        #[command(subcommand)]
        what: Option<Places>,
    },
    /// List the orders of a store, or one with its lines and what it did to the books
    Orders {
        /// A store's name, its id, or the beginning of its id; without it, all
        store: Option<String>,
        /// An order's number or id
        order: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50, value_parser = at_least_one)]
        limit: usize,
    },
    /// Show all that is kept about a customer, with all their orders, as the law may ask you to hand it over
    Person {
        /// A store's name, its id, or the beginning of its id
        store: String,
        /// The shop's id of the customer
        customer: String,
    },
    /// Have the shop note that an order was sent
    Ship(Ship),
    /// List numbers that are not what they should be: what we believe, what the shop shows, what will be done
    Drift(Drift),
    /// Say how many of an item's units a shop may offer: all, less a buffer, at most some, or its own
    Allocate(Allocate),
    /// Set a store's numbers back to what they were before our writes since a time, where nothing newer happened
    Undo(Undo),
    /// Say whose number counts where no order explains a difference, or show it
    Authority(Authority),
    /// Show the rules for numbers and orders, or change them: when raises stop, how long an order may stand unpaid
    Rules(Rules),
    /// Say why a number is what it is: what is behind an item's stock, or what an order did and when it arrived
    Why(Why),
    /// Write a day's books again from what was observed, and compare them with the books, byte for byte
    ReplayDay {
        /// The day in UTC, such as 2026-11-20
        day: jiff::civil::Date,
    },
    /// Show how long a sale takes to every other shop, and the oldest one that is still on its way
    Freshness,
    /// List what a person should look at
    Exceptions {
        /// Those that are settled instead of the open ones
        #[arg(long)]
        settled: bool,
        /// How many at most; without it, all
        #[arg(long, value_parser = at_least_one)]
        limit: Option<usize>,
    },
    /// Settle an exception
    Resolve {
        /// The exception's id, or the beginning of it
        exception: String,
        /// Whose number is right, where a number is in question
        #[arg(long)]
        right: Option<Right>,
    },
    /// Change the price of a variant
    Price {
        /// A store's name, its id, or the beginning of its id
        store: String,
        /// The shop's id of the variant, or its SKU
        variant: String,
        /// The new regular price, such as 12.50
        amount: String,
        /// The price's currency, where the shop has not said its own
        #[arg(long)]
        currency: Option<String>,
    },
    /// Change the title of a product
    Title {
        /// A store's name, its id, or the beginning of its id
        store: String,
        /// The shop's id of the product
        product: String,
        /// The new title
        title: String,
    },
    /// Say how often a store is asked for what changed, or show it
    Schedule {
        /// A store's name, its id, or the beginning of its id
        store: String,
        /// What is read
        #[arg(requires = "seconds")]
        stream: Option<Stream>,
        /// The interval in seconds, from 10 to 86400
        #[arg(value_parser = clap::value_parser!(u64).range(10..=86_400))]
        seconds: Option<u64>,
    },
}

/// What connecting a store takes.
#[derive(Debug, Clone, Args)]
pub struct Connect {
    /// The platform, such as woocommerce or shopify
    pub platform: String,
    /// The shop's address
    #[arg(long)]
    pub url: String,
    /// What to call the store; without it, what the shop calls itself
    #[arg(long, default_value = "")]
    pub name: String,
    /// The shop's API key (ck_..., shpat_...)
    ///
    /// WooCommerce: the consumer key, ck_...
    ///
    /// Shopify: the Admin API access token of the shop's own app, shpat_..., or the client id of an app.
    #[arg(long, env = "STORELOOM_SHOP_KEY", hide_env_values = true, value_parser = secret, required_unless_present = "browser")]
    pub key: Option<SecretString>,
    /// The secret of that key; `-`, or nothing, reads it from standard input
    ///
    /// WooCommerce: the consumer secret, cs_...
    ///
    /// Shopify: the app's API secret key where --key is an access token, its client secret where --key is its client id.
    ///
    /// A person is asked for it and types it unseen.
    #[arg(long, env = "STORELOOM_SHOP_SECRET", hide_env_values = true, value_parser = secret)]
    pub secret: Option<SecretString>,
    /// Connect through the browser of the shop's owner instead of with pasted keys
    #[arg(long, conflicts_with_all = ["key", "secret"])]
    pub browser: bool,
    /// Only print the page's address; without it, a person's default browser opens the page
    #[arg(long, requires = "browser", conflicts_with_all = ["key", "secret"])]
    pub no_open: bool,
    /// Do not wait until the store has joined
    #[arg(long)]
    pub no_wait: bool,
}

/// The credentials of this hub's app on a platform.
#[derive(Debug, Clone, Args)]
pub struct App {
    /// The platform, such as shopify
    pub platform: String,
    /// The app's client id
    #[arg(long)]
    pub id: String,
    /// The app's client secret; `-`, or nothing, reads it from standard input
    ///
    /// A person is asked for it and types it unseen.
    #[arg(long, env = "STORELOOM_APP_SECRET", hide_env_values = true, value_parser = secret)]
    pub secret: Option<SecretString>,
    /// The client secret before it, while the platform still signs with that one; `-` reads it from standard input
    #[arg(long, env = "STORELOOM_APP_OLD_SECRET", hide_env_values = true, value_parser = secret)]
    pub old_secret: Option<SecretString>,
    /// What the app may do in a shop, with commas between; without it, what the hub needs
    #[arg(long, value_name = "SCOPE,SCOPE", value_parser = scopes)]
    pub scopes: Option<String>,
}

/// What claiming a shop takes.
#[derive(Debug, Clone, Args)]
pub struct Claim {
    /// The code that the shop's owner was shown after installing the app
    #[arg(value_parser = secret)]
    pub code: SecretString,
    /// What to call the store; without it, what the shop calls itself
    #[arg(long, default_value = "")]
    pub name: String,
    /// Do not wait until the store has joined
    #[arg(long)]
    pub no_wait: bool,
}

/// What noting a shipment takes.
#[derive(Debug, Clone, Args)]
pub struct Ship {
    /// The order's number or id
    pub order: String,
    /// The store that it came from: a name, an id, or the beginning of an id; without it, all are looked through
    #[arg(long)]
    pub store: Option<String>,
    /// The carrier's number for what was sent
    #[arg(long, value_name = "NUMBER")]
    pub tracking: Option<String>,
    /// The carrier
    #[arg(long)]
    pub carrier: Option<String>,
    /// The web page on which its way can be followed
    #[arg(long, value_parser = web_page)]
    pub url: Option<String>,
    /// What was sent: a line's id in the shop, or its SKU, and how many units, once for each line; without it, all
    /// that is left
    #[arg(long = "line", value_name = "LINE=UNITS", value_parser = sent)]
    pub lines: Vec<Sent>,
    /// Have the shop write to the buyer
    #[arg(long)]
    pub tell_buyer: bool,
}

/// Units of an order's line that were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The shop's id of the line, or its SKU.
    pub line: String,
    /// Units, from 1.
    pub units: u32,
}

/// What asking why takes.
#[derive(Debug, Clone, Args)]
pub struct Why {
    /// A SKU, an item's id, or an order's number or id
    #[arg(value_name = "SKU|ORDER")]
    pub what: String,
    /// An order's store: a name, an id, or the beginning of an id; without it, all are looked through
    #[arg(long)]
    pub store: Option<String>,
    /// What an item's entries added up to at this time, such as 2026-11-20T14:00:00Z
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
}

/// What beginning to write takes.
#[derive(Debug, Clone, Args)]
pub struct Start {
    /// A store's name, its id, or the beginning of its id
    pub store: String,
    /// The digest of the rehearsal that you approve: a number that moved beyond it refuses the start
    #[arg(long, value_name = "DIGEST")]
    pub rehearsal: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What allocating takes.
#[derive(Debug, Clone, Args)]
pub struct Allocate {
    /// A store's name, its id, or the beginning of its id
    pub store: Option<String>,
    /// One SKU or item id; without it, every item of the store that nothing else is said of
    #[arg(long)]
    pub sku: Option<String>,
    /// What is held back: none, units (2), a part (10%), or as measured (\"adaptive 1%\": at that risk)
    #[arg(long)]
    pub buffer: Option<String>,
    /// The most that is shown
    #[arg(long)]
    pub cap: Option<u32>,
    /// Units that belong to this shop alone from now on: nobody else sells them, and it sells no others
    #[arg(long, conflicts_with_all = ["buffer", "cap"], requires = "sku")]
    pub quota: Option<u32>,
    /// What the store says, or all
    #[arg(long, conflicts_with_all = ["buffer", "cap", "quota"])]
    pub as_store: bool,
}

/// What undoing writes takes.
#[derive(Debug, Clone, Args)]
pub struct Undo {
    /// A store's name, its id, or the beginning of its id
    pub store: String,
    /// Since when: a time such as 2026-11-20T14:00:00Z, or how long ago, such as 2h
    #[arg(long, value_name = "TIME")]
    pub since: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What saying whose number counts takes.
#[derive(Debug, Clone, Args)]
pub struct Authority {
    /// Whose number counts; without it, what holds now is shown
    pub owner: Option<Owner>,
    /// The store that owns the count: a name, an id, or the beginning of an id
    #[arg(long)]
    pub store: Option<String>,
    /// One SKU or item id; without it, all that have no rule of their own
    #[arg(long)]
    pub sku: Option<String>,
}

/// Whose number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Owner {
    /// The books: every shop follows them
    Hub,
    /// One store: the books take its number, every other shop follows
    Store,
    /// A person is asked, each time
    Ask,
    /// For one item: what the merchant's rule says
    Merchant,
}

/// What changing the rules takes.
#[derive(Debug, Clone, Args)]
pub struct Rules {
    /// The minutes within which raised numbers of a store are counted
    #[arg(long, value_name = "MINUTES")]
    pub window_minutes: Option<u32>,
    /// How many of a hundred numbers of a store may be raised within them
    #[arg(long, value_name = "PERCENT")]
    pub share_percent: Option<u32>,
    /// Fewer raised numbers than this are never held
    #[arg(long, value_name = "NUMBERS")]
    pub numbers: Option<u32>,
    /// After how many days an unpaid order is looked at in its shop, and asked about
    #[arg(long, value_name = "DAYS")]
    pub unpaid_days: Option<u32>,
}

/// What looking at drift takes.
#[derive(Debug, Clone, Args)]
pub struct Drift {
    /// A store's name, its id, or the beginning of its id; without it, all
    pub store: Option<String>,
    /// One SKU or item id in every store, with what explains its numbers
    #[arg(long, conflicts_with_all = ["store", "all", "limit"])]
    pub sku: Option<String>,
    /// Also the numbers that are right
    #[arg(long)]
    pub all: bool,
    /// How many of each store at most; without it, all
    #[arg(long, value_parser = at_least_one)]
    pub limit: Option<usize>,
}

/// What reading a store anew takes.
#[derive(Debug, Clone, Args)]
pub struct Sync {
    /// A store's name, its id, or the beginning of its id; without it, all
    pub store: Option<String>,
    /// What is read; without it, everything
    #[arg(long)]
    pub stream: Option<Stream>,
    /// Wait until it is read, and show how far it is
    #[arg(long)]
    pub wait: bool,
}

/// One store.
#[derive(Debug, Clone, Args)]
pub struct One {
    /// A store's name, its id, or the beginning of its id
    pub store: String,
}

/// One store, after a question.
#[derive(Debug, Clone, Args)]
pub struct Agree {
    /// A store's name, its id, or the beginning of its id
    pub store: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What is read from a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stream {
    /// Products, variants, and the stock they show
    Catalog,
    /// Orders with their refunds
    Orders,
    /// Customers
    Customers,
}

/// Whose number is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Right {
    /// The shop's: the books take its number
    Shop,
    /// The books': the shop will follow them
    Books,
}

impl Stream {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Orders => "orders",
            Self::Customers => "customers",
        }
    }
}

impl Right {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Books => "books",
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

fn sent(text: &str) -> Result<Sent, String> {
    let wrong = || "a line, `=`, and a whole number from 1, such as 12=1".to_owned();
    let (line, units) = text.rsplit_once('=').ok_or_else(wrong)?;
    match (line.trim(), units.trim().parse()) {
        ("", _) | (_, Ok(0) | Err(_)) => Err(wrong()),
        (line, Ok(units)) => Ok(Sent { line: line.to_owned(), units }),
    }
}

fn scopes(text: &str) -> Result<String, String> {
    let scopes: Vec<&str> = text.split(',').map(str::trim).collect();
    if scopes.contains(&"") {
        return Err("names with commas between, such as read_orders,write_inventory".to_owned());
    }
    Ok(scopes.join(","))
}

fn web_page(text: &str) -> Result<String, String> {
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(text.trim().to_owned()),
        _ => Err("an address that begins with https://".to_owned()),
    }
}
