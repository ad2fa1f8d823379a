//! What an order means, whichever shape it came in.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use domain::order::{self, Buyer, Fence, OrderLine, OrderState};
use domain::product::Sku;
use domain::{RemoteCustomerId, RemoteOrderId, RemoteProductId, RemoteVariantId};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Unreadable;

/// What an order says of itself.
#[derive(Debug, Default)]
pub(crate) struct OrderFacts {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) cancelled: bool,
    /// Its financial status, in small letters.
    pub(crate) financial: String,
    /// Its fulfilment status, in small letters.
    pub(crate) fulfilment: String,
    pub(crate) taxes_included: bool,
    /// The shop's own currency: all amounts are in it.
    pub(crate) currency: String,
    pub(crate) total: Option<Decimal>,
    pub(crate) tax: Option<Decimal>,
    pub(crate) shipping: Option<Decimal>,
    pub(crate) discount: Option<Decimal>,
    pub(crate) customer: Option<String>,
    pub(crate) buyer: String,
    pub(crate) email: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) lines: Vec<LineFacts>,
}

/// What a line of an order says of itself.
#[derive(Debug, Default)]
pub(crate) struct LineFacts {
    pub(crate) id: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) variant: Option<String>,
    pub(crate) gift_card: bool,
    pub(crate) sku: Option<String>,
    pub(crate) title: String,
    /// Units ordered, ever.
    pub(crate) quantity: Decimal,
    /// Units that are neither refunded nor taken off.
    pub(crate) current: Option<Decimal>,
    pub(crate) unit_price: Option<Decimal>,
    /// Discounts on the whole line.
    pub(crate) discounts: Decimal,
    /// Taxes on the whole line.
    pub(crate) taxes: Decimal,
}

/// Units of a line that were refunded, and of those the ones that the shop put back on its shelf.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Back {
    pub(crate) refunded: Decimal,
    pub(crate) restocked: Decimal,
}

/// What the refunds of an order say, by the line that they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refunded(BTreeMap<String, Back>);

impl Refunded {
    /// Adds a line of a refund.
    pub(crate) fn add(&mut self, line: &str, units: Decimal, restocked: bool) {
        let back = self.0.entry(line.to_owned()).or_default();
        back.refunded += units;
        if restocked {
            back.restocked += units;
        }
    }

    /// How many units were refunded in all, and put back in all.
    pub(crate) fn units(&self) -> (Decimal, Decimal) {
        let all = self.0.values();
        (all.clone().map(|back| back.refunded).sum(), all.map(|back| back.restocked).sum())
    }

    fn of(&self, line: &str) -> Back {
        self.0.get(line).copied().unwrap_or_default()
    }
}

/// Whether the words for what happened to refunded units mean that they are on the shelf again.
pub(crate) fn is_restocked(restock_type: &str, restocked: Option<bool>) -> bool {
    let kind = restock_type.to_ascii_lowercase();
    matches!(kind.as_str(), "return" | "cancel" | "legacy_restock") && restocked.unwrap_or(true)
}

/// An amount with at least two decimals: both shapes come to the same text.
pub(crate) fn amount(number: Decimal) -> Decimal {
    let mut number = number.normalize();
    if number.scale() < 2 {
        number.rescale(2);
    }
    number
}

impl OrderFacts {
    /// Whether units were taken off or refunded: then the refunds must be read for the order to be whole.
    pub(crate) fn lost_units(&self) -> bool {
        self.lines.iter().any(|line| line.current.is_none_or(|current| current < line.quantity))
    }

    /// Where it stands. An order that exists has taken its units: a payment that is still to come changes nothing.
    fn state(&self) -> OrderState {
        if self.cancelled {
            return OrderState::Cancelled;
        }
        match (self.financial.as_str(), self.fulfilment.as_str()) {
            ("refunded", _) => OrderState::Refunded,
            (_, "fulfilled") => OrderState::Fulfilled,
            _ => OrderState::Open,
        }
    }

    /// Whether its payment is still to come: authorized is not captured, and what is void or expired never was paid.
    fn is_unpaid(&self) -> bool {
        matches!(self.financial.as_str(), "pending" | "authorized" | "expired" | "voided")
    }

    /// The order in the domain's words, with what its refunds say.
    pub(crate) fn with(self, refunded: &Refunded) -> Result<order::Order, Unreadable> {
        let id = self.id.clone().ok_or_else(|| Unreadable::lacks("an order", None, "id"))?;
        let lacks = |field| Unreadable::lacks("order", Some(&id), field);
        let currency: Currency = self.currency.parse().map_err(|_| lacks("currency"))?;
        let money = |number: Option<Decimal>| number.map(|number| Money::new(amount(number), currency));
        let placed_at = self.created_at.ok_or_else(|| lacks("created_at"))?;
        let total = money(self.total).ok_or_else(|| lacks("total"))?;
        let state = self.state();
        let unpaid = self.is_unpaid();
        let (tax, shipping, discount) = (money(self.tax), money(self.shipping), money(self.discount));
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in self.lines {
            let line = line_of(line, refunded, currency, self.taxes_included);
            lines.push(line.ok_or_else(|| lacks("line_items"))?);
        }
        Ok(order::Order {
            number: if self.name.trim().is_empty() { id.clone() } else { self.name },
            remote: RemoteOrderId::new(id),
            state,
            fence: Fence { updated_at: self.updated_at.unwrap_or(placed_at), revision: 0 },
            placed_at,
            total,
            tax,
            shipping,
            discount,
            buyer: Buyer {
                customer: self.customer.map(RemoteCustomerId::new),
                name: self.buyer,
                email: self.email.filter(|email| !email.trim().is_empty()),
                country: self.country.filter(|country| !country.trim().is_empty()),
            },
            lines,
            unpaid,
        })
    }
}

fn line_of(
    line: LineFacts,
    refunded: &Refunded,
    currency: Currency,
    taxes_included: bool,
) -> Option<OrderLine> {
    let id = line.id?;
    let back = refunded.of(&id);
    let refunded = back.refunded.min(line.quantity);
    let restocked = back.restocked.min(refunded);
    // What is gone and was not refunded was taken off by an edit: it counts as never bought.
    let current = line.current.unwrap_or(line.quantity - refunded);
    let quantity = (current + refunded).min(line.quantity);
    let total = line.unit_price.map(|price| {
        let before = price * line.quantity - line.discounts;
        if taxes_included { before - line.taxes } else { before }
    });
    let money = |number: Option<Decimal>| number.map(|number| Money::new(amount(number), currency));
    Some(OrderLine {
        product: line.product.map(RemoteProductId::new),
        variant: line.variant.filter(|_| !line.gift_card).map(RemoteVariantId::new),
        sku: line.sku.as_deref().and_then(Sku::read),
        title: line.title,
        quantity,
        refunded,
        restocked,
        taken: (quantity - restocked).max(Decimal::ZERO),
        unit_price: money(line.unit_price),
        total: money(total),
        remote: id,
    })
}

/// The first of some texts that says something.
pub(crate) fn first_said<const N: usize>(texts: [Option<String>; N]) -> Option<String> {
    texts.into_iter().flatten().map(|text| text.trim().to_owned()).find(|text| !text.is_empty())
}

/// First and last name as one text.
pub(crate) fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let parts: Vec<&str> =
        [first, last].into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: i64, current: i64) -> LineFacts {
        LineFacts {
            id: Some("1".into()),
            quantity: quantity.into(),
            current: Some(current.into()),
            unit_price: Some(Decimal::new(1000, 2)),
            discounts: Decimal::new(150, 2),
            taxes: Decimal::new(200, 2),
            ..LineFacts::default()
        }
    }

    fn counted(line: LineFacts, refunds: &[(i64, bool)]) -> [i64; 4] {
        let mut refunded = Refunded::default();
        for (units, restocked) in refunds {
            refunded.add("1", (*units).into(), *restocked);
        }
        let line = line_of(line, &refunded, "EUR".parse().unwrap(), false).unwrap();
        [line.quantity, line.refunded, line.restocked, line.taken].map(|number| number.try_into().unwrap())
    }

    #[test]
    fn units_follow_refunds_and_edits() {
        // quantity, refunded, restocked, taken
        assert_eq!(counted(line(3, 3), &[]), [3, 0, 0, 3]);
        assert_eq!(counted(line(3, 2), &[(1, true)]), [3, 1, 1, 2]);
        assert_eq!(counted(line(3, 2), &[(1, false)]), [3, 1, 0, 3]);
        assert_eq!(counted(line(3, 0), &[(2, true), (1, false)]), [3, 3, 2, 1]);
        // Taken off by an edit, without a refund.
        assert_eq!(counted(line(3, 1), &[]), [1, 0, 0, 1]);
        assert_eq!(counted(line(3, 0), &[(1, true)]), [1, 1, 1, 0]);
        // Cancelled with everything put back.
        assert_eq!(counted(line(3, 0), &[(3, true)]), [3, 3, 3, 0]);
        // More than there was.
        assert_eq!(counted(line(1, 0), &[(2, true)]), [1, 1, 1, 0]);
    }

    #[test]
    fn totals_are_after_discounts_and_without_tax() {
        let total = |taxes_included| {
            let line = line_of(line(3, 3), &Refunded::default(), "EUR".parse().unwrap(), taxes_included);
            line.unwrap().total.unwrap().to_string()
        };
        assert_eq!(total(false), "28.50 EUR");
        assert_eq!(total(true), "26.50 EUR");
        assert_eq!(amount("5".parse().unwrap()).to_string(), "5.00");
        assert_eq!(amount("5.1250".parse().unwrap()).to_string(), "5.125");
    }

    #[test]
    fn an_order_stands_where_its_evidence_says() {
        let state = |cancelled, financial: &str, fulfilment: &str| {
            let facts = OrderFacts {
                cancelled,
                financial: financial.into(),
                fulfilment: fulfilment.into(),
                ..OrderFacts::default()
            };
            facts.state()
        };
        assert_eq!(state(false, "pending", "unfulfilled"), OrderState::Open);
        for (financial, unpaid) in
            [("pending", true), ("authorized", true), ("paid", false), ("partially_paid", false)]
        {
            let facts = OrderFacts { financial: financial.into(), ..OrderFacts::default() };
            assert_eq!(facts.is_unpaid(), unpaid, "{financial}");
        }
        assert_eq!(state(false, "authorized", "on_hold"), OrderState::Open);
        assert_eq!(state(false, "voided", ""), OrderState::Open);
        assert_eq!(state(false, "paid", "partially_fulfilled"), OrderState::Open);
        assert_eq!(state(false, "partially_refunded", "fulfilled"), OrderState::Fulfilled);
        assert_eq!(state(false, "refunded", "fulfilled"), OrderState::Refunded);
        assert_eq!(state(true, "refunded", "fulfilled"), OrderState::Cancelled);
    }

    #[test]
    fn what_a_restock_is() {
        for (kind, restocked, expected) in [
            ("RETURN", Some(true), true),
            ("cancel", None, true),
            ("legacy_restock", None, true),
            ("CANCEL", Some(false), false),
            ("NO_RESTOCK", Some(false), false),
            ("no_restock", None, false),
            ("", Some(true), false),
        ] {
            assert_eq!(is_restocked(kind, restocked), expected, "{kind}");
        }
    }
}
