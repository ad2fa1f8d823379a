//! Webhooks as the store keeps them.

use super::clock::Seconds;

/// A webhook.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) topic: String,
    pub(crate) delivery_url: String,
    pub(crate) secret: String,
    pub(crate) created: Seconds,
    pub(crate) modified: Seconds,
    pub(crate) failures: u32,
    /// The ping was not answered with 200 yet.
    pub(crate) pending_delivery: bool,
}

impl Webhook {
    pub(crate) fn resource(&self) -> &str {
        self.topic.split_once('.').map_or("", |(resource, _)| resource)
    }

    pub(crate) fn event(&self) -> &str {
        self.topic.split_once('.').map_or("", |(_, event)| event)
    }

    /// The WordPress hooks behind the topic.
    pub(crate) fn hooks(&self) -> Vec<&str> {
        match self.topic.as_str() {
            "coupon.created" => vec!["woocommerce_process_shop_coupon_meta", "woocommerce_new_coupon"],
            "coupon.updated" => vec!["woocommerce_process_shop_coupon_meta", "woocommerce_update_coupon"],
            "customer.created" => {
                vec!["user_register", "woocommerce_created_customer", "woocommerce_new_customer"]
            }
            "customer.updated" => vec!["profile_update", "woocommerce_update_customer"],
            "customer.deleted" => vec!["delete_user"],
            "order.created" => vec!["woocommerce_new_order"],
            "order.updated" => vec!["woocommerce_update_order", "woocommerce_order_refunded"],
            "order.deleted" => vec!["wp_trash_post", "woocommerce_trash_order"],
            "order.restored" => vec!["untrashed_post", "woocommerce_untrash_order"],
            "product.created" => vec![
                "woocommerce_process_product_meta",
                "woocommerce_new_product",
                "woocommerce_new_product_variation",
            ],
            "product.updated" => vec![
                "woocommerce_process_product_meta",
                "woocommerce_update_product",
                "woocommerce_update_product_variation",
            ],
            "coupon.deleted" | "product.deleted" => vec!["wp_trash_post"],
            "coupon.restored" | "product.restored" => vec!["untrashed_post"],
            other => other.strip_prefix("action.").into_iter().collect(),
        }
    }
}

/// Whether a webhook may have this topic.
pub(crate) fn valid_topic(topic: &str) -> bool {
    match topic.split_once('.') {
        Some(("coupon" | "customer" | "order" | "product", event)) => {
            matches!(event, "created" | "updated" | "deleted" | "restored")
                || (event == "published" && topic == "product.published")
        }
        Some(("action", event)) => event.starts_with("woocommerce_") || event.starts_with("wc_"),
        _ => false,
    }
}
