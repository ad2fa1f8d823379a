//! Reads recorded wire samples with the platforms' own parsers: `cargo xtask judge --reference DIR`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One line of the table: the file, the recording in it, and what it became or why that cannot be said.
struct Row {
    file: String,
    which: String,
    became: Result<String, String>,
}

/// What was judged and what was passed over.
#[derive(Default)]
struct Judged {
    rows: Vec<Row>,
    skipped: Vec<String>,
}

fn main() -> ExitCode {
    let Some(reference) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("judge: name the folder of samples");
        return ExitCode::FAILURE;
    };
    match judge(&reference) {
        Ok(judged) => {
            print!("{}", table(&judged));
            if is_well(&judged) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            eprintln!("judge: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Judges the folder of a platform below the given one, or the given one itself.
fn judge(reference: &Path) -> Result<Judged, String> {
    let below = reference.join("woocommerce");
    let folder = if below.is_dir() { below } else { reference.to_path_buf() };
    let mut judged = Judged::default();
    for path in files(&folder)? {
        let file = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().into_owned();
        if path.file_name().is_some_and(|name| name == "README.md") {
            judged.skipped.push(file);
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let recordings = match String::from_utf8(bytes) {
            Ok(text) => woocommerce::recorded::judge_file(&file, &text),
            Err(_) => vec![(file.clone(), Err("the file is no text".to_owned()))],
        };
        if recordings.is_empty() {
            let became = Err("nothing was found in it".to_owned());
            judged.rows.push(Row { file: file.clone(), which: String::new(), became });
        }
        judged.rows.extend(recordings.into_iter().map(|(which, became)| {
            let which = if which == file { String::new() } else { which };
            Row { file: file.clone(), which, became }
        }));
    }
    Ok(judged)
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_well(judged: &Judged) -> bool {
    !judged.rows.is_empty() && judged.rows.iter().all(|row| row.became.is_ok())
}

fn table(judged: &Judged) -> String {
    let width =
        |cell: fn(&Row) -> &str| judged.rows.iter().map(|r| cell(r).chars().count()).max().unwrap_or(0);
    let (file, which) = (width(|row| &row.file), width(|row| &row.which));
    let mut text = String::new();
    for row in &judged.rows {
        let became = match &row.became {
            Ok(name) => name.clone(),
            Err(why) => format!("NOT NAMED: {why}"),
        };
        let line = format!("{:file$}  {:which$}  {became}", row.file, row.which);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    for skipped in &judged.skipped {
        text.push_str(&format!("{skipped:file$}  skipped: prose\n"));
    }
    let mut names: Vec<&str> = judged.rows.iter().map(|row| row.file.as_str()).collect();
    names.dedup();
    let named = judged.rows.iter().filter(|row| row.became.is_ok()).count();
    text.push_str(&format!(
        "\n{} files, {named} recordings named, {} not named, {} files skipped\n",
        names.len(),
        judged.rows.len() - named,
        judged.skipped.len()
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCHANGE: &str = r#"{"request":{"method":"GET","url":"https://shop.example/wp-json/wc/v3/products/9"},
        "response":{"status":404,"headers":{"content-type":"application/json; charset=UTF-8"},
        "body_text":"{\"code\":\"woocommerce_rest_product_invalid_id\",\"message\":\"Invalid ID.\",\"data\":{\"status\":404}}"}}"#;

    #[test]
    fn prose_is_skipped_and_what_has_no_name_fails() {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("woocommerce/captures");
        std::fs::create_dir_all(&shop).unwrap();
        std::fs::write(shop.join("README.md"), "prose").unwrap();
        assert!(!is_well(&judge(folder.path()).unwrap()), "nothing was judged");
        std::fs::write(shop.join("odd.json"), "[]").unwrap();
        std::fs::write(shop.join("picture.png"), [0xff, 0xfe]).unwrap();
        let judged = judge(folder.path()).unwrap();
        assert_eq!(judged.skipped, ["captures/README.md"]);
        assert_eq!(judged.rows.iter().filter(|row| row.became.is_err()).count(), 2);
        assert!(!is_well(&judged));
        let shown = table(&judged);
        assert!(shown.contains("skipped: prose"), "{shown}");
        assert!(shown.ends_with("\n2 files, 0 recordings named, 2 not named, 1 files skipped\n"), "{shown}");
    }

    #[test]
    fn a_recorded_answer_gets_its_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("missing.json"), EXCHANGE).unwrap();
        let judged = judge(folder.path()).unwrap();
        assert!(is_well(&judged), "{}", table(&judged));
    }
}
