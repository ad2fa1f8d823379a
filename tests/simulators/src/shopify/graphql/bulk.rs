//! Bulk queries: what is refused, and the lines of the file.

use super::super::bulk::Bulk;
use super::super::store::Store;
use super::check;
use super::execute::{Context, Held};
use super::schema;
use super::thing::{Row, Thing};
use super::variables::Variables;
use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use serde_json::{Value as Json, json};

const CONNECTIONS: usize = 5;
const DEPTH: usize = 2;

/// What was found while walking a query.
#[derive(Default)]
struct Found {
    connections: usize,
    depth: usize,
    node_roots: Vec<String>,
    nodes_used: Vec<String>,
    without_id: Vec<String>,
    within_list: bool,
}

/// Why a query cannot run in bulk.
pub(crate) fn faults(query: &str) -> Vec<String> {
    if query.trim().is_empty() {
        return vec!["Invalid bulk query: syntax error, unexpected end of file".into()];
    }
    let document = match check::read(query) {
        Ok(document) => document,
        Err(errors) => {
            let text = |error: &Json| {
                format!("Invalid bulk query: {}", error["message"].as_str().unwrap_or_default())
            };
            return errors.iter().map(text).collect();
        }
    };
    let Ok(operation) = document.operations.get(None) else {
        return vec!["Bulk queries must contain exactly one operation.".into()];
    };
    if !operation.is_query() {
        return vec!["Invalid operation type. Only `query` operations are supported.".into()];
    }
    let mut found = Found::default();
    walk(&document, &operation.selection_set, 0, false, None, &mut found);
    for field in fields(&document, &operation.selection_set) {
        if matches!(field.name.as_str(), "node" | "nodes") {
            found.node_roots.push(field.name.to_string());
        }
    }
    let mut errors = Vec::new();
    for name in &found.node_roots {
        errors.push(format!("Bulk queries cannot contain a top level `{name}` field."));
    }
    if let Some(first) = found.nodes_used.first() {
        let names: Vec<String> = found.nodes_used.iter().map(|name| format!("'{name}'")).collect();
        errors.push(format!(
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: '{first} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. Invalid connection fields: {}.",
            names.join(", ")
        ));
    }
    if found.connections == 0 {
        errors.push("Bulk queries must contain at least one connection.".into());
    }
    if found.within_list {
        errors.push(
            "Queries that contain a connection field within a list field are not currently supported.".into(),
        );
    } else if found.depth > DEPTH {
        errors.push(format!(
            "Bulk queries cannot contain connections with a nesting depth greater than {DEPTH}."
        ));
    } else if found.connections > CONNECTIONS {
        errors.push(format!("Bulk queries cannot contain more than {CONNECTIONS} connections."));
    } else if !found.without_id.is_empty() {
        errors.push(format!(
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type. Connection fields without 'id': {}.",
            found.without_id.join(", ")
        ));
    }
    errors
}

/// The fields of a set, fragments opened.
fn fields<'d>(document: &'d ExecutableDocument, set: &'d SelectionSet) -> Vec<&'d Field> {
    let mut out = Vec::new();
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => out.push(&**field),
            Selection::InlineFragment(inline) => out.extend(fields(document, &inline.selection_set)),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.fragment_name) {
                    out.extend(fields(document, &fragment.selection_set));
                }
            }
        }
    }
    out
}

/// Walks a query; `parent` is the connection whose node this set is of, and whether it selects its id.
fn walk(
    document: &ExecutableDocument,
    set: &SelectionSet,
    depth: usize,
    in_list: bool,
    parent: Option<(&str, bool)>,
    found: &mut Found,
) {
    for field in fields(document, set) {
        if !field.ty().inner_named_type().ends_with("Connection") {
            let list = in_list
                || (field.ty().is_list() && field.inner_type_def(schema()).is_some_and(|ty| !ty.is_leaf()));
            walk(document, &field.selection_set, depth, list, parent, found);
            continue;
        }
        found.connections += 1;
        // A connection at the root is not nested.
        found.depth = found.depth.max(depth);
        found.within_list |= in_list;
        if let Some((name, false)) = parent
            && !found.without_id.iter().any(|one| one == name)
        {
            found.without_id.push(name.to_owned());
        }
        for part in fields(document, &field.selection_set) {
            match part.name.as_str() {
                "nodes" => found.nodes_used.push(field.name.to_string()),
                "edges" => {
                    for node in
                        fields(document, &part.selection_set).into_iter().filter(|one| one.name == "node")
                    {
                        let inner = fields(document, &node.selection_set);
                        let has_id = inner.iter().any(|one| one.name == "id" && one.alias.is_none());
                        let here = Some((field.name.as_str(), has_id));
                        walk(document, &node.selection_set, depth + 1, false, here, found);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A line and the lines that hang on it.
struct Written {
    line: String,
    below: Vec<Written>,
}

/// The lines of the file, how many objects they are and how many of them are roots.
pub(crate) fn lines(store: &mut Store, bulk: &Bulk) -> (Vec<String>, u64, u64) {
    let Ok(document) = check::read(&bulk.query) else { return (Vec::new(), 0, 0) };
    let Ok(operation) = document.operations.get(None) else { return (Vec::new(), 0, 0) };
    let mut dice = store.random.clone();
    let variables = Variables::new();
    let mut context = Context {
        store,
        document: &document,
        variables: &variables,
        scopes: bulk.scopes.clone(),
        by: "bulk".into(),
        version: super::super::VERSION.into(),
        contested: Vec::new(),
        errors: Vec::new(),
        searches: Vec::new(),
        path: Vec::new(),
        bulk: Some(Vec::new()),
    };
    let _ = context.object(&Thing::Query, &[&operation.selection_set]);
    let held = context.bulk.replace(Vec::new()).unwrap_or_default();
    let mut written = Vec::new();
    for one in held {
        written.extend(write(&mut context, one, None));
    }
    let roots = written.len() as u64;
    let mut out = Vec::new();
    if bulk.grouped {
        flat(written, &mut out);
    } else {
        // Parents and children come in no order that means anything.
        flat(written, &mut out);
        dice.shuffle(&mut out);
    }
    let objects = out.len() as u64;
    (out, objects, roots)
}

fn flat(rows: Vec<Written>, out: &mut Vec<String>) {
    for row in rows {
        out.push(row.line);
        flat(row.below, out);
    }
}

fn write<'a>(context: &mut Context<'a>, held: Held<'a>, parent: Option<&str>) -> Vec<Written> {
    let document = context.document;
    let mut sets: Vec<&'a SelectionSet> = Vec::new();
    for part in fields(document, &held.field.selection_set).into_iter().filter(|part| part.name == "edges") {
        let nodes = fields(document, &part.selection_set).into_iter().filter(|one| one.name == "node");
        sets.extend(nodes.map(|node| &node.selection_set));
    }
    let mut out = Vec::new();
    for row in held.rows {
        out.extend(write_row(context, &row, &sets, parent));
    }
    out
}

fn write_row<'a>(
    context: &mut Context<'a>,
    row: &Row,
    sets: &[&'a SelectionSet],
    parent: Option<&str>,
) -> Option<Written> {
    let mut line = context.object(&row.thing, sets).ok()?;
    let held = context.bulk.replace(Vec::new()).unwrap_or_default();
    let id = line["id"].as_str().map(str::to_owned);
    if let (Some(parent), Json::Object(line)) = (parent, &mut line) {
        line.insert("__parentId".into(), json!(parent));
    }
    let mut below = Vec::new();
    for one in held {
        below.extend(write(context, one, id.as_deref()));
    }
    Some(Written { line: line.to_string(), below })
}
