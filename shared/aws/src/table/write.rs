//! One write with its condition, for a single call or for a transaction.
//!
//! Expressions name attributes as `#name` and values as `:name`; no attribute name can then be one of the
//! words that DynamoDB keeps for itself.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use ports::Result;

use super::error::refused;
use super::{Key, Row, s};

/// What a write does to its row.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// Replaces it.
    Put(Row),
    /// Changes it by an expression that begins with `SET`.
    Update(String),
    /// Takes it out.
    Delete,
    /// Only looks at it; in transactions alone.
    Check,
}

/// One write with its condition.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub(crate) key: Key,
    pub(crate) deed: Deed,
    pub(crate) condition: Option<String>,
    pub(crate) values: Row,
}

impl Write {
    fn new(key: Key, deed: Deed) -> Self {
        Self { key, deed, condition: None, values: Row::new() }
    }

    /// Writes a whole row.
    pub(crate) fn put(key: Key, row: Row) -> Self {
        Self::new(key, Deed::Put(row))
    }

    /// Changes a row by an expression that begins with `SET`.
    pub(crate) fn update(key: Key, expression: impl Into<String>) -> Self {
        Self::new(key, Deed::Update(expression.into()))
    }

    /// Takes a row out.
    pub(crate) fn delete(key: Key) -> Self {
        Self::new(key, Deed::Delete)
    }

    /// Looks at a row.
    pub(crate) fn check(key: Key) -> Self {
        Self::new(key, Deed::Check)
    }

    /// Changes its row by this expression instead.
    pub(crate) fn expressed(mut self, expression: String) -> Self {
        self.deed = Deed::Update(expression);
        self
    }

    /// Only if this holds.
    pub(crate) fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Only if the row is not there.
    pub(crate) fn if_new(self) -> Self {
        self.when("attribute_not_exists(#pk)")
    }

    /// Gives a value its name.
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// Signs the write, so that its own earlier effect is told from somebody else's, and so that an update
    /// that is sent again after a lost answer does not take effect twice.
    pub(crate) fn signed(mut self, nonce: &str) -> Self {
        match &mut self.deed {
            Deed::Put(row) => {
                row.insert("by".into(), s(nonce));
            }
            Deed::Update(expression) => {
                *expression = match expression.strip_prefix("SET ") {
                    Some(rest) => format!("SET #by = :by, {rest}"),
                    None => format!("SET #by = :by {expression}"),
                };
                let fresh = "(attribute_not_exists(#by) OR #by <> :by)";
                self.condition = Some(match self.condition {
                    Some(condition) => format!("({condition}) AND {fresh}"),
                    None => fresh.to_owned(),
                });
                self.values.insert(":by".into(), s(nonce));
            }
            Deed::Delete | Deed::Check => {}
        }
        self
    }

    /// The whole row of a put, with its key.
    pub(crate) fn full_row(&self, row: &Row) -> Row {
        let mut full = row.clone();
        full.extend(key_row(&self.key));
        full
    }

    /// The names that the expressions use.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        let update = match &self.deed {
            Deed::Update(expression) => expression.as_str(),
            _ => "",
        };
        names_in(&[update, self.condition.as_deref().unwrap_or("")])
    }

    /// The values that the expressions use.
    pub(crate) fn values(&self) -> Option<Row> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    /// About how many bytes it sends.
    pub(crate) fn bytes(&self) -> usize {
        let row = match &self.deed {
            Deed::Put(row) => size(row),
            Deed::Update(expression) => expression.len(),
            Deed::Delete | Deed::Check => 0,
        };
        row + size(&self.values) + 200
    }

    /// The write as an action of a transaction.
    pub(crate) fn action(self, op: &'static str, table: &str) -> Result<TransactWriteItem> {
        let names = self.names();
        let values = self.values();
        let item = TransactWriteItem::builder();
        let key = Some(key_row(&self.key));
        let built = match &self.deed {
            Deed::Put(row) => Put::builder()
                .table_name(table)
                .set_item(Some(self.full_row(row)))
                .set_condition_expression(self.condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|put| item.put(put)),
            Deed::Update(expression) => Update::builder()
                .table_name(table)
                .set_key(key)
                .update_expression(expression)
                .set_condition_expression(self.condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|update| item.update(update)),
            Deed::Delete => Delete::builder()
                .table_name(table)
                .set_key(key)
                .set_condition_expression(self.condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|delete| item.delete(delete)),
            Deed::Check => ConditionCheck::builder()
                .table_name(table)
                .set_key(key)
                .set_condition_expression(self.condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|check| item.condition_check(check)),
        };
        built.map(|item| item.build()).map_err(|_| refused(op, "the request could not be built"))
    }
}

/// The key as attributes.
pub(crate) fn key_row(key: &Key) -> Row {
    Row::from([("pk".to_owned(), s(&key.pk)), ("sk".to_owned(), s(&key.sk))])
}

/// The names that expressions use: each `#name` stands for the attribute `name`.
pub(crate) fn names_in(expressions: &[&str]) -> Option<HashMap<String, String>> {
    let mut names = HashMap::new();
    for expression in expressions {
        for part in expression.split('#').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            names.insert(format!("#{name}"), name);
        }
    }
    (!names.is_empty()).then_some(names)
}

fn size(row: &Row) -> usize {
    row.iter()
        .map(|(name, value)| {
            name.len()
                + match value {
                    AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
                    AttributeValue::B(bytes) => bytes.as_ref().len(),
                    AttributeValue::L(list) => list.len() * 40,
                    AttributeValue::Ss(list) => list.len() * 40,
                    _ => 8,
                }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_once_each() {
        let names = names_in(&["SET #a = :a, #b_c = #b_c + :one", "attribute_exists(#a)"]).unwrap();
        assert_eq!(names.len(), 2);
        assert_eq!(names["#b_c"], "b_c");
        assert!(names_in(&["", ""]).is_none());
    }

    #[test]
    fn a_signature_goes_into_the_first_clause() {
        let table = [
            ("SET #a = :a REMOVE #b", "SET #by = :by, #a = :a REMOVE #b"),
            ("ADD #a :a", "SET #by = :by ADD #a :a"),
        ];
        for (plain, signed) in table {
            let write = Write::update(Key::new("p", "s"), plain).when("#a = :b OR #c = :d").signed("x");
            let Deed::Update(expression) = write.deed else { panic!("an update stays an update") };
            assert_eq!(expression, signed);
            assert_eq!(
                write.condition.unwrap(),
                "(#a = :b OR #c = :d) AND (attribute_not_exists(#by) OR #by <> :by)"
            );
        }
    }
}
