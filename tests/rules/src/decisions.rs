//! Decisions are numbered, dated pages.

use crate::findings::Findings;
use crate::house::House;

const FOLDER: &str = "infra/decisions/";
/// The date stands in the first lines.
const HEAD: usize = 10;

/// Every page is named `NNN-title.md`, no number comes twice, and a date stands at its head.
pub fn decisions(house: &House) -> Findings {
    let mut findings = Findings::default();
    let mut numbers: Vec<&str> = Vec::new();
    for paper in &house.papers {
        let Some(name) = paper.path.strip_prefix(FOLDER).filter(|name| *name != "README.md") else {
            continue;
        };
        findings.meet();
        let Some(number) = number(name) else {
            findings.note(format!("{}: name it NNN-title.md", paper.path));
            continue;
        };
        if numbers.contains(&number) {
            findings.note(format!("{}: another page has the number {number}", paper.path));
        }
        numbers.push(number);
        if !paper.text.lines().take(HEAD).any(has_date) {
            findings.note(format!("{}: no line at its head has a date like 2026-01-31", paper.path));
        }
    }
    findings
}

fn number(name: &str) -> Option<&str> {
    let (number, title) = name.strip_suffix(".md")?.split_once('-')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = number.len() == 3 && number.chars().all(|c| c.is_ascii_digit());
    (fits && !title.is_empty() && title.chars().all(plain)).then_some(number)
}

fn has_date(line: &str) -> bool {
    let words = line.split(|c: char| !c.is_ascii_digit() && c != '-');
    words.into_iter().any(|word| {
        let parts: Vec<&str> = word.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return false };
        let within = |text: &str, most: u8| text.parse().is_ok_and(|n: u8| (1..=most).contains(&n));
        year.len() == 4 && month.len() == 2 && day.len() == 2 && within(month, 12) && within(day, 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::papers;

    #[test]
    fn decisions_are_numbered_and_dated() {
        decisions(&House::read()).settle();
    }

    #[test]
    fn a_page_without_number_or_date_is_caught() {
        let dated = "# A title\n\nDate: 2026-11-21\n";
        let late = format!("{}2026-11-21\n", "\n".repeat(20));
        let house = papers(&[
            ("infra/decisions/001-the-house.md", dated),
            ("infra/decisions/001-another.md", dated),
            ("infra/decisions/2-short.md", dated),
            ("infra/decisions/003-Big_Title.md", dated),
            ("infra/decisions/004-late.md", &late),
            ("infra/decisions/005-odd.md", "Date: 2026-13-01\n"),
            ("infra/decisions/README.md", "All decisions.\n"),
        ]);
        let found = decisions(&house);
        let names: Vec<&str> =
            found.wrong.iter().map(|w| w[FOLDER.len()..].split_once(':').unwrap().0).collect();
        assert_eq!(names, ["001-another.md", "2-short.md", "003-Big_Title.md", "004-late.md", "005-odd.md"]);
        assert_eq!(found.met, 6);
    }
}
