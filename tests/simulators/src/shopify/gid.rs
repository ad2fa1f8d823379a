//! Global ids, `gid://shopify/Product/123`, and the numbers in them.

use std::collections::HashMap;

/// Ids of one kind lie this far apart, as in a real shop.
const STEP: u64 = 32_768;

/// The first number above what a double can tell apart.
pub(crate) const BEYOND_DOUBLE: u64 = 9_007_199_254_740_993;

/// `gid://shopify/{kind}/{id}`.
pub(crate) fn gid(kind: &str, id: u64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The number of a global id of this kind.
pub(crate) fn number(text: &str, kind: &str) -> Option<u64> {
    let (found, number) = split(text)?;
    (found == kind).then_some(number)
}

/// Kind and number of a global id; what follows a question mark is left out.
pub(crate) fn split(text: &str) -> Option<(&str, u64)> {
    let (kind, rest) = text.strip_prefix("gid://shopify/")?.split_once('/')?;
    let number = rest.split_once('?').map_or(rest, |(number, _)| number);
    Some((kind, number.parse().ok()?))
}

/// Gives out the next number of each kind.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    seed: u64,
    next: HashMap<&'static str, u64>,
}

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, next: HashMap::new() }
    }

    pub(crate) fn next(&mut self, kind: &'static str) -> u64 {
        let seed = self.seed;
        let next = self.next.entry(kind).or_insert_with(|| first(kind, seed));
        *next += STEP;
        *next - STEP
    }

    /// Goes on from this number at least.
    pub(crate) fn skip_to(&mut self, kind: &'static str, number: u64) {
        let seed = self.seed;
        let next = self.next.entry(kind).or_insert_with(|| first(kind, seed));
        *next = (*next).max(number);
    }
}

fn first(kind: &str, seed: u64) -> u64 {
    let kind_part: u64 = kind.bytes().map(u64::from).sum::<u64>() % 97;
    let base = match kind {
        "Product" => 8_651_000_000_000,
        "ProductVariant" => 46_840_000_000_000,
        "InventoryItem" => 48_968_000_000_000,
        "Location" => 87_063_000_000,
        "InventoryLevel" => 122_589_000_000,
        "WebhookSubscription" => 1_611_000_000_000,
        _ => 6_100_000_000_000 + kind_part * 10_000_000_000,
    };
    base + (seed % 10_000) * 100_000_123
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back() {
        assert_eq!(number(&gid("Order", BEYOND_DOUBLE), "Order"), Some(BEYOND_DOUBLE));
        assert_eq!(number("gid://shopify/Order/1", "Product"), None);
        assert_eq!(split("gid://shopify/InventoryLevel/7?inventory_item_id=9"), Some(("InventoryLevel", 7)));
        assert_eq!(split("7"), None);
    }

    #[test]
    fn kinds_count_for_themselves() {
        let mut numbers = Numbers::new(3);
        let (one, two) = (numbers.next("Product"), numbers.next("Product"));
        assert_eq!(two - one, STEP);
        assert_ne!(numbers.next("Order"), two + STEP);
    }
}
