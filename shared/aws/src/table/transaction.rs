//! Writing many rows at once, all or none.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use ports::Result;

use super::error::{of_reason, read, refused};
use super::pause::{Pause, nonce};
use super::single::steadily;
use super::{Table, Write};

/// At most so many actions are one transaction.
pub(crate) const MOST_ACTIONS: usize = 100;
/// A transaction carries at most 4 MB; this leaves room for what the wire adds.
pub(crate) const MOST_BYTES: usize = 3_000_000;

/// What a transaction did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum All {
    /// All writes took effect.
    Done,
    /// None did: the conditions of the writes at these places did not hold.
    Refused(Vec<usize>),
}

impl Table {
    /// Writes all rows or none. It names itself, so that a repeated sending after a lost answer takes effect
    /// once; meeting another transaction or a throttle, it tries again a bounded number of times.
    pub(crate) async fn all(&self, op: &'static str, writes: Vec<Write>) -> Result<All> {
        if writes.is_empty() {
            return Ok(All::Done);
        }
        self.may_write(op)?;
        let actions = writes
            .into_iter()
            .map(|write| write.action(op, &self.name))
            .collect::<Result<Vec<TransactWriteItem>>>()?;
        let token = nonce();
        let mut pause = Pause::default();
        loop {
            let answer = steadily(op, || {
                self.client
                    .transact_write_items()
                    .set_transact_items(Some(actions.clone()))
                    .client_request_token(&token)
                    .send()
            })
            .await?;
            let error = match answer {
                Ok(_) => return Ok(All::Done),
                Err(error) => error,
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(read(op, &error));
            };
            let mut failed = Vec::new();
            let mut trouble = None;
            for (place, reason) in cancelled.cancellation_reasons().iter().enumerate() {
                let code = reason.code().unwrap_or("");
                if code == "ConditionalCheckFailed" {
                    failed.push(place);
                } else if let Some(error) = of_reason(op, code, reason.message().unwrap_or("")) {
                    trouble = Some(error);
                }
            }
            if !failed.is_empty() {
                return Ok(All::Refused(failed));
            }
            let Some(trouble) = trouble else {
                return Err(refused(op, "the table cancelled the transaction and did not say why"));
            };
            if !trouble.is_passing() || !pause.again().await {
                return Err(trouble);
            }
        }
    }
}
