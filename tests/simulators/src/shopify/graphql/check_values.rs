//! Do the values of a document fit, and are its variables declared?

use super::check::{Checker, Scope};
use super::schema;
use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, InputValueDefinition, Type, Value};
use apollo_compiler::schema::ExtendedType;
use serde_json::{Value as Json, json};

impl Checker<'_> {
    pub(super) fn argument(
        &mut self,
        argument: &Node<Argument>,
        ty: &Type,
        on: (&str, &str),
        place: &Json,
        path: &mut Vec<String>,
        scope: &mut Scope<'_>,
    ) {
        let name = argument.name.to_string();
        self.value(&argument.value, ty, (on.0, on.1, &name), place, path, scope);
    }

    fn value(
        &mut self,
        value: &Node<Value>,
        ty: &Type,
        (kind, owner, name): (&str, &str, &str),
        place: &Json,
        path: &mut Vec<String>,
        scope: &mut Scope<'_>,
    ) {
        match &**value {
            Value::Variable(variable) => self.variable(variable.as_str(), ty, name, place, path, scope),
            Value::List(rows) if ty.is_list() => {
                for row in rows {
                    self.value(row, ty.item_type(), (kind, owner, name), place, path, scope);
                }
            }
            Value::Object(rows) => {
                let Some(ExtendedType::InputObject(input)) = schema().types.get(ty.inner_named_type()) else {
                    return self.incompatible(value, ty, (kind, owner, name), place, path);
                };
                for (key, inner) in rows {
                    path.push(key.to_string());
                    match input.fields.get(key.as_str()) {
                        Some(field) => {
                            let owner = input.name.to_string();
                            self.value(
                                inner,
                                &place_type(field),
                                ("InputObject", &owner, key),
                                place,
                                path,
                                scope,
                            );
                        }
                        None => {
                            let message =
                                format!("InputObject '{}' doesn't accept argument '{key}'", input.name);
                            let extensions = json!({
                                "code": "argumentNotAccepted", "name": input.name.as_str(),
                                "typeName": "InputObject", "argumentName": key.as_str(),
                            });
                            self.complain(message, place.clone(), path, extensions);
                        }
                    }
                    path.pop();
                }
                for field in input.fields.values() {
                    if field.is_required() && !rows.iter().any(|(key, _)| *key == field.name) {
                        let message = format!(
                            "Argument '{}' on InputObject '{}' is required. Expected type {}",
                            field.name, input.name, field.ty
                        );
                        let extensions = json!({
                            "code": "missingRequiredInputObjectAttribute", "argumentName": field.name.as_str(),
                            "argumentType": field.ty.to_string(), "inputObjectType": input.name.as_str(),
                        });
                        path.push(field.name.to_string());
                        self.complain(message, place.clone(), path, extensions);
                        path.pop();
                    }
                }
            }
            other => {
                if !super::variables::literal_fits(other, ty) {
                    self.incompatible(value, ty, (kind, owner, name), place, path);
                }
            }
        }
    }

    fn incompatible(
        &mut self,
        value: &Node<Value>,
        ty: &Type,
        (kind, owner, name): (&str, &str, &str),
        place: &Json,
        path: &[String],
    ) {
        let message = format!(
            "Argument '{name}' on {kind} '{owner}' has an invalid value ({value}). Expected type '{ty}'."
        );
        let extensions =
            json!({"code": "argumentLiteralsIncompatible", "typeName": kind, "argumentName": name});
        self.complain(message, place.clone(), path, extensions);
    }

    fn variable(
        &mut self,
        variable: &str,
        ty: &Type,
        name: &str,
        place: &Json,
        path: &[String],
        scope: &mut Scope<'_>,
    ) {
        scope.used.insert(variable.to_owned());
        let Some(row) = scope.declared.get(variable) else {
            let message = format!("Variable ${variable} is used by {} but not declared", scope.name);
            let extensions = json!({"code": "variableNotDefined", "variableName": variable});
            return self.complain(message, place.clone(), path, extensions);
        };
        let defaulted = row.default_value.as_ref().is_some_and(|value| !value.is_null());
        let given = (*row.ty).clone();
        let given = if defaulted { given.non_null() } else { given };
        let fits = |ty: &Type| {
            given.is_assignable_to(ty) || (ty.is_list() && given.is_assignable_to(ty.item_type()))
        };
        if !fits(ty) {
            let why = if given.inner_named_type() == ty.inner_named_type() {
                if given.is_list() == ty.is_list() {
                    "Nullability mismatch"
                } else {
                    "List dimension mismatch"
                }
            } else {
                "Type mismatch"
            };
            let message = format!("{why} on variable ${variable} and argument {name} ({} / {ty})", row.ty);
            let extensions = json!({
                "code": "variableMismatch", "variableName": variable, "typeName": row.ty.to_string(),
                "argumentName": name, "errorMessage": why,
            });
            self.complain(message, place.clone(), path, extensions);
        }
    }

    /// Notes the variables a directive uses; whether it exists, the compiler sees.
    pub(super) fn directive(
        &mut self,
        directive: &Node<apollo_compiler::ast::Directive>,
        scope: &mut Scope<'_>,
    ) {
        for argument in &directive.arguments {
            if let Some(variable) = argument.value.as_variable() {
                scope.used.insert(variable.to_string());
            }
        }
    }
}

/// What a value must fit: where there is a default, a variable may be null.
pub(super) fn place_type(wanted: &InputValueDefinition) -> Type {
    let ty = (*wanted.ty).clone();
    if wanted.default_value.as_ref().is_some_and(|value| !value.is_null()) { ty.nullable() } else { ty }
}
