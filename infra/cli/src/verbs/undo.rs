//! `undo`: set a store's numbers back to what they were before our writes since a time.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::command::Undo;
use crate::hub::{Hub, read};
use crate::screen::Page;
use crate::table::Table;
use crate::trouble::{Result, Trouble};
use crate::view::Number;
use crate::which::Stores;
use crate::words::{count, quoted};

/// Numbers that are shown.
const SHOWN: usize = 40;

#[derive(Deserialize)]
struct UndoView {
    digest: String,
    set_back: u64,
    as_before: u64,
    left: u64,
    above_the_books: u64,
    items: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    sku: String,
    title: String,
    is: String,
    #[serde(default)]
    from: Number,
    #[serde(default)]
    to: Number,
    #[serde(default)]
    why: String,
    #[serde(default)]
    shows: Option<Number>,
    #[serde(default)]
    written: Option<Number>,
    #[serde(default)]
    before: Option<Number>,
    by_the_books: Number,
}

impl Row {
    /// What it shows, what it showed before, and what is done about it.
    fn cells(&self) -> [String; 3] {
        let kept = || [told(self.shows.as_ref()), told(self.before.as_ref())];
        let ([shows, before], done) = match self.is.as_str() {
            "set-back" => ([self.from.to_string(), self.to.to_string()], "set back".to_owned()),
            "as-before" => (kept(), "is as it was before".to_owned()),
            _ => (kept(), format!("left: {}", left(&self.why))),
        };
        [shows, before, done]
    }
}

/// A number, where it is known.
fn told(number: Option<&Number>) -> String {
    number.map(Number::to_string).unwrap_or_default()
}

/// Why a number is left, for a person.
fn left(why: &str) -> &str {
    match why {
        "write-under-way" => "the outcome of a write is not known yet",
        "unexplained" => "the shop shows a number that nobody can explain",
        "moved" => "an order, a count or somebody else moved it since",
        "trace-lost" => "what came of one of our writes is not kept",
        "not-listed" => "the shop does not list it, or does not count it",
        other => other,
    }
}

pub(crate) async fn undo(hub: &Hub<'_>, page: &mut Page<'_, '_>, asked: &Undo, now: Timestamp) -> Result<()> {
    let since = since(&asked.since, now)?.to_string();
    let stores = Stores::of(hub).await?;
    let store = &stores.which(&asked.store)?.store;
    let answer = hub.get_with(&["stores", &store.id, "undo"], &[("since", &since)]).await?;
    let looked_at: UndoView = read(&answer)?;
    show(page, &store.name, &since, &looked_at)?;
    if looked_at.set_back == 0 {
        page.say("Nothing is left to set back.")?;
        return page.document(&answer);
    }
    let question = format!(
        "Make {} read-only and set back {}?",
        store.name,
        count(looked_at.set_back, "number", "numbers")
    );
    if !asked.yes && !page.agree(&question)? {
        return Err(Trouble::new("nothing was changed"));
    }
    let body = json!({"since": since, "digest": looked_at.digest});
    let begun = hub.post(&["stores", &store.id, "undo"], &body).await?;
    let name = quoted(&store.name);
    page.say(format!("{} is read-only, and its numbers are being set back.", store.name))?;
    page.say(format!("next:  storeloom undo {name} --since {since} shows what came of each"))?;
    page.say(format!("       storeloom start {name} brings it to the books again"))?;
    page.document(&begun)
}

/// The time that was meant: a time, or how long ago.
fn since(text: &str, now: Timestamp) -> Result<Timestamp> {
    let ago = || text.parse::<SignedDuration>().ok().filter(SignedDuration::is_positive);
    text.parse::<Timestamp>().ok().or_else(|| now.checked_sub(ago()?).ok()).ok_or_else(|| {
        Trouble::usage(format!("`{text}` is not a time"))
            .next("write it as 2026-11-20T14:00:00Z, or as how long ago: 90m, 2h")
    })
}

fn show(page: &mut Page<'_, '_>, name: &str, since: &str, undo: &UndoView) -> Result<()> {
    let UndoView { set_back, as_before, left, above_the_books, .. } = undo;
    let written = count(set_back + as_before + left, "number", "numbers");
    page.say(format!(
        "{written} of {name} were written since {since}: {set_back} to set back, {as_before} as before, {left} left."
    ))?;
    if *above_the_books > 0 {
        page.say(format!("{above_the_books} would offer more units than the books have."))?;
    }
    if undo.items.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&["SKU", "TITLE", ">BEFORE", ">WE WROTE", ">SHOWS", ">BOOKS", "WHAT IS DONE"]);
    for row in undo.items.iter().take(SHOWN) {
        let [shows, before, done] = row.cells();
        let (sku, title) = (row.sku.clone(), row.title.clone());
        table.row([
            sku,
            title,
            before,
            told(row.written.as_ref()),
            shows,
            row.by_the_books.to_string(),
            done,
        ]);
    }
    for line in table.lines() {
        page.say(line)?;
    }
    let all = set_back + as_before + left;
    let shown = u64::try_from(undo.items.len().min(SHOWN)).unwrap_or(0);
    if all > shown {
        page.say(format!("... and {} more: `--json` lists up to a thousand", all - shown))?;
    }
    Ok(())
}
