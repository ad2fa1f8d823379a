//! Runs the tests with nextest and counts them one by one.

use crate::child::{self, End};
use crate::progress::Progress;
use crate::room::Room;
use crate::step::Tally;
use crate::tools;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// The profile of `.config/nextest.toml` that writes a report.
const PROFILE: &str = "ci";

/// What a run reported.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    ran: u64,
    failed: u64,
}

/// What there is to run.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    wanted: u64,
    passed_over: u64,
}

/// Runs all tests of the given packages (of the workspace, when there are none given).
pub fn run(room: &Room, packages: &[String], limit: Duration, progress: &Progress) -> Tally {
    let log = room.log("tests");
    let program = match tools::program(&tools::NEXTEST, room, &log, progress) {
        Ok(program) => program,
        Err(why) => return Tally::left_out(why),
    };
    // Nextest keeps its reports below the workspace, wherever cargo builds.
    let report = room.root.join("target/nextest").join(PROFILE).join("junit.xml");
    let _ = std::fs::remove_file(&report);
    let call = |what: &str| {
        let mut command = room.program(&program);
        command.args(["nextest", what, "--profile", PROFILE]).args(super::test::scope(packages));
        command
    };
    let end = child::run(&mut call("run"), limit, &log, progress);
    let Some(report) = std::fs::read_to_string(&report).ok().as_deref().and_then(read_report) else {
        return Tally::failed(end.trouble().unwrap_or_else(|| "nextest wrote no report".to_owned()));
    };
    let mut list = call("list");
    list.args(["--message-format", "json"]);
    match expected(list, room, &log, progress) {
        Ok(expected) => tally(&end, &report, &expected),
        Err(why) => Tally::failed(why),
    }
}

fn expected(
    mut list: std::process::Command,
    room: &Room,
    log: &Path,
    progress: &Progress,
) -> Result<Expected, String> {
    let path = room.target.join("xtask").join("tests.json");
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    let out = std::fs::File::create(&path).map_err(told)?;
    let err = std::fs::File::options().append(true).open(log).map_err(told)?;
    let group = child::Group::start_into(&mut list, Stdio::from(out), Stdio::from(err))?;
    if let Some(trouble) = group.wait(Duration::from_secs(900), progress).trouble() {
        return Err(format!("the tests cannot be listed: {trouble}"));
    }
    let text = std::fs::read_to_string(&path).map_err(told)?;
    read_list(&text).ok_or_else(|| "the list of tests cannot be read".to_owned())
}

/// Each test counts as one; a test that was wanted and does not stand in the report has failed.
fn tally(end: &End, report: &Report, expected: &Expected) -> Tally {
    let passed = report.ran.saturating_sub(report.failed);
    let missing = expected.wanted.saturating_sub(report.ran);
    let mut tally =
        Tally { passed, failed: report.failed + missing, left_out: expected.passed_over, ..Tally::default() };
    if missing > 0 {
        tally.note = format!("{missing} tests did not run");
    }
    if tally.failed == 0
        && let Some(trouble) = end.trouble()
    {
        // Every test passed and the run still went badly: that may not pass for well.
        tally.failed = 1;
        tally.note = trouble;
    }
    if passed + tally.failed == 0 {
        tally = Tally::failed("there is no test");
    }
    tally
}

/// Reads the sums that stand in the root of a JUnit report.
fn read_report(text: &str) -> Option<Report> {
    let (_, rest) = text.split_once("<testsuites ")?;
    let (root, _) = rest.split_once('>')?;
    text.trim_end().ends_with("</testsuites>").then_some(())?;
    let number = |key: &str| {
        let (_, rest) = root.split_once(&format!("{key}=\""))?;
        rest.split_once('"')?.0.parse::<u64>().ok()
    };
    Some(Report { ran: number("tests")?, failed: number("failures")? + number("errors")? })
}

/// Reads nextest's list: tests that match, and tests that are ignored or filtered away.
fn read_list(text: &str) -> Option<Expected> {
    let list: Value = serde_json::from_str(text).ok()?;
    let mut expected = Expected { wanted: 0, passed_over: 0 };
    for suite in list["rust-suites"].as_object()?.values() {
        for test in suite["testcases"].as_object()?.values() {
            match test["filter-match"]["status"].as_str()? {
                "matches" => expected.wanted += 1,
                _ => expected.passed_over += 1,
            }
        }
    }
    Some(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" failures="1" errors="0" uuid="x" time="0.1">
    <testsuite name="domain" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="a" classname="domain"></testcase>
    </testsuite>
</testsuites>
"#;
    const LIST: &str = r#"{"test-count":3,"rust-suites":{"domain":{"testcases":{
        "a":{"ignored":false,"filter-match":{"status":"matches"}},
        "b":{"ignored":true,"filter-match":{"status":"mismatch","reason":"ignored"}}}},
        "ports":{"testcases":{"c":{"ignored":false,"filter-match":{"status":"matches"}}}}}}"#;

    #[test]
    fn a_report_is_read_by_its_root() {
        assert_eq!(read_report(REPORT), Some(Report { ran: 3, failed: 1 }));
        let cut = REPORT.split_once("</testsuite>").unwrap().0;
        assert_eq!(read_report(cut), None, "half a report");
        assert_eq!(read_report(""), None);
    }

    #[test]
    fn a_list_tells_what_is_passed_over() {
        assert_eq!(read_list(LIST), Some(Expected { wanted: 2, passed_over: 1 }));
        assert_eq!(read_list("{}"), None);
    }

    #[test]
    fn what_did_not_run_has_failed() {
        let badly = End::Badly("exit status: 100".into());
        let missing = tally(&badly, &Report { ran: 3, failed: 1 }, &Expected { wanted: 5, passed_over: 1 });
        assert_eq!((missing.passed, missing.failed, missing.left_out), (2, 3, 1));
        let odd = tally(&badly, &Report { ran: 3, failed: 0 }, &Expected { wanted: 3, passed_over: 0 });
        assert_eq!((odd.passed, odd.failed), (3, 1));
        let none = tally(&End::Well, &Report { ran: 0, failed: 0 }, &Expected { wanted: 0, passed_over: 0 });
        assert_eq!((none.passed, none.failed), (0, 1));
    }
}
