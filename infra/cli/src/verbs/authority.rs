//! `authority` and `rules`: whose number counts, when raises stop, how long an order may stand unpaid.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::command::{Authority, Owner, Rules};
use crate::hub::{Ask, Hub, read, read_all};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::which::Stores;
use crate::words::count;

/// Whose number counts, as the hub answers it.
#[derive(Debug, Deserialize)]
struct Ruling {
    owner: String,
    #[serde(default)]
    store: Option<String>,
    #[serde(default)]
    own: bool,
}

#[derive(Deserialize)]
struct ItemRule {
    sku: String,
    authority: Ruling,
}

#[derive(Deserialize)]
struct RulesView {
    authority: Ruling,
    raises: RaisesView,
    unpaid_days: u64,
}

#[derive(Deserialize)]
struct RaisesView {
    window_minutes: u64,
    share_percent: u64,
    links: u64,
}

impl Ruling {
    /// What it means, for a person.
    fn said(&self, stores: &Stores) -> String {
        match (self.owner.as_str(), &self.store) {
            ("hub", _) => "the books count: every shop follows them".to_owned(),
            ("store", Some(store)) => {
                format!("the number of {} counts: the books take it, other shops follow", stores.name(store))
            }
            ("ask", _) => "a person is asked, each time".to_owned(),
            (other, _) => other.to_owned(),
        }
    }
}

pub(crate) async fn authority(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Authority) -> Result<()> {
    let stores = Stores::of(hub).await?;
    match (asked.owner, &asked.sku) {
        (None, None) => all(hub, page, &stores).await,
        (None, Some(sku)) => {
            let answer = hub.get(&["items", sku, "authority"]).await.map_err(|it| unknown(it, sku))?;
            told(page, &stores, Some(sku), &answer)
        }
        (Some(owner), sku) => {
            let body = match owner {
                Owner::Hub => json!({"owner": "hub"}),
                Owner::Ask => json!({"owner": "ask"}),
                Owner::Merchant => Value::Null,
                Owner::Store => {
                    let Some(name) = &asked.store else {
                        return Err(Trouble::usage("which store owns the count?")
                            .next("storeloom authority store --store NAME"));
                    };
                    json!({"owner": "store", "store": stores.which(name)?.store.id})
                }
            };
            let answer = match (owner, sku) {
                (Owner::Merchant, None) => {
                    return Err(Trouble::usage("`merchant` has one item follow the merchant's rule again")
                        .next("storeloom authority merchant --sku SKU"));
                }
                (Owner::Merchant, Some(sku)) => {
                    hub.delete(&["items", sku, "authority"]).await.map_err(|it| unknown(it, sku))?
                }
                (_, Some(sku)) => {
                    hub.put(&["items", sku, "authority"], &body).await.map_err(|it| unknown(it, sku))?
                }
                (_, None) => hub.put(&["rules", "authority"], &body).await?,
            };
            told(page, &stores, sku.as_deref(), &answer)
        }
    }
}

fn unknown(trouble: Trouble, sku: &str) -> Trouble {
    if trouble.is_not_found() {
        Trouble::new(format!("nothing in the books has the SKU `{sku}`"))
            .next("list what there is with `storeloom stock`")
    } else {
        trouble
    }
}

fn told(page: &mut Page<'_, '_>, stores: &Stores, sku: Option<&str>, answer: &Value) -> Result<()> {
    let ruling: Ruling = read(answer)?;
    let said = ruling.said(stores);
    match sku {
        None => page.say(format!("Where no order explains a difference, {said}."))?,
        Some(sku) if ruling.own => page.say(format!("{sku}: {said}; a rule of its own."))?,
        Some(sku) => page.say(format!("{sku}: {said}; the merchant's rule."))?,
    }
    page.document(answer)
}

async fn all(hub: &Hub<'_>, page: &mut Page<'_, '_>, stores: &Stores) -> Result<()> {
    let answer = hub.get(&["rules"]).await?;
    let listed = hub.list(&["rules", "items"], &Ask { filter: None, limit: None }).await?;
    let rules: RulesView = read(&answer)?;
    page.say(format!("Where no order explains a difference, {}.", rules.authority.said(stores)))?;
    let own: Vec<ItemRule> = read_all(&listed.items)?;
    if !own.is_empty() {
        let mut table = Table::new(&["SKU", "A RULE OF ITS OWN"]);
        for one in &own {
            table.row([one.sku.clone(), one.authority.said(stores)]);
        }
        for line in table.lines() {
            page.say(line)?;
        }
    }
    page.document(&json!({"rules": answer, "items": listed.items}))
}

pub(crate) async fn rules(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Rules) -> Result<()> {
    let mut change = Map::new();
    for (name, number) in [
        ("window_minutes", asked.window_minutes),
        ("share_percent", asked.share_percent),
        ("links", asked.numbers),
        ("unpaid_days", asked.unpaid_days),
    ] {
        change.extend(number.map(|number| (name.to_owned(), json!(number))));
    }
    let answer = if change.is_empty() {
        hub.get(&["rules"]).await?
    } else {
        hub.patch(&["rules"], &Value::Object(change)).await?
    };
    let rules: RulesView = read(&answer)?;
    let stores = Stores::of(hub).await?;
    page.say(format!("Where no order explains a difference, {}.", rules.authority.said(&stores)))?;
    let RaisesView { window_minutes, share_percent, links } = rules.raises;
    page.say(format!(
        "Raises of a store are held when more than {share_percent}% of its numbers, and at least {links}, would \
         be raised within {}.",
        count(window_minutes, "minute", "minutes")
    ))?;
    page.say(format!(
        "An order that stands unpaid for {} is looked at in its shop, and asked about.",
        count(rules.unpaid_days, "day", "days")
    ))?;
    page.document(&answer)
}
