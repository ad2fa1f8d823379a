//! Products and variations as the store keeps them: one row each, ids from one sequence.

use super::clock::Seconds;
use super::json::Object;
use serde_json::Value;

/// What a row of the catalogue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Simple,
    Grouped,
    External,
    Variable,
    Variation,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Grouped => "grouped",
            Self::External => "external",
            Self::Variable => "variable",
            Self::Variation => "variation",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Simple, Self::Grouped, Self::External, Self::Variable]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    /// Grouped and external products never manage stock.
    pub(crate) fn can_manage_stock(self) -> bool {
        !matches!(self, Self::Grouped | Self::External)
    }
}

/// A key and a value hung on an object.
#[derive(Clone, Debug)]
pub(crate) struct Meta {
    pub(crate) id: u64,
    pub(crate) key: String,
    pub(crate) value: Value,
}

/// A product or a variation.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) parent: u64,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) status: String,
    pub(crate) status_before_trash: String,
    pub(crate) sku: String,
    pub(crate) regular_price: String,
    pub(crate) sale_price: String,
    pub(crate) manage_stock: bool,
    pub(crate) quantity: Option<i64>,
    pub(crate) stock_status: String,
    pub(crate) backorders: String,
    pub(crate) created: Seconds,
    pub(crate) modified: Seconds,
    pub(crate) total_sales: i64,
    /// Category ids.
    pub(crate) categories: Vec<u64>,
    /// Attributes, in the shape of this kind of row.
    pub(crate) attributes: Vec<Value>,
    /// Ids of the variations of a variable product.
    pub(crate) variations: Vec<u64>,
    pub(crate) meta: Vec<Meta>,
    /// Other writable properties that were set, by their REST name.
    pub(crate) more: Object,
    /// Whether a save has filled the fields only fresh objects show.
    pub(crate) fresh: bool,
}

impl Product {
    pub(crate) fn new(id: u64, kind: Kind, now: Seconds) -> Self {
        Self {
            id,
            parent: 0,
            kind,
            name: String::new(),
            slug: String::new(),
            status: "publish".into(),
            status_before_trash: String::new(),
            sku: String::new(),
            regular_price: String::new(),
            sale_price: String::new(),
            manage_stock: false,
            quantity: None,
            stock_status: "instock".into(),
            backorders: "no".into(),
            created: now,
            modified: now,
            total_sales: 0,
            categories: Vec::new(),
            attributes: Vec::new(),
            variations: Vec::new(),
            meta: Vec::new(),
            more: Object::new(),
            fresh: false,
        }
    }

    /// The price a buyer pays: the sale price where one is set.
    pub(crate) fn price(&self) -> &str {
        if self.sale_price.is_empty() { &self.regular_price } else { &self.sale_price }
    }

    /// What every save settles: unmanaged stock has no quantity, managed stock decides the status.
    pub(crate) fn settle_stock(&mut self) {
        if !self.manage_stock {
            self.quantity = None;
            self.backorders = "no".into();
            return;
        }
        let left = self.quantity.unwrap_or(0);
        let status = match (left > 0, self.backorders.as_str()) {
            (true, _) => "instock",
            (false, "no") => "outofstock",
            (false, _) => "onbackorder",
        };
        self.stock_status = status.into();
    }
}

/// `Café Mug 1` becomes `cafe-mug-1`; what is not Latin is percent-encoded, as WordPress does.
pub(crate) fn slug(name: &str) -> String {
    let mut out = String::new();
    for sign in name.to_lowercase().chars() {
        let plain = match sign {
            'à'..='å' => "a",
            'è'..='ë' => "e",
            'ì'..='ï' => "i",
            'ò'..='ö' | 'ø' => "o",
            'ù'..='ü' => "u",
            'ç' => "c",
            'ñ' => "n",
            'ß' => "ss",
            _ => "",
        };
        if !plain.is_empty() {
            out.push_str(plain);
        } else if sign.is_ascii_alphanumeric() {
            out.push(sign);
        } else if sign.is_alphanumeric() || (!sign.is_ascii() && !sign.is_whitespace()) {
            sign.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("%{byte:02x}")));
        } else if matches!(sign, ' ' | '-' | '_' | '/') && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}
