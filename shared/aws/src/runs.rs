//! Runs and the cursors of incremental reading.

use async_trait::async_trait;
use domain::run::{Run, Stream};
use domain::{OrgId, RunId, StoreId};
use jiff::Timestamp;
use ports::{Ask, Page, Result, Runs, Written};

use crate::Table;
use crate::table::{
    All, Key, Query, Row, Took, Write, corrupt, key, maybe_moment, moment, n, put_document, read_document, s,
    text,
};

fn row_of(run: &Run) -> Result<Row> {
    let stored = Run { version: run.version + 1, ..run.clone() };
    let mut row = Row::new();
    put_document(&mut row, &stored)?;
    row.insert("version".into(), n(stored.version));
    Ok(row)
}

#[async_trait]
impl Runs for Table {
    async fn put_run(&self, run: &Run) -> Result<Written> {
        const OP: &str = "runs.put_run";
        let own = key::run(&run.org, &run.id);
        if run.version > 0 {
            let write = Write::put(own, row_of(run)?).when("#version = :read").with(":read", n(run.version));
            return Ok(match self.one(OP, write).await? {
                Took::Done(_) => Written::Done,
                Took::Refused(_) => Written::Raced,
            });
        }
        let name =
            Key::new(key::runs(&run.org, &run.store), format!("{}#{}", moment(run.started_at), run.id));
        let writes = vec![Write::put(own.clone(), row_of(run)?).if_new(), Write::put(name, Row::new())];
        if self.all(OP, writes).await? == All::Done {
            return Ok(Written::Done);
        }
        // The very same run, unchanged since: an earlier call wrote it and its answer was lost.
        let before = self.get(OP, &own).await?.map(|row| read_document::<Run>(&row)).transpose()?;
        let mine = before.is_some_and(|before| before == Run { version: 1, ..run.clone() });
        Ok(if mine { Written::Done } else { Written::Raced })
    }

    async fn run(&self, org: &OrgId, run: &RunId) -> Result<Option<Run>> {
        self.get("runs.run", &key::run(org, run)).await?.map(|row| read_document(&row)).transpose()
    }

    async fn runs(&self, org: &OrgId, store: &StoreId, ask: &Ask) -> Result<Page<Run>> {
        const OP: &str = "runs.runs";
        let names = self.page(OP, &Query::rows(key::runs(org, store)).backwards(), ask).await?;
        let keys = names
            .items
            .iter()
            .map(|row| {
                let name = text(row, "sk")?;
                let id = name.rsplit('#').next().unwrap_or("");
                let id: RunId = id.parse().map_err(|_| corrupt("the name of a run holds no id"))?;
                Ok(key::run(org, &id))
            })
            .collect::<Result<Vec<_>>>()?;
        let rows = self.in_order(OP, keys).await?;
        Ok(Page { items: rows.iter().map(read_document).collect::<Result<_>>()?, next: names.next })
    }

    async fn read_until(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<Option<Timestamp>> {
        let row = self.get("runs.read_until", &reading(org, store, stream)).await?;
        row.map_or(Ok(None), |row| maybe_moment(&row, "until"))
    }

    async fn set_read_until(
        &self,
        org: &OrgId,
        store: &StoreId,
        stream: Stream,
        until: Timestamp,
    ) -> Result<()> {
        // A refusal says that it was read further already: it never moves back.
        let write = Write::update(reading(org, store, stream), "SET #until = :until")
            .when("attribute_not_exists(#until) OR #until < :until")
            .with(":until", s(moment(until)));
        self.one("runs.set_read_until", write).await.map(|_| ())
    }
}

fn reading(org: &OrgId, store: &StoreId, stream: Stream) -> Key {
    Key::new(key::store(org, store), format!("read#{}", stream.as_str()))
}
