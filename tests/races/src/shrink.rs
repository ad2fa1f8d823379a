//! Making a failing history small: steps are taken out and made plain while it still fails alike.

use crate::history::{History, Step};
use crate::play::Player;
use crate::world::Bend;

/// The kind of a violation: `I2`, `I6`.
#[must_use]
pub fn kind(violation: &str) -> &str {
    violation.split(':').next().unwrap_or("")
}

/// The smallest history found that fails in the same way; at most so many are tried.
pub fn shrink(player: &mut Player, history: &History, bend: &dyn Bend, most: usize) -> History {
    let mut small = history.clone();
    let first = player.play(&small, bend, false);
    let Some(violation) = first.violation else { return small };
    let wanted = kind(&violation).to_owned();
    small.steps.truncate(first.steps);
    let mut tried = 0;
    let mut fails = |history: &History, player: &mut Player| {
        tried += 1;
        let ended = (tried <= most).then(|| player.play(history, bend, false).violation);
        ended.map(|violation| violation.is_some_and(|violation| kind(&violation) == wanted))
    };
    loop {
        let before = small.clone();
        let mut size = small.steps.len().div_ceil(2).max(1);
        loop {
            let mut at = 0;
            while at < small.steps.len() {
                let mut less = small.clone();
                less.steps.drain(at..(at + size).min(small.steps.len()));
                match fails(&less, player) {
                    None => return small,
                    Some(true) => small = less,
                    Some(false) => at += size,
                }
            }
            if size == 1 {
                break;
            }
            size = size.div_ceil(2);
        }
        for at in 0..small.steps.len() {
            for plain in plainer(small.steps[at]) {
                let mut less = small.clone();
                less.steps[at] = plain;
                match fails(&less, player) {
                    None => return small,
                    Some(true) => small = less,
                    Some(false) => {}
                }
            }
        }
        if small == before {
            return small;
        }
    }
}

/// The same step with plainer choices, the plainest last.
fn plainer(step: Step) -> Vec<Step> {
    let mut all = Vec::new();
    for (a, b, c) in [
        (step.a, step.b, 15),
        (step.a, 0, step.c),
        (step.a, 0, 15),
        (0, step.b, step.c),
        (0, 0, 15),
        (step.a, step.b, 0x7fff),
    ] {
        let plain = Step { a, b, c, ..step };
        if plain != step {
            all.push(plain);
        }
    }
    all
}
