//! Functions, their blocks in the template and their samples belong together, and a function's main only wires.

use crate::findings::Findings;
use crate::house::House;
use crate::source;
use crate::template::{Resource, resources};
use std::collections::BTreeSet;

/// The longest main of a function.
const LONGEST: usize = 40;
/// What the runtime sets, and what is there only where AWS is played.
const GIVEN: [&str; 2] = ["AWS_REGION", "LOG"];
/// What `settings()` reads.
const SETTINGS: [&str; 3] = ["APP_NAME", "INTERVAL_SECONDS", "PUBLIC_URL"];

/// Each folder of `functions/` has one block in the template and one folder of samples, and the other way round.
pub fn belong_together(house: &House) -> Findings {
    let mut findings = Findings::default();
    let below = |wing: &str| -> BTreeSet<String> {
        let paths = house.papers.iter().filter_map(|paper| paper.path.strip_prefix(wing));
        paths.filter_map(|path| path.split_once('/').map(|(folder, _)| folder.to_owned())).collect()
    };
    let (folders, samples) = (below("functions/"), below("events/"));
    let template = house.paper("template.yaml").map(|paper| resources(&paper.text)).unwrap_or_default();
    let is_function = |resource: &&Resource| resource.kind() == "AWS::Serverless::Function";
    let blocks: BTreeSet<String> = template
        .iter()
        .filter(is_function)
        .map(|block| block.folder().unwrap_or(&block.name).to_owned())
        .collect();
    findings.met += folders.len();
    for name in folders.union(&blocks).chain(&samples).collect::<BTreeSet<_>>() {
        for (have, what) in [
            (&folders, "folder in functions/"),
            (&blocks, "block in the template"),
            (&samples, "folder in events/"),
        ] {
            if !have.contains(name) {
                findings.note(format!("{name} has no {what}"));
            }
        }
    }
    findings
}

/// A main has at most forty lines, and the template sets exactly what it needs.
pub fn mains_only_wire(house: &House) -> Findings {
    let mut findings = Findings::default();
    let text = house.paper("template.yaml").map(|paper| paper.text.as_str()).unwrap_or_default();
    let globals = text.split_once("Globals:").and_then(|(_, rest)| rest.split_once("Resources:"));
    let globals =
        Resource { name: String::new(), body: globals.map(|(body, _)| body.to_owned()).unwrap_or_default() };
    for block in resources(text).iter().filter(|resource| resource.folder().is_some()) {
        let path = format!("functions/{}/src/main.rs", block.folder().unwrap_or_default());
        let Some(main) = house.paper(&path) else { continue };
        findings.meet();
        let lines = main.text.lines().count();
        if lines > LONGEST {
            findings.note(format!("{path} has {lines} lines: it only wires"));
        }
        let code: String = source::without_comments(&main.text).split_whitespace().collect();
        let mut needed: BTreeSet<&str> = code
            .split("set.need(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .chain(SETTINGS.into_iter().filter(|_| code.contains("set.settings()")))
            .collect();
        let set: BTreeSet<&str> = block.variables().into_iter().chain(globals.variables()).collect();
        needed.extend(GIVEN);
        for name in needed.difference(&set).filter(|name| !GIVEN.contains(name)) {
            findings.note(format!("{}: the template does not set {name}", block.name));
        }
        for name in set.difference(&needed) {
            findings.note(format!("{}: nothing reads {name}", block.name));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_blocks_and_samples_belong_together() {
        belong_together(&House::read()).settle();
    }

    #[test]
    fn mains_wire_what_the_template_sets() {
        mains_only_wire(&House::read()).settle();
    }

    #[test]
    fn what_stands_alone_is_caught() {
        let mut house = House::read();
        house.papers.retain(|paper| !paper.path.starts_with("events/lane/"));
        let template = house.papers.iter_mut().find(|paper| paper.path == "template.yaml").unwrap();
        template.text = template.text.replace("target/lambda/ingest/", "target/lambda/digest/");
        let found = belong_together(&house).wrong;
        let expected = [
            "digest has no folder in functions/",
            "digest has no folder in events/",
            "ingest has no block in the template",
            "lane has no folder in events/",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_value_that_nobody_sets_is_caught() {
        let mut house = House::read();
        let main = house.papers.iter_mut().find(|paper| paper.path == "functions/keys/src/main.rs").unwrap();
        main.text = main.text.replace("need(\"TABLE\")", "need(\"TABEL\")") + &"\n".repeat(40);
        let found = mains_only_wire(&house).wrong;
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[1].contains("does not set TABEL") && found[2].contains("nothing reads TABLE"),
            "{found:?}"
        );
    }
}
