//! Who may import whom, inside the workspace.

use crate::findings::Findings;
use crate::house::{House, Kind, is_meant};

/// What a room may import: folders for what is shipped, and more of them for its tests.
struct Leave {
    room: &'static str,
    shipped: &'static [&'static str],
    tests: &'static [&'static str],
}

const fn leave(
    room: &'static str,
    shipped: &'static [&'static str],
    tests: &'static [&'static str],
) -> Leave {
    Leave { room, shipped, tests }
}

/// The suites and the simulators, which the tests of a room may use.
const SUITES: &[&str] = &["tests/conformance", "tests/simulators"];
/// What the tests of a platform may use: the suites, its own simulator, and the house's client to call it with.
const TRIALS: &[&str] = &["tests/conformance", "tests/simulators", "tests/simulators/*", "shared/net"];

/// The table of the house; the first row that means a room counts, and a room without a row has no leave.
const LEAVES: &[Leave] = &[
    leave("shared/domain", &[], &[]),
    leave("shared/ports", &["shared/domain"], SUITES),
    leave("shared/platform", &["shared/domain"], SUITES),
    leave("shared/platforms/all", &["shared/platform", "shared/platforms/*"], SUITES),
    leave("shared/platforms/*", &["shared/domain", "shared/platform"], TRIALS),
    leave("shared/sql", &["shared/domain", "shared/platform"], SUITES),
    leave("shared/hub", &["shared/domain", "shared/ports", "shared/platform"], SUITES),
    leave("shared/aws", &["shared/domain", "shared/ports", "shared/platform"], SUITES),
    leave("shared/net", &["shared/platform"], SUITES),
    leave("shared/console", &["shared/domain", "shared/ports", "shared/hub"], SUITES),
    leave(
        "shared/lambda",
        &["shared/domain", "shared/ports", "shared/platform", "shared/hub", "shared/console"],
        SUITES,
    ),
    leave("functions/*", &["shared/**"], SUITES),
    leave("infra/local", &["shared/**", "infra/cli", "tests/simulators"], SUITES),
    leave("infra/cli", &["shared/platform", "shared/net"], &["shared/**", "infra/local", "tests/*"]),
    leave("infra/xtask", &[], &["shared/**"]),
    // Two independent writings of one wire catch each other's mistakes.
    leave("tests/simulators", &[], &[]),
    leave("tests/simulators/*", &["tests/simulators"], &[]),
    leave("tests/*", &["**"], &["**"]),
];

/// Each room imports only what it has leave to.
pub fn imports(house: &House) -> Findings {
    let mut findings = Findings::default();
    for room in &house.rooms {
        let Some(leave) = LEAVES.iter().find(|leave| is_meant(leave.room, &room.folder)) else {
            findings.note(format!("{}: no row of the import table means this room", room.folder));
            continue;
        };
        for import in &room.imports {
            let Some(other) = house.rooms.iter().find(|other| other.name == import.package) else { continue };
            findings.meet();
            let more = if import.kind == Kind::Tests { leave.tests } else { &[] };
            let mut open = leave.shipped.iter().chain(more);
            if !open.any(|pattern| is_meant(pattern, &other.folder)) {
                let whose = if import.kind == Kind::Tests { "the tests of " } else { "" };
                findings.note(format!("{whose}{} may not import {}", room.folder, other.folder));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::room;

    #[test]
    fn rooms_import_only_what_they_may() {
        imports(&House::read()).settle();
    }

    fn broken(rooms: Vec<crate::house::Room>) -> Vec<String> {
        imports(&House { rooms, ..House::default() }).wrong
    }

    #[test]
    fn an_import_across_a_wall_is_caught() {
        let hub = |shipped: &[&str]| vec![room("shared/hub", shipped, &[]), room("shared/net", &[], &[])];
        assert_eq!(broken(hub(&[])), [""; 0]);
        assert_eq!(broken(hub(&["net"])), ["shared/hub may not import shared/net"]);
        let one = room("shared/platforms/wix", &["shopify"], &[]);
        let other = room("shared/platforms/shopify", &[], &["simulators"]);
        let simulators = room("tests/simulators", &["shopify"], &[]);
        let expected = [
            "shared/platforms/wix may not import shared/platforms/shopify",
            "tests/simulators may not import shared/platforms/shopify",
        ];
        assert_eq!(broken(vec![one, other, simulators]), expected);
    }

    #[test]
    fn what_tests_may_import_is_not_for_shipping() {
        let rooms = |shipped: &[&str], tests: &[&str]| {
            vec![room("shared/aws", shipped, tests), room("tests/conformance", &[], &[])]
        };
        assert_eq!(broken(rooms(&[], &["conformance"])), [""; 0]);
        assert_eq!(broken(rooms(&["conformance"], &[])), ["shared/aws may not import tests/conformance"]);
        let domain = vec![room("shared/domain", &[], &["ports"]), room("shared/ports", &[], &[])];
        assert_eq!(broken(domain), ["the tests of shared/domain may not import shared/ports"]);
    }

    #[test]
    fn a_platform_is_tried_with_the_houses_client_and_never_ships_it() {
        let rooms = |shipped: &[&str], tests: &[&str], simulators: &[&str]| {
            vec![
                room("shared/platforms/wix", shipped, tests),
                room("tests/simulators/wix-shop", simulators, &[]),
                room("shared/net", &[], &[]),
                room("shared/hub", &[], &[]),
            ]
        };
        assert_eq!(broken(rooms(&[], &["net", "wix-shop"], &[])), [""; 0]);
        let expected = [
            "shared/platforms/wix may not import shared/net",
            "shared/platforms/wix may not import tests/simulators/wix-shop",
            "the tests of shared/platforms/wix may not import shared/hub",
            "tests/simulators/wix-shop may not import shared/platforms/wix",
        ];
        assert_eq!(broken(rooms(&["net", "wix-shop"], &["hub"], &["wix"])), expected);
    }

    #[test]
    fn a_room_without_a_row_is_caught() {
        let found = broken(vec![room("shared/cellar", &[], &[])]);
        assert_eq!(found, ["shared/cellar: no row of the import table means this room"]);
    }
}
