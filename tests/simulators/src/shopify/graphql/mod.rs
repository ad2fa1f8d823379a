//! Admin GraphQL: documents are checked against the schema extract and carried out over the store.

pub(crate) mod bulk;
mod check;
mod check_values;
mod cost;
pub(crate) mod execute;
mod fields;
pub(crate) mod idempotent;
pub(crate) mod mutations;
mod page;
mod scopes;
mod search;
pub(crate) mod thing;
pub(crate) mod variables;

use super::store::Store;
use apollo_compiler::Schema;
use apollo_compiler::executable::Operation;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Node};
use execute::Context;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use thing::Thing;
use variables::Variables;

pub(crate) use mutations::apply_product_set;

const EXTRACT: &str = include_str!("../admin-2026-10.graphql");

/// The schema of the one version that is served.
pub(crate) fn schema() -> &'static Valid<Schema> {
    static SCHEMA: OnceLock<Valid<Schema>> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        Schema::parse_and_validate(EXTRACT, "admin-2026-10.graphql").expect("the extract is a schema")
    })
}

/// A request that was read and found valid.
pub(crate) struct Request {
    document: Valid<ExecutableDocument>,
    operation: Node<Operation>,
    variables: Variables,
    /// What the caller sent, for the windows.
    pub(crate) name: String,
}

/// What one request cost, for the windows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) requested: Option<u64>,
    pub(crate) actual: Option<u64>,
    pub(crate) throttled: bool,
}

/// Who asks.
pub(crate) struct Caller {
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) by: String,
    pub(crate) version: String,
    /// Idempotency keys that another call holds right now.
    pub(crate) contested: Vec<String>,
}

/// Reads a body; an error is the answer to give.
pub(crate) fn prepare(body: &Json) -> Result<Request, Json> {
    let Some(query) = body.get("query").and_then(Json::as_str) else {
        return Err(json!({"errors": {"query": "Required parameter missing or invalid"}}));
    };
    let document = check::read(query).map_err(|errors| json!({"errors": errors}))?;
    let wanted = body.get("operationName").and_then(Json::as_str).filter(|name| !name.is_empty());
    let operation = document.operations.get(wanted).map_err(|_| {
        let message = match wanted {
            Some(name) => format!("No operation named \"{name}\""),
            None => "An operation name is required".to_owned(),
        };
        json!({"errors": [{"message": message}]})
    })?;
    let operation = operation.clone();
    let given: Map<String, Json> = match body.get("variables") {
        Some(Json::Object(given)) => given.clone(),
        Some(Json::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Map::new(),
    };
    let variables = variables::coerce(&operation, &given, &document.sources)
        .map_err(|error| json!({"errors": [error]}))?;
    let fields = operation.selection_set.fields().map(|field| field.name.to_string());
    let name = fields.collect::<Vec<_>>().join(",");
    Ok(Request { document, operation, variables, name })
}

impl Request {
    /// The idempotency keys on its mutations.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.operation
            .selection_set
            .fields()
            .filter_map(|field| idempotent::key(field, &self.variables))
            .collect()
    }

    /// Carries it out.
    pub(crate) fn answer(&self, store: &mut Store, caller: &Caller) -> (Json, Spent) {
        let requested = cost::requested(&self.document, &self.operation, &self.variables);
        let mut spent = Spent { requested: Some(requested), ..Spent::default() };
        if requested > cost::LARGEST {
            return (too_large(requested), spent);
        }
        if store.points() < requested as f64 {
            spent.throttled = true;
            let cost = store.cost(requested, None);
            let error = json!({
                "message": "Throttled",
                "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
            });
            return (json!({"errors": [error], "extensions": {"cost": cost}}), spent);
        }
        let mut context = Context {
            store,
            document: &self.document,
            variables: &self.variables,
            scopes: caller.scopes.clone(),
            by: caller.by.clone(),
            version: caller.version.clone(),
            contested: caller.contested.clone(),
            errors: Vec::new(),
            searches: Vec::new(),
            path: Vec::new(),
            bulk: None,
        };
        let root = if self.operation.is_mutation() { Thing::Mutation } else { Thing::Query };
        let data = if self.operation.is_query() && self.operation.is_introspection(&self.document) {
            self.introspected()
        } else {
            context.object(&root, &[&self.operation.selection_set]).unwrap_or(Json::Null)
        };
        let actual = cost::used(&context, &self.operation, &data).min(requested);
        let (errors, searches) = (std::mem::take(&mut context.errors), std::mem::take(&mut context.searches));
        spent.actual = Some(actual);
        store.bucket.0 -= actual as f64;
        let mut out = Map::new();
        if !errors.is_empty() {
            out.insert("errors".into(), Json::Array(errors));
        }
        out.insert("data".into(), data);
        let mut extensions = Map::new();
        extensions.insert("cost".into(), store.cost(requested, Some(actual)));
        if !searches.is_empty() {
            extensions.insert("search".into(), Json::Array(searches));
        }
        out.insert("extensions".into(), Json::Object(extensions));
        (Json::Object(out), spent)
    }

    /// Questions about the schema itself, which the compiler answers.
    fn introspected(&self) -> Json {
        let implementers = schema().implementers_map();
        let variables: apollo_compiler::response::JsonMap = self
            .variables
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().into(), serde_json::from_value(value.clone()).ok()?))
            })
            .collect();
        let variables = Valid::assume_valid(variables);
        let answer = apollo_compiler::introspection::partial_execute(
            schema(),
            &implementers,
            &self.document,
            &self.operation,
            &variables,
        );
        let data = answer.ok().and_then(|answer| answer.data);
        data.and_then(|data| serde_json::to_value(data).ok()).unwrap_or(Json::Null)
    }
}

fn too_large(cost: u64) -> Json {
    let message = format!(
        "Query cost is {cost}, which exceeds the single query max cost limit ({}).\n\nSee https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\ncost of a query is calculated.\n\nTo query larger amounts of data with fewer limits, bulk operations should be used instead.\nSee https://shopify.dev/api/usage/bulk-operations/queries for usage details.\n",
        cost::LARGEST
    );
    json!({"errors": [{
        "message": message,
        "extensions": {
            "code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": cost::LARGEST,
            "documentation": "https://shopify.dev/api/usage/rate-limits",
        },
    }]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extract_is_a_schema_with_every_root_field_that_is_answered() {
        let root = schema().get_object("QueryRoot").unwrap();
        for name in ["shop", "products", "inventoryItems", "orders", "node", "bulkOperation"] {
            assert!(root.fields.contains_key(name), "{name}");
        }
        assert!(schema().directive_definitions.contains_key("idempotent"));
    }
}
