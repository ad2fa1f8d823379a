//! What a platform brings: its crate, the function that takes its deliveries, a sample, and its line in the list.

use serde_json::Value;
use std::path::Path;

/// What belongs to the platform alone; the template and the lock hold others, too.
pub fn own(name: &str) -> [String; 5] {
    [
        format!("shared/platforms/{name}"),
        format!("functions/webhook-{name}"),
        format!("events/webhook-{name}"),
        "template.yaml".to_owned(),
        "Cargo.lock".to_owned(),
    ]
}

/// Adds the platform to a tree.
pub fn add(root: &Path, name: &str) -> Result<(), String> {
    the_crate(root, name)?;
    function(root, name)?;
    sample(root, name)?;
    let template = root.join("template.yaml");
    write(&template, &with_blocks(&read(&template)?, name)?)?;
    let all = root.join("shared/platforms/all");
    let house = format!("{name} = {{ path = \"shared/platforms/{name}\" }}\n");
    put_before(&root.join("Cargo.toml"), "net = { path", &house)?;
    put_before(&all.join("Cargo.toml"), "\n[lints]", &format!("{name}.workspace = true\n"))?;
    let line = format!("        Box::new({name}::{}),\n", kind_of(name));
    put_before(&all.join("src/lib.rs"), "    ]\n}", &line)
}

fn the_crate(root: &Path, name: &str) -> Result<(), String> {
    let folder = root.join("shared/platforms").join(name);
    let kind = kind_of(name);
    for (file, text) in [("Cargo.toml", CARGO), ("README.md", README), ("src/lib.rs", LIB)] {
        write(&folder.join(file), &text.replace("NAME", name).replace("KIND", &kind))?;
    }
    Ok(())
}

/// The function that takes deliveries, as the pattern's is.
fn function(root: &Path, name: &str) -> Result<(), String> {
    let functions = root.join("functions");
    for file in ["Cargo.toml", "src/main.rs"] {
        let text = read(&functions.join("webhook-woocommerce").join(file))?;
        write(&functions.join(format!("webhook-{name}")).join(file), &renamed(&text, name))?;
    }
    Ok(())
}

/// A delivery that nobody signed: all that a platform without signatures can be sent.
fn sample(root: &Path, name: &str) -> Result<(), String> {
    const BODY: &str = "{}";
    let text = read(&root.join("events/webhook-woocommerce/greeting.json"))?;
    let mut event: Value = serde_json::from_str(&renamed(&text, name)).map_err(|error| error.to_string())?;
    event["body"] = BODY.into();
    event["headers"]["content-type"] = "application/json".into();
    event["headers"]["content-length"] = BODY.len().to_string().into();
    let text = serde_json::to_string_pretty(&event).map_err(|error| error.to_string())?;
    write(&root.join("events").join(format!("webhook-{name}")).join("unsigned.json"), &format!("{text}\n"))
}

/// The template with the pattern's blocks once more, each behind the block that it is like.
fn with_blocks(template: &str, name: &str) -> Result<String, String> {
    let is_block = |line: &str| line.starts_with("  ") && !line.starts_with("   ");
    let mut out = String::with_capacity(template.len() + 4096);
    let (mut copied, mut inside) = (String::new(), false);
    let mut blocks = 0;
    for line in template.split_inclusive('\n') {
        if is_block(line) || !line.starts_with([' ', '\n']) {
            inside = line.trim_start().starts_with("WebhookWoocommerce");
            blocks += usize::from(inside);
            if !inside {
                out.push_str(&std::mem::take(&mut copied));
            }
        }
        if inside {
            copied.push_str(&renamed(line, name));
        }
        out.push_str(line);
    }
    out.push_str(&copied);
    if blocks == 0 { Err("template.yaml has no block to copy".to_owned()) } else { Ok(out) }
}

/// A text of the pattern as this platform's.
fn renamed(text: &str, name: &str) -> String {
    let kind = kind_of(name);
    text.replace("WooCommerce", &kind).replace("Woocommerce", &kind).replace("woocommerce", name)
}

fn kind_of(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn put_before(file: &Path, mark: &str, line: &str) -> Result<(), String> {
    let text = read(file)?;
    let at = text.find(mark).ok_or_else(|| format!("{} has no `{}`", file.display(), mark.trim()))?;
    let (before, after) = text.split_at(at);
    write(file, &format!("{before}{line}{after}"))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(told)?;
    }
    std::fs::write(file, text).map_err(told)
}

const CARGO: &str = r#"[package]
name = "NAME"
description = "KIND: what it says on the wire, in the words of the domain."
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[dependencies]
domain.workspace = true
platform.workspace = true

[lints]
workspace = true
"#;

const README: &str =
    "# NAME\n\nWhat of KIND is used, its limits with their sources, and what a shop's owner must set.\n";

const LIB: &str = r#"//! KIND: its wire, its signatures, its paging and the meaning of its errors.

use std::time::Duration;

use domain::PlatformSlug;
use platform::{Limits, Platform, StockMode};

/// The platform.
#[derive(Debug, Clone, Copy, Default)]
pub struct KIND;

impl Platform for KIND {
    fn slug(&self) -> PlatformSlug {
        PlatformSlug::new("NAME")
    }

    fn limits(&self) -> Limits {
        Limits {
            page: 100,
            stock_batch: 1,
            read_batch: 1,
            stock_mode: StockMode::Absolute,
            repeats_writes: false,
            order_visibility_lag: Duration::from_secs(60),
            overlap: Duration::from_secs(300),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_cannot_be_called() {
        assert_eq!(KIND.slug().as_str(), "NAME");
        assert!(KIND.push_stock().is_none() && KIND.webhooks().is_none());
    }
}
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skeleton::LIST;

    #[test]
    fn a_platform_is_its_own_files_and_a_line_in_the_list() {
        let root = tempfile::tempdir().unwrap();
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let pattern = [
            "functions/webhook-woocommerce/Cargo.toml",
            "functions/webhook-woocommerce/src/main.rs",
            "events/webhook-woocommerce/greeting.json",
            "template.yaml",
        ];
        for file in pattern.iter().chain(&LIST) {
            write(&root.path().join(file), &read(&house.join(file)).unwrap()).unwrap();
        }
        add(root.path(), "bazaar").unwrap();
        let added = |file: &str| -> Vec<String> {
            let (before, after) = (read(&house.join(file)).unwrap(), read(&root.path().join(file)).unwrap());
            let new = after.lines().filter(|line| !before.lines().any(|old| old == *line));
            new.map(str::to_owned).collect()
        };
        for file in LIST {
            let new = added(file);
            assert!(new.len() == 1 && new[0].contains("bazaar"), "{file}: {new:?}");
        }
        let template = added("template.yaml");
        assert!(template.iter().any(|line| line == "  WebhookBazaar:"));
        assert!(template.iter().any(|line| line.contains("POST /webhooks/bazaar/{store}")));
        let main = read(&root.path().join("functions/webhook-bazaar/src/main.rs")).unwrap();
        assert!(main.contains(".platform(bazaar::Bazaar)"), "{main}");
        let sample = read(&root.path().join("events/webhook-bazaar/unsigned.json")).unwrap();
        assert!(sample.contains("/webhooks/bazaar/") && sample.contains(r#""body": "{}""#), "{sample}");
        let lib = read(&root.path().join("shared/platforms/bazaar/src/lib.rs")).unwrap();
        assert!(lib.contains("pub struct Bazaar;") && !lib.contains("KIND") && !lib.contains("NAME"));
        assert!(put_before(&root.path().join("template.yaml"), "no such line", "x").is_err());
    }

    #[test]
    fn blocks_follow_those_that_they_are_like() {
        let text = "Resources:\n  WebhookWoocommerce:\n    A: woocommerce\n\n  Other:\n    B: 1\n\n  WebhookWoocommerceErrors:\n    C: 2\nOutputs:\n  X: 1\n";
        let expected = "Resources:\n  WebhookWoocommerce:\n    A: woocommerce\n\n  WebhookBazaar:\n    A: bazaar\n\n  Other:\n    B: 1\n\n  WebhookWoocommerceErrors:\n    C: 2\n  WebhookBazaarErrors:\n    C: 2\nOutputs:\n  X: 1\n";
        assert_eq!(with_blocks(text, "bazaar").unwrap(), expected);
        assert!(with_blocks("Resources:\n", "bazaar").is_err());
        assert_eq!(kind_of("shop2"), "Shop2");
    }
}
