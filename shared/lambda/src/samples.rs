//! The samples in `events/` are what functions are given: they are read here as functions read them.

use std::path::{Path, PathBuf};

use domain::message::Message;
use lambda_http::RequestExt as _;

use crate::batch::Batch;

fn samples() -> Vec<(PathBuf, String)> {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(events).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn requests_keep_their_path_query_and_body() {
    let mut met = 0;
    let mut bodies = Vec::new();
    for (path, text) in samples().into_iter().filter(|(_, text)| text.contains("\"rawPath\"")) {
        let request =
            lambda_http::request::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let sample: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(request.raw_http_path(), sample["rawPath"].as_str().unwrap(), "{}", path.display());
        assert_eq!(request.uri().query().unwrap_or(""), sample["rawQueryString"].as_str().unwrap());
        if path.to_string_lossy().contains("order-created") {
            bodies.push(request.body().to_vec());
        }
        met += 1;
    }
    assert!(met >= 10, "only {met} requests");
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1], "base64 is undone, and nothing else");
}

#[test]
fn batches_hold_messages_of_ours() {
    let mut met = 0;
    for (path, text) in samples().into_iter().filter(|(_, text)| text.contains("\"Records\"")) {
        let batch: Batch = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for body in batch.bodies() {
            let message: Result<Message, _> = serde_json::from_str(body);
            assert!(message.is_ok(), "{}: {message:?}", path.display());
            met += 1;
        }
    }
    assert_eq!(met, 3);
}
