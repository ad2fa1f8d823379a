//! Versions stand in one place, packages come from one registry, and the lock is committed.

use crate::findings::Findings;
use crate::house::{House, Room, is_meant};
use toml::{Table, Value};

/// What a room may name by its path: so that a platform needs no line outside its own folders but that of the list.
const BY_PATH: [&str; 2] = ["shared/platforms/*", "tests/simulators/*"];

/// Every room takes every dependency from the workspace; a platform and its simulator may be named by their path.
pub fn rooms_name_no_version(house: &House) -> Findings {
    let mut findings = Findings::default();
    for room in &house.rooms {
        for (name, asked) in dependencies(room) {
            findings.meet();
            let inherited = asked.get("workspace").and_then(Value::as_bool) == Some(true);
            let own = ["version", "git", "path", "registry"].iter().any(|key| asked.get(*key).is_some());
            if (!inherited || own) && !is_neighbour(house, room, &asked) {
                findings.note(format!("{}: write `{name}.workspace = true`", room.folder));
            }
        }
    }
    findings
}

/// The workspace's dependencies are rooms of the house or packages with a version.
pub fn root_names_versions(house: &House) -> Findings {
    let mut findings = Findings::default();
    let manifest = house.manifest();
    let dependencies = manifest.get("workspace").and_then(|w| w.get("dependencies")?.as_table());
    for (name, asked) in dependencies.into_iter().flatten() {
        findings.meet();
        let text = |key: &str| asked.get(key).and_then(Value::as_str);
        if asked.get("git").is_some() || asked.get("registry").is_some() {
            findings.note(format!("{name} comes from outside the standard registry"));
        } else if let Some(path) = text("path") {
            if !house.rooms.iter().any(|room| room.folder == path) {
                findings.note(format!("{name}: there is no room at {path}"));
            }
        } else if !asked.as_str().or_else(|| text("version")).is_some_and(is_version) {
            findings.note(format!("{name} names no version"));
        }
    }
    for table in ["patch", "replace"].iter().filter(|table| manifest.contains_key(**table)) {
        findings.note(format!("Cargo.toml has a table [{table}]"));
    }
    findings
}

/// There is one lock, at the root, and all that it names comes from one registry.
pub fn lock(house: &House) -> Findings {
    let mut findings = Findings::default();
    let mut seen: Option<String> = None;
    for paper in house.papers.iter().filter(|paper| paper.path.ends_with("Cargo.lock")) {
        if paper.path != "Cargo.lock" {
            findings.note(format!("{}: the lock of the workspace is at the root", paper.path));
            continue;
        }
        let Ok(lock) = paper.text.parse::<Table>() else {
            findings.note("Cargo.lock cannot be read");
            continue;
        };
        let packages = lock.get("package").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for package in packages {
            findings.meet();
            let Some(source) = package.get("source").and_then(Value::as_str) else { continue };
            let first = seen.get_or_insert_with(|| source.to_owned());
            if !source.starts_with("registry+") || source != first {
                let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
                findings.note(format!("Cargo.lock: {name} comes from another place than the rest"));
            }
        }
    }
    findings
}

/// Whether a dependency is a path and nothing else, and leads to a platform or a simulator.
fn is_neighbour(house: &House, room: &Room, asked: &Value) -> bool {
    let Some(asked) = asked.as_table().filter(|asked| asked.len() == 1) else { return false };
    let Some(path) = asked.get("path").and_then(Value::as_str) else { return false };
    let mut folder: Vec<&str> = room.folder.split('/').collect();
    for step in path.split('/') {
        match step {
            ".." if folder.pop().is_none() => return false,
            ".." => {}
            step => folder.push(step),
        }
    }
    let folder = folder.join("/");
    house.rooms.iter().any(|other| other.folder == folder)
        && BY_PATH.iter().any(|pattern| is_meant(pattern, &folder))
}

fn is_version(text: &str) -> bool {
    text.trim_start_matches(['=', '^', '~']).starts_with(|c: char| c.is_ascii_digit())
}

/// Dependencies of every kind and target, by the name they are asked for.
fn dependencies(room: &Room) -> Vec<(String, Value)> {
    let targets = room.manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let tables = std::iter::once(&room.manifest).chain(targets);
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let asked = tables.flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()));
    asked.flatten().map(|(name, asked)| (name.clone(), asked.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{papers, room, room_of};

    #[test]
    fn versions_stand_in_the_root_alone() {
        rooms_name_no_version(&House::read()).settle();
    }

    #[test]
    fn the_root_names_a_version_for_each() {
        root_names_versions(&House::read()).settle();
    }

    #[test]
    fn the_lock_is_committed_and_names_one_registry() {
        let house = House::read();
        assert!(house.paper("Cargo.lock").is_some(), "Cargo.lock is not committed");
        lock(&house).settle();
    }

    #[test]
    fn a_version_in_a_room_is_caught() {
        let manifest = "[dependencies]\nserde = \"1\"\nhttp.workspace = true\n\
            [dev-dependencies]\nx = { path = \"../x\" }\n\
            [target.'cfg(unix)'.dependencies]\ny = { workspace = true, version = \"2\" }\n";
        let house = House { rooms: vec![room_of("shared/hub", manifest)], ..House::default() };
        let found = rooms_name_no_version(&house);
        let expected = [
            "shared/hub: write `serde.workspace = true`",
            "shared/hub: write `x.workspace = true`",
            "shared/hub: write `y.workspace = true`",
        ];
        assert_eq!((found.met, found.wrong), (4, expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_platform_may_be_named_by_its_path_and_nothing_else_may() {
        let all = "[dependencies]\nwix = { path = \"../wix\" }\nhub = { path = \"../../hub\" }\n\
            none = { path = \"../none\" }\nfar = { path = \"../../../../wix\" }\n\
            two = { path = \"../wix\", version = \"1\" }\n";
        let rooms = vec![
            room_of("shared/platforms/all", all),
            room("shared/platforms/wix", &[], &[]),
            room("shared/hub", &[], &[]),
        ];
        let found = rooms_name_no_version(&House { rooms, ..House::default() });
        let expected = ["far", "hub", "none", "two"]
            .map(|name| format!("shared/platforms/all: write `{name}.workspace = true`"));
        let mut wrong = found.wrong;
        wrong.sort();
        assert_eq!((found.met, wrong), (5, expected.to_vec()));
    }

    #[test]
    fn a_dependency_from_elsewhere_is_caught() {
        let root = "[workspace.dependencies]\na = \"1\"\nb = { git = \"ssh://b\" }\nc = \"*\"\n\
            d = { path = \"shared/d\" }\nhub = { path = \"shared/hub\" }\n[patch.x]\n";
        let mut house = papers(&[("Cargo.toml", root)]);
        house.rooms = vec![room("shared/hub", &[], &[])];
        let expected = [
            "b comes from outside the standard registry",
            "c names no version",
            "d: there is no room at shared/d",
            "Cargo.toml has a table [patch]",
        ];
        assert_eq!(root_names_versions(&house).wrong, expected);
    }

    #[test]
    fn a_lock_that_leads_elsewhere_is_caught() {
        let text = "[[package]]\nname = \"a\"\nsource = \"registry+one\"\n[[package]]\nname = \"b\"\n\
            source = \"git+two\"\n[[package]]\nname = \"own\"\n[[package]]\nname = \"c\"\nsource = \"registry+three\"\n";
        let found = lock(&papers(&[("Cargo.lock", text), ("tests/x/Cargo.lock", "")]));
        let expected = [
            "Cargo.lock: b comes from another place than the rest",
            "Cargo.lock: c comes from another place than the rest",
            "tests/x/Cargo.lock: the lock of the workspace is at the root",
        ];
        assert_eq!((found.met, found.wrong), (4, expected.map(str::to_owned).to_vec()));
    }
}
