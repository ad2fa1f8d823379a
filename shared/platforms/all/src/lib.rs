//! The list of platforms: a line each.

use platform::Platform;

/// Every platform that there is.
#[must_use]
pub fn all() -> Vec<Box<dyn Platform>> {
    vec![
        // One line each.
        Box::new(shopify::Shopify),
        Box::new(woocommerce::WooCommerce),
    ]
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn every_platform_has_its_own_name() {
        let mut names: Vec<String> =
            all().iter().map(|platform| platform.slug().as_str().to_owned()).collect();
        let many = names.len();
        names.sort();
        names.dedup();
        assert!(many > 0 && names.len() == many, "{names:?}");
    }
}
