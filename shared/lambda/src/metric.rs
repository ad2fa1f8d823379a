//! Figures for CloudWatch, as lines of its embedded metric format on standard output.

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Where the figures stand in CloudWatch.
const NAMESPACE: &str = "Storeloom";

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Thousandths of a second.
    Milliseconds,
}

/// Writes figures, each by its name: one line, so all of one moment.
pub(crate) fn put(function: &str, at: Timestamp, figures: &[(&str, Unit, u64)]) {
    // Nothing is left to tell of it if standard output is gone.
    let _ = writeln!(std::io::stdout().lock(), "{}", line(function, at, figures));
}

fn line(function: &str, at: Timestamp, figures: &[(&str, Unit, u64)]) -> Value {
    let metrics: Vec<Value> = figures
        .iter()
        .map(|(name, unit, _)| {
            let unit = match unit {
                Unit::Count => "Count",
                Unit::Seconds => "Seconds",
                Unit::Milliseconds => "Milliseconds",
            };
            json!({"Name": name, "Unit": unit})
        })
        .collect();
    let mut line = Map::new();
    let directive = json!({"Namespace": NAMESPACE, "Dimensions": [["function"]], "Metrics": metrics});
    line.insert("_aws".into(), json!({"Timestamp": at.as_millisecond(), "CloudWatchMetrics": [directive]}));
    line.insert("function".into(), function.into());
    for (name, _, value) in figures {
        line.insert((*name).into(), (*value).into());
    }
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_cloudwatch_wants_to_read() {
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        let line = line("ingest", at, &[("messages", Unit::Count, 3), ("oldest", Unit::Seconds, 70)]);
        assert_eq!(
            line,
            json!({
                "_aws": {"Timestamp": 1_795_000_000_000_i64, "CloudWatchMetrics": [{
                    "Namespace": "Storeloom", "Dimensions": [["function"]],
                    "Metrics": [{"Name": "messages", "Unit": "Count"}, {"Name": "oldest", "Unit": "Seconds"}]
                }]},
                "function": "ingest", "messages": 3, "oldest": 70
            })
        );
    }
}
