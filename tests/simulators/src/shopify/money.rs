//! Money: two decimals, in the shop's currency and in the one the buyer paid.

use super::order::Order;
use super::store::Store;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

/// `12.5` as `12.50`.
pub(crate) fn spell(amount: Decimal) -> String {
    let mut amount = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(2);
    amount.to_string()
}

/// As `MoneyV2` has amounts: at least one decimal and no more zeros than that.
fn short(amount: Decimal) -> String {
    let mut amount = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize();
    if amount.scale() == 0 {
        amount.rescale(1);
    }
    amount.to_string()
}

impl Store {
    fn sides(&self, amount: Decimal, order: Option<&Order>) -> [(String, Decimal); 2] {
        let shop = (self.config.currency.clone(), amount);
        let buyer = order.and_then(|order| order.presentment.as_ref());
        let buyer = buyer.map(|(currency, rate)| (currency.clone(), amount * rate));
        [shop.clone(), buyer.unwrap_or(shop)]
    }

    /// A `MoneyBag`.
    pub(crate) fn bag(&self, amount: Decimal, order: Option<&Order>) -> Value {
        let [shop, buyer] = self
            .sides(amount, order)
            .map(|(currency, amount)| json!({"amount": short(amount), "currencyCode": currency}));
        json!({"shopMoney": shop, "presentmentMoney": buyer})
    }

    /// A `MoneyV2` in the shop's currency.
    pub(crate) fn coin(&self, amount: Decimal) -> Value {
        json!({"amount": short(amount), "currencyCode": self.config.currency})
    }

    /// A `_set` of a webhook body.
    pub(crate) fn set(&self, amount: Decimal, order: &Order) -> Value {
        let [shop, buyer] = self
            .sides(amount, Some(order))
            .map(|(currency, amount)| json!({"amount": spell(amount), "currency_code": currency}));
        json!({"shop_money": shop, "presentment_money": buyer})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_spelt_as_the_platform_does() {
        assert_eq!(
            (spell("10".parse().unwrap()), short("10".parse().unwrap())),
            ("10.00".into(), "10.0".into())
        );
        assert_eq!(short("9.95".parse().unwrap()), "9.95");
        assert_eq!(spell("0.005".parse().unwrap()), "0.01");
    }
}
