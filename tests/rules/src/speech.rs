//! The project speaks of itself alone: no path of somebody's machine, no host of a registry.

use crate::findings::Findings;
use crate::house::{House, Paper};

/// What no file contains. The words are put together here, so that this file does not contain them either.
const UNSAID: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/fa", "rm/"), "a path of one machine"),
    (concat!("../sha", "red/"), "a path that leaves the room"),
    (concat!("crates", ".io"), "the host of a registry"),
    (concat!("npm", "js.org"), "the host of a registry"),
    (concat!("npm", "js.com"), "the host of a registry"),
    (concat!("yarnpkg", ".com"), "the host of a registry"),
    (concat!("pypi", ".org"), "the host of a registry"),
    (concat!("python", "hosted.org"), "the host of a registry"),
    (concat!("deb.deb", "ian.org"), "the host of a registry"),
    (concat!("proxy.go", "lang.org"), "the host of a registry"),
];

/// No file names a place of somebody's machine or a registry's host.
pub fn speech(house: &House) -> Findings {
    let mut findings = Findings::default();
    for paper in &house.papers {
        findings.meet();
        for (number, line) in paper.text.lines().enumerate() {
            if is_cargos_own(paper, line) {
                continue;
            }
            for (_, what) in UNSAID.iter().filter(|(word, _)| says(paper, line, word)) {
                findings.note(format!("{}:{}: {what}", paper.path, number + 1));
            }
        }
    }
    findings
}

/// Lock files of Node name no address to fetch from: the registry in use is the machine's affair.
pub fn locks_name_no_address(house: &House) -> Findings {
    let mut findings = Findings::default();
    for paper in house.papers.iter().filter(|paper| paper.path.ends_with("package-lock.json")) {
        findings.meet();
        for (number, line) in paper.text.lines().enumerate() {
            if line.trim_start().starts_with("\"resolved\"") {
                findings.note(format!("{}:{}: an address to fetch from", paper.path, number + 1));
            }
        }
    }
    findings
}

/// The source that cargo writes for its standard registry.
fn is_cargos_own(paper: &Paper, line: &str) -> bool {
    paper.path == "Cargo.lock" && line.starts_with("source = \"registry+")
}

/// Whether a line contains the word; a path counts only where a path begins.
fn says(paper: &Paper, line: &str, word: &str) -> bool {
    let line = line.to_lowercase();
    line.match_indices(word).any(|(at, _)| {
        let before = &line[..at];
        let inside = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || "_-.}".contains(c));
        !(word.starts_with('/') && inside || word.starts_with("../") && ends_at_the_root(paper, before))
    })
}

/// Whether a manifest climbs from its own folder exactly to the root: what follows is the house's. `before` is the
/// line up to the last step of the climb.
fn ends_at_the_root(paper: &Paper, before: &str) -> bool {
    let Some(folder) = paper.path.strip_suffix("/Cargo.toml") else { return false };
    let Some((_, path)) = before.rsplit_once("path = \"") else { return false };
    let steps = path.split_terminator('/');
    steps.clone().all(|step| step == "..") && steps.count() + 1 == folder.split('/').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::papers;

    #[test]
    fn the_project_speaks_of_itself_alone() {
        speech(&House::read()).settle();
    }

    #[test]
    fn node_locks_are_free_of_addresses() {
        locks_name_no_address(&House::read()).settle();
    }

    #[test]
    fn what_is_not_ours_is_caught() {
        let places: String = UNSAID.iter().map(|(word, _)| format!("see {word}x\n")).collect();
        let cargos = format!("source = \"registry+https://github.com/x/{}-index\"\n", UNSAID[3].0);
        let house = papers(&[
            ("README.md", &places),
            ("Cargo.lock", &cargos),
            ("tests/x/Cargo.lock", &cargos),
            ("fine.rs", concat!("mod domain; // domain/wo", "rk/rows\n")),
        ]);
        let found = speech(&house);
        assert_eq!((found.met, found.wrong.len()), (4, UNSAID.len() + 1), "{:?}", found.wrong);
        assert!(found.wrong.last().unwrap().starts_with("tests/x/Cargo.lock:1"));
    }

    #[test]
    fn a_manifest_may_climb_to_the_root_and_no_further() {
        let climbs = |steps: usize| format!("a = {{ path = \"{}sha{}\" }}\n", "../".repeat(steps), "red/a");
        let wrong = |path: &str, text: &str| speech(&papers(&[(path, text)])).wrong.len();
        for (path, steps) in [("functions/a/Cargo.toml", 2), ("tests/simulators/a/Cargo.toml", 3)] {
            assert_eq!(wrong(path, &climbs(steps)), 0, "{path}");
            for other in [steps - 1, steps + 1] {
                assert_eq!(wrong(path, &climbs(other)), 1, "{path} {other}");
            }
            assert_eq!(wrong(&path.replace("Cargo.toml", "README.md"), &climbs(steps)), 1, "{path}");
            let roundabout = climbs(steps).replace("\"../", "\"x/../");
            assert_eq!(wrong(path, &roundabout), 1, "{roundabout}");
        }
        assert_eq!(wrong("Cargo.toml", &climbs(1)), 1);
    }

    #[test]
    fn a_lock_with_an_address_is_caught() {
        let text = "{\n  \"resolved\": \"https://example.test/a.tgz\",\n  \"integrity\": \"x\"\n}\n";
        let found = locks_name_no_address(&papers(&[("a/package-lock.json", text), ("b.json", text)]));
        assert_eq!(
            (found.met, found.wrong),
            (1, vec!["a/package-lock.json:2: an address to fetch from".into()])
        );
    }
}
