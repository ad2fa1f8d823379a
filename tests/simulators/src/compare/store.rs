//! Recordings of a WooCommerce store, replayed and compared.

use super::Failure;
use super::replay::{self, Answer, Replay};
use super::shape;
use serde_json::Value;
use std::path::Path;

/// Recordings that are not replayed, and why.
const LEFT_OUT: [(&str, &str); 1] =
    [("041-auth-basic-over-http-xfp", "a line in that site's wp-config.php, not a rule of the store")];

/// Recordings whose bodies the simulator shortens on purpose.
const SHORTENED: [(&str, &str); 2] = [
    ("004-options-products", "the schema of arguments is left out"),
    ("005-options-orders", "the schema of arguments is left out"),
];

/// Headers whose value must be the same.
const SAME: [&str; 3] = ["allow", "content-type", "retry-after"];
/// Headers that must be there, or not, as recorded.
const PRESENT: [&str; 7] =
    ["x-wp-total", "x-wp-totalpages", "link", "location", "vary", "cache-control", "x-robots-tag"];

/// Compares every recording in `captures/`; true when none differs unexpectedly.
pub async fn run(reference: &Path) -> Result<bool, Failure> {
    let folder = reference.join("captures");
    let mut names: Vec<String> = std::fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    let mut replay = Replay::start().await?;
    let (mut good, mut bad, mut left_out) = (0, 0, 0);
    for file in &names {
        let name = file.trim_end_matches(".json");
        if let Some((_, why)) = LEFT_OUT.iter().find(|row| row.0 == name) {
            println!("left out  {name}: {why}");
            left_out += 1;
            continue;
        }
        let recorded: Value = serde_json::from_slice(&std::fs::read(folder.join(file))?)?;
        let differences = match (recorded.get("steps"), recorded.get("delivery")) {
            (Some(_), _) => replay.consent(&recorded).await?,
            (_, Some(delivery)) => delivered(&mut replay, name, delivery).await?,
            _ => {
                let ours = replay.request(name, &recorded["request"], &recorded["response"]).await?;
                answered(name, &recorded["response"], &ours)
            }
        };
        if differences.is_empty() {
            good += 1;
            println!("ok        {name}");
            continue;
        }
        bad += 1;
        println!("differs   {name}");
        for line in differences {
            println!("            {line}");
        }
    }
    println!("WooCommerce: {} recordings: {good} ok, {bad} differ, {left_out} left out", names.len());
    Ok(bad == 0)
}

fn answered(name: &str, recorded: &Value, ours: &Answer) -> Vec<String> {
    let mut out = Vec::new();
    let status = recorded["status"].as_u64().unwrap_or(0);
    if status != u64::from(ours.status) {
        out.push(format!("status: recorded {status}, ours {}", ours.status));
    }
    for header in SAME {
        let wanted = replay::header(recorded, header);
        if wanted != ours.headers.get(header).cloned() {
            out.push(format!("{header}: recorded {wanted:?}, ours {:?}", ours.headers.get(header)));
        }
    }
    for header in PRESENT {
        let (there, here) = (replay::header(recorded, header).is_some(), ours.headers.contains_key(header));
        if there != here {
            out.push(format!("{header}: recorded {there}, ours {here}"));
        }
    }
    let wanted: Option<Value> = serde_json::from_str(recorded["body_text"].as_str().unwrap_or_default()).ok();
    let got: Option<Value> = serde_json::from_str(&ours.body).ok();
    if wanted.is_some() != got.is_some() {
        out.push(format!("body is JSON: recorded {}, ours {}", wanted.is_some(), got.is_some()));
    }
    let (Some(wanted), Some(got)) = (wanted, got) else { return out };
    if SHORTENED.iter().any(|row| row.0 == name) {
        return out;
    }
    shape::differences("", &wanted, &got, &mut out);
    for key in ["code", "message"] {
        if status >= 400 && wanted.get(key) != got.get(key) {
            out.push(format!("{key}: recorded {:?}, ours {:?}", wanted.get(key), got.get(key)));
        }
    }
    out
}

async fn delivered(replay: &mut Replay, name: &str, recorded: &Value) -> Result<Vec<String>, Failure> {
    let Some((ours, headers)) = replay.delivery(name).await? else {
        return Ok(vec!["nothing was delivered".into()]);
    };
    let mut out = Vec::new();
    let text = recorded["body"].as_str().unwrap_or_default();
    match (serde_json::from_str::<Value>(text), serde_json::from_str::<Value>(&ours)) {
        (Ok(wanted), Ok(got)) => shape::differences("", &wanted, &got, &mut out),
        (Err(_), Err(_)) => {
            let form = |text: &str| text.split('=').next().map(str::to_owned);
            if form(text) != form(&ours) {
                out.push(format!("body: recorded {text}, ours {ours}"));
            }
        }
        _ => out.push("body is JSON on one side only".into()),
    }
    for pair in recorded["headers"].as_array().into_iter().flatten() {
        let header = pair[0].as_str().unwrap_or_default().to_lowercase();
        let ours = headers.get(&header);
        if ours.is_none() && header != "accept-encoding" {
            out.push(format!("{header}: missing"));
        }
        let same = [
            "content-type",
            "x-wc-webhook-topic",
            "x-wc-webhook-resource",
            "x-wc-webhook-event",
            "user-agent",
        ];
        if same.contains(&header.as_str()) && ours.map(String::as_str) != pair[1].as_str() {
            out.push(format!("{header}: recorded {}, ours {ours:?}", pair[1]));
        }
    }
    for header in headers.keys().filter(|name| name.starts_with("x-wc-")) {
        let known = recorded["headers"].as_array().into_iter().flatten();
        if !known.filter_map(|pair| pair[0].as_str()).any(|name| name.eq_ignore_ascii_case(header)) {
            out.push(format!("{header}: not recorded"));
        }
    }
    Ok(out)
}
