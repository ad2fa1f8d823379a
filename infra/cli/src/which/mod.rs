//! Which store or exception a person means: an id, the beginning of one, or a store's name.

pub(crate) mod order;

use serde_json::Value;

use crate::hub::{Ask, Hub, read, read_all};
use crate::trouble::{Result, Trouble};
use crate::view::{ExceptionView, Store, StoreView};

/// The hub's stores, as answered and as read.
pub(crate) struct Stores {
    pub(crate) values: Vec<Value>,
    pub(crate) views: Vec<StoreView>,
}

impl Stores {
    pub(crate) async fn of(hub: &Hub<'_>) -> Result<Self> {
        let mut answer = hub.get(&["stores"]).await?;
        let values: Vec<Value> = match answer.get_mut("items").map(Value::take) {
            Some(Value::Array(values)) => values,
            _ => Vec::new(),
        };
        let views = read_all(&values)?;
        Ok(Self { values, views })
    }

    /// The store that is meant.
    pub(crate) fn which(&self, typed: &str) -> Result<&StoreView> {
        let stores: Vec<&Store> = self.views.iter().map(|view| &view.store).collect();
        let found = which(&stores, typed)?;
        self.views.iter().find(|view| view.store.id == found.id).ok_or_else(|| nobody(typed, &stores))
    }

    /// The store that is meant, or all that are not disconnected.
    pub(crate) fn some(&self, typed: Option<&str>) -> Result<Vec<&StoreView>> {
        match typed {
            Some(typed) => Ok(vec![self.which(typed)?]),
            None => Ok(self.views.iter().filter(|view| !view.store.is_disconnected()).collect()),
        }
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Store> {
        self.views.iter().map(|view| &view.store).find(|store| store.id == id)
    }

    /// A store's name, or its id if it is not known any more.
    pub(crate) fn name<'s>(&'s self, id: &'s str) -> &'s str {
        self.by_id(id).map_or(id, |store| store.name.as_str())
    }
}

/// The whole id first, then the name, then the beginning of an id.
fn which<'s>(stores: &[&'s Store], typed: &str) -> Result<&'s Store> {
    let typed = typed.trim();
    if let Some(store) = stores.iter().find(|store| store.id == typed) {
        return Ok(store);
    }
    let lower = typed.to_lowercase();
    let named: Vec<&Store> =
        stores.iter().copied().filter(|store| store.name.to_lowercase() == lower).collect();
    // A shop that was disconnected and one that took its place may have one name: the one in use is meant.
    let used: Vec<&Store> = named.iter().copied().filter(|store| !store.is_disconnected()).collect();
    let begun = || stores.iter().copied().filter(|store| begins(&store.id, "sto_", typed)).collect();
    let found: Vec<&Store> = match (used.is_empty(), named.is_empty()) {
        (false, _) => used,
        (true, false) => named,
        (true, true) => begun(),
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(nobody(typed, stores)),
        several => Err(Trouble::usage(format!("`{typed}` may be {}", listed(several)))
            .next("give more of the id, or the whole of it")),
    }
}

/// Whether an id begins with what was typed, with or without its prefix.
fn begins(id: &str, prefix: &str, typed: &str) -> bool {
    let typed = typed.strip_prefix(prefix).unwrap_or(typed);
    !typed.is_empty() && id.strip_prefix(prefix).is_some_and(|id| id.starts_with(typed))
}

fn nobody(typed: &str, stores: &[&Store]) -> Trouble {
    if stores.is_empty() {
        return Trouble::new(format!("there is no store `{typed}`: no store is connected"))
            .next("storeloom connect woocommerce --url https://your-shop.example --browser");
    }
    Trouble::new(format!("there is no store `{typed}`; there is {}", listed(stores)))
        .next("give a name, an id, or the beginning of an id")
}

fn listed(stores: &[&Store]) -> String {
    let shown: Vec<String> = stores.iter().map(|store| format!("{} ({})", store.name, store.id)).collect();
    shown.join(", ")
}

/// The exception that is meant: a whole id is taken as it is, a beginning is looked up among the open ones.
pub(crate) async fn exception(hub: &Hub<'_>, typed: &str) -> Result<ExceptionView> {
    let direct = hub.get(&["exceptions", typed]).await;
    match direct {
        Ok(value) => return read(&value),
        Err(trouble) if !trouble.is_not_found() => return Err(trouble),
        Err(_) => {}
    }
    let open = hub.list(&["exceptions"], &Ask { filter: None, limit: None }).await?;
    let mut open: Vec<ExceptionView> = read_all(&open.items)?;
    open.retain(|exception| begins(&exception.id, "exc_", typed));
    if open.len() > 1 {
        let ids: Vec<&str> = open.iter().map(|exception| exception.id.as_str()).collect();
        return Err(
            Trouble::usage(format!("`{typed}` may be {}", ids.join(", "))).next("give more of the id")
        );
    }
    open.pop().ok_or_else(|| {
        Trouble::new(format!("there is no open exception `{typed}`"))
            .next("list what there is with `storeloom exceptions`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn store(id: &str, name: &str, is: &str) -> Store {
        let store = json!({"id": id, "platform": "woocommerce", "name": name, "phase": "writing", "condition": {"is": is}});
        serde_json::from_value(store).unwrap()
    }

    #[test]
    fn an_id_a_beginning_or_a_name() {
        let stores = [
            store("sto_01aa", "North", "active"),
            store("sto_01ab", "South", "active"),
            store("sto_02aa", "East", "disconnected"),
            store("sto_03aa", "East", "active"),
            store("sto_04aa", "West", "active"),
            store("sto_05aa", "west", "active"),
        ];
        let stores: Vec<&Store> = stores.iter().collect();
        for (typed, meant) in [
            ("sto_01aa", Ok("sto_01aa")),
            ("sto_01ab", Ok("sto_01ab")),
            ("01ab", Ok("sto_01ab")),
            ("sto_02", Ok("sto_02aa")),
            (" NORTH ", Ok("sto_01aa")),
            ("east", Ok("sto_03aa")),
            ("sto_01", Err("`sto_01` may be North (sto_01aa), South (sto_01ab)")),
            ("West", Err("`West` may be West (sto_04aa), west (sto_05aa)")),
            ("sto_", Err("there is no store `sto_`; there is North (sto_01aa)")),
            ("", Err("there is no store ``; there is North (sto_01aa)")),
        ] {
            match (which(&stores, typed), meant) {
                (Ok(found), Ok(id)) => assert_eq!(found.id, id, "{typed}"),
                (Err(trouble), Err(text)) => assert!(trouble.what().starts_with(text), "{}", trouble.what()),
                (found, _) => panic!("{typed}: {found:?}"),
            }
        }
    }
}
