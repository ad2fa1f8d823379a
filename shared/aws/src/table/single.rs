//! Reading and writing one row.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use ports::Result;

use super::error::{code, read, refused};
use super::pause::{Pause, nonce};
use super::write::{Deed, key_row};
use super::{Key, Row, Table, Write, maybe_text};

/// What a conditional write of one row did.
#[derive(Debug)]
pub(crate) enum Took {
    /// It took effect. The row after an update, or what a delete took out.
    Done(Row),
    /// Its condition did not hold. The row as it stands, without attributes if there is none.
    Refused(Row),
}

type Attempt<T, E> = std::result::Result<T, SdkError<E, HttpResponse>>;

/// Calls until it answers with something that does not pass, at most so often that a caller can wait for it.
pub(crate) async fn steadily<T, E, F>(op: &'static str, mut call: impl FnMut() -> F) -> Result<Attempt<T, E>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Attempt<T, E>>,
{
    let mut pause = Pause::default();
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(Ok(answer)),
            Err(error) => error,
        };
        if matches!(code(&error), Some("ConditionalCheckFailedException" | "TransactionCanceledException")) {
            return Ok(Err(error));
        }
        let port = read(op, &error);
        if !port.is_passing() || !pause.again().await {
            return Err(port);
        }
    }
}

impl Table {
    /// Reads a row, consistently.
    pub(crate) async fn get(&self, op: &'static str, key: &Key) -> Result<Option<Row>> {
        let answer = steadily(op, || {
            self.client
                .get_item()
                .table_name(&*self.name)
                .set_key(Some(key_row(key)))
                .consistent_read(true)
                .send()
        })
        .await?;
        answer.map(|answer| answer.item).map_err(|error| read(op, &error))
    }

    /// Writes one row. What it did before its answer was lost counts as done.
    pub(crate) async fn one(&self, op: &'static str, write: Write) -> Result<Took> {
        let nonce = nonce();
        let took = self.send(op, write.signed(&nonce)).await?;
        Ok(match took {
            Took::Refused(row) if maybe_text(&row, "by") == Some(&nonce) => Took::Done(row),
            took => took,
        })
    }

    async fn send(&self, op: &'static str, write: Write) -> Result<Took> {
        self.may_write(op)?;
        let seen = Some(ReturnValuesOnConditionCheckFailure::AllOld);
        let (names, values) = (write.names(), write.values());
        match &write.deed {
            Deed::Put(row) => {
                let row = write.full_row(row);
                let answer = steadily(op, || {
                    self.client
                        .put_item()
                        .table_name(&*self.name)
                        .set_item(Some(row.clone()))
                        .set_condition_expression(write.condition.clone())
                        .set_expression_attribute_names(names.clone())
                        .set_expression_attribute_values(values.clone())
                        .set_return_values_on_condition_check_failure(seen.clone())
                        .send()
                })
                .await?;
                match answer {
                    Ok(_) => Ok(Took::Done(Row::new())),
                    Err(SdkError::ServiceError(answer)) => match answer.into_err() {
                        PutItemError::ConditionalCheckFailedException(failed) => {
                            Ok(Took::Refused(failed.item.unwrap_or_default()))
                        }
                        _ => Err(refused(op, "the table refused the call")),
                    },
                    Err(error) => Err(read(op, &error)),
                }
            }
            Deed::Update(expression) => {
                let answer = steadily(op, || {
                    self.client
                        .update_item()
                        .table_name(&*self.name)
                        .set_key(Some(key_row(&write.key)))
                        .update_expression(expression)
                        .set_condition_expression(write.condition.clone())
                        .set_expression_attribute_names(names.clone())
                        .set_expression_attribute_values(values.clone())
                        .return_values(ReturnValue::AllNew)
                        .set_return_values_on_condition_check_failure(seen.clone())
                        .send()
                })
                .await?;
                match answer {
                    Ok(answer) => Ok(Took::Done(answer.attributes.unwrap_or_default())),
                    Err(SdkError::ServiceError(answer)) => match answer.into_err() {
                        UpdateItemError::ConditionalCheckFailedException(failed) => {
                            Ok(Took::Refused(failed.item.unwrap_or_default()))
                        }
                        _ => Err(refused(op, "the table refused the call")),
                    },
                    Err(error) => Err(read(op, &error)),
                }
            }
            Deed::Delete => {
                let answer = steadily(op, || {
                    self.client
                        .delete_item()
                        .table_name(&*self.name)
                        .set_key(Some(key_row(&write.key)))
                        .set_condition_expression(write.condition.clone())
                        .set_expression_attribute_names(names.clone())
                        .set_expression_attribute_values(values.clone())
                        .return_values(ReturnValue::AllOld)
                        .set_return_values_on_condition_check_failure(seen.clone())
                        .send()
                })
                .await?;
                match answer {
                    Ok(answer) => Ok(Took::Done(answer.attributes.unwrap_or_default())),
                    Err(SdkError::ServiceError(answer)) => match answer.into_err() {
                        DeleteItemError::ConditionalCheckFailedException(failed) => {
                            Ok(Took::Refused(failed.item.unwrap_or_default()))
                        }
                        _ => Err(refused(op, "the table refused the call")),
                    },
                    Err(error) => Err(read(op, &error)),
                }
            }
            Deed::Check => Err(refused(op, "a row alone is not only looked at")),
        }
    }
}
