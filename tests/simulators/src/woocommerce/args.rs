//! Parameters: query strings as PHP reads them, and the checks of a route's argument schema.

use super::clock::Clock;
use super::error::RestError;
use super::json::{Object, truth, whole};
use jiff::civil::DateTime;
use serde_json::{Value, json};

/// Folds `a[]=`, `a[0]=` and `a[b]=` into arrays and objects.
pub(crate) fn fold(pairs: &[(String, String)]) -> Object {
    let mut out = Object::new();
    for (key, value) in pairs {
        match key.split_once('[') {
            None => {
                out.insert(key.clone(), value.clone().into());
            }
            Some((name, rest)) => {
                let steps: Vec<&str> = rest.trim_end_matches(']').split("][").collect();
                let slot = out.entry(name.to_owned()).or_insert_with(|| Value::Object(Object::new()));
                put(slot, &steps, value);
            }
        }
    }
    for value in out.values_mut() {
        straighten(value);
    }
    out
}

fn put(slot: &mut Value, steps: &[&str], value: &str) {
    let Value::Object(object) = slot else { return };
    let Some((first, rest)) = steps.split_first() else { return };
    let key = if first.is_empty() { object.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        object.insert(key, value.into());
        return;
    }
    put(object.entry(key).or_insert_with(|| Value::Object(Object::new())), rest, value);
}

fn straighten(value: &mut Value) {
    let Value::Object(object) = value else { return };
    object.values_mut().for_each(straighten);
    if !object.is_empty() && object.keys().all(|key| key.parse::<u32>().is_ok()) {
        *value = Value::Array(std::mem::take(object).into_iter().map(|(_, inner)| inner).collect());
    }
}

/// Collects every bad argument of a request before it is refused, as the schema check does.
pub(crate) struct Check<'a> {
    args: &'a Object,
    bad: Vec<(String, &'static str, String, Value)>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(args: &'a Object) -> Self {
        Self { args, bad: Vec::new() }
    }

    fn refuse(&mut self, name: &str, code: &'static str, message: String) {
        self.bad.push((name.into(), code, message, Value::Null));
    }

    fn wrong_type(&mut self, name: &str, kind: &str) {
        let message = format!("{name} is not of type {kind}.");
        self.bad.push((name.into(), "rest_invalid_type", message, json!({"param": name})));
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.args.get(name)? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.wrong_type(name, "string");
                None
            }
        }
    }

    pub(crate) fn int(&mut self, name: &str, least: Option<i64>, most: Option<i64>) -> Option<i64> {
        let value = self.args.get(name)?;
        if value.is_null() {
            return None;
        }
        let Some(number) = whole(value) else {
            self.wrong_type(name, "integer");
            return None;
        };
        let inside = least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
        if inside {
            return Some(number);
        }
        let message = match (least, most) {
            (Some(least), Some(most)) => {
                format!("{name} must be between {least} (inclusive) and {most} (inclusive)")
            }
            (Some(least), None) => format!("{name} must be greater than or equal to {least}"),
            _ => format!("{name} must be less than or equal to {}", most.unwrap_or_default()),
        };
        self.refuse(name, "rest_out_of_bounds", message);
        None
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.args.get(name)?;
        let read = truth(value);
        if read.is_none() {
            self.wrong_type(name, "boolean");
        }
        read
    }

    pub(crate) fn one_of(&mut self, name: &str, allowed: &[&str]) -> Option<String> {
        let value = super::json::text(self.args.get(name)?);
        if allowed.contains(&value.as_str()) {
            return Some(value);
        }
        self.refuse(name, "rest_not_in_enum", format!("{name} is not one of {}.", listed(allowed)));
        None
    }

    pub(crate) fn many_of(&mut self, name: &str, allowed: &[&str]) -> Option<Vec<String>> {
        let given = words(self.args.get(name)?);
        for (at, word) in given.iter().enumerate() {
            if !allowed.contains(&word.as_str()) {
                let message = format!("{name}[{at}] is not one of {}.", listed(allowed));
                self.refuse(name, "rest_not_in_enum", message);
                return None;
            }
        }
        Some(given)
    }

    pub(crate) fn ids(&mut self, name: &str) -> Vec<u64> {
        let Some(value) = self.args.get(name) else { return Vec::new() };
        let mut ids = Vec::new();
        for (at, word) in words(value).iter().enumerate() {
            match word.parse::<i64>() {
                Ok(id) => ids.push(id.unsigned_abs()),
                Err(_) => {
                    let message = format!("{name}[{at}] is not of type integer.");
                    let detail = json!({"param": format!("{name}[{at}]")});
                    self.bad.push((name.into(), "rest_invalid_type", message, detail));
                    return Vec::new();
                }
            }
        }
        ids
    }

    pub(crate) fn date(&mut self, name: &str, clock: &Clock) -> Option<DateTime> {
        let text = super::json::text(self.args.get(name)?);
        let read = clock.parameter(&text);
        if read.is_none() {
            self.refuse(name, "rest_invalid_date", "Invalid date.".into());
        }
        read
    }

    pub(crate) fn done(self) -> Result<(), RestError> {
        if self.bad.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self.bad.iter().map(|bad| bad.0.as_str()).collect();
        let mut params = Object::new();
        let mut details = Object::new();
        for (name, code, message, data) in &self.bad {
            params.insert(name.clone(), message.clone().into());
            details.insert(name.clone(), json!({"code": code, "message": message, "data": data}));
        }
        let message = format!("Invalid parameter(s): {}", names.join(", "));
        Err(RestError::new(400, "rest_invalid_param", message)
            .with("params", params)
            .with("details", details))
    }
}

/// A comma list or an array as words.
pub(crate) fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(super::json::text).collect(),
        other => super::json::text(other)
            .split([',', ' '])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

fn listed(allowed: &[&str]) -> String {
    match allowed {
        [] => String::new(),
        [only] => (*only).into(),
        [first, second] => format!("{first} and {second}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    }
}
