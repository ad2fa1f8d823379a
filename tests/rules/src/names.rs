//! Words that name nothing: no type, module or file of the shared rooms is called by them.

use crate::findings::Findings;
use crate::house::House;
use crate::source;

const EMPTY: [&str; 8] = ["manager", "helper", "helpers", "util", "utils", "info", "common", "base"];
const DECLARES: [&str; 6] = ["struct", "enum", "trait", "type", "union", "mod"];

/// No file, type or module below `shared/` is named by an empty word, and none is `types.rs`.
pub fn names(house: &House) -> Findings {
    let mut findings = Findings::default();
    for paper in house.sources().filter(|paper| paper.path.starts_with("shared/")) {
        findings.meet();
        let stem =
            paper.path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
        if stem == "types" || empty_word(stem).is_some() {
            findings.note(format!("{}: this name says nothing", paper.path));
        }
        for (number, line) in source::code(&paper.text).lines().enumerate() {
            for name in declared(line) {
                if let Some(word) = empty_word(name) {
                    findings.note(format!("{}:{}: `{name}`: {word} says nothing", paper.path, number + 1));
                }
            }
        }
    }
    findings
}

fn declared(line: &str) -> Vec<&str> {
    let words: Vec<&str> = source::words(line).collect();
    words.windows(2).filter(|pair| DECLARES.contains(&pair[0])).map(|pair| pair[1]).collect()
}

fn empty_word(name: &str) -> Option<String> {
    split(name).into_iter().find(|word| EMPTY.contains(&word.as_str()))
}

/// The words of a name, in small letters, whether it is written `LikeThis` or `like_this`.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::papers;

    #[test]
    fn names_say_something() {
        names(&House::read()).settle();
    }

    #[test]
    fn an_empty_name_is_caught() {
        let house = papers(&[
            ("shared/hub/src/stock_utils.rs", "pub struct Stock;\n"),
            ("shared/hub/src/types.rs", ""),
            ("shared/hub/src/a.rs", "struct LaneManager;\n// enum Info {}\npub(crate) trait BaseShop {}\n"),
            (
                "shared/hub/src/b.rs",
                "mod common;\nstruct Base64Text; type Name = u8; fn base() { \"mod util\"; }\n",
            ),
            ("tests/hub/src/types.rs", "struct Helper;\n"),
        ]);
        let found = names(&house);
        let expected = [
            "shared/hub/src/stock_utils.rs: this name says nothing",
            "shared/hub/src/types.rs: this name says nothing",
            "shared/hub/src/a.rs:1: `LaneManager`: manager says nothing",
            "shared/hub/src/a.rs:3: `BaseShop`: base says nothing",
            "shared/hub/src/b.rs:1: `common`: common says nothing",
        ];
        assert_eq!((found.met, found.wrong), (4, expected.map(str::to_owned).to_vec()));
    }
}
