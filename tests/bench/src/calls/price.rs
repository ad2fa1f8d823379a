//! What calls cost: list prices, and the arithmetic.

use std::collections::BTreeMap;

use super::tally::{Counts, Who};

/// A line of the bill: its name, its price in dollars for a million, and how much of it was used.
pub struct Line {
    /// What is charged.
    pub name: &'static str,
    /// Dollars for a million of it.
    pub price: f64,
    /// How much by each function.
    pub used: BTreeMap<Who, f64>,
}

/// List prices of us-east-1 without any free tier, in dollars for a million; the README names their source.
const READ_UNITS: f64 = 0.125;
const WRITE_UNITS: f64 = 0.625;
const SQS_FIFO: f64 = 0.50;
const SECRETS: f64 = 5.00;
const S3_PUT: f64 = 5.00;
const S3_GET: f64 = 0.40;
const INVOCATIONS: f64 = 0.20;
/// A GB-second on Arm is 0.0000133334 dollars.
const GB_SECONDS: f64 = 13.3334;
const HTTP_API: f64 = 1.00;
/// A gigabyte of log lines is 0.50 dollars.
const LOG_KILOBYTES: f64 = 0.50;

/// Memory of a function, in GB: the template's 256 MB.
const MEMORY: f64 = 0.25;
/// Log lines of an invocation, in kB: the service's own three and ours.
const LOG_OF_INVOCATION: f64 = 1.1;
/// The API's line about a request, in kB.
const LOG_OF_REQUEST: f64 = 0.3;

/// How long an invocation waits for one such call, in seconds: assumed, not measured here.
fn seconds(operation: &str) -> f64 {
    match operation {
        // The function's own work.
        "Invoke" => 0.010,
        "TransactWriteItems" => 0.012,
        "SendMessage" => 0.010,
        "PutObject" | "GetObject" | "DeleteObject" => 0.030,
        "GetSecretValue" => 0.015,
        "PutSecretValue" => 0.060,
        "shop" => 0.400,
        _ => 0.005,
    }
}

/// The bill of what was counted; `requests` of it came through the API.
pub fn bill(counts: &Counts, requests: f64) -> Vec<Line> {
    let mut lines: BTreeMap<u8, Line> = BTreeMap::new();
    let mut add = |place: u8, name: &'static str, price: f64, who: Who, used: f64| {
        let line = lines.entry(place).or_insert_with(|| Line { name, price, used: BTreeMap::new() });
        *line.used.entry(who).or_default() += used;
    };
    if requests > 0.0 {
        add(0, "API Gateway, requests", HTTP_API, Who::Webhook, requests);
        add(9, "CloudWatch Logs, kB", LOG_KILOBYTES, Who::Webhook, requests * LOG_OF_REQUEST);
    }
    for ((who, operation, _), count) in counts {
        let (who, calls) = (*who, count.calls as f64);
        add(3, "DynamoDB, read units", READ_UNITS, who, count.reads);
        add(4, "DynamoDB, write units", WRITE_UNITS, who, count.writes);
        add(2, "Lambda, GB-s", GB_SECONDS, who, calls * seconds(operation) * MEMORY);
        match operation.as_str() {
            "Invoke" => {
                add(1, "Lambda, invocations", INVOCATIONS, who, calls);
                add(9, "CloudWatch Logs, kB", LOG_KILOBYTES, who, calls * LOG_OF_INVOCATION);
                if matches!(who, Who::Ingest | Who::Lane) {
                    // A message alone in its batch: received once, deleted once.
                    add(5, "SQS FIFO, requests", SQS_FIFO, who, calls * 2.0);
                }
            }
            "SendMessage" => add(5, "SQS FIFO, requests", SQS_FIFO, who, calls),
            "GetSecretValue" | "PutSecretValue" => add(6, "Secrets Manager, calls", SECRETS, who, calls),
            "PutObject" => add(7, "S3, puts", S3_PUT, who, calls),
            "GetObject" => add(8, "S3, gets", S3_GET, who, calls),
            _ => {}
        }
    }
    lines.into_values().collect()
}

/// Dollars for a million of `each`.
pub fn dollars(lines: &[Line], each: f64) -> f64 {
    lines.iter().map(|line| line.used.values().sum::<f64>() / each * line.price).sum()
}

#[cfg(test)]
mod tests {
    use super::super::tally::Count;
    use super::*;

    #[test]
    fn a_bill_is_what_was_used_times_its_price() {
        let mut counts = Counts::new();
        let mut put = |operation: &str, count: Count| {
            counts.insert((Who::Ingest, operation.to_owned(), String::new()), count);
        };
        put("Invoke", Count { calls: 10, ..Count::default() });
        put("PutItem", Count { calls: 10, writes: 20.0, ..Count::default() });
        put("GetItem", Count { calls: 20, reads: 20.0, ..Count::default() });
        let lines = bill(&counts, 10.0);
        let of = |name: &str| {
            let line = lines.iter().find(|line| line.name == name).unwrap();
            line.used.values().sum::<f64>() * line.price / 10.0
        };
        assert!((of("DynamoDB, write units") - 1.25).abs() < 1e-9);
        assert!((of("DynamoDB, read units") - 0.25).abs() < 1e-9);
        assert!((of("SQS FIFO, requests") - 1.0).abs() < 1e-9);
        assert!((of("API Gateway, requests") - 1.0).abs() < 1e-9);
        // 10 ms of its own and three calls of 5 ms, at a quarter of a GB.
        assert!((of("Lambda, GB-s") - 0.025 * 0.25 * 13.3334).abs() < 1e-9);
        let sum: f64 = lines.iter().map(|line| line.used.values().sum::<f64>() * line.price / 10.0).sum();
        assert!((dollars(&lines, 10.0) - sum).abs() < 1e-9);
    }
}
