//! Recorded answers of Shopify's Admin API, replayed and compared.

use super::Failure;
use super::scenes;
use super::shape;
use serde_json::{Value, json};
use simulators::shopify::{App, Catalogue, Config, Generated, Shop};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Recordings that are not replayed, and why.
const LEFT_OUT: [(&str, &str); 5] = [
    ("nango-get-order", NO_DOCUMENT),
    ("nango-get-product", NO_DOCUMENT),
    ("nango-list-inventory-levels", NO_DOCUMENT),
    ("nango-set-inventory-quantities", NO_DOCUMENT),
    ("nango-update-product-variants", NO_DOCUMENT),
];
const NO_DOCUMENT: &str = "its document was recorded as a digest only";

/// A shop, what recorded ids are called here, and what was found so far.
pub struct Stage {
    pub shop: Shop,
    client: reqwest::Client,
    /// Recorded text to ours: ids and cursors.
    names: BTreeMap<String, String>,
    pub differences: Vec<String>,
    pub answered: usize,
}

impl Stage {
    async fn start(number: &str) -> Result<Self, Failure> {
        let app = App { api_client_id: number.parse().unwrap_or(0), ..App::default() };
        let plan = Generated { count: 60, shared: 60, orders: 5, customers: 3, ..Generated::default() };
        let config = Config {
            name: "harry-test-heelo".into(),
            app,
            catalogue: Catalogue::Generated(plan),
            bulk_duration: Duration::from_secs(60),
            ..Config::default()
        };
        let shop = Shop::start(config).await?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { shop, client, names: BTreeMap::new(), differences: Vec::new(), answered: 0 })
    }

    /// Calls a recorded name by another one.
    pub fn rename(&mut self, recorded: &str, ours: &str) {
        self.names.insert(recorded.to_owned(), ours.to_owned());
    }

    fn translated(&self, text: &str) -> String {
        // Long names first: some ids begin like others.
        let mut names: Vec<(&String, &String)> = self.names.iter().collect();
        names.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.len()));
        names
            .into_iter()
            .fold(text.to_owned(), |text, (recorded, ours)| text.replace(recorded.as_str(), ours))
    }

    /// Asks, with recorded names in the variables put into ours.
    pub async fn ask(&self, query: &str, variables: &Value) -> Result<Value, Failure> {
        let variables: Value = serde_json::from_str(&self.translated(&variables.to_string()))?;
        let url = format!("{}/admin/api/2026-10/graphql.json", self.shop.url());
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = self.client.post(url).header("Content-Type", "application/json").body(body);
        let answer = request.header("X-Shopify-Access-Token", self.shop.token()).send().await?;
        Ok(serde_json::from_str(&answer.text().await?)?)
    }

    /// Asks and compares; a document that was recorded must cost what it cost.
    pub async fn replay(
        &mut self,
        at: &str,
        query: &str,
        variables: &Value,
        recorded: &Value,
        costed: bool,
    ) -> Result<Value, Failure> {
        let ours = self.ask(query, variables).await?;
        self.answered += 1;
        let mut found = Vec::new();
        shape::differences("data", &recorded["data"], &ours["data"], &mut found);
        if recorded.get("errors").is_some() != ours.get("errors").is_some() {
            found.push(format!("errors: recorded {}, ours {}", recorded["errors"], ours["errors"]));
        }
        errors(&recorded["errors"], &ours["errors"], "errors", &mut found);
        said("data", &recorded["data"], &ours["data"], &mut found);
        let cost = "/extensions/cost/requestedQueryCost";
        if costed && recorded.pointer(cost) != ours.pointer(cost) {
            found.push(format!("cost: recorded {:?}, ours {:?}", recorded.pointer(cost), ours.pointer(cost)));
        }
        self.differences.extend(found.into_iter().map(|line| format!("{at}: {line}")));
        self.learn(&recorded["data"], &ours["data"]);
        Ok(ours)
    }

    /// Learns what recorded ids and cursors are called here.
    pub fn learn(&mut self, recorded: &Value, ours: &Value) {
        match (recorded, ours) {
            (Value::String(recorded), Value::String(ours)) if recorded != ours => {
                let cursor = |text: &str| text.starts_with("eyJ");
                let kind = |text: &str| {
                    text.strip_prefix("gid://")
                        .and_then(|rest| rest.rsplit_once('/'))
                        .map(|(kind, _)| kind.to_owned())
                };
                let same_kind = kind(recorded).is_some() && kind(recorded) == kind(ours);
                if same_kind || (cursor(recorded) && cursor(ours)) {
                    self.rename(recorded, ours);
                    let number = |text: &str| text.rsplit(['/', '=']).next().map(str::to_owned);
                    if let (true, Some(there), Some(here)) = (same_kind, number(recorded), number(ours))
                        && there.len() > 6
                    {
                        self.rename(&there, &here);
                    }
                }
            }
            (Value::Object(recorded), Value::Object(ours)) => {
                for (key, value) in recorded {
                    self.learn(value, ours.get(key).unwrap_or(&Value::Null));
                }
            }
            (Value::Array(recorded), Value::Array(ours)) => {
                recorded.iter().zip(ours).for_each(|(recorded, ours)| self.learn(recorded, ours));
            }
            _ => {}
        }
    }
}

/// Top-level errors: the same codes, messages, paths and places; a list of allowed values may have grown.
fn errors(recorded: &Value, ours: &Value, at: &str, out: &mut Vec<String>) {
    let none = Vec::new();
    let (recorded, ours) = (recorded.as_array().unwrap_or(&none), ours.as_array().unwrap_or(&none));
    if recorded.len() != ours.len() {
        out.push(format!("{at}: recorded {} of them, ours {}", recorded.len(), ours.len()));
    }
    for (recorded, ours) in recorded.iter().zip(ours) {
        for key in ["message", "locations", "path"] {
            if recorded.get(key) != ours.get(key) {
                out.push(format!("{at}.{key}: recorded {:?}, ours {:?}", recorded.get(key), ours.get(key)));
            }
        }
        for (key, value) in recorded["extensions"].as_object().into_iter().flatten() {
            if key != "problems" && ours["extensions"].get(key) != Some(value) {
                out.push(format!("{at}.{key}: recorded {value}, ours {:?}", ours["extensions"].get(key)));
            }
        }
        let beginning = |error: &Value| {
            let text = error["extensions"]["problems"][0]["explanation"].as_str()?;
            Some(text.split(": ").next()?.to_owned())
        };
        if beginning(recorded) != beginning(ours) {
            out.push(format!(
                "{at}.problems: recorded {:?}, ours {:?}",
                beginning(recorded),
                beginning(ours)
            ));
        }
    }
}

/// Values that are said and not counted: user errors, statuses, names of quantities, deltas, flags.
fn said(at: &str, recorded: &Value, ours: &Value, out: &mut Vec<String>) {
    const SAID: [&str; 14] = [
        "code",
        "delta",
        "field",
        "hasNextPage",
        "hasPreviousPage",
        "isActive",
        "message",
        "objectCount",
        "position",
        "quantity",
        "quantityAfterChange",
        "status",
        "tags",
        "tracked",
    ];
    match (recorded, ours) {
        (Value::Object(recorded), Value::Object(ours)) => {
            for (key, value) in recorded {
                let here = ours.get(key).unwrap_or(&Value::Null);
                let at = format!("{at}.{key}");
                let counted =
                    key == "userErrors" && value.as_array().map(Vec::len) != here.as_array().map(Vec::len);
                if counted || (SAID.contains(&key.as_str()) && value != here) {
                    out.push(format!("{at}: recorded {value}, ours {here}"));
                } else {
                    said(&at, value, here, out);
                }
            }
        }
        (Value::Array(recorded), Value::Array(ours)) => {
            for (number, (recorded, ours)) in recorded.iter().zip(ours).enumerate() {
                said(&format!("{at}[{number}]"), recorded, ours, out);
            }
        }
        (Value::Null, Value::Null) => {}
        (Value::Null, value) | (value, Value::Null) if value.is_object() => {
            out.push(format!("{at}: recorded {recorded}, ours {ours}"));
        }
        _ => {}
    }
}

/// Compares every recording of the folder; true when none differs unexpectedly.
pub async fn run(folder: &Path) -> Result<bool, Failure> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    let (mut good, mut bad, mut left_out, mut answers) = (0, 0, 0, 0);
    for file in &names {
        let name = file.trim_end_matches(".json");
        if let Some((_, why)) = LEFT_OUT.iter().find(|row| row.0 == name) {
            println!("left out  {name}: {why}");
            left_out += 1;
            continue;
        }
        let recorded: Value = serde_json::from_slice(&std::fs::read(folder.join(file))?)?;
        let number = recorded["capture"]["requestingApiClientId"].as_str().unwrap_or("0").to_owned();
        let mut stage = Stage::start(&number).await?;
        if !scenes::play(&mut stage, name, &recorded).await? {
            println!("left out  {name}: nobody has written how to replay it");
            left_out += 1;
            continue;
        }
        answers += stage.answered;
        match stage.differences.is_empty() {
            true => {
                good += 1;
                println!("ok        {name} ({} answers)", stage.answered);
            }
            false => {
                bad += 1;
                println!("differs   {name}");
                stage.differences.iter().for_each(|line| println!("            {line}"));
            }
        }
        stage.shop.shutdown().await;
    }
    let count = names.len();
    println!("Shopify: {count} recordings, {answers} answers: {good} ok, {bad} differ, {left_out} left out");
    Ok(bad == 0)
}
