//! The topics that the hub needs to hear of: the one table.

/// A topic, as it is asked for and as it is delivered, and the scope without which it cannot be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Topic {
    /// Its name in the API.
    pub(crate) name: &'static str,
    /// Its name in a delivery.
    pub(crate) delivered: &'static str,
    /// The scope that it needs; none for those that every app may hear.
    pub(crate) scope: Option<&'static str>,
}

const fn topic(name: &'static str, delivered: &'static str, scope: &'static str) -> Topic {
    Topic { name, delivered, scope: Some(scope) }
}

const fn free(name: &'static str, delivered: &'static str) -> Topic {
    Topic { name, delivered, scope: None }
}

/// All of them.
pub(crate) const TOPICS: [Topic; 28] = [
    topic("ORDERS_CREATE", "orders/create", "read_orders"),
    topic("ORDERS_UPDATED", "orders/updated", "read_orders"),
    topic("ORDERS_CANCELLED", "orders/cancelled", "read_orders"),
    topic("ORDERS_PAID", "orders/paid", "read_orders"),
    topic("ORDERS_EDITED", "orders/edited", "read_orders"),
    topic("ORDERS_DELETE", "orders/delete", "read_orders"),
    topic("REFUNDS_CREATE", "refunds/create", "read_orders"),
    topic("FULFILLMENTS_CREATE", "fulfillments/create", "read_fulfillments"),
    topic("FULFILLMENTS_UPDATE", "fulfillments/update", "read_fulfillments"),
    topic("PRODUCTS_CREATE", "products/create", "read_products"),
    topic("PRODUCTS_UPDATE", "products/update", "read_products"),
    topic("PRODUCTS_DELETE", "products/delete", "read_products"),
    topic("INVENTORY_LEVELS_UPDATE", "inventory_levels/update", "read_inventory"),
    topic("INVENTORY_LEVELS_CONNECT", "inventory_levels/connect", "read_inventory"),
    topic("INVENTORY_LEVELS_DISCONNECT", "inventory_levels/disconnect", "read_inventory"),
    topic("INVENTORY_ITEMS_UPDATE", "inventory_items/update", "read_inventory"),
    topic("CUSTOMERS_CREATE", "customers/create", "read_customers"),
    topic("CUSTOMERS_UPDATE", "customers/update", "read_customers"),
    topic("CUSTOMERS_DELETE", "customers/delete", "read_customers"),
    topic("CUSTOMERS_MERGE", "customers/merge", "read_customer_merge"),
    topic("LOCATIONS_CREATE", "locations/create", "read_locations"),
    topic("LOCATIONS_UPDATE", "locations/update", "read_locations"),
    topic("LOCATIONS_ACTIVATE", "locations/activate", "read_locations"),
    topic("LOCATIONS_DEACTIVATE", "locations/deactivate", "read_locations"),
    topic("LOCATIONS_DELETE", "locations/delete", "read_locations"),
    free("SHOP_UPDATE", "shop/update"),
    free("APP_UNINSTALLED", "app/uninstalled"),
    free("APP_SCOPES_UPDATE", "app/scopes_update"),
];
