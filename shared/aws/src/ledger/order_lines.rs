//! The lines of an order: in its head if they are few, in rows of their own if they are many.
//!
//! Rows of lines are written before the head that names them, under a name that nobody else makes, and are
//! taken out after a head that names others stands.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::order::OrderLine;
use domain::{OrderId, OrgId};
use futures::{StreamExt, TryStreamExt};
use ports::Result;

use crate::Table;
use crate::table::{Key, Query, Row, Write, count, document, key, maybe_text, n, nonce, parsed, s, text};

/// Lines up to so many bytes stand in the head.
const IN_HEAD: usize = 100_000;
/// So many bytes of lines are one row.
const IN_ROW: usize = 350_000;
const AT_ONCE: usize = 4;

/// Where the lines of an order stand.
pub(super) enum Lines {
    /// In its head.
    Here(String),
    /// In rows of this name, so many.
    Rows(String, u64),
}

fn row_key(org: &OrgId, order: &OrderId, name: &str, number: u64) -> Key {
    Key::new(key::order(org, order), format!("lines#{name}#{number:05}"))
}

/// Writes lines that do not fit into a head, and says where they stand.
pub(super) async fn write(table: &Table, org: &OrgId, order: &OrderId, lines: &[OrderLine]) -> Result<Lines> {
    const OP: &str = "ledger.fence";
    let text = document(&lines)?;
    if text.len() <= IN_HEAD {
        return Ok(Lines::Here(text));
    }
    let name = nonce();
    let rows: Vec<Write> = (0_u64..)
        .zip(text.as_bytes().chunks(IN_ROW))
        .map(|(number, bytes)| {
            let row = Row::from([("bytes".to_owned(), AttributeValue::B(Blob::new(bytes)))]);
            Write::put(row_key(org, order, &name, number), row)
        })
        .collect();
    let number = u64::try_from(rows.len()).unwrap_or(0);
    futures::stream::iter(rows)
        .map(|row| async move { table.one(OP, row).await.map(|_| ()) })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(Lines::Rows(name, number))
}

impl Lines {
    /// Notes in a head where the lines stand.
    pub(super) fn note(&self, head: &mut Row) {
        match self {
            Self::Here(text) => {
                head.insert("lines".into(), s(text));
            }
            Self::Rows(name, number) => {
                head.insert("lines_name".into(), s(name));
                head.insert("lines_rows".into(), n(*number));
            }
        }
    }

    /// Where a head says that the lines stand.
    pub(super) fn of(head: &Row) -> Result<Self> {
        match maybe_text(head, "lines_name") {
            Some(name) => Ok(Self::Rows(name.to_owned(), count(head, "lines_rows")?)),
            None => Ok(Self::Here(text(head, "lines")?.to_owned())),
        }
    }

    /// Reads the lines; nothing if their rows were taken out because a newer head stands.
    pub(super) async fn read(
        &self,
        table: &Table,
        org: &OrgId,
        order: &OrderId,
    ) -> Result<Option<Vec<OrderLine>>> {
        let (name, number) = match self {
            Self::Here(text) => return parsed(text).map(Some),
            Self::Rows(name, number) => (name, *number),
        };
        let query = Query::rows(key::order(org, order)).prefix(format!("lines#{name}#"));
        let rows = table.whole("ledger.order", &query).await?;
        if u64::try_from(rows.len()).unwrap_or(0) != number {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        for row in &rows {
            if let Some(part) = row.get("bytes").and_then(|part| part.as_b().ok()) {
                bytes.extend_from_slice(part.as_ref());
            }
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| crate::table::corrupt("the lines of an order are no text"))?;
        parsed(&text).map(Some)
    }

    /// Takes the rows of lines out that no head names any more. What cannot be taken out now only takes room.
    pub(super) async fn forget(&self, table: &Table, org: &OrgId, order: &OrderId) {
        let Self::Rows(name, number) = self else { return };
        let keys: Vec<Key> = (0..*number).map(|number| row_key(org, order, name, number)).collect();
        if let Err(error) = table.remove_many("ledger.fence", &keys).await {
            tracing::warn!(order = %order, %error, "rows of an order's older lines stay behind");
        }
    }
}
