//! What an operation costs, and the bucket it is paid from.
//!
//! The rule fits every recorded answer whose document is known: scalars and enums nothing, objects and lists of
//! objects one, unions nothing, a connection 2 + its nodes' cost times floor(2 ln n) for a page of n (once for a
//! page of one), a mutation ten with the objects right below it free. What was used is counted the same way from
//! the answer, a page by the rows it has.

use super::super::store::Store;
use super::execute::Context;
use super::schema;
use super::variables::{self, Variables};
use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use serde_json::{Value as Json, json};

/// The most one operation may ask for.
pub(crate) const LARGEST: u64 = 1_000;
const MUTATION: u64 = 10;

/// Counts either what is asked for or what came.
struct Meter<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
}

/// What an operation asks for.
pub(crate) fn requested(document: &ExecutableDocument, operation: &Operation, variables: &Variables) -> u64 {
    Meter { document, variables }.root(operation, None)
}

/// What an answer used.
pub(crate) fn used(context: &Context<'_>, operation: &Operation, data: &Json) -> u64 {
    Meter { document: context.document, variables: context.variables }.root(operation, Some(data))
}

impl Meter<'_> {
    fn root(&self, operation: &Operation, data: Option<&Json>) -> u64 {
        let mut sum = 0;
        for field in self.fields(&operation.selection_set) {
            let value = data.map(|data| &data[field.response_key().as_str()]);
            if operation.is_mutation() {
                sum += MUTATION;
                if value.is_none_or(Json::is_object) {
                    sum += self.payload(&field.selection_set, value);
                }
            } else {
                // A root field is paid for even when it finds nothing.
                sum += self.field(field, value).max(u64::from(self.composite(field)));
            }
        }
        sum
    }

    /// The objects right below a mutation are free, what hangs on them is not.
    fn payload(&self, set: &SelectionSet, data: Option<&Json>) -> u64 {
        let below = |field: &Field| {
            let value = data.map(|data| &data[field.response_key().as_str()]);
            match value {
                Some(Json::Null) => 0,
                Some(Json::Array(rows)) => {
                    rows.first().map_or(0, |row| self.set(&field.selection_set, Some(row)))
                }
                value => self.set(&field.selection_set, value),
            }
        };
        self.fields(set).into_iter().filter(|field| self.composite(field)).map(below).sum()
    }

    fn set(&self, set: &SelectionSet, data: Option<&Json>) -> u64 {
        let value = |field: &Field| data.map(|data| &data[field.response_key().as_str()]);
        self.fields(set).into_iter().map(|field| self.field(field, value(field))).sum()
    }

    fn composite(&self, field: &Field) -> bool {
        field.inner_type_def(schema()).is_some_and(|ty| !ty.is_leaf())
    }

    fn field(&self, field: &Field, data: Option<&Json>) -> u64 {
        if !self.composite(field) || data.is_some_and(Json::is_null) {
            return 0;
        }
        let name = field.ty().inner_named_type().as_str();
        if name.ends_with("Connection") {
            return self.connection(field, data);
        }
        if name == "PageInfo" {
            return 0;
        }
        let own = u64::from(!matches!(schema().types.get(name), Some(ExtendedType::Union(_))));
        match data {
            Some(Json::Array(rows)) => {
                rows.first().map_or(0, |row| own + self.set(&field.selection_set, Some(row)))
            }
            data => own + self.set(&field.selection_set, data),
        }
    }

    fn connection(&self, field: &Field, data: Option<&Json>) -> u64 {
        let args = variables::arguments(field, self.variables);
        let asked = args.get("first").or_else(|| args.get("last")).and_then(Json::as_u64);
        let mut node = 0;
        let mut rows = None;
        for part in self.fields(&field.selection_set) {
            let value = data.map(|data| &data[part.response_key().as_str()]);
            let sample = |value: Option<&Json>| value.and_then(|value| value.get(0)).cloned();
            match part.name.as_str() {
                "nodes" => {
                    rows = value.and_then(Json::as_array).map(Vec::len);
                    node = node.max(1 + self.set(&part.selection_set, sample(value).as_ref()));
                }
                "edges" => {
                    rows = value.and_then(Json::as_array).map(Vec::len);
                    let edge = sample(value);
                    for inner in self.fields(&part.selection_set).into_iter().filter(|one| one.name == "node")
                    {
                        let value = edge.as_ref().map(|edge| &edge[inner.response_key().as_str()]);
                        node = node.max(1 + self.set(&inner.selection_set, value));
                    }
                }
                _ => {}
            }
        }
        let size = match data {
            Some(_) => rows.unwrap_or(0) as u64,
            None => asked.unwrap_or(1),
        };
        2 + node * pages(size)
    }

    /// The fields of a set, fragments opened.
    fn fields<'s>(&'s self, set: &'s SelectionSet) -> Vec<&'s Field> {
        let mut out = Vec::new();
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => out.push(&**field),
                Selection::InlineFragment(inline) => out.extend(self.fields(&inline.selection_set)),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        out.extend(self.fields(&fragment.selection_set));
                    }
                }
            }
        }
        out
    }
}

/// How often a page of so many rows pays for one row.
fn pages(size: u64) -> u64 {
    match size {
        0 => 0,
        1 => 1,
        size => (2.0 * (size as f64).ln()).floor() as u64,
    }
}

impl Store {
    /// Lets the bucket fill up to now and tells how much is in it.
    pub(crate) fn points(&mut self) -> f64 {
        let now = self.now();
        let plan = self.config.plan;
        let gained = (now - self.bucket.1).max(0) as f64 / 1000.0 * f64::from(plan.restore_rate());
        self.bucket = ((self.bucket.0 + gained).min(f64::from(plan.bucket())), now);
        self.bucket.0
    }

    /// `extensions.cost`.
    pub(crate) fn cost(&mut self, requested: u64, actual: Option<u64>) -> Json {
        let left = self.points().max(0.0).floor() as u64;
        json!({
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": self.config.plan.bucket(),
                "currentlyAvailable": left,
                "restoreRate": self.config.plan.restore_rate(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> u64 {
        let document = super::super::check::read(query).unwrap();
        let operation = document.operations.iter().next().unwrap();
        requested(&document, operation, &Variables::new())
    }

    #[test]
    fn the_rule_gives_the_recorded_costs() {
        let level = "item{id} location{id} quantities(names:[\"available\"]){name quantity}";
        let levels =
            |args: &str| format!("inventoryLevels({args}){{nodes{{{level}}}pageInfo{{hasNextPage}}}}");
        let item = |inner: &str| format!("{{inventoryItem(id:\"1\"){{{inner}}}}}");
        assert_eq!(asked("{products(first:50){nodes{id} pageInfo{endCursor}}}"), 9);
        assert_eq!(asked("{locations(first:250){nodes{id} pageInfo{endCursor}}}"), 13);
        assert_eq!(asked("{webhookSubscriptions(first:50){edges{node{id} cursor}}}"), 9);
        assert_eq!(asked(&item(&format!("a:{} b:{}", levels("first:1"), levels("last:1")))), 13);
        let whole = format!(
            "a:{0} b:{0} c:{1} d:{2} e:inventoryLevels(first:5){{nodes{{id}}}} f:{2} g:{0}",
            levels("first:10"),
            levels("first:1"),
            levels("first:5"),
        );
        assert_eq!(asked(&item(&whole)), 94);
        let set = "mutation{inventorySetQuantities(input:{name:\"available\",reason:\"other\",quantities:[]})@idempotent(key:\"k\"){inventoryAdjustmentGroup{changes{name item{id} location{id}}}userErrors{field}}}";
        assert_eq!(asked(set), 13);
        assert_eq!(
            asked(
                "mutation{productSet(input:{}){product{variants(first:10){nodes{inventoryItem{id}}}}productSetOperation{userErrors{field}}userErrors{field}}}"
            ),
            21
        );
        assert_eq!(
            asked("mutation{productCreate(product:{}){product{seo{title}}shop{id}userErrors{field}}}"),
            11
        );
    }
}
