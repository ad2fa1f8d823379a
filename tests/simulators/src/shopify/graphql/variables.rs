//! Variables and arguments become plain JSON, or a complaint about the first value that does not fit.

use super::schema;
use apollo_compiler::ast::{Type, Value};
use apollo_compiler::executable::{Field, Operation};
use apollo_compiler::parser::SourceMap;
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value as Json, json};

/// The values of an operation's variables.
pub(crate) type Variables = Map<String, Json>;

/// Whether a literal, lists and objects apart, fits a type.
pub(crate) fn literal_fits(value: &Value, ty: &Type) -> bool {
    match value {
        Value::Null => !ty.is_non_null(),
        Value::List(_) => ty.is_list(),
        _ if ty.is_list() => literal_fits(value, ty.item_type()),
        Value::Enum(name) => match schema().types.get(ty.inner_named_type()) {
            Some(ExtendedType::Enum(wanted)) => wanted.values.contains_key(name.as_str()),
            _ => false,
        },
        other => match (ty.inner_named_type().as_str(), other) {
            ("Int", Value::Int(number)) => number.try_to_i32().is_ok(),
            ("Float", Value::Int(_) | Value::Float(_)) => true,
            ("Boolean", Value::Boolean(_)) => true,
            ("String", Value::String(_)) | ("ID", Value::String(_) | Value::Int(_)) => true,
            ("Int" | "Float" | "Boolean" | "String" | "ID", _) => false,
            (name, scalar) => match schema().types.get(name) {
                Some(ExtendedType::Scalar(_)) => !matches!(scalar, Value::Enum(_) | Value::Object(_)),
                _ => false,
            },
        },
    }
}

/// Checks what was sent against what the operation declares and puts defaults in.
pub(crate) fn coerce(
    operation: &Operation,
    given: &Map<String, Json>,
    sources: &SourceMap,
) -> Result<Variables, Json> {
    let mut out = Map::new();
    for row in &operation.variables {
        let name = row.name.as_str();
        let value = match (given.get(name), &row.default_value) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => {
                out.insert(name.into(), literal(default, &row.ty, &Map::new()));
                continue;
            }
            (None, None) if row.ty.is_non_null() => Json::Null,
            (None, None) => continue,
        };
        let mut problems = Vec::new();
        let fitted = fit(&value, &row.ty, &mut Vec::new(), &mut problems);
        if problems.is_empty() {
            out.insert(name.into(), fitted);
            continue;
        }
        let at = row.line_column_range(sources).map(|range| range.start);
        let (line, column) = at.map_or((1, 1), |at| (at.line, at.column));
        let first: Vec<String> = problems[0]
            .0
            .iter()
            .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
            .collect();
        let spot = if first.is_empty() {
            String::new()
        } else {
            format!(" for {} ({})", first.join("."), problems[0].1)
        };
        let problems: Vec<Json> =
            problems.into_iter().map(|(path, why)| json!({"path": path, "explanation": why})).collect();
        return Err(json!({
            "message": format!("Variable ${name} of type {} was provided invalid value{spot}", row.ty),
            "locations": [{"line": line, "column": column}],
            "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": problems},
        }));
    }
    Ok(out)
}

fn fit(value: &Json, ty: &Type, path: &mut Vec<Json>, problems: &mut Vec<(Vec<Json>, String)>) -> Json {
    if value.is_null() {
        if ty.is_non_null() {
            problems.push((path.clone(), "Expected value to not be null".into()));
        }
        return Json::Null;
    }
    if ty.is_list() {
        let rows: Vec<Json> = match value {
            Json::Array(rows) => rows.clone(),
            one => vec![one.clone()],
        };
        let mut out = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            path.push(json!(at));
            out.push(fit(row, ty.item_type(), path, problems));
            path.pop();
        }
        return Json::Array(out);
    }
    let name = ty.inner_named_type().as_str();
    match schema().types.get(name) {
        Some(ExtendedType::InputObject(input)) => {
            let Json::Object(rows) = value else {
                problems.push((path.clone(), format!("Expected {value} to be a key-value object.")));
                return Json::Null;
            };
            let mut out = Map::new();
            for key in rows.keys().filter(|key| !input.fields.contains_key(key.as_str())) {
                path.push(json!(key));
                problems.push((path.clone(), format!("Field is not defined on {name}")));
                path.pop();
            }
            if input.directives.has("oneOf") && rows.values().filter(|value| !value.is_null()).count() != 1 {
                problems.push((path.clone(), format!("'{name}' requires exactly one argument")));
            }
            for field in input.fields.values() {
                let key = field.name.as_str();
                path.push(json!(key));
                match (rows.get(key), &field.default_value) {
                    (Some(value), _) => {
                        out.insert(key.into(), fit(value, &field.ty, path, problems));
                    }
                    (None, Some(default)) => {
                        out.insert(key.into(), literal(default, &field.ty, &Map::new()));
                    }
                    (None, None) if field.ty.is_non_null() => {
                        problems.push((path.clone(), "Expected value to not be null".into()));
                    }
                    (None, None) => {}
                }
                path.pop();
            }
            Json::Object(out)
        }
        Some(ExtendedType::Enum(wanted)) => {
            if !value.as_str().is_some_and(|value| wanted.values.contains_key(value)) {
                let names: Vec<&str> = wanted.values.keys().map(|name| name.as_str()).collect();
                problems.push((path.clone(), format!("Expected {value} to be one of: {}", names.join(", "))));
            }
            value.clone()
        }
        _ => scalar(value, name, path, problems),
    }
}

fn scalar(value: &Json, name: &str, path: &[Json], problems: &mut Vec<(Vec<Json>, String)>) -> Json {
    let fits = match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "String" => value.is_string(),
        "ID" => value.is_string() || value.is_i64() || value.is_u64(),
        "Money" | "Decimal" => {
            let text =
                value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()));
            return match text.filter(|text| text.parse::<rust_decimal::Decimal>().is_ok()) {
                Some(text) => json!(text),
                None => {
                    problems.push((path.to_vec(), format!("invalid {} '{value}'", name.to_lowercase())));
                    Json::Null
                }
            };
        }
        "UnsignedInt64" => {
            value.as_u64().is_some() || value.as_str().is_some_and(|text| text.parse::<u64>().is_ok())
        }
        "DateTime" => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        "URL" => value.as_str().is_some(),
        _ => true,
    };
    if !fits {
        let why = match name {
            "Int" | "Float" | "Boolean" | "String" | "ID" => {
                format!("Could not coerce value {value} to {name}")
            }
            "DateTime" => "invalid DateTime".to_owned(),
            _ => format!("invalid value {value}"),
        };
        problems.push((path.to_vec(), why));
        return Json::Null;
    }
    match (name, value) {
        ("ID", number) if number.is_number() => json!(number.to_string()),
        _ => value.clone(),
    }
}

/// A literal as JSON; a variable that was not given leaves its key out.
fn literal(value: &Value, ty: &Type, variables: &Variables) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Variable(name) => variables.get(name.as_str()).cloned().unwrap_or(Json::Null),
        Value::Enum(name) => json!(name.as_str()),
        Value::String(text) => json!(text),
        Value::Boolean(flag) => json!(flag),
        Value::Int(number)
            if matches!(ty.inner_named_type().as_str(), "ID" | "Money" | "Decimal" | "UnsignedInt64") =>
        {
            json!(number.as_str())
        }
        Value::Int(number) => serde_json::from_str(number.as_str()).unwrap_or(Json::Null),
        Value::Float(number) if matches!(ty.inner_named_type().as_str(), "Money" | "Decimal") => {
            json!(number.as_str())
        }
        Value::Float(number) => serde_json::from_str(number.as_str()).unwrap_or(Json::Null),
        Value::List(rows) => {
            let item = if ty.is_list() { ty.item_type() } else { ty };
            rows.iter().map(|row| literal(row, item, variables)).collect()
        }
        Value::Object(rows) => {
            let mut out = Map::new();
            let Some(ExtendedType::InputObject(input)) = schema().types.get(ty.inner_named_type()) else {
                return Json::Null;
            };
            for (key, value) in rows {
                let absent = value.as_variable().is_some_and(|name| !variables.contains_key(name.as_str()));
                if let Some(field) = input.fields.get(key.as_str()).filter(|_| !absent) {
                    out.insert(key.to_string(), literal(value, &field.ty, variables));
                }
            }
            for field in input.fields.values() {
                if let Some(default) = &field.default_value
                    && !out.contains_key(field.name.as_str())
                {
                    out.insert(field.name.to_string(), literal(default, &field.ty, variables));
                }
            }
            Json::Object(out)
        }
    }
}

/// The arguments of a field, defaults put in; what was not given is not there.
pub(crate) fn arguments(field: &Field, variables: &Variables) -> Map<String, Json> {
    let mut out = Map::new();
    for wanted in &field.definition.arguments {
        let given = field.arguments.iter().find(|one| one.name == wanted.name);
        let absent = given
            .and_then(|given| given.value.as_variable())
            .is_some_and(|name| !variables.contains_key(name.as_str()));
        match given.filter(|_| !absent) {
            Some(given) => {
                let mut value = literal(&given.value, &wanted.ty, variables);
                if wanted.ty.is_list() && !value.is_array() && !value.is_null() {
                    value = json!([value]);
                }
                out.insert(wanted.name.to_string(), value);
            }
            None => {
                if let Some(default) = &wanted.default_value {
                    out.insert(wanted.name.to_string(), literal(default, &wanted.ty, variables));
                }
            }
        }
    }
    out
}

/// One argument of a directive.
pub(crate) fn of_directive(value: &Value, variables: &Variables) -> Json {
    match value {
        Value::Variable(name) => variables.get(name.as_str()).cloned().unwrap_or(Json::Null),
        Value::Boolean(flag) => json!(flag),
        Value::String(text) => json!(text),
        _ => Json::Null,
    }
}
