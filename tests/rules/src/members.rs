//! Every folder with a package is in the workspace, and every package keeps the house's lints.

use crate::findings::Findings;
use crate::house::{House, Room, is_meant};
use toml::Value;

/// Folders that hold packages.
const WINGS: [&str; 4] = ["functions/", "infra/", "shared/", "tests/"];
/// Rooms with lints of their own, which forbid unsafe code all the same.
const RELAXED: [&str; 3] = ["tests/*", "tests/simulators/*", "infra/xtask"];

/// What has a `Cargo.toml` is a member, and every pattern of `members` still means something.
pub fn members(house: &House) -> Findings {
    let mut findings = Findings::default();
    for paper in &house.papers {
        let Some(folder) = paper.path.strip_suffix("/Cargo.toml") else { continue };
        findings.meet();
        if !WINGS.iter().any(|wing| folder.starts_with(wing)) {
            findings.note(format!("{folder} is a package outside shared/, functions/, infra/ and tests/"));
        } else if !house.rooms.iter().any(|room| room.folder == folder) {
            findings.note(format!("{folder} is a package and no member of the workspace"));
        }
    }
    for pattern in listed(house) {
        findings.meet();
        if !house.rooms.iter().any(|room| is_meant(&pattern, &room.folder)) {
            findings.note(format!("`{pattern}` of the workspace's members means nothing"));
        }
    }
    findings
}

/// Every room inherits the workspace's lints; the relaxed ones forbid unsafe code themselves.
pub fn lints(house: &House) -> Findings {
    let mut findings = Findings::default();
    for room in &house.rooms {
        findings.meet();
        let relaxed = RELAXED.iter().any(|pattern| is_meant(pattern, &room.folder));
        if inherits(room) || (relaxed && forbids_unsafe(room)) {
            continue;
        }
        findings.note(if relaxed {
            format!("{} does not forbid unsafe_code", room.folder)
        } else {
            format!("{} does not inherit the workspace's lints", room.folder)
        });
    }
    findings
}

fn listed(house: &House) -> Vec<String> {
    let manifest = house.manifest();
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members"));
    let members = members.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    members.iter().filter_map(|member| member.as_str().map(str::to_owned)).collect()
}

fn inherits(room: &Room) -> bool {
    let lints = room.manifest.get("lints");
    lints.and_then(|lints| lints.get("workspace")).and_then(Value::as_bool) == Some(true)
}

fn forbids_unsafe(room: &Room) -> bool {
    let level = room.manifest.get("lints").and_then(|lints| lints.get("rust")?.get("unsafe_code"));
    level.and_then(|level| level.as_str().or_else(|| level.get("level")?.as_str())) == Some("forbid")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{papers, room, room_of};

    #[test]
    fn every_package_is_a_member() {
        members(&House::read()).settle();
    }

    #[test]
    fn every_package_keeps_the_lints() {
        lints(&House::read()).settle();
    }

    #[test]
    fn the_root_lints_forbid_what_the_house_forbids() {
        let manifest = House::read().manifest();
        let lints = &manifest["workspace"]["lints"];
        assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
        assert_eq!(lints["rust"]["missing_docs"].as_str(), Some("deny"));
        for lint in ["unwrap_used", "expect_used", "panic", "indexing_slicing", "print_stdout", "todo"] {
            assert_eq!(lints["clippy"][lint].as_str(), Some("deny"), "{lint}");
        }
    }

    #[test]
    fn a_package_that_was_dropped_is_caught() {
        let root = "[workspace]\nmembers = [\"shared/hub\", \"tests/*\"]\n";
        let mut house =
            papers(&[("Cargo.toml", root), ("shared/hub/Cargo.toml", ""), ("shared/sql/Cargo.toml", "")]);
        house.rooms = vec![room("shared/hub", &[], &[])];
        let expected = [
            "shared/sql is a package and no member of the workspace",
            "`tests/*` of the workspace's members means nothing",
        ];
        assert_eq!(members(&house).wrong, expected);
        house.papers[2].path = "attic/Cargo.toml".into();
        assert!(members(&house).wrong[0].starts_with("attic is a package outside"));
    }

    #[test]
    fn a_package_with_lints_of_its_own_is_caught() {
        let own = "[lints.rust]\nunsafe_code = \"forbid\"\n";
        let rooms = vec![
            room_of("shared/hub", own),
            room_of("tests/rules", own),
            room_of("tests/races", "[lints.rust]\nunsafe_code = \"deny\"\n"),
            room_of("shared/net", "[lints]\nworkspace = true\n"),
        ];
        let expected =
            ["shared/hub does not inherit the workspace's lints", "tests/races does not forbid unsafe_code"];
        assert_eq!(lints(&House { rooms, ..House::default() }).wrong, expected);
    }
}
