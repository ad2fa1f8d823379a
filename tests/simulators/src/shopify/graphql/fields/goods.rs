//! Products and variants.

use super::super::super::clock::z;
use super::super::super::gid::gid;
use super::super::super::goods::{Choice, Product, Variant};
use super::super::super::money::spell;
use super::super::execute::Context;
use super::super::search::{Attribute, filter};
use super::super::thing::{Call, Fail, Key, Out, Row, Thing};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

const PRODUCT_FILTERS: &[&str] = &[
    "barcode",
    "created_at",
    "handle",
    "id",
    "inventory_total",
    "price",
    "product_type",
    "published_at",
    "sku",
    "status",
    "tag",
    "title",
    "updated_at",
    "variant_id",
    "vendor",
];
const VARIANT_FILTERS: &[&str] = &[
    "barcode",
    "created_at",
    "id",
    "inventory_quantity",
    "product_id",
    "product_ids",
    "product_status",
    "product_type",
    "sku",
    "tag",
    "title",
    "updated_at",
    "vendor",
];

/// Rows in the order of a key, ids where keys are equal.
pub(super) fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|one, other| one.key.cmp(&other.key).then(one.id.cmp(&other.id)));
    rows
}

pub(super) fn products(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let store = &context.store;
    let (now, lag, searched) = (store.now(), store.lag(), call.get("query").is_some());
    let seen = |row: &&Product| !searched || row.created + lag <= now;
    let sort = call.text("sortKey").unwrap_or("ID");
    let key = |row: &Product| match sort {
        "UPDATED_AT" => Key::Number(i128::from(row.changed.indexed(now, lag))),
        "CREATED_AT" => Key::Number(i128::from(row.created)),
        "PUBLISHED_AT" => Key::Number(i128::from(row.published.unwrap_or(0))),
        "INVENTORY_TOTAL" => Key::Number(i128::from(store.shown_total(row))),
        "TITLE" => Key::Text(row.title.to_lowercase()),
        "VENDOR" => Key::Text(row.vendor.to_lowercase()),
        "PRODUCT_TYPE" => Key::Text(row.kind.to_lowercase()),
        _ => Key::Number(i128::from(row.id)),
    };
    let rows = store.products.values().filter(seen);
    let rows: Vec<Row> =
        rows.map(|row| Row { id: row.id, key: key(row), thing: Thing::Product(row.id) }).collect();
    let rows = filter(context, call, PRODUCT_FILTERS, tell_product, rows)?;
    Ok(if matches!(sort, "ID" | "RELEVANCE") { rows } else { sorted(rows) })
}

fn tell_product(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let store = &context.store;
    let Thing::Product(id) = thing else { return Attribute::Nothing };
    let Some(row) = store.products.get(id) else { return Attribute::Nothing };
    let variants = || row.variants.iter().filter_map(|id| store.variants.get(id));
    match field {
        "id" => Attribute::Number(i128::from(*id)),
        "updated_at" => Attribute::Time(row.changed.indexed(store.now(), store.lag())),
        "created_at" => Attribute::Time(row.created),
        "published_at" => row.published.map_or(Attribute::Nothing, Attribute::Time),
        "title" => Attribute::Text(row.title.clone()),
        "handle" => Attribute::Word(row.handle.clone()),
        "status" => Attribute::Word(row.status.clone()),
        "vendor" => Attribute::Word(row.vendor.clone()),
        "product_type" => Attribute::Word(row.kind.clone()),
        "tag" => Attribute::Words(row.tags.clone()),
        "inventory_total" => Attribute::Number(i128::from(store.shown_total(row))),
        "sku" => Attribute::Words(row.variants.iter().map(|id| store.sku_of(*id)).collect()),
        "barcode" => Attribute::Words(variants().filter_map(|row| row.barcode.clone()).collect()),
        "variant_id" => Attribute::Words(row.variants.iter().map(ToString::to_string).collect()),
        "price" => Attribute::Words(variants().map(|row| spell(row.price)).collect()),
        _ => Attribute::Nothing,
    }
}

pub(super) fn variants(context: &mut Context<'_>, call: &Call<'_>) -> Result<Vec<Row>, Fail> {
    let store = &context.store;
    let (now, lag, searched) = (store.now(), store.lag(), call.get("query").is_some());
    let sort = call.text("sortKey").unwrap_or("ID");
    let seen = |row: &&Variant| !searched || row.created + lag <= now;
    let key = |row: &Variant| match sort {
        "SKU" => Key::Text(store.sku_of(row.id).to_lowercase()),
        "TITLE" => Key::Text(row.title().to_lowercase()),
        "INVENTORY_QUANTITY" => Key::Number(i128::from(store.available(row.id))),
        _ => Key::Number(i128::from(row.id)),
    };
    let rows = store.variants.values().filter(seen);
    let rows: Vec<Row> =
        rows.map(|row| Row { id: row.id, key: key(row), thing: Thing::Variant(row.id) }).collect();
    let rows = filter(context, call, VARIANT_FILTERS, tell_variant, rows)?;
    Ok(if matches!(sort, "SKU" | "TITLE" | "INVENTORY_QUANTITY") { sorted(rows) } else { rows })
}

fn tell_variant(context: &Context<'_>, thing: &Thing, field: &str) -> Attribute {
    let store = &context.store;
    let Thing::Variant(id) = thing else { return Attribute::Nothing };
    let Some(row) = store.variants.get(id) else { return Attribute::Nothing };
    let product = store.products.get(&row.product);
    match field {
        "id" => Attribute::Number(i128::from(*id)),
        "updated_at" => Attribute::Time(row.changed.indexed(store.now(), store.lag())),
        "created_at" => Attribute::Time(row.created),
        "sku" => Attribute::Word(store.sku_of(*id)),
        "barcode" => row.barcode.clone().map_or(Attribute::Nothing, Attribute::Word),
        "title" => Attribute::Text(row.title()),
        "product_id" | "product_ids" => Attribute::Word(row.product.to_string()),
        "inventory_quantity" => Attribute::Number(i128::from(store.available(*id))),
        "product_status" => product.map_or(Attribute::Nothing, |row| Attribute::Word(row.status.clone())),
        "vendor" => product.map_or(Attribute::Nothing, |row| Attribute::Word(row.vendor.clone())),
        "product_type" => product.map_or(Attribute::Nothing, |row| Attribute::Word(row.kind.clone())),
        "tag" => product.map_or(Attribute::Nothing, |row| Attribute::Words(row.tags.clone())),
        _ => Attribute::Nothing,
    }
}

pub(super) fn product(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.products.get(&id) else { return Out::Null };
    match call.field {
        "id" => Out::leaf(gid("Product", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "title" => Out::leaf(row.title.clone()),
        "handle" => Out::leaf(row.handle.clone()),
        "status" => Out::leaf(row.status.clone()),
        "vendor" => Out::leaf(row.vendor.clone()),
        "productType" | "customProductType" => Out::leaf(row.kind.clone()),
        "tags" => Out::leaf(json!(row.tags)),
        "descriptionHtml" | "bodyHtml" => Out::leaf(row.html.clone()),
        "description" => Out::leaf(plain_text(&row.html)),
        "templateSuffix" => Out::leaf(json!(row.template)),
        "seo" => Out::plain("SEO", json!({"title": row.seo.0, "description": row.seo.1})),
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed.at)),
        "publishedAt" => Out::leaf(json!(row.published.map(z))),
        "totalInventory" => Out::leaf(store.shown_total(row)),
        "tracksInventory" => {
            let items = row.variants.iter().filter_map(|id| store.items.get(&store.variants.get(id)?.item));
            Out::leaf(items.into_iter().any(|item| item.tracked))
        }
        "hasOnlyDefaultVariant" => Out::leaf(row.only_default()),
        "hasOutOfStockVariants" => Out::leaf(row.variants.iter().any(|id| {
            let item = store.variants.get(id).and_then(|row| store.items.get(&row.item));
            item.is_some_and(|item| item.tracked && store.available_of(item) <= 0)
        })),
        "isGiftCard" => Out::leaf(false),
        "variantsCount" => Out::plain("Count", json!({"count": row.variants.len(), "precision": "EXACT"})),
        "totalVariants" => Out::leaf(row.variants.len()),
        "mediaCount" => Out::plain("Count", json!({"count": row.pictures.len(), "precision": "EXACT"})),
        "options" => {
            let few = call.whole("first").map_or(usize::MAX, |first| first.max(0) as usize);
            let rows =
                row.choices.iter().enumerate().take(few).map(|(at, choice)| option(context, row, at, choice));
            Out::plain("ProductOption", Json::Array(rows.collect()))
        }
        "variants" => {
            let rows = row.variants.iter().enumerate();
            let rows: Vec<Row> = rows
                .map(|(at, id)| Row { id: *id, key: Key::Number(at as i128 + 1), thing: Thing::Variant(*id) })
                .collect();
            Out::Rows(match call.text("sortKey") {
                Some("ID") => sorted(rows.into_iter().map(|row| Row::new(row.id, row.thing)).collect()),
                _ => rows,
            })
        }
        "priceRangeV2" => {
            let mut prices: Vec<Decimal> =
                row.variants.iter().filter_map(|id| store.variants.get(id)).map(|row| row.price).collect();
            prices.sort();
            let (low, high) =
                (prices.first().copied().unwrap_or_default(), prices.last().copied().unwrap_or_default());
            Out::plain(
                "ProductPriceRangeV2",
                json!({
                    "minVariantPrice": store.coin(low), "maxVariantPrice": store.coin(high),
                }),
            )
        }
        "media" | "images" => {
            let rows = row.pictures.iter().map(|picture| {
                let image = json!({
                    "id": gid("ProductImage", picture.id), "url": picture.src, "altText": picture.alt,
                    "width": 480, "height": 270, "src": picture.src, "originalSrc": picture.src,
                });
                let media = json!({
                    "__typename": "MediaImage", "id": gid("MediaImage", picture.id), "alt": picture.alt,
                    "mediaContentType": "IMAGE", "status": "READY", "image": image, "fileStatus": "READY",
                    "mimeType": "image/jpeg", "createdAt": z(row.created), "updatedAt": z(row.created),
                });
                let json = if call.field == "media" { media } else { image };
                Row::new(
                    picture.id,
                    Thing::Plain(if call.field == "media" { "MediaImage" } else { "Image" }, json.into()),
                )
            });
            Out::Rows(rows.collect())
        }
        "featuredMedia" => match row.pictures.first() {
            Some(picture) => Out::plain(
                "MediaImage",
                json!({
                    "__typename": "MediaImage", "id": gid("MediaImage", picture.id), "alt": picture.alt,
                    "mediaContentType": "IMAGE", "status": "READY",
                    "image": {"url": picture.src, "altText": picture.alt, "width": 480, "height": 270},
                }),
            ),
            None => Out::Null,
        },
        "collections" | "metafields" | "sellingPlanGroups" | "productParents" => Out::Rows(Vec::new()),
        "onlineStoreUrl" => Out::leaf(match row.published {
            Some(_) => json!(format!("https://{}/products/{}", store.config.domain, row.handle)),
            None => Json::Null,
        }),
        _ => Out::Unknown,
    }
}

fn option(context: &Context<'_>, product: &Product, at: usize, choice: &Choice) -> Json {
    let used = |value: &str| {
        let mut variants = product.variants.iter().filter_map(|id| context.store.variants.get(id));
        variants.any(|variant| variant.values.get(at).is_some_and(|one| one == value))
    };
    let values: Vec<Json> = choice
        .values
        .iter()
        .map(|(id, name)| json!({"id": gid("ProductOptionValue", *id), "name": name, "hasVariants": used(name)}))
        .collect();
    let names: Vec<&String> = choice.values.iter().map(|value| &value.1).filter(|name| used(name)).collect();
    json!({
        "id": gid("ProductOption", choice.id), "name": choice.name, "position": at + 1, "values": names,
        "optionValues": values,
    })
}

fn plain_text(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for sign in html.chars() {
        match sign {
            '<' => inside = true,
            '>' => inside = false,
            sign if !inside => out.push(sign),
            _ => {}
        }
    }
    out.trim().to_owned()
}

pub(super) fn variant(context: &Context<'_>, id: u64, call: &Call<'_>) -> Out {
    let store = &context.store;
    let Some(row) = store.variants.get(&id) else { return Out::Null };
    let product = store.products.get(&row.product);
    let item = store.items.get(&row.item);
    match call.field {
        "id" => Out::leaf(gid("ProductVariant", id)),
        "legacyResourceId" => Out::leaf(id.to_string()),
        "title" => Out::leaf(row.title()),
        "displayName" => {
            let title = product.map(|product| product.title.clone()).unwrap_or_default();
            Out::leaf(format!("{title} - {}", row.title()))
        }
        "sku" => Out::leaf(match item.map(|item| item.sku.clone()) {
            Some(sku) if !sku.is_empty() => json!(sku),
            _ => Json::Null,
        }),
        "barcode" => Out::leaf(json!(row.barcode)),
        "price" => Out::leaf(spell(row.price)),
        "compareAtPrice" => Out::leaf(json!(row.compare_at.map(spell))),
        "inventoryPolicy" => Out::leaf(if row.sells_on { "CONTINUE" } else { "DENY" }),
        "inventoryQuantity" => Out::leaf(store.available(id)),
        "sellableOnlineQuantity" => Out::leaf(store.available(id).max(0)),
        "availableForSale" => {
            let tracked = item.is_some_and(|item| item.tracked);
            let active = product.is_some_and(|product| product.status == "ACTIVE");
            Out::leaf(active && (!tracked || row.sells_on || store.available(id) > 0))
        }
        "inventoryItem" => Out::One(Thing::Item(row.item)),
        "product" => Out::One(Thing::Product(row.product)),
        "position" => {
            let at = product.and_then(|product| product.variants.iter().position(|one| *one == id));
            Out::leaf(at.map_or(1, |at| at + 1))
        }
        "selectedOptions" => {
            let rows = product.into_iter().flat_map(|product| &product.choices).zip(&row.values);
            let rows = rows.map(|(choice, value)| {
                let id = choice.values.iter().find(|one| one.1 == *value).map_or(0, |one| one.0);
                json!({
                    "name": choice.name, "value": value,
                    "optionValue": {"id": gid("ProductOptionValue", id), "name": value, "hasVariants": true},
                })
            });
            Out::plain("SelectedOption", Json::Array(rows.collect()))
        }
        "taxable" => Out::leaf(row.taxable),
        "createdAt" => Out::leaf(z(row.created)),
        "updatedAt" => Out::leaf(z(row.changed.at)),
        "media" | "metafields" | "sellingPlanGroups" => Out::Rows(Vec::new()),
        _ => Out::Unknown,
    }
}
