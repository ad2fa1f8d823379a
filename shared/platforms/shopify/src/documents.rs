//! Every GraphQL document that is sent, each from its file in `queries/`.

macro_rules! documents {
    ($($(#[doc = $doc:literal])+ $name:ident = $file:literal $(+ $part:literal)*;)+) => {
        /// A document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Document {
            $($(#[doc = $doc])+ $name,)+
        }

        /// Their names and texts.
        static ALL: &[(&str, &str)] = &[
            $(($file, concat!(
                include_str!(concat!("queries/", $file, ".graphql")),
                $(include_str!(concat!("queries/", $part, ".graphql")),)*
            )),)+
        ];
    };
}

documents! {
    /// The shop, and what the app may do in it.
    Shop = "shop";
    /// The active locations.
    Locations = "locations";
    /// How many products there are, and the latest bulk operations.
    CatalogBegin = "catalog_begin" + "operation_parts";
    /// How far a bulk operation over the catalogue is.
    CatalogProgress = "catalog_progress" + "operation_parts";
    /// How many orders there are, and the latest bulk operations.
    OrdersBegin = "orders_begin" + "operation_parts";
    /// How far a bulk operation over the orders is.
    OrdersProgress = "orders_progress" + "operation_parts";
    /// Starts a bulk operation.
    BulkRun = "bulk_run" + "operation_parts";
    /// What a bulk operation over the catalogue reads.
    BulkCatalog = "bulk_catalog";
    /// What a bulk operation over the orders reads.
    BulkOrders = "bulk_orders";
    /// The same where the app may not read customers.
    BulkOrdersWithoutCustomers = "bulk_orders_without_customers";
    /// Products that changed.
    ProductsChanged = "products_changed" + "product_parts" + "variant_parts";
    /// A product with its first variants.
    Product = "product" + "product_parts" + "variant_parts";
    /// More variants of a product.
    ProductVariants = "product_variants" + "variant_parts";
    /// What sells the units of an inventory item.
    StockItem = "stock_item" + "variant_parts";
    /// Orders that changed.
    OrdersChanged = "orders_changed" + "order_parts" + "line_parts";
    /// An order with its first lines.
    Order = "order" + "order_parts" + "line_parts";
    /// More lines of an order.
    OrderLines = "order_lines" + "line_parts";
    /// The refunds of some orders.
    OrdersRefunds = "orders_refunds" + "refund_parts";
    /// Whether some orders are there.
    OrdersThere = "orders_there";
    /// The oldest order of a search.
    OldestOrder = "oldest_order";
    /// Which refunds an order has.
    OrderRefundIds = "order_refund_ids";
    /// The lines of a refund.
    RefundLines = "refund_lines" + "refund_parts";
    /// Customers.
    Customers = "customers" + "customer_parts";
    /// A customer.
    Customer = "customer" + "customer_parts";
    /// The numbers of some variants.
    Levels = "levels";
    /// The numbers of some variants, and whether they are stocked at a location.
    LevelsAt = "levels_at";
    /// The numbers of some variants, location by location.
    LevelsEverywhere = "levels_everywhere";
    /// More locations of an inventory item.
    ItemLevels = "item_levels";
    /// Writes a number: one field per number, as many as there are.
    SetQuantities = "set_quantities";
    /// Stocks an inventory item at a location.
    StockAtLocation = "stock_at_location";
    /// A variant.
    Variant = "variant" + "variant_parts";
    /// Writes the price of a variant.
    WritePrice = "write_price" + "variant_parts";
    /// Writes the title of a product.
    WriteTitle = "write_title" + "product_parts";
    /// What of an order is still to be sent, and from where.
    ToFulfil = "to_fulfil";
    /// Notes a shipment.
    Fulfil = "fulfil";
    /// The webhooks of this app.
    Webhooks = "webhooks";
    /// Makes a webhook.
    WebhookCreate = "webhook_create";
    /// Changes where a webhook points to.
    WebhookUpdate = "webhook_update";
    /// Takes a webhook away.
    WebhookDelete = "webhook_delete";
}

impl Document {
    /// Its text.
    pub(crate) fn text(self) -> &'static str {
        ALL.get(self as usize).map_or("", |(_, text)| text)
    }
}

/// The name and the text of every GraphQL document that the crate sends, those of bulk operations among them.
#[must_use]
pub fn documents() -> &'static [(&'static str, &'static str)] {
    ALL
}
