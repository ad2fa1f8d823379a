//! Is a document valid? Complaints in the platform's words; what they do not name, the compiler finds.

use super::check_values::place_type;
use super::schema;
use apollo_compiler::ast::{
    Definition, Document, Field, OperationDefinition, OperationType, Selection, VariableDefinition,
};
use apollo_compiler::parser::SourceMap;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Node};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Reads and checks a document; the complaints are ready to be answered.
pub(crate) fn read(query: &str) -> Result<Valid<ExecutableDocument>, Vec<Json>> {
    let document = Document::parse(query, "query").map_err(|broken| {
        let rows = broken.errors.iter().take(1).map(|error| {
            let at = error.line_column_range().map(|range| range.start);
            let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
            let message = if query.trim().is_empty() {
                "syntax error, unexpected end of file".to_owned()
            } else {
                format!("syntax error, {} at [{line}, {column}]", error.error)
            };
            json!({"message": message, "locations": [{"line": line, "column": column}]})
        });
        rows.collect::<Vec<_>>()
    })?;
    let mut checker = Checker { sources: &document.sources, fragments: BTreeMap::new(), errors: Vec::new() };
    for definition in &document.definitions {
        if let Some(fragment) = definition.as_fragment_definition() {
            checker.fragments.insert(fragment.name.to_string(), fragment.type_condition.to_string());
        }
    }
    checker.document(&document);
    if !checker.errors.is_empty() {
        return Err(checker.errors);
    }
    document.to_executable_validate(schema()).map_err(|broken| {
        broken
            .errors
            .iter()
            .map(|error| {
                let at = error.line_column_range().map(|range| range.start);
                let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
                json!({
                    "message": error.error.to_string(), "locations": [{"line": line, "column": column}],
                    "extensions": {"code": "invalidDocument"},
                })
            })
            .collect()
    })
}

pub(super) struct Checker<'a> {
    sources: &'a SourceMap,
    fragments: BTreeMap<String, String>,
    errors: Vec<Json>,
}

/// What an operation declares and what is used of it.
pub(super) struct Scope<'a> {
    pub(super) name: String,
    pub(super) declared: BTreeMap<String, &'a Node<VariableDefinition>>,
    pub(super) used: BTreeSet<String>,
}

impl Checker<'_> {
    fn place<T>(&self, node: &Node<T>) -> Json {
        let at = node.line_column_range(self.sources).map(|range| range.start);
        let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
        json!([{"line": line, "column": column}])
    }

    pub(super) fn complain(&mut self, message: String, locations: Json, path: &[String], extensions: Json) {
        self.errors.push(json!({
            "message": message, "locations": locations, "path": path, "extensions": extensions,
        }));
    }

    fn document(&mut self, document: &Document) {
        let operations: Vec<&Node<OperationDefinition>> =
            document.definitions.iter().filter_map(Definition::as_operation_definition).collect();
        for operation in operations {
            let root = match operation.operation_type {
                OperationType::Query => "QueryRoot",
                _ => "Mutation",
            };
            let kind = operation.operation_type.name();
            let name = operation.name.as_ref().map(ToString::to_string);
            let mut path = vec![name.as_ref().map_or(kind.to_owned(), |name| format!("{kind} {name}"))];
            let mut scope = Scope {
                name: name.unwrap_or_else(|| format!("anonymous {kind}")),
                declared: operation.variables.iter().map(|row| (row.name.to_string(), row)).collect(),
                used: BTreeSet::new(),
            };
            self.declared(&scope, &path);
            self.selections(&operation.selection_set, root, &mut path, &mut scope);
            for directive in &operation.directives.0 {
                self.directive(directive, &mut scope);
            }
            self.spread_into(document, &operation.selection_set, &mut scope, &mut BTreeSet::new());
            for (name, row) in scope.declared.iter().filter(|(name, _)| !scope.used.contains(*name)) {
                let message = format!("Variable ${name} is declared by {} but not used", scope.name);
                let place = self.place(row);
                self.complain(
                    message,
                    place,
                    &path,
                    json!({"code": "variableNotUsed", "variableName": name}),
                );
            }
        }
    }

    fn declared(&mut self, scope: &Scope<'_>, path: &[String]) {
        for (name, row) in &scope.declared {
            let ty = row.ty.inner_named_type();
            if !schema().types.get(ty.as_str()).is_some_and(ExtendedType::is_input_type) {
                let message = format!("{ty} isn't a defined input type (on ${name})");
                let place = self.place(row);
                let extensions = json!({"code": "variableRequiresValidType", "typeName": ty.as_str(), "variableName": name});
                self.complain(message, place, path, extensions);
            }
        }
    }

    /// Checks the fragments an operation uses in the light of its variables.
    fn spread_into(
        &mut self,
        document: &Document,
        selections: &[Selection],
        scope: &mut Scope<'_>,
        seen: &mut BTreeSet<String>,
    ) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.spread_into(document, &field.selection_set, scope, seen),
                Selection::InlineFragment(inline) => {
                    self.spread_into(document, &inline.selection_set, scope, seen);
                }
                Selection::FragmentSpread(spread) => {
                    if !seen.insert(spread.fragment_name.to_string()) {
                        continue;
                    }
                    let found = document.definitions.iter().filter_map(Definition::as_fragment_definition);
                    let Some(fragment) = found.into_iter().find(|one| one.name == spread.fragment_name)
                    else {
                        continue;
                    };
                    let mut path = vec![format!("fragment {}", fragment.name)];
                    self.selections(&fragment.selection_set, &fragment.type_condition, &mut path, scope);
                    self.spread_into(document, &fragment.selection_set, scope, seen);
                }
            }
        }
    }

    fn selections(
        &mut self,
        rows: &[Selection],
        parent: &str,
        path: &mut Vec<String>,
        scope: &mut Scope<'_>,
    ) {
        for row in rows {
            match row {
                Selection::Field(field) => {
                    path.push(field.response_name().to_string());
                    self.field(field, parent, path, scope);
                    path.pop();
                }
                Selection::InlineFragment(inline) => {
                    inline.directives.iter().for_each(|directive| self.directive(directive, scope));
                    let ty = inline.type_condition.as_ref().map_or(parent.to_owned(), ToString::to_string);
                    path.push(format!("... on {ty}"));
                    if self.type_there(&ty, &self.place(inline), path) {
                        self.selections(&inline.selection_set, &ty, path, scope);
                    }
                    path.pop();
                }
                Selection::FragmentSpread(spread) => {
                    spread.directives.iter().for_each(|directive| self.directive(directive, scope));
                    let name = spread.fragment_name.to_string();
                    if let Some(ty) = self.fragments.get(&name).cloned() {
                        self.type_there(&ty, &self.place(spread), path);
                    } else {
                        let message = format!("Fragment {name} was used, but not defined");
                        let place = self.place(spread);
                        let extensions = json!({"code": "useAndDefineFragment", "fragmentName": name});
                        self.complain(message, place, path, extensions);
                    }
                }
            }
        }
    }

    fn type_there(&mut self, ty: &str, place: &Json, path: &[String]) -> bool {
        let there = schema().types.contains_key(ty);
        if !there {
            let message = format!("No such type {ty}, so it can't be a fragment condition");
            self.complain(message, place.clone(), path, json!({"code": "undefinedType", "typeName": ty}));
        }
        there
    }

    fn field(&mut self, field: &Node<Field>, parent: &str, path: &mut Vec<String>, scope: &mut Scope<'_>) {
        field.directives.iter().for_each(|directive| self.directive(directive, scope));
        let Ok(definition) = schema().type_field(parent, &field.name) else {
            let message = format!("Field '{}' doesn't exist on type '{parent}'", field.name);
            let extensions =
                json!({"code": "undefinedField", "typeName": parent, "fieldName": field.name.as_str()});
            let place = self.place(field);
            self.complain(message, place, path, extensions);
            return;
        };
        for argument in &field.arguments {
            let Some(wanted) = definition.argument_by_name(&argument.name) else {
                let message = format!("Field '{}' doesn't accept argument '{}'", field.name, argument.name);
                let extensions = json!({
                    "code": "argumentNotAccepted", "name": field.name.as_str(), "typeName": "Field",
                    "argumentName": argument.name.as_str(),
                });
                path.push(argument.name.to_string());
                let place = self.place(argument);
                self.complain(message, place, path, extensions);
                path.pop();
                continue;
            };
            path.push(argument.name.to_string());
            let place = self.place(field);
            self.argument(argument, &place_type(wanted), ("Field", field.name.as_str()), &place, path, scope);
            path.pop();
        }
        let missing: Vec<&str> = definition
            .arguments
            .iter()
            .filter(|wanted| {
                wanted.is_required() && !field.arguments.iter().any(|one| one.name == wanted.name)
            })
            .map(|wanted| wanted.name.as_str())
            .collect();
        if !missing.is_empty() {
            let names = missing.join(", ");
            let message = format!("Field '{}' is missing required arguments: {names}", field.name);
            let extensions = json!({
                "code": "missingRequiredArguments", "className": "Field", "name": field.name.as_str(),
                "arguments": names,
            });
            let place = self.place(field);
            self.complain(message, place, path, extensions);
        }
        let ty = definition.ty.inner_named_type().to_string();
        let leaf = schema().types.get(ty.as_str()).is_some_and(ExtendedType::is_leaf);
        if leaf && !field.selection_set.is_empty() {
            let message = format!(
                "Selections can't be made on scalars (field '{}' returns {ty} but has selections)",
                field.name
            );
            self.mismatch(message, field, &ty, path);
        } else if !leaf && field.selection_set.is_empty() {
            let name = &field.name;
            let message = format!(
                "Field must have selections (field '{name}' returns {ty} but has no selections. Did you mean '{name} {{ ... }}'?)"
            );
            self.mismatch(message, field, &ty, path);
        }
        if !leaf {
            self.selections(&field.selection_set, &ty, path, scope);
        }
    }

    fn mismatch(&mut self, message: String, field: &Node<Field>, ty: &str, path: &[String]) {
        let node = format!("field '{}'", field.name);
        let place = self.place(field);
        self.complain(
            message,
            place,
            path,
            json!({"code": "selectionMismatch", "nodeName": node, "typeName": ty}),
        );
    }
}
