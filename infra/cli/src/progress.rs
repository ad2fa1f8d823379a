//! Progress: bars where a person looks on, lines in a pipe.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::screen::{Page, clean};
use crate::trouble::Result;
use crate::view::{RunState, RunView};
use crate::words::{lasting, rate};

/// In a pipe, one line of each thing at most this often.
const EVERY: Duration = Duration::from_secs(5);

/// How far one thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is counted, such as a store's stream.
    pub(crate) label: String,
    pub(crate) done: u64,
    pub(crate) expected: Option<u64>,
    /// Rate and remaining time, or how it ended.
    pub(crate) note: String,
    pub(crate) ended: bool,
}

/// The steps that are watched together.
pub(crate) struct Board {
    bars: Option<MultiProgress>,
    rows: BTreeMap<String, Row>,
}

struct Row {
    bar: Option<ProgressBar>,
    told: Option<(Instant, Step)>,
}

impl Step {
    pub(crate) fn of_run(label: &str, run: &RunView) -> Self {
        let note = match run.state {
            RunState::Running => {
                let speed =
                    (run.progress.per_second_tenths > 0).then(|| rate(run.progress.per_second_tenths));
                let left = run.progress.eta_seconds.map(|seconds| format!("about {} left", lasting(seconds)));
                speed.into_iter().chain(left).collect::<Vec<_>>().join(", ")
            }
            RunState::Completed => match run.took_seconds() {
                Some(seconds) => format!("completed in {}", lasting(seconds)),
                None => "completed".to_owned(),
            },
            RunState::Failed => "failed".to_owned(),
            RunState::Cancelled => "cancelled".to_owned(),
        };
        let ended = run.state != RunState::Running;
        Self { label: label.to_owned(), done: run.done, expected: run.expected, note, ended }
    }

    /// The step as one line.
    pub(crate) fn line(&self) -> String {
        let Self { label, done, expected, note, .. } = self;
        let seen = match expected {
            Some(expected) => {
                let percent = done.saturating_mul(100).checked_div(*expected).unwrap_or(100).min(100);
                // It is not whole before its run says so.
                let percent = if self.ended { percent } else { percent.min(99) };
                format!("{done} of {expected} ({percent}%)")
            }
            None => done.to_string(),
        };
        if note.is_empty() { format!("{label}: {seen}") } else { format!("{label}: {seen}, {note}") }
    }
}

impl Board {
    pub(crate) fn new(page: &Page<'_, '_>) -> Self {
        let bars = page.draws_bars().then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self { bars, rows: BTreeMap::new() }
    }

    /// Shows how far something is; `key` tells it from the others.
    pub(crate) fn show(&mut self, page: &mut Page<'_, '_>, key: &str, step: &Step) -> Result<()> {
        let row = self.rows.entry(key.to_owned()).or_insert_with(|| Row {
            bar: self.bars.as_ref().map(|bars| bars.add(ProgressBar::no_length().with_style(style()))),
            told: None,
        });
        if let Some(bar) = &row.bar {
            draw(bar, step);
            return Ok(());
        }
        let due = row
            .told
            .as_ref()
            .is_none_or(|(at, told)| told != step && (at.elapsed() >= EVERY || step.ended && !told.ended));
        if due {
            row.told = Some((Instant::now(), step.clone()));
            page.note(step.line())?;
        }
        Ok(())
    }
}

fn draw(bar: &ProgressBar, step: &Step) {
    match step.expected {
        Some(expected) => bar.set_length(expected.max(step.done)),
        None => bar.unset_length(),
    }
    bar.set_prefix(clean(&step.label));
    bar.set_position(step.done);
    bar.set_message(clean(&step.note));
    if step.ended && !bar.is_finished() {
        bar.abandon();
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{prefix:<32} {bar:24} {pos:>7}/{len:<7} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("█▌ ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_step_in_one_line() {
        let mut run: RunView = serde_json::from_value(json!({
            "id": "run_1", "stream": "catalog", "state": "running", "done": 120, "expected": 480,
            "progress": {"per_second_tenths": 125, "eta_seconds": 29, "percent": 25}
        }))
        .unwrap();
        let line = |run: &RunView| Step::of_run("North catalog", run).line();
        assert_eq!(line(&run), "North catalog: 120 of 480 (25%), 12.5/s, about 29 s left");
        run.done = 480;
        assert!(line(&run).starts_with("North catalog: 480 of 480 (99%)"));
        run.state = RunState::Completed;
        assert_eq!(line(&run), "North catalog: 480 of 480 (100%), completed");
        run.state = RunState::Running;
        run.expected = None;
        run.progress.per_second_tenths = 0;
        run.progress.eta_seconds = None;
        assert_eq!(line(&run), "North catalog: 480");
    }

    #[test]
    fn a_bar_is_drawn_with_its_numbers() {
        let bar = ProgressBar::hidden().with_style(style());
        let step = Step {
            label: "North \u{1b}[2J orders".into(),
            done: 7,
            expected: Some(5),
            note: "completed".into(),
            ended: true,
        };
        draw(&bar, &step);
        assert_eq!((bar.position(), bar.length(), bar.is_finished()), (7, Some(7), true));
        assert_eq!(bar.prefix(), "North \u{fffd}[2J orders");
        draw(&bar, &Step { expected: None, ..step });
        assert_eq!(bar.length(), None);
    }
}
