//! What a shop's owner should know: mostly, what the app may not do.

use platform::Finding;

use crate::credentials::has_scope;

/// A scope, and what does not work without it.
struct Lack {
    scope: &'static str,
    code: &'static str,
    message: &'static str,
    blocks_writing: bool,
}

const LACKS: [Lack; 9] = [
    Lack {
        scope: "read_products",
        code: "no-products",
        message: "the app may not read products: nothing can be linked to this shop",
        blocks_writing: true,
    },
    Lack {
        scope: "read_inventory",
        code: "no-inventory",
        message: "the app may not read stock: the shop's numbers stay unknown",
        blocks_writing: true,
    },
    Lack {
        scope: "write_inventory",
        code: "no-stock-writing",
        message: "the app may not write stock: the shop's numbers cannot follow the books",
        blocks_writing: true,
    },
    Lack {
        scope: "read_orders",
        code: "no-orders",
        message: "the app may not read orders: sales in this shop are not seen, so its numbers must not be raised",
        blocks_writing: true,
    },
    Lack {
        scope: "read_all_orders",
        code: "recent-orders-only",
        message: "the app sees only the orders of the last 60 days: older ones cannot be read, nor their refunds",
        blocks_writing: false,
    },
    Lack {
        scope: "read_locations",
        code: "no-locations",
        message: "the app may not read locations: it is not told when one is opened or closed, and each number takes \
                  one more reading",
        blocks_writing: false,
    },
    Lack {
        scope: "read_customers",
        code: "no-customers",
        message: "the app may not read customers: they are not listed, and orders come without their account",
        blocks_writing: false,
    },
    Lack {
        scope: "write_products",
        code: "no-listing-writing",
        message: "the app may not write products: prices and titles cannot be changed from here",
        blocks_writing: false,
    },
    Lack {
        scope: "write_merchant_managed_fulfillment_orders",
        code: "no-shipments",
        message: "the app may not note shipments",
        blocks_writing: false,
    },
];

/// What is worth knowing about a shop.
pub(crate) fn findings(scopes: &[String], locations: Option<usize>, checks_deliveries: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = LACKS
        .iter()
        .filter(|lack| !has_scope(scopes, lack.scope))
        .map(|lack| Finding {
            code: lack.code,
            message: lack.message.to_owned(),
            advice: advice(lack.scope),
            blocks_writing: lack.blocks_writing,
        })
        .collect();
    match locations {
        Some(0) => findings.push(Finding {
            code: "no-location",
            message: "the shop has no active location: it can hold no stock".to_owned(),
            advice: "add a location under Settings, Locations".to_owned(),
            blocks_writing: true,
        }),
        Some(many) if many > 1 => findings.push(Finding {
            code: "several-locations",
            message: format!(
                "the shop has {many} active locations: its number is the sum of them; units are added where most are, \
                 and taken there first"
            ),
            advice: "nothing needs to be done; move units between locations in the shop as before".to_owned(),
            blocks_writing: false,
        }),
        Some(_) | None => {}
    }
    if !checks_deliveries {
        findings.push(Finding {
            code: "no-api-secret",
            message: "deliveries of this shop cannot be checked, so none are asked for: sales are seen only when the \
                      shop is read"
                .to_owned(),
            advice: "connect the store again with the app's API secret key beside its token".to_owned(),
            blocks_writing: false,
        });
    }
    findings
}

fn advice(scope: &str) -> String {
    if scope == "read_all_orders" {
        return "ask Shopify for `read_all_orders` in the app's settings if older orders matter, then connect the store \
                again"
            .to_owned();
    }
    format!("allow `{scope}` in the app's settings, then connect the store again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SCOPES;

    #[test]
    fn what_the_app_asks_for_is_enough() {
        let all = SCOPES.map(str::to_owned).to_vec();
        let codes = |scopes: &[String], locations, checks| -> Vec<&'static str> {
            findings(scopes, locations, checks).iter().map(|finding| finding.code).collect()
        };
        assert_eq!(codes(&all, Some(1), true), ["recent-orders-only"]);
        assert_eq!(codes(&all, Some(3), false), ["recent-orders-only", "several-locations", "no-api-secret"]);
        assert_eq!(codes(&[], Some(0), true).len(), LACKS.len() + 1);
        let blocked = findings(&["write_products".into()], None, true);
        let blocking: Vec<_> = blocked.iter().filter(|it| it.blocks_writing).map(|it| it.code).collect();
        assert_eq!(blocking, ["no-inventory", "no-stock-writing", "no-orders"]);
    }
}
