//! The search language of `query:`: terms, comparisons, AND, OR, NOT and brackets.

use super::super::clock::{Clock, Millis};
use super::execute::Context;
use super::thing::{Call, Fail, Row, Thing};
use serde_json::{Value as Json, json};

/// What a row has to say about one filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Attribute {
    Number(i128),
    Time(Millis),
    /// Words that match whole, and by their beginning before an asterisk.
    Word(String),
    Words(Vec<String>),
    /// Text that matches by its words.
    Text(String),
    Flag(bool),
    Nothing,
}

/// A parsed search.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    Term { field: Option<String>, operator: &'static str, value: String },
}

/// Tells a row's attribute by filter name.
pub(crate) type Teller = fn(&Context<'_>, &Thing, &str) -> Attribute;

/// Keeps the rows that a search finds; unknown filters keep everything and leave a warning.
pub(crate) fn filter(
    context: &mut Context<'_>,
    call: &Call<'_>,
    known: &[&str],
    tell: Teller,
    rows: Vec<Row>,
) -> Result<Vec<Row>, Fail> {
    let Some(text) = call.text("query").map(str::to_owned).filter(|text| !text.trim().is_empty()) else {
        return Ok(rows);
    };
    let Some(tree) = parse(&text) else {
        return Err(Fail::new(
            "INTERNAL_SERVER_ERROR",
            "Internal error. Looks like something went wrong on our end.",
        ));
    };
    let mut unknown = Vec::new();
    names(&tree, known, &mut unknown);
    if !unknown.is_empty() {
        let warnings: Vec<Json> = unknown
            .iter()
            .map(|field| json!({"field": field, "message": "Invalid search field for this query.", "code": "invalid_field"}))
            .collect();
        let path: Vec<&Json> = context.path.iter().collect();
        let told = json!({
            "path": path, "query": text, "parsed": {"field": unknown[0], "match_all": ""}, "warnings": warnings,
        });
        context.searches.push(told);
    }
    let clock = std::sync::Arc::clone(&context.store.clock);
    let found = |row: &Row| matches(&tree, known, &clock, &|field| tell(context, &row.thing, field));
    Ok(rows.into_iter().filter(found).collect())
}

fn names(tree: &Tree, known: &[&str], out: &mut Vec<String>) {
    match tree {
        Tree::All(rows) | Tree::Any(rows) => rows.iter().for_each(|row| names(row, known, out)),
        Tree::Not(row) => names(row, known, out),
        Tree::Term { field: Some(field), .. } if !known.contains(&field.as_str()) && !out.contains(field) => {
            out.push(field.clone());
        }
        Tree::Term { .. } => {}
    }
}

fn matches(tree: &Tree, known: &[&str], clock: &Clock, tell: &dyn Fn(&str) -> Attribute) -> bool {
    match tree {
        Tree::All(rows) => rows.iter().all(|row| matches(row, known, clock, tell)),
        Tree::Any(rows) => rows.iter().any(|row| matches(row, known, clock, tell)),
        Tree::Not(row) => !matches(row, known, clock, tell),
        Tree::Term { field: Some(field), .. } if !known.contains(&field.as_str()) => true,
        Tree::Term { field: Some(field), operator, value } => fits(&tell(field), operator, value, clock),
        Tree::Term { field: None, value, .. } => {
            ["title", "sku", "name", "email", "id"].iter().any(|field| match tell(field) {
                Attribute::Number(number) => number.to_string() == *value,
                Attribute::Word(text) | Attribute::Text(text) => {
                    text.to_lowercase().contains(&value.to_lowercase())
                }
                Attribute::Words(rows) => {
                    rows.iter().any(|row| row.to_lowercase().contains(&value.to_lowercase()))
                }
                _ => false,
            })
        }
    }
}

fn fits(attribute: &Attribute, operator: &str, value: &str, clock: &Clock) -> bool {
    let ordered = |here: i128, there: i128| match operator {
        ">" => here > there,
        ">=" => here >= there,
        "<" => here < there,
        "<=" => here <= there,
        _ => here == there,
    };
    match attribute {
        Attribute::Number(number) => {
            let value = value.rsplit('/').next().unwrap_or(value);
            value.parse().is_ok_and(|value| ordered(*number, value))
        }
        Attribute::Time(at) => {
            let at = i128::from(at.div_euclid(1000));
            clock.search_time(value).is_some_and(|value| ordered(at, i128::from(value.div_euclid(1000))))
        }
        Attribute::Word(word) => same_word(word, value),
        Attribute::Words(words) => words.iter().any(|word| same_word(word, value)),
        Attribute::Text(text) => {
            let text = text.to_lowercase();
            let value = value.to_lowercase();
            text.contains(value.trim_matches('*'))
        }
        Attribute::Flag(flag) => value.parse() == Ok(*flag),
        Attribute::Nothing => false,
    }
}

fn same_word(word: &str, value: &str) -> bool {
    let (word, value) = (word.to_lowercase(), value.to_lowercase());
    if value == "*" {
        return !word.is_empty();
    }
    match value.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => value.split(',').any(|value| value.trim() == word),
    }
}

/// Parses; none when a filter has no value, which the platform cannot answer.
fn parse(text: &str) -> Option<Tree> {
    let signs: Vec<char> = text.chars().collect();
    let mut parser = Parser { signs, at: 0 };
    parser.any()
}

struct Parser {
    signs: Vec<char>,
    at: usize,
}

impl Parser {
    fn blank(&mut self) {
        while self.signs.get(self.at).is_some_and(|sign| sign.is_whitespace()) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.blank();
        let end = self.at + word.len();
        let here: String = self.signs[self.at..end.min(self.signs.len())].iter().collect();
        let ends = self.signs.get(end).is_none_or(|sign| sign.is_whitespace() || *sign == '(');
        if here == word && ends {
            self.at = end;
            return true;
        }
        false
    }

    fn any(&mut self) -> Option<Tree> {
        let mut rows = vec![self.all()?];
        while self.word("OR") {
            rows.push(self.all()?);
        }
        if rows.len() == 1 { rows.pop() } else { Some(Tree::Any(rows)) }
    }

    fn all(&mut self) -> Option<Tree> {
        let mut rows = Vec::new();
        loop {
            self.blank();
            match self.signs.get(self.at) {
                None | Some(')') => break,
                _ => {}
            }
            let here = self.at;
            if self.word("OR") {
                self.at = here;
                break;
            }
            if self.word("AND") {
                continue;
            }
            rows.push(self.one()?);
        }
        if rows.len() == 1 { rows.pop() } else { Some(Tree::All(rows)) }
    }

    fn one(&mut self) -> Option<Tree> {
        if self.word("NOT") {
            return Some(Tree::Not(Box::new(self.one()?)));
        }
        self.blank();
        match self.signs.get(self.at) {
            Some('-') => {
                self.at += 1;
                Some(Tree::Not(Box::new(self.one()?)))
            }
            Some('(') => {
                self.at += 1;
                let inner = self.any()?;
                self.blank();
                if self.signs.get(self.at) == Some(&')') {
                    self.at += 1;
                }
                Some(inner)
            }
            _ => self.term(),
        }
    }

    fn term(&mut self) -> Option<Tree> {
        let begin = self.at;
        while self.signs.get(self.at).is_some_and(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '.'))
        {
            self.at += 1;
        }
        if self.at > begin && self.signs.get(self.at) == Some(&':') {
            let field: String = self.signs[begin..self.at].iter().collect();
            self.at += 1;
            self.blank();
            let mut operator = "=";
            for one in [">=", "<=", ">", "<"] {
                let here: String =
                    self.signs[self.at..(self.at + one.len()).min(self.signs.len())].iter().collect();
                if here == one {
                    operator = one;
                    self.at += one.len();
                    break;
                }
            }
            let value = self.value();
            return (!value.is_empty()).then_some(Tree::Term { field: Some(field), operator, value });
        }
        self.at = begin;
        let value = self.value();
        (!value.is_empty()).then_some(Tree::Term { field: None, operator: "=", value })
    }

    fn value(&mut self) -> String {
        self.blank();
        let mut out = String::new();
        match self.signs.get(self.at).copied() {
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                while let Some(sign) = self.signs.get(self.at).copied() {
                    self.at += 1;
                    match sign {
                        '\\' => {
                            out.extend(self.signs.get(self.at));
                            self.at += 1;
                        }
                        sign if sign == quote => break,
                        sign => out.push(sign),
                    }
                }
            }
            _ => {
                while let Some(sign) = self.signs.get(self.at).copied() {
                    if sign.is_whitespace() || matches!(sign, '(' | ')') {
                        break;
                    }
                    self.at += 1;
                    if sign == '\\' {
                        out.extend(self.signs.get(self.at));
                        self.at += 1;
                    } else {
                        out.push(sign);
                    }
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str) -> Option<bool> {
        let clock = Clock::new("UTC").unwrap();
        let tree = parse(query)?;
        let known = ["id", "sku", "updated_at", "title", "status"];
        Some(matches(&tree, &known, &clock, &|field| match field {
            "id" => Attribute::Number(7),
            "sku" => Attribute::Words(vec!["A-1".into(), "B 2".into()]),
            "updated_at" => Attribute::Time(clock.search_time("2026-11-19T10:00:00Z").unwrap()),
            "title" => Attribute::Text("Blue Shirt".into()),
            "status" => Attribute::Word("active".into()),
            _ => Attribute::Nothing,
        }))
    }

    #[test]
    fn terms_compare() {
        for (query, fits) in [
            ("updated_at:>='2026-11-19T10:00:00Z'", true),
            ("updated_at:>2026-11-19T10:00:00Z", false),
            ("updated_at:<\"2026-11-19T10:00:01Z\"", true),
            ("id:>5 id:<=7", true),
            ("id:gid://shopify/Product/7", true),
            ("sku:A-1", true),
            ("sku:'B 2'", true),
            ("sku:a*", true),
            ("sku:A", false),
            ("title:shirt", true),
            ("status:ACTIVE,draft", true),
            ("NOT status:active", false),
            ("-status:draft", true),
            ("(id:1 OR id:7) AND sku:A-1", true),
            ("id:1 OR id:2", false),
            ("blue", true),
            ("green", false),
        ] {
            assert_eq!(found(query), Some(fits), "{query}");
        }
    }

    #[test]
    fn an_unknown_filter_finds_everything_and_an_empty_value_breaks() {
        assert_eq!(found("colour:red"), Some(true));
        assert_eq!(found("updated_at:>"), None);
    }
}
