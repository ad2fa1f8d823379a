//! What a platform brings: its crate, its simulator, the function that takes its deliveries with a sample and its
//! blocks in the template, and its line in the list.

use serde_json::Value;
use std::path::Path;

/// What belongs to the platform alone.
pub fn own(name: &str) -> [String; 4] {
    [
        format!("shared/platforms/{name}"),
        format!("tests/simulators/{name}"),
        format!("functions/webhook-{name}"),
        format!("events/webhook-{name}"),
    ]
}

/// Adds the platform to a tree.
pub fn add(root: &Path, name: &str) -> Result<(), String> {
    let kind = kind_of(name);
    for (file, text) in FILES {
        let text = text.replace("NAME", name).replace("KIND", &kind);
        write(&root.join(file.replace("NAME", name)), &text)?;
    }
    function(root, name)?;
    sample(root, name)?;
    let template = root.join("template.yaml");
    write(&template, &with_blocks(&read(&template)?, name)?)?;
    let line = format!("{name} = {{ path = \"../{name}\" }}\n");
    put_before(&root.join(super::LIST), "shopify = { path", &line)
}

/// The function that takes deliveries, as the pattern's is; it names the crate by its path.
fn function(root: &Path, name: &str) -> Result<(), String> {
    let functions = root.join("functions");
    let (pattern, own) = (functions.join("webhook-woocommerce"), functions.join(format!("webhook-{name}")));
    for file in ["Cargo.toml", "src/main.rs"] {
        let text = renamed(&read(&pattern.join(file))?, name);
        let folder = format!("shared/platforms/{name}");
        let by_path = format!("{name} = {{ path = \"../../{folder}\" }}\n");
        write(&own.join(file), &text.replace(&format!("{name}.workspace = true\n"), &by_path))?;
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

/// The files of the crate and of its simulator: where each lies below the root, and its pattern.
const FILES: [(&str, &str); 8] = [
    ("shared/platforms/NAME/Cargo.toml", include_str!("pattern/crate.toml")),
    ("shared/platforms/NAME/README.md", include_str!("pattern/readme.md")),
    ("shared/platforms/NAME/src/lib.rs", include_str!("pattern/lib.rs.txt")),
    ("shared/platforms/NAME/src/read.rs", include_str!("pattern/read.rs.txt")),
    ("shared/platforms/NAME/src/stock.rs", include_str!("pattern/stock.rs.txt")),
    ("shared/platforms/NAME/tests/NAME.rs", include_str!("pattern/tests.rs.txt")),
    ("tests/simulators/NAME/Cargo.toml", include_str!("pattern/shop.toml")),
    ("tests/simulators/NAME/src/lib.rs", include_str!("pattern/shop.rs.txt")),
];

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
            LIST,
        ];
        for file in pattern {
            write(&root.path().join(file), &read(&house.join(file)).unwrap()).unwrap();
        }
        add(root.path(), "bazaar").unwrap();
        let made = |file: &str| read(&root.path().join(file)).unwrap();
        let added = |file: &str| -> Vec<String> {
            let (before, after) = (read(&house.join(file)).unwrap(), made(file));
            let new = after.lines().filter(|line| !before.lines().any(|old| old == *line));
            new.map(str::to_owned).collect()
        };
        assert_eq!(added(LIST), [r#"bazaar = { path = "../bazaar" }"#]);
        let template = added("template.yaml");
        assert!(template.iter().any(|line| line == "  WebhookBazaar:"));
        assert!(template.iter().any(|line| line.contains("POST /webhooks/bazaar/{store}")));
        let function = made("functions/webhook-bazaar/Cargo.toml");
        assert!(function.contains("\nbazaar = { path = \"../../") && !function.contains("bazaar.workspace"));
        let main = made("functions/webhook-bazaar/src/main.rs");
        assert!(main.contains(".platform(bazaar::Bazaar)"), "{main}");
        let sample = made("events/webhook-bazaar/unsigned.json");
        assert!(sample.contains("/webhooks/bazaar/") && sample.contains(r#""body": "{}""#), "{sample}");
        for (file, _) in FILES {
            let text = made(&file.replace("NAME", "bazaar"));
            assert!(!text.contains("KIND") && !text.contains("NAME"), "{file}: {text}");
        }
        assert!(made("shared/platforms/bazaar/src/lib.rs").contains("pub struct Bazaar;"));
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
