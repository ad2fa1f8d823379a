//! Which third-party crates stand behind a fence, and which words the hub never says.

use crate::findings::Findings;
use crate::house::{House, Kind, Room, is_meant};
use crate::source;

/// A crate (or a family, with a star at its end) and the rooms that may import it.
struct Fence {
    outsider: &'static str,
    rooms: &'static [&'static str],
    /// Rooms whose tests may use it too.
    tests: &'static [&'static str],
}

const fn fence(
    outsider: &'static str,
    rooms: &'static [&'static str],
    tests: &'static [&'static str],
) -> Fence {
    Fence { outsider, rooms, tests }
}

const AWS: &[&str] = &["shared/aws", "infra/local", "tests/*"];
const LAMBDA: &[&str] = &["shared/lambda", "functions/*"];

const FENCES: &[Fence] = &[
    fence("reqwest", &["shared/net", "tests/*"], &[]),
    fence("aws-config", AWS, &[]),
    fence("aws-sdk-*", AWS, &[]),
    fence("aws-smithy-*", AWS, &[]),
    fence("serde_dynamo", AWS, &[]),
    fence("dynoxide-rs", &["infra/local", "tests/*"], &["shared/aws"]),
    fence("lambda_runtime", LAMBDA, &["tests/*"]),
    fence("lambda_http", &["shared/lambda", "functions/*", "tests/hello"], &["tests/*"]),
    fence("aws_lambda_events", LAMBDA, &["tests/*"]),
    fence("sqlx", &["shared/sql"], &["tests/*"]),
    fence("tiberius", &["shared/sql"], &["tests/*"]),
];

/// What a room never ships, whoever else may.
const NEVER: &[(&str, &[&str])] = &[
    ("shared/platforms/*", &["tokio", "hyper", "hyper-util", "axum"]),
    ("shared/domain", &["tokio", "futures", "async-trait", "hyper", "http", "axum"]),
    ("shared/ports", &["tokio", "hyper", "http", "axum"]),
    ("shared/hub", &["hyper", "axum"]),
];

/// Platforms by name, beside those that have a folder already.
const PLATFORMS: [&str; 7] = ["shopify", "woocommerce", "wix", "amazon", "tiktok", "shopee", "prokip"];

/// Fenced crates are imported only behind their fence.
pub fn fences(house: &House) -> Findings {
    let mut findings = Findings::default();
    for room in &house.rooms {
        for import in &room.imports {
            findings.meet();
            let tests = import.kind == Kind::Tests;
            let closed = FENCES
                .iter()
                .filter(|fence| is_named(fence.outsider, &import.package))
                .any(|fence| !is_open(fence, room, tests));
            let never = NEVER.iter().any(|(folder, outsiders)| {
                !tests && is_meant(folder, &room.folder) && outsiders.contains(&import.package.as_str())
            });
            if closed || never {
                findings.note(format!("{} may not import {}", room.folder, import.package));
            }
        }
    }
    findings
}

/// The hub's code, its strings included, names no platform; its comments may.
pub fn hub_names_no_platform(house: &House) -> Findings {
    let mut findings = Findings::default();
    let folders = house.rooms.iter().filter(|room| is_meant("shared/platforms/*", &room.folder));
    let names = folders.map(|room| room.name.as_str()).filter(|name| *name != "platforms-all");
    let names: Vec<&str> = names.chain(PLATFORMS).collect();
    for paper in house.sources().filter(|paper| paper.path.starts_with("shared/hub/")) {
        findings.meet();
        for (number, line) in source::without_comments(&paper.text).lines().enumerate() {
            let low = line.to_lowercase();
            if let Some(name) = names.iter().find(|name| low.contains(**name)) {
                findings.note(format!("{}:{}: the hub names {name}", paper.path, number + 1));
            }
        }
    }
    findings
}

fn is_open(fence: &Fence, room: &Room, tests: bool) -> bool {
    let more: &[&str] = if tests { fence.tests } else { &[] };
    fence.rooms.iter().chain(more).any(|pattern| is_meant(pattern, &room.folder))
}

fn is_named(outsider: &str, package: &str) -> bool {
    outsider.strip_suffix('*').map_or(outsider == package, |start| package.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{papers, room};

    #[test]
    fn fenced_crates_stay_behind_their_fence() {
        fences(&House::read()).settle();
    }

    #[test]
    fn the_hub_speaks_of_no_platform() {
        hub_names_no_platform(&House::read()).settle();
    }

    /// The same fences stand in `deny.toml`, which also sees what other crates bring along.
    #[test]
    fn cargo_deny_knows_the_fences() {
        let house = House::read();
        let deny: toml::Table = house.paper("deny.toml").unwrap().text.parse().unwrap();
        let denied: Vec<&str> =
            deny["bans"]["deny"].as_array().unwrap().iter().filter_map(|row| row["crate"].as_str()).collect();
        for fence in FENCES.iter().filter(|fence| !fence.outsider.contains('*')) {
            assert!(denied.contains(&fence.outsider), "deny.toml has no fence for {}", fence.outsider);
        }
    }

    #[test]
    fn a_fenced_crate_elsewhere_is_caught() {
        let rooms = vec![
            room("shared/net", &["reqwest"], &[]),
            room("infra/xtask", &["reqwest"], &[]),
            room("shared/hub", &["aws-sdk-sqs"], &[]),
            room("shared/aws", &["aws-sdk-sqs"], &["dynoxide-rs"]),
            room("shared/platforms/wix", &["tokio"], &[]),
            room("shared/platforms/shopify", &[], &["tokio", "reqwest"]),
        ];
        let expected = [
            "infra/xtask may not import reqwest",
            "shared/hub may not import aws-sdk-sqs",
            "shared/platforms/wix may not import tokio",
            "shared/platforms/shopify may not import reqwest",
        ];
        assert_eq!(fences(&House { rooms, ..House::default() }).wrong, expected);
    }

    #[test]
    fn a_platform_named_in_the_hub_is_caught() {
        let house = papers(&[
            ("shared/hub/src/a.rs", "// as WooCommerce does\nlet slug = \"shopify\";\n"),
            ("shared/hub/src/b.rs", "/* Wix */ fn fine() {}\n"),
            ("shared/lambda/src/c.rs", "const NAME: &str = \"shopify\";\n"),
        ]);
        let found = hub_names_no_platform(&house);
        assert_eq!(
            (found.met, found.wrong),
            (2, vec!["shared/hub/src/a.rs:2: the hub names shopify".into()])
        );
    }
}
