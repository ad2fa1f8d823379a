//! Nothing in the tree looks like a secret that opens something.

use crate::findings::Findings;
use crate::house::House;

/// How a secret looks: what it begins with, which signs follow, and how many of them at least.
struct Look {
    start: &'static str,
    signs: fn(char) -> bool,
    least: usize,
}

const fn look(start: &'static str, signs: fn(char) -> bool, least: usize) -> Look {
    Look { start, signs, least }
}

fn hex(c: char) -> bool {
    c.is_ascii_hexdigit()
}

fn capital(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/')
}

const LOOKS: &[Look] = &[
    look("AKIA", capital, 16),
    look("ASIA", capital, 16),
    look("ck_", hex, 40),
    look("cs_", hex, 40),
    look("shpat_", hex, 32),
    look("shpss_", hex, 32),
    look("shpca_", hex, 32),
    look("ghp_", word, 36),
    look("github_pat_", word, 40),
    look("npm_", word, 36),
    look("sk_live_", word, 16),
    look("whsec_", word, 24),
    look("xoxb-", word, 20),
    look("xoxp-", word, 20),
    look("Atza|", word, 20),
    look("Atzr|", word, 20),
];

/// Values that look like secrets, open nothing, and stand in fixtures; each with where it is from.
const KNOWN: &[(&str, &str)] = &[("AKIAIOSFODNN7EXAMPLE", "the example of the AWS documentation")];

/// No file holds a key, a token or a private key, unless it is a known fixture.
pub fn secrets(house: &House) -> Findings {
    let mut findings = Findings::default();
    for paper in &house.papers {
        findings.meet();
        for (number, line) in paper.text.lines().enumerate() {
            let key = line.contains("-----BEGIN ") && line.contains(concat!("PRIVATE KEY", "-----"));
            if key || LOOKS.iter().any(|look| holds(line, look)) {
                findings.note(format!("{}:{}: this looks like a secret", paper.path, number + 1));
            }
        }
    }
    findings
}

fn holds(line: &str, look: &Look) -> bool {
    line.match_indices(look.start).any(|(at, _)| {
        let rest = &line[at + look.start.len()..];
        let signs: String = rest.chars().take_while(|c| (look.signs)(*c)).collect();
        let value = format!("{}{signs}", look.start);
        signs.len() >= look.least && !is_made_up(&signs) && !KNOWN.iter().any(|(known, _)| *known == value)
    })
}

/// Whether nobody would take this for a real one: hardly any different signs, or the digits in their order.
fn is_made_up(signs: &str) -> bool {
    let mut different: Vec<char> = signs.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() <= 4 || signs.contains("0123456789abcdef")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::papers;

    #[test]
    fn the_tree_holds_no_secret() {
        secrets(&House::read()).settle();
    }

    #[test]
    fn what_looks_like_a_secret_is_caught() {
        let signs = "9f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6";
        for look in LOOKS {
            let text = format!("let x = \"{}{}\";\n", look.start, signs.to_uppercase());
            let found = secrets(&papers(&[("a.rs", "fine\n"), ("b.rs", &text)]));
            assert_eq!(found.wrong, ["b.rs:1: this looks like a secret"], "{}", look.start);
        }
        let key = concat!("-----BEGIN RSA PRIVATE", " KEY-----\n");
        assert_eq!(secrets(&papers(&[("a.pem", key)])).wrong.len(), 1);
    }

    #[test]
    fn what_nobody_would_take_for_one_passes() {
        let text =
            format!("AKIAIOSFODNN7EXAMPLE ck_{} cs_live ghp_short ck_0123456789abcdef\n", "0".repeat(40));
        assert_eq!(secrets(&papers(&[("a.rs", &text)])).wrong, [""; 0]);
    }
}
