//! Reading and taking out many rows by name.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, WriteRequest};
use futures::{StreamExt, TryStreamExt};
use ports::{ErrorKind, PortError, Result};

use super::error::{read, refused};
use super::pause::Pause;
use super::single::steadily;
use super::write::key_row;
use super::{Key, Row, Table, text};

const MOST_GETS: usize = 100;
const MOST_WRITES: usize = 25;
const AT_ONCE: usize = 4;

impl Table {
    /// Reads many rows, consistently; those that are not there are left out.
    pub(crate) async fn many(&self, op: &'static str, keys: Vec<Key>) -> Result<HashMap<Key, Row>> {
        let mut known = HashSet::new();
        let distinct: Vec<Key> = keys.into_iter().filter(|key| known.insert(key.clone())).collect();
        let chunks: Vec<Vec<Key>> = distinct.chunks(MOST_GETS).map(<[Key]>::to_vec).collect();
        let found: Vec<Vec<Row>> = futures::stream::iter(chunks)
            .map(|chunk| async move { self.hundred(op, &chunk).await })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        found
            .into_iter()
            .flatten()
            .map(|row| Ok((Key::new(text(&row, "pk")?, text(&row, "sk")?), row)))
            .collect()
    }

    async fn hundred(&self, op: &'static str, keys: &[Key]) -> Result<Vec<Row>> {
        let mut ask: Vec<Row> = keys.iter().map(key_row).collect();
        let mut rows = Vec::with_capacity(keys.len());
        let mut pause = Pause::default();
        while !ask.is_empty() {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(ask.clone()))
                .consistent_read(true)
                .build()
                .map_err(|_| refused(op, "the request could not be built"))?;
            let answer = steadily(op, || {
                self.client.batch_get_item().request_items(&*self.name, wanted.clone()).send()
            })
            .await?
            .map_err(|error| read(op, &error))?;
            let found = answer.responses.and_then(|mut found| found.remove(&*self.name)).unwrap_or_default();
            let moved = !found.is_empty();
            rows.extend(found);
            ask = answer
                .unprocessed_keys
                .and_then(|mut left| left.remove(&*self.name))
                .map(|left| left.keys)
                .unwrap_or_default();
            if !ask.is_empty() && !moved && !pause.again().await {
                return Err(PortError::new(ErrorKind::Throttled, op, "the table is asked too much at once"));
            }
        }
        Ok(rows)
    }

    /// Takes many rows out, without conditions.
    pub(crate) async fn remove_many(&self, op: &'static str, keys: &[Key]) -> Result<()> {
        self.may_write(op)?;
        for chunk in keys.chunks(MOST_WRITES) {
            let mut left = chunk
                .iter()
                .map(|key| {
                    let delete = DeleteRequest::builder().set_key(Some(key_row(key))).build();
                    delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
                })
                .collect::<std::result::Result<Vec<_>, _>>()
                .map_err(|_| refused(op, "the request could not be built"))?;
            let mut pause = Pause::default();
            while !left.is_empty() {
                let answer = steadily(op, || {
                    self.client.batch_write_item().request_items(&*self.name, left.clone()).send()
                })
                .await?
                .map_err(|error| read(op, &error))?;
                left = answer
                    .unprocessed_items
                    .and_then(|mut items| items.remove(&*self.name))
                    .unwrap_or_default();
                if !left.is_empty() && !pause.again().await {
                    return Err(PortError::new(
                        ErrorKind::Throttled,
                        op,
                        "the table is asked too much at once",
                    ));
                }
            }
        }
        Ok(())
    }
}
