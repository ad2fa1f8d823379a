//! Reading lists: pages with cursors, and short lists whole.

use aws_sdk_dynamodb::types::AttributeValue;
use ports::{Ask, ErrorKind, Page, PortError, Result};

use super::error::read;
use super::single::steadily;
use super::write::names_in;
use super::{Key, Row, Table, cursor, maybe_text, s, text};

/// The index.
pub(crate) const INDEX: &str = "listed";
/// No page gives more than this.
const MOST: u32 = 1000;
/// So many rows are looked at for one page of a list that leaves rows out, before an empty page is given.
const LOOKED_AT: u32 = 4000;

/// One list.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    partition: String,
    prefix: String,
    to: Option<String>,
    index: bool,
    backwards: bool,
    keys_only: bool,
    filter: Option<String>,
    values: Row,
}

impl Query {
    /// The rows of a partition, read consistently.
    pub(crate) fn rows(partition: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            prefix: String::new(),
            to: None,
            index: false,
            backwards: false,
            keys_only: false,
            filter: None,
            values: Row::new(),
        }
    }

    /// The rows that the index names under a partition.
    pub(crate) fn index(partition: impl Into<String>) -> Self {
        Self { index: true, ..Self::rows(partition) }
    }

    /// Only rows whose sort key begins so.
    pub(crate) fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Only rows from the prefix up to this sort key.
    pub(crate) fn up_to(mut self, to: impl Into<String>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// The last first.
    pub(crate) fn backwards(mut self) -> Self {
        self.backwards = true;
        self
    }

    /// Only the keys of the rows.
    pub(crate) fn keys_only(mut self) -> Self {
        self.keys_only = true;
        self
    }

    /// Only rows for which this holds.
    pub(crate) fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Gives a value its name.
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    fn condition(&self) -> String {
        let (pk, sk) = if self.index { ("#g1pk", "#g1sk") } else { ("#pk", "#sk") };
        if self.to.is_some() {
            format!("{pk} = :pk AND {sk} BETWEEN :from AND :to")
        } else if self.prefix.is_empty() {
            format!("{pk} = :pk")
        } else {
            format!("{pk} = :pk AND begins_with({sk}, :from)")
        }
    }

    fn values(&self) -> Row {
        let mut values = self.values.clone();
        values.insert(":pk".into(), s(&self.partition));
        if self.to.is_some() || !self.prefix.is_empty() {
            values.insert(":from".into(), s(&self.prefix));
        }
        if let Some(to) = &self.to {
            values.insert(":to".into(), s(to));
        }
        values
    }
}

/// A part of a list, as the table gave it.
struct Part {
    rows: Vec<Row>,
    last: Option<Row>,
}

impl Table {
    async fn part(&self, op: &'static str, query: &Query, start: Option<Row>, limit: u32) -> Result<Part> {
        let condition = query.condition();
        let projection = query.keys_only.then_some("#pk, #sk");
        let names = names_in(&[&condition, query.filter.as_deref().unwrap_or(""), projection.unwrap_or("")]);
        let limit = i32::try_from(limit.clamp(1, LOOKED_AT)).unwrap_or(i32::MAX);
        let answer = steadily(op, || {
            self.client
                .query()
                .table_name(&*self.name)
                .set_index_name(query.index.then(|| INDEX.to_owned()))
                .consistent_read(!query.index)
                .key_condition_expression(&condition)
                .set_filter_expression(query.filter.clone())
                .set_projection_expression(projection.map(str::to_owned))
                .set_expression_attribute_names(names.clone())
                .set_expression_attribute_values(Some(query.values()))
                .set_exclusive_start_key(start.clone())
                .scan_index_forward(!query.backwards)
                .limit(limit)
                .send()
        })
        .await?
        .map_err(|error| read(op, &error))?;
        Ok(Part { rows: answer.items.unwrap_or_default(), last: answer.last_evaluated_key })
    }

    /// A page of a list. A list that leaves rows out looks at many for one page, and gives an empty page when
    /// it found none among them.
    pub(crate) async fn page(&self, op: &'static str, query: &Query, ask: &Ask) -> Result<Page<Row>> {
        let limit = ask.limit.clamp(1, MOST);
        let (partition, prefix) = (&query.partition, &query.prefix);
        let start = ask
            .after
            .as_deref()
            .map(|after| cursor::read(op, partition, prefix, after, query.index))
            .transpose()?;
        let look = if query.filter.is_some() { LOOKED_AT } else { limit };
        let part = self.part(op, query, start, look).await?;
        let mut items = part.rows;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let next = if items.len() > wanted {
            items.truncate(wanted);
            items.last().map(|row| cursor::write(partition, prefix, row, query.index)).transpose()?
        } else {
            part.last.map(|row| cursor::write(partition, prefix, &row, query.index)).transpose()?
        };
        Ok(Page { items, next })
    }

    /// A page of the rows that the index names, each read consistently. Rows that have left the list since
    /// are left out.
    pub(crate) async fn indexed_page(&self, op: &'static str, query: &Query, ask: &Ask) -> Result<Page<Row>> {
        let named = self.page(op, query, ask).await?;
        let rows = self.follow(op, named.items).await?;
        let items =
            rows.into_iter().filter(|row| maybe_text(row, "g1pk") == Some(&query.partition)).collect();
        Ok(Page { items, next: named.next })
    }

    /// Reads the rows whose keys these are, in this order; those that are gone are left out.
    pub(crate) async fn follow(&self, op: &'static str, named: Vec<Row>) -> Result<Vec<Row>> {
        let keys = named
            .iter()
            .map(|row| Ok(Key::new(text(row, "pk")?, text(row, "sk")?)))
            .collect::<Result<Vec<_>>>()?;
        self.in_order(op, keys).await
    }

    /// Reads these rows in this order; those that are not there are left out.
    pub(crate) async fn in_order(&self, op: &'static str, keys: Vec<Key>) -> Result<Vec<Row>> {
        let mut rows = self.many(op, keys.clone()).await?;
        Ok(keys.iter().filter_map(|key| rows.remove(key)).collect())
    }

    /// The first rows of a list, at most so many.
    pub(crate) async fn first(&self, op: &'static str, query: &Query, most: u32) -> Result<Vec<Row>> {
        let wanted = usize::try_from(most).unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        let mut start = None;
        while rows.len() < wanted {
            let left = u32::try_from(wanted - rows.len()).unwrap_or(MOST);
            let look = if query.filter.is_some() { LOOKED_AT } else { left };
            let part = self.part(op, query, start, look).await?;
            rows.extend(part.rows);
            start = part.last;
            if start.is_none() {
                break;
            }
        }
        rows.truncate(wanted);
        Ok(rows)
    }

    /// A short list as a whole. More than a hundred thousand rows are no short list.
    pub(crate) async fn whole(&self, op: &'static str, query: &Query) -> Result<Vec<Row>> {
        const WHOLE: u32 = 100_000;
        let rows = self.first(op, query, WHOLE).await?;
        if u32::try_from(rows.len()).unwrap_or(WHOLE) >= WHOLE {
            return Err(PortError::new(
                ErrorKind::TooLarge,
                op,
                "the list is too long to be read as a whole",
            ));
        }
        Ok(rows)
    }
}
