//! The table of steps and the line that closes a run.

use crate::step::{Done, Tally};
use std::fmt::Write;

/// The table: a row per step with its seconds.
pub fn table(steps: &[Done]) -> String {
    let width = steps.iter().map(|s| s.name.len()).max().unwrap_or(4).max(4);
    let mut text = format!("{:width$}  {:8}  {:>8}  {:>6}\n", "step", "", "seconds", "checks");
    for step in steps {
        let checks = step.tally.passed + step.tally.failed + step.tally.left_out;
        let seconds = step.took.as_secs_f64();
        let row = format!(
            "{:width$}  {:8}  {seconds:>8.1}  {checks:>6}  {}",
            step.name,
            step.tally.word(),
            step.tally.note
        );
        let _ = writeln!(text, "{}", row.trim_end());
    }
    let all: f64 = steps.iter().map(|s| s.took.as_secs_f64()).sum();
    let _ = writeln!(text, "{:width$}  {:8}  {all:>8.1}", "all", "");
    text
}

/// The sum of all steps.
pub fn sum(steps: &[Done]) -> Tally {
    let mut sum = Tally::default();
    steps.iter().for_each(|step| sum.add(&step.tally));
    sum
}

/// The last line of a run.
pub fn line(sum: &Tally) -> String {
    format!("{} passed, {} failed, {} left out", sum.passed, sum.failed, sum.left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn done(name: &str, tally: Tally) -> Done {
        Done { name: name.into(), tally, took: Duration::from_millis(1500) }
    }

    #[test]
    fn sums_and_shows_every_step() {
        let many = Tally { passed: 40, failed: 2, left_out: 1, note: String::new() };
        let steps =
            [done("fmt", Tally::passed()), done("tests", many), done("deny", Tally::left_out("no net"))];
        assert_eq!(line(&sum(&steps)), "41 passed, 2 failed, 2 left out");
        let expected = "\
step             seconds  checks
fmt    passed         1.5       1
tests  FAILED         1.5      43
deny   left out       1.5       1  no net
all                   4.5
";
        let shown = table(&steps);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&shown), squeezed(expected));
        assert_eq!(shown.lines().count(), 5);
    }

    #[test]
    fn strictly_nothing_may_be_left_out() {
        let strict = Tally::left_out("no net").strictly();
        assert_eq!((strict.failed, strict.left_out), (1, 0));
        assert_eq!(strict.note, "1 left out: no net");
        assert_eq!(strict.word(), "FAILED");
        let fine = Tally::passed().strictly();
        assert_eq!(fine, Tally::passed());
    }
}
