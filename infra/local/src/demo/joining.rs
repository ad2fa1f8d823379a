//! How far the shops have joined: a short line for each, when it has changed and not too often.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use domain::StoreId;
use domain::store::Phase;
use hub::overview::StoreView;

/// A store's line is written at most so often.
const EVERY: Duration = Duration::from_secs(2);

/// What was told of each store, and when.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeMap<StoreId, (Instant, String)>);

impl Told {
    /// Tells how far a store is, unless it was told a moment ago, or stands as it stood.
    pub(crate) fn tell(
        &mut self,
        view: &StoreView,
        now: Instant,
        out: &mut (dyn Write + Send),
    ) -> io::Result<()> {
        if view.store.phase != Phase::Joining {
            return Ok(());
        }
        if view.runs.iter().all(|run| run.run.done == 0) {
            return Ok(());
        }
        let line = line(view);
        let known = self.0.get(&view.store.id);
        if known.is_some_and(|(at, told)| *told == line || now.duration_since(*at) < EVERY) {
            return Ok(());
        }
        writeln!(out, "  {line}")?;
        self.0.insert(view.store.id.clone(), (now, line));
        Ok(())
    }
}

fn line(view: &StoreView) -> String {
    let read: Vec<String> =
        view.runs.iter().map(|run| format!("{} {}", run.run.stream.as_str(), run.run.done)).collect();
    let links = view.agreement.links;
    if links == 0 {
        format!("{}: reading, {}", view.store.name, read.join(", "))
    } else {
        format!("{}: {links} numbers in the books", view.store.name)
    }
}
