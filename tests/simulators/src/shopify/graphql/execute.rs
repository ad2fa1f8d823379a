//! Carries out an operation, field by field.

use super::super::store::Store;
use super::page::{self, page};
use super::thing::{Call, Fail, Out, Page, Row, Thing};
use super::variables::{self, Variables};
use super::{fields, mutations, schema, scopes};
use apollo_compiler::ExecutableDocument;
use apollo_compiler::Node;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A field that may not be null has nothing: what holds it becomes null.
pub(crate) struct Bubble;

/// One operation under way.
pub(crate) struct Context<'a> {
    pub(crate) store: &'a mut Store,
    pub(crate) document: &'a ExecutableDocument,
    pub(crate) variables: &'a Variables,
    /// What the token allows.
    pub(crate) scopes: BTreeSet<String>,
    /// Who calls, for the stock log.
    pub(crate) by: String,
    pub(crate) version: String,
    /// Idempotency keys that another call holds right now.
    pub(crate) contested: Vec<String>,
    pub(crate) errors: Vec<Json>,
    /// `extensions.search`.
    pub(crate) searches: Vec<Json>,
    pub(crate) path: Vec<Json>,
    /// Connections are not followed but noted: a bulk operation is under way.
    pub(crate) bulk: Option<Vec<Held<'a>>>,
}

/// A connection that a bulk operation still has to write out.
pub(crate) struct Held<'a> {
    pub(crate) rows: Vec<Row>,
    pub(crate) field: &'a Node<Field>,
}

/// Fields of one response key.
type Group<'a> = (String, Vec<&'a Node<Field>>);

impl<'a> Context<'a> {
    /// The fields of an object.
    pub(crate) fn object(&mut self, thing: &Thing, sets: &[&'a SelectionSet]) -> Result<Json, Bubble> {
        let declared = sets.first().map_or("", |set| set.ty.as_str());
        let ty = thing.type_name().map_or(declared.to_owned(), str::to_owned);
        let mut groups: Vec<Group<'a>> = Vec::new();
        for set in sets {
            self.collect(set, &ty, &mut groups);
        }
        let mut out = Map::new();
        for (key, group) in groups {
            let Some(field) = group.first() else { continue };
            self.path.push(json!(key));
            let value = self.field(thing, &ty, field, &group);
            self.path.pop();
            if let Some(value) = value? {
                out.insert(key, value);
            }
        }
        Ok(Json::Object(out))
    }

    fn collect(&self, set: &'a SelectionSet, ty: &str, groups: &mut Vec<Group<'a>>) {
        for selection in &set.selections {
            if !self.wanted(selection) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    let key = field.response_key().to_string();
                    match groups.iter_mut().find(|group| group.0 == key) {
                        Some(group) => group.1.push(field),
                        None => groups.push((key, vec![field])),
                    }
                }
                Selection::InlineFragment(inline) => {
                    if inline.type_condition.as_ref().is_none_or(|wanted| is_a(ty, wanted)) {
                        self.collect(&inline.selection_set, ty, groups);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && is_a(ty, fragment.type_condition())
                    {
                        self.collect(&fragment.selection_set, ty, groups);
                    }
                }
            }
        }
    }

    fn wanted(&self, selection: &Selection) -> bool {
        let says = |name: &str| {
            let value = selection.directives().get(name)?.specified_argument_by_name("if")?;
            variables::of_directive(value, self.variables).as_bool()
        };
        says("skip") != Some(true) && says("include") != Some(false)
    }

    /// A field's value; none when a bulk operation took it.
    fn field(
        &mut self,
        thing: &Thing,
        ty: &str,
        field: &'a Node<Field>,
        group: &[&'a Node<Field>],
    ) -> Result<Option<Json>, Bubble> {
        if field.name == "__typename" {
            return Ok(Some(json!(ty)));
        }
        let args = variables::arguments(field, self.variables);
        let call = Call { field: field.name.as_str(), args: &args };
        let out = match scopes::refused(ty, field, &self.scopes) {
            Some(fail) => Out::Fail(fail),
            None if matches!(thing, Thing::Mutation) => mutations::carry_out(self, field, &call),
            None => fields::resolve(self, thing, &call),
        };
        let sets: Vec<&'a SelectionSet> = group.iter().map(|one| &one.selection_set).collect();
        let out = match out {
            Out::Unknown if self.bulk.is_some() && field.ty().inner_named_type().ends_with("Connection") => {
                Out::Rows(Vec::new())
            }
            out => out,
        };
        match out {
            Out::Rows(rows) if self.bulk.is_some() => {
                if let Some(held) = &mut self.bulk {
                    held.push(Held { rows, field });
                }
                Ok(None)
            }
            Out::Rows(rows) => {
                let of_one = field.name == "variants" && self.path.len() <= 2;
                let largest = if of_one { page::LARGEST_OF_ONE } else { 0 };
                let out = match page(rows, &call, largest) {
                    Ok(page) => Out::One(Thing::Page(Arc::new(page))),
                    Err(fail) => Out::Fail(fail),
                };
                self.complete(out, field.ty(), &sets, field).map(Some)
            }
            out => self.complete(out, field.ty(), &sets, field).map(Some),
        }
    }

    fn fail(&mut self, fail: Fail, field: &Node<Field>) {
        let at = field.line_column_range(&self.document.sources).map(|range| range.start);
        let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
        self.errors.push(json!({
            "message": fail.message, "locations": [{"line": line, "column": column}],
            "extensions": fail.extensions, "path": self.path,
        }));
    }

    fn complete(
        &mut self,
        out: Out,
        ty: &Type,
        sets: &[&'a SelectionSet],
        field: &Node<Field>,
    ) -> Result<Json, Bubble> {
        match out {
            Out::Fail(fail) => {
                self.fail(fail, field);
                if ty.is_non_null() { Err(Bubble) } else { Ok(Json::Null) }
            }
            Out::Null if !ty.is_non_null() => Ok(Json::Null),
            Out::Null | Out::Unknown => self.missing(ty, sets, field),
            Out::Leaf(Json::Null) if ty.is_non_null() => self.missing(ty, sets, field),
            Out::Leaf(value) => Ok(value),
            Out::One(thing) => match self.object(&thing, sets) {
                Ok(value) => Ok(value),
                Err(Bubble) if ty.is_non_null() => Err(Bubble),
                Err(Bubble) => Ok(Json::Null),
            },
            Out::Many(rows) => {
                let mut list = Vec::new();
                for (at, row) in rows.into_iter().enumerate() {
                    self.path.push(json!(at));
                    let value = self.complete(row, ty.item_type(), sets, field);
                    self.path.pop();
                    match value {
                        Ok(value) => list.push(value),
                        Err(Bubble) if ty.is_non_null() => return Err(Bubble),
                        Err(Bubble) => return Ok(Json::Null),
                    }
                }
                Ok(Json::Array(list))
            }
            Out::Rows(rows) => {
                let page = Page { rows, next: false, previous: false };
                self.complete(Out::One(Thing::Page(Arc::new(page))), ty, sets, field)
            }
        }
    }

    /// A value for a field the simulator keeps none for: null where that is allowed.
    fn missing(&mut self, ty: &Type, sets: &[&'a SelectionSet], field: &Node<Field>) -> Result<Json, Bubble> {
        if !ty.is_non_null() {
            return Ok(Json::Null);
        }
        if ty.is_list() {
            return Ok(json!([]));
        }
        let name = ty.inner_named_type();
        match schema().types.get(name) {
            Some(ExtendedType::Enum(values)) => {
                Ok(values.values.keys().next().map_or(Json::Null, |value| json!(value.as_str())))
            }
            Some(ExtendedType::Object(_)) if name.ends_with("Connection") => {
                if self.bulk.is_some() {
                    return Ok(Json::Null);
                }
                self.complete(Out::Rows(Vec::new()), ty, sets, field)
            }
            Some(ExtendedType::Object(_)) => {
                let thing = Thing::Plain("", Arc::new(json!({})));
                self.object(&thing, sets)
            }
            Some(ExtendedType::Interface(_) | ExtendedType::Union(_)) => Err(Bubble),
            _ => Ok(match name.as_str() {
                "Int" => json!(0),
                "Float" => json!(0.0),
                "Boolean" => json!(false),
                "UnsignedInt64" => json!("0"),
                "Money" => json!("0.00"),
                "Decimal" => json!("0.0"),
                "DateTime" => json!(super::super::clock::z(self.store.created)),
                "URL" => json!(format!("https://{}/", self.store.config.domain)),
                "ID" => json!(super::super::gid::gid("Unknown", 1)),
                _ => json!(""),
            }),
        }
    }
}

/// Whether an object type is this type, implements it or is a member of it.
fn is_a(ty: &str, wanted: &str) -> bool {
    ty == wanted || schema().is_subtype(wanted, ty)
}
