//! Cuts the schema extract the Shopify simulator answers by out of the platform's full schema.

use apollo_compiler::ast::{Definition, Document, FieldDefinition, InputValueDefinition, Type};
use apollo_compiler::{Name, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Root fields that stay.
const ROOTS: &[&str] = &[
    // queries
    "appInstallation",
    "bulkOperation",
    "bulkOperations",
    "collections",
    "currentAppInstallation",
    "currentBulkOperation",
    "customer",
    "customers",
    "customersCount",
    "fulfillment",
    "fulfillmentOrder",
    "fulfillmentOrders",
    "inventoryItem",
    "inventoryItems",
    "inventoryLevel",
    "job",
    "location",
    "locations",
    "locationsCount",
    "node",
    "nodes",
    "order",
    "orders",
    "ordersCount",
    "product",
    "productByIdentifier",
    "productOperation",
    "products",
    "productsCount",
    "productVariant",
    "productVariantByIdentifier",
    "productVariants",
    "productVariantsCount",
    "shop",
    "webhookSubscription",
    "webhookSubscriptions",
    "webhookSubscriptionsCount",
    // mutations
    "bulkOperationCancel",
    "bulkOperationRunQuery",
    "eventBridgeWebhookSubscriptionCreate",
    "eventBridgeWebhookSubscriptionUpdate",
    "fulfillmentCreate",
    "fulfillmentTrackingInfoUpdate",
    "inventoryActivate",
    "inventoryAdjustQuantities",
    "inventoryDeactivate",
    "inventoryItemUpdate",
    "inventorySetQuantities",
    "locationAdd",
    "orderCancel",
    "orderClose",
    "orderEditAddVariant",
    "orderEditBegin",
    "orderEditCommit",
    "orderEditSetQuantity",
    "productCreate",
    "productDelete",
    "productOptionsCreate",
    "productSet",
    "productUpdate",
    "productVariantsBulkCreate",
    "productVariantsBulkDelete",
    "productVariantsBulkUpdate",
    "refundCreate",
    "webhookSubscriptionCreate",
    "webhookSubscriptionDelete",
    "webhookSubscriptionUpdate",
];

/// Objects, interfaces and unions that stay, with their connections and edges.
const TYPES: &[&str] = &[
    "QueryRoot",
    "Mutation",
    "Node",
    "LegacyInteroperability",
    "PageInfo",
    "Count",
    "Job",
    "UserError",
    "DisplayableError",
    "MoneyBag",
    "MoneyV2",
    "Attribute",
    "EditableProperty",
    "Weight",
    "SEO",
    "TaxLine",
    "Shop",
    "ShopPlan",
    "ShopAddress",
    "Domain",
    "CurrencyFormats",
    "App",
    "AppInstallation",
    "AccessScope",
    "ApiVersion",
    "ResourcePublication",
    "Product",
    "ProductVariant",
    "ProductOption",
    "ProductOptionValue",
    "SelectedOption",
    "Image",
    "Media",
    "MediaImage",
    "Collection",
    "Metafield",
    "SellingPlanGroup",
    "ProductPriceRangeV2",
    "ProductOperation",
    "ProductSetOperation",
    "ProductDeleteOperation",
    "ProductSetUserError",
    "InventoryItem",
    "InventoryItemMeasurement",
    "InventoryLevel",
    "InventoryQuantity",
    "InventoryAdjustmentGroup",
    "InventoryChange",
    "Location",
    "LocationAddress",
    "Order",
    "OrderApp",
    "OrderCancellation",
    "LineItem",
    "Customer",
    "CustomerEmailAddress",
    "CustomerPhoneNumber",
    "MailingAddress",
    "Refund",
    "RefundLineItem",
    "OrderTransaction",
    "ShippingLine",
    "DiscountAllocation",
    "Fulfillment",
    "FulfillmentEvent",
    "FulfillmentLineItem",
    "FulfillmentService",
    "FulfillmentTrackingInfo",
    "FulfillmentOrder",
    "FulfillmentOrderLineItem",
    "FulfillmentOrderAssignedLocation",
    "FulfillmentOrderSupportedAction",
    "CalculatedOrder",
    "CalculatedLineItem",
    "BulkOperation",
    "WebhookSubscription",
    "WebhookSubscriptionEndpoint",
    "WebhookHttpEndpoint",
    "WebhookEventBridgeEndpoint",
    "WebhookPubSubEndpoint",
];

/// Inputs that drag in whole other rooms of the platform and are cut off.
const CUT_INPUTS: &[&str] = &["HasMetafieldsMetafieldIdentifierInput", "UnitPriceMeasurementInput"];

/// Reads the full schema and writes the extract to the standard output.
pub fn run(schema: &Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let text = std::fs::read_to_string(schema)?;
    let document = Document::parse(text, schema.display().to_string()).map_err(|error| error.to_string())?;
    print!("{}", extract(document));
    Ok(())
}

/// The extract, ordered by name, without descriptions.
fn extract(document: Document) -> String {
    let mut all: BTreeMap<Name, Definition> = BTreeMap::new();
    let mut directives = Vec::new();
    for definition in document.definitions {
        match &definition {
            Definition::DirectiveDefinition(directive) => {
                let mut directive = directive.clone();
                let inner = directive.make_mut();
                inner.description = None;
                inner.arguments.iter_mut().for_each(|argument| argument.make_mut().description = None);
                directives.push(Definition::DirectiveDefinition(directive));
            }
            Definition::SchemaDefinition(_) => directives.push(definition),
            other => {
                if let Some(name) = other.name().cloned() {
                    all.insert(name, definition);
                }
            }
        }
    }
    let composite = |name: &str| composite(&all, name);
    let mut kept: BTreeMap<Name, Definition> = BTreeMap::new();
    for (name, definition) in &all {
        if stays(&all, name)
            && let Some(definition) = prune(definition, &composite)
        {
            kept.insert(name.clone(), definition);
        }
    }
    add_leaves(&all, &mut kept);
    // Part of the language since 2025, and not declared in the full schema.
    let mut out = "directive @oneOf on INPUT_OBJECT\n".to_owned();
    for definition in directives.into_iter().chain(kept.into_values()) {
        out.push_str(&definition.to_string());
        out.push('\n');
    }
    out
}

fn is_composite(definition: &Definition) -> bool {
    matches!(
        definition,
        Definition::ObjectTypeDefinition(_)
            | Definition::InterfaceTypeDefinition(_)
            | Definition::UnionTypeDefinition(_)
    )
}

/// Whether a field of this type may stay: it is a leaf, or a composite type that stays.
fn composite(all: &BTreeMap<Name, Definition>, name: &str) -> bool {
    all.get(name).is_none_or(|definition| !is_composite(definition) || stays(all, name))
}

fn stays(all: &BTreeMap<Name, Definition>, name: &str) -> bool {
    if !all.get(name).is_some_and(is_composite) {
        return false;
    }
    let bare = name.strip_suffix("Connection").or_else(|| name.strip_suffix("Edge")).unwrap_or(name);
    if TYPES.contains(&bare) {
        return true;
    }
    let root = |suffix: &str| {
        name.strip_suffix(suffix).is_some_and(|root| ROOTS.iter().any(|one| one.eq_ignore_ascii_case(root)))
    };
    root("Payload")
        || root("UserError")
        || name == "BulkOperationUserError"
        || name == "BulkMutationUserError"
}

fn prune(definition: &Definition, composite: &dyn Fn(&str) -> bool) -> Option<Definition> {
    let keep = |name: &Name| composite(name.as_str());
    Some(match definition {
        Definition::ObjectTypeDefinition(object) => {
            let mut object = object.clone();
            let inner = object.make_mut();
            inner.description = None;
            inner.implements_interfaces.retain(|name| TYPES.contains(&name.as_str()));
            let root = matches!(inner.name.as_str(), "QueryRoot" | "Mutation");
            fields(&mut inner.fields, &|field| {
                keep(field.ty.inner_named_type()) && (!root || ROOTS.contains(&field.name.as_str()))
            });
            Definition::ObjectTypeDefinition(object)
        }
        Definition::InterfaceTypeDefinition(interface) => {
            let mut interface = interface.clone();
            let inner = interface.make_mut();
            inner.description = None;
            inner.implements_interfaces.retain(|name| TYPES.contains(&name.as_str()));
            fields(&mut inner.fields, &|field| keep(field.ty.inner_named_type()));
            Definition::InterfaceTypeDefinition(interface)
        }
        Definition::UnionTypeDefinition(union) => {
            let mut union = union.clone();
            let inner = union.make_mut();
            inner.description = None;
            inner.members.retain(|name| TYPES.contains(&name.as_str()));
            Definition::UnionTypeDefinition(union)
        }
        _ => return None,
    })
}

fn fields(fields: &mut Vec<Node<FieldDefinition>>, keep: &dyn Fn(&FieldDefinition) -> bool) {
    fields.retain(|field| keep(field));
    for field in fields {
        let field = field.make_mut();
        field.description = None;
        arguments(&mut field.arguments);
    }
}

fn arguments(arguments: &mut Vec<Node<InputValueDefinition>>) {
    arguments.retain(|argument| !CUT_INPUTS.contains(&argument.ty.inner_named_type().as_str()));
    for argument in arguments {
        argument.make_mut().description = None;
    }
}

/// Adds the scalars, enums and inputs that what stays speaks of.
fn add_leaves(all: &BTreeMap<Name, Definition>, kept: &mut BTreeMap<Name, Definition>) {
    let mut wanted: BTreeSet<Name> = BTreeSet::new();
    let want = |ty: &Type, wanted: &mut BTreeSet<Name>| {
        wanted.insert(ty.inner_named_type().clone());
    };
    for definition in kept.values() {
        let fields = match definition {
            Definition::ObjectTypeDefinition(object) => &object.fields,
            Definition::InterfaceTypeDefinition(interface) => &interface.fields,
            _ => continue,
        };
        for field in fields {
            want(&field.ty, &mut wanted);
            field.arguments.iter().for_each(|argument| want(&argument.ty, &mut wanted));
        }
    }
    while let Some(name) = wanted.pop_first() {
        if kept.contains_key(&name) {
            continue;
        }
        let leaf = match all.get(&name) {
            Some(Definition::ScalarTypeDefinition(scalar)) => {
                let mut scalar = scalar.clone();
                scalar.make_mut().description = None;
                Definition::ScalarTypeDefinition(scalar)
            }
            Some(Definition::EnumTypeDefinition(values)) => {
                let mut values = values.clone();
                let inner = values.make_mut();
                inner.description = None;
                inner.values.iter_mut().for_each(|value| value.make_mut().description = None);
                Definition::EnumTypeDefinition(values)
            }
            Some(Definition::InputObjectTypeDefinition(input)) => {
                let mut input = input.clone();
                let inner = input.make_mut();
                inner.description = None;
                arguments(&mut inner.fields);
                inner.fields.iter().for_each(|field| want(&field.ty, &mut wanted));
                Definition::InputObjectTypeDefinition(input)
            }
            _ => continue,
        };
        kept.insert(name, leaf);
    }
}
