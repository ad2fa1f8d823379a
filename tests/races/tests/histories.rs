//! A few thousand histories hold, each planted bug is caught, and what failed once holds.

use races::asked::read;
use races::bent_ledger::BookBug;
use races::crowd::{crowd, seed_of};
use races::history::History;
use races::planted::Bug;
use races::play::Player;
use races::world::{Bend, Straight};

/// A planted bug must be caught within so many histories.
const CAUGHT: u64 = 20_000;

#[test]
fn a_few_thousand_histories_hold() {
    let played = crowd(2_000, 20_261_121, 2, &Straight, false);
    let failed = played.failed.iter().map(|(history, violation)| format!("{}: {violation}", history.seed));
    let failed: Vec<String> = failed.collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn what_failed_once_holds() {
    for (path, violation) in played("histories") {
        assert_eq!(violation, None, "{path}");
    }
}

/// The histories of a folder, each with what went wrong in it.
fn played(name: &str) -> Vec<(String, Option<String>)> {
    let mut player = Player::default();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let history = read(&std::fs::read_to_string(&path).unwrap()).expect("a history");
        let violation = player.play(&history, &Straight, false).violation;
        all.push((path.display().to_string(), violation));
    }
    assert!(!all.is_empty());
    all
}

#[test]
fn the_same_seed_is_the_same_history() {
    let history = History::of(seed_of(1, 7));
    let play = || {
        let played = Player::default().play(&history, &Straight, true);
        (played.said, played.calls, played.oversold)
    };
    assert_eq!(play(), play());
}

/// How many histories it takes to catch a bug: one that fails without it catches nothing.
fn caught(bend: &dyn Bend) -> Option<(u64, String)> {
    let mut player = Player::default();
    (0..CAUGHT).find_map(|number| {
        let history = History::of(seed_of(3, number));
        let violation = player.play(&history, bend, false).violation?;
        player.play(&history, &Straight, false).violation.is_none().then_some((number, violation))
    })
}

#[test]
fn every_planted_bug_is_caught() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        match caught(&bug) {
            Some((number, violation)) => println!("{bug:?}: after {number}: {violation}"),
            None => missed.push(format!("{bug:?}")),
        }
    }
    for bug in BookBug::ALL {
        match caught(&bug) {
            Some((number, violation)) => println!("{bug:?}: after {number}: {violation}"),
            None => missed.push(format!("{bug:?}")),
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}
