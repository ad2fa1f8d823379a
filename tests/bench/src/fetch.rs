//! The floor of a full synchronisation: the same pages, parsed into the same fields, nothing kept.

use std::path::PathBuf;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::Failure;

const PRODUCT: &str = "id,parent_id,name,permalink,type,status,sku,price,regular_price,manage_stock,\
                       stock_quantity,stock_status,images,attributes,date_created_gmt,date_modified_gmt";
const VARIATION: &str = "id,parent_id,name,permalink,type,status,sku,price,regular_price,manage_stock,\
                         stock_quantity,stock_status,attributes,date_created_gmt,date_modified_gmt";

/// Where to fetch.
#[derive(Debug, Clone, clap::Args)]
pub struct Fetch {
    /// The shop.
    #[arg(long)]
    pub shop: String,
    /// Its consumer key.
    #[arg(long)]
    pub key: String,
    /// Its consumer secret.
    #[arg(long)]
    pub secret: String,
    /// Its authority.
    #[arg(long)]
    pub ca: PathBuf,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Fetched {
    /// Products and variations.
    pub records: u64,
    /// Requests.
    pub requests: u64,
    /// From the first request to the last record.
    pub wall_us: u64,
}

/// What the hub needs of a record, as plain types.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be parsed, as the hub reads them; nothing is kept")]
struct Record {
    id: u64,
    parent_id: Option<u64>,
    name: String,
    permalink: String,
    r#type: String,
    status: String,
    sku: String,
    price: String,
    regular_price: String,
    manage_stock: serde_json::Value,
    stock_quantity: Option<f64>,
    stock_status: String,
    #[serde(default)]
    images: Vec<Image>,
    #[serde(default)]
    attributes: Vec<Attribute>,
    date_created_gmt: Option<String>,
    date_modified_gmt: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be parsed, as the hub reads them; nothing is kept")]
struct Image {
    src: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be parsed, as the hub reads them; nothing is kept")]
struct Attribute {
    option: Option<String>,
}

/// Fetches all products and variations.
///
/// # Errors
/// If the shop does not answer well.
pub async fn fetch(from: &Fetch) -> Result<Fetched, Failure> {
    let ca = reqwest::Certificate::from_pem_bundle(&std::fs::read(&from.ca)?)?;
    let client = reqwest::Client::builder().no_proxy().tls_certs_merge(ca).build()?;
    let began = Instant::now();
    let (mut records, mut requests) = (0, 0);
    for (list, fields) in [("products", PRODUCT), ("variations", VARIATION)] {
        let mut offset = 0;
        loop {
            let status = if list == "products" { "status=any&" } else { "" };
            let url = format!(
                "{}/wp-json/wc/v3/{list}?{status}_fields={fields}&orderby=id&order=desc&per_page=100&offset={offset}",
                from.shop
            );
            let answer = client.get(url).basic_auth(&from.key, Some(&from.secret)).send().await?;
            let answer = answer.error_for_status()?;
            let total: u64 = answer.headers().get("x-wp-total").ok_or("no total")?.to_str()?.parse()?;
            let rows: Vec<Record> = serde_json::from_slice(&answer.bytes().await?)?;
            records += rows.len() as u64;
            requests += 1;
            offset += 100;
            if offset >= total {
                break;
            }
        }
    }
    Ok(Fetched { records, requests, wall_us: began.elapsed().as_micros() as u64 })
}
