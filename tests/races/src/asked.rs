//! What is asked on the command line: many histories, or one of them step by step.

use std::process::ExitCode;

use crate::bent_ledger::BookBug;
use crate::crowd::{Crowd, crowd};
use crate::history::{Act, History, Step};
use crate::planted::Bug;
use crate::play::Player;
use crate::shrink::shrink;
use crate::world::{Bend, Straight};

/// So many histories are played, from this seed, so many at the same time, if nothing else is asked.
const HISTORIES: u64 = 10_000;
const SEED: u64 = 1;
const THREADS: usize = 2;
/// A failing history is made smaller by at most so many tries.
const TRIES: usize = 4000;
/// So many failing histories are shown.
const SHOWN: usize = 3;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    histories: u64,
    seed: u64,
    threads: usize,
    replay: Option<String>,
    shrinks: bool,
    planted: Option<Planted>,
}

/// A bug that is planted on purpose.
#[derive(Debug, Clone, Copy)]
enum Planted {
    Platform(Bug),
    Books(BookBug),
}

impl Planted {
    fn all() -> Vec<Self> {
        Bug::ALL.map(Self::Platform).into_iter().chain(BookBug::ALL.map(Self::Books)).collect()
    }

    fn named(name: &str) -> Result<Self, String> {
        let known = || Self::all().iter().map(Self::name).collect::<Vec<_>>().join(", ");
        Self::all()
            .into_iter()
            .find(|bug| bug.name() == name)
            .ok_or_else(|| format!("{name} is no bug that can be planted; these are: {}", known()))
    }

    fn name(&self) -> String {
        match self {
            Self::Platform(bug) => format!("{bug:?}"),
            Self::Books(bug) => format!("{bug:?}"),
        }
    }
}

/// What can be asked, for a person.
#[must_use]
pub fn usage() -> String {
    let bugs: Vec<String> = Planted::all().iter().map(|bug| format!("      {}", bug.name())).collect();
    format!(
        "Plays made-up histories with the hub's real code and holds what it did against the shops' own truth.\n\n\
         Usage: races [OPTIONS]\n\n\
         Options:\n\
         \x20 --histories N       Play so many histories [default: {HISTORIES}]\n\
         \x20 --seed S            Any number: the same seed gives the same histories [default: {SEED}]\n\
         \x20 --threads T         Play so many at the same time [default: {THREADS}]\n\
         \x20 --replay SEED|FILE  Tell one history step by step\n\
         \x20 --shrink SEED|FILE  Make a history that fails as small as can be found, and tell it\n\
         \x20 --planted BUG       Plant a mistake with any of these, to see it caught\n\
         \x20 -h, --help          Print this\n\n\
         The last line says how many violations there were; with any, it fails. Mistakes that can be planted:\n{}\n",
        bugs.join("\n")
    )
}

impl Asked {
    /// Reads the arguments: `--histories N --seed S --threads T`, or `--replay SEED` or `--replay FILE`, or
    /// `--shrink` with either; with each of them, `--planted BUG` plants that bug.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut asked = Self {
            histories: HISTORIES,
            seed: SEED,
            threads: THREADS,
            replay: None,
            shrinks: false,
            planted: None,
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            let number = || value.parse::<u64>().map_err(|_| format!("{word} {value}: this is no number"));
            match word.as_str() {
                "--histories" => asked.histories = number()?,
                "--seed" => asked.seed = number()?,
                "--threads" => asked.threads = usize::try_from(number()?).unwrap_or(1).max(1),
                "--replay" => asked.replay = Some(value),
                "--shrink" => (asked.replay, asked.shrinks) = (Some(value), true),
                "--planted" => asked.planted = Some(Planted::named(&value)?),
                _ => {
                    return Err(format!(
                        "{word} is none of --histories, --seed, --threads, --replay, --shrink, --planted, --help"
                    ));
                }
            }
        }
        Ok(asked)
    }

    /// Does what is asked; the last line says how many violations there were.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        let violations = match &self.replay {
            None => self.many(),
            Some(what) => match named(what) {
                Ok(history) => {
                    let mut player = Player::default();
                    let small = self.shrinks.then(|| shrink(&mut player, &history, self.bend(), TRIES));
                    let history = small.unwrap_or(history);
                    println!("{}", written(&history));
                    usize::from(tell(&mut player, &history, self.bend()))
                }
                Err(trouble) => {
                    eprintln!("races: {trouble}");
                    return ExitCode::FAILURE;
                }
            },
        };
        println!("violations {violations}");
        if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// The bug that is planted, or none.
    fn bend(&self) -> &dyn Bend {
        match &self.planted {
            None => &Straight,
            Some(Planted::Platform(bug)) => bug,
            Some(Planted::Books(bug)) => bug,
        }
    }

    fn many(&self) -> usize {
        let Crowd { coverage, failed } = crowd(self.histories, self.seed, self.threads, self.bend(), true);
        print!("{coverage}");
        let mut player = Player::default();
        for (history, violation) in failed.iter().take(SHOWN) {
            println!("\nseed {}: {violation}", history.seed);
            let small = shrink(&mut player, history, self.bend(), TRIES);
            println!(
                "shrunk to {} of {} steps; replay it from a file with this text:",
                small.steps.len(),
                history.steps.len()
            );
            println!("{}", written(&small));
            tell(&mut player, &small, self.bend());
        }
        for (history, violation) in failed.iter().skip(SHOWN).take(20) {
            println!("seed {}: {violation}", history.seed);
        }
        failed.len()
    }
}

/// Plays a history and says what happens; true if something did not hold.
fn tell(player: &mut Player, history: &History, bend: &dyn Bend) -> bool {
    let played = player.play(history, bend, true);
    for (number, said) in played.said.iter().enumerate() {
        println!("{:4}  {said}", number + 1);
    }
    if let Some(violation) = &played.violation {
        println!("      {violation}");
    }
    played.violation.is_some()
}

/// A history by its seed, or as a file has it.
fn named(what: &str) -> Result<History, String> {
    if let Ok(seed) = what.parse() {
        return Ok(History::of(seed));
    }
    let text = std::fs::read_to_string(what).map_err(|error| format!("{what}: {error}"))?;
    read(&text).ok_or_else(|| format!("{what} is no history"))
}

/// A history as text: its seed and its beginning, then a line per step.
#[must_use]
pub fn written(history: &History) -> String {
    let mut text = format!("{} {}\n", history.seed, history.beginning);
    for Step { act, a, b, c } in &history.steps {
        text.push_str(&format!("{act:?} {a} {b} {c}\n"));
    }
    text
}

/// Reads a history that was written as text.
#[must_use]
pub fn read(text: &str) -> Option<History> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let (seed, beginning) = lines.next()?.split_once(' ')?;
    let mut history =
        History { seed: seed.parse().ok()?, beginning: beginning.parse().ok()?, steps: Vec::new() };
    for line in lines {
        let mut words = line.split_whitespace();
        let word = words.next()?;
        let act = Act::ALL.into_iter().find(|act| format!("{act:?}") == word)?;
        let mut number = || words.next()?.parse::<u16>().ok();
        history.steps.push(Step { act, a: number()?, b: number()?, c: number()? });
    }
    Some(history)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_planted_by_its_name_and_others_are_named() {
        let asked = |name: &str| Asked::read(["--planted", name].map(str::to_owned).into_iter());
        for bug in BookBug::ALL {
            let name = format!("{bug:?}");
            assert_eq!(asked(&name).unwrap().planted.unwrap().name(), name);
        }
        let refused = asked("Nothing").unwrap_err();
        assert!(refused.contains("SwallowsResends") && refused.contains("RaisesAlone"), "{refused}");
    }

    #[test]
    fn the_usage_names_all_that_can_be_asked() {
        let usage = usage();
        let refused = Asked::read(["--nothing", "1"].map(str::to_owned).into_iter()).unwrap_err();
        for option in refused.split([' ', ',']).filter(|word| word.starts_with("--") && *word != "--nothing")
        {
            assert!(usage.contains(option), "{option} in {usage}");
        }
        for bug in Planted::all() {
            assert!(usage.contains(&bug.name()), "{usage}");
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let history = History::of(7);
        assert_eq!(read(&written(&history)), Some(history));
    }
}
