//! How long a file of Rust may be.

use crate::findings::Findings;
use crate::house::House;

const LONGEST: usize = 600;
const LONG: usize = 400;

/// Files that may be longer, each with its reason.
const LISTED: &[(&str, &str)] = &[];

/// No file is over 600 lines unless it is listed with a reason, and nine of ten are under 400.
pub fn lengths(house: &House) -> Findings {
    measured(house, LISTED)
}

fn measured(house: &House, listed: &[(&str, &str)]) -> Findings {
    let mut findings = Findings::default();
    let mut short = 0;
    for paper in house.sources() {
        findings.meet();
        let lines = paper.text.lines().count();
        short += usize::from(lines < LONG);
        let reason = listed.iter().find(|(path, _)| *path == paper.path).map(|(_, reason)| *reason);
        match reason {
            None if lines > LONGEST => findings.note(format!("{} has {lines} lines: split it", paper.path)),
            Some("") => findings.note(format!("{} is listed without a reason", paper.path)),
            Some(_) if lines <= LONGEST => {
                findings.note(format!("{} is listed as long and is not", paper.path));
            }
            _ => {}
        }
    }
    for (path, _) in listed.iter().filter(|(path, _)| house.paper(path).is_none()) {
        findings.note(format!("{path} is listed as long and is not there"));
    }
    if short * 10 < findings.met * 9 {
        findings.note(format!("only {short} of {} files are under {LONG} lines", findings.met));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::papers;

    #[test]
    fn files_are_short() {
        lengths(&House::read()).settle();
    }

    #[test]
    fn a_long_file_is_caught() {
        let long = "x\n".repeat(601);
        let mut files: Vec<(String, &str)> = (0..30).map(|n| (format!("{n}.rs"), "x\n")).collect();
        files.push(("long.rs".into(), &long));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let house = papers(&files);
        assert_eq!(measured(&house, &[]).wrong, ["long.rs has 601 lines: split it"]);
        assert_eq!(measured(&house, &[("long.rs", "a table of the world's currencies")]).wrong, [""; 0]);
        let stale = [("long.rs", ""), ("0.rs", "was long"), ("gone.rs", "was long")];
        assert_eq!(measured(&house, &stale).wrong.len(), 3);
    }

    #[test]
    fn too_many_long_files_are_caught() {
        let (long, short) = ("x\n".repeat(450), "x\n");
        let house = papers(&[("a.rs", &long), ("b.rs", short), ("c.rs", short), ("d.txt", short)]);
        assert_eq!(measured(&house, &[]).wrong, ["only 2 of 3 files are under 400 lines"]);
    }
}
