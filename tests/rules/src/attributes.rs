//! Lints are expected with a reason, tests are ignored with a reason, nothing is left to do.

use crate::findings::Findings;
use crate::house::House;
use crate::source;

/// Macros that mark unfinished work.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// No bare `allow`, no `expect` or `ignore` without a reason, no macro of unfinished work.
pub fn attributes(house: &House) -> Findings {
    let mut findings = Findings::default();
    for paper in house.sources() {
        findings.meet();
        for (line, attribute) in source::attributes(&paper.text) {
            if let Some(trouble) = trouble(&attribute) {
                findings.note(format!("{}:{line}: {trouble}", paper.path));
            }
        }
        for (number, line) in source::code(&paper.text).lines().enumerate() {
            if let Some(name) = UNFINISHED.iter().find(|name| calls(line, name)) {
                findings.note(format!("{}:{}: {name}! is left in", paper.path, number + 1));
            }
        }
    }
    findings
}

fn trouble(attribute: &str) -> Option<&'static str> {
    let code = source::code(attribute);
    let has_reason = || {
        let text = source::without_comments(attribute);
        text.split_once("reason").is_some_and(|(_, rest)| is_given(rest))
    };
    let names = |word: &str| {
        code.match_indices(word).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            let opens = code[at + word.len()..].trim_start().starts_with('(');
            opens && !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
        })
    };
    if names("allow") {
        return Some("write #[expect(..., reason = \"...\")] for #[allow(...)]");
    }
    if names("expect") && !has_reason() {
        return Some("#[expect(...)] has no reason");
    }
    match attribute.strip_prefix("ignore") {
        Some(rest) if rest.is_empty() || (rest.trim_start().starts_with('=') && !is_given(rest)) => {
            Some("#[ignore] has no reason")
        }
        _ => None,
    }
}

/// Whether a text that is not empty is given, as in `= "text"`.
fn is_given(rest: &str) -> bool {
    let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
    let text = value.and_then(|value| value.strip_prefix('"')).and_then(|value| value.split('"').next());
    text.is_some_and(|text| !text.trim().is_empty())
}

fn calls(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}!"))
        .any(|(at, _)| !line[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::papers;

    #[test]
    fn every_exception_has_a_reason() {
        attributes(&House::read()).settle();
    }

    #[test]
    fn exceptions_without_a_reason_are_caught() {
        let house = papers(&[
            ("a.rs", "#[allow(dead_code)]\nfn a() {}\n#![cfg_attr(test, allow(unused))]\n"),
            ("b.rs", "#[expect(dead_code)]\nfn b() {}\n#[expect(\n  dead_code,\n  reason = \"\"\n)]\n"),
            ("c.rs", "#[test]\n#[ignore]\nfn c() { todo!() }\nfn d() { x::dbg!(1) }\n"),
        ]);
        let found = attributes(&house);
        let places: Vec<&str> = found.wrong.iter().map(|w| w.split_once(": ").unwrap().0).collect();
        assert_eq!(places, ["a.rs:1", "a.rs:3", "b.rs:1", "b.rs:3", "c.rs:2", "c.rs:3", "c.rs:4"]);
        assert_eq!(found.met, 3);
    }

    #[test]
    fn exceptions_with_a_reason_pass() {
        let text = "#[expect(dead_code, reason = \"the wire has it\")]\n#[ignore = \"needs a shop\"]\n\
            #[should_panic(expected = \"allow(x)\")]\n// todo!() #[allow(x)]\nfn f() { g(\"dbg!(1)\"); }\n\
            #[disallow(x)]\nfn not_todo() {}\n";
        assert_eq!(attributes(&papers(&[("a.rs", text)])).wrong, [""; 0]);
    }
}
