//! Reads recorded wire samples with the platforms' own parsers, and holds their GraphQL documents to a schema:
//! `cargo xtask judge --reference DIR --schema FILE`. With `--sign FILE` it signs vectors as we do, for a vendor's own
//! library to check.

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

/// What reads the samples of a platform: what each recording in a file becomes.
type Reader = fn(&str, &str) -> Vec<(String, Result<String, String>)>;

/// The platforms that read samples, each by the name of its folder.
const READERS: [(&str, Reader); 2] =
    [("woocommerce", woocommerce::recorded::judge_file), ("shopify", shopify::recorded::judge_file)];

/// What can be asked, for a person.
const USAGE: &str = "Usage: judge [--reference DIR] [--schema FILE] [--sign FILE]

  --reference DIR  Read the recorded samples of a folder and say what each was read as
  --schema FILE    Hold the documents that are sent to a whole schema
  --sign FILE      Sign the vectors of a file as we do
";

fn main() -> ExitCode {
    if std::env::args_os().skip(1).any(|word| word == "--help" || word == "-h") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let mut asked = std::env::args_os().skip(1);
    let mut well = None;
    while let (Some(what), Some(path)) = (asked.next(), asked.next().map(PathBuf::from)) {
        let said = match what.to_str() {
            Some("--reference") => judge(&path).map(|judged| (table(&judged), is_well(&judged))),
            Some("--schema") => schema(&path),
            Some("--sign") => sign(&path).map(|text| (text, true)),
            _ => Err(format!("`{}` is not understood", what.display())),
        };
        match said {
            Ok((text, is_well)) => {
                print!("{text}");
                well = Some(well.unwrap_or(true) && is_well);
            }
            Err(why) => {
                eprintln!("judge: {why}");
                return ExitCode::FAILURE;
            }
        }
    }
    match well {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => {
            eprintln!("judge: name a folder of samples or a schema");
            ExitCode::FAILURE
        }
    }
}

/// Holds every GraphQL document that is sent to a whole schema.
fn schema(path: &Path) -> Result<(String, bool), String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    // The language has this directive by now; the compiler wants it said.
    let known = if text.contains("directive @oneOf") { "" } else { "directive @oneOf on INPUT_OBJECT\n" };
    let schema = apollo_compiler::Schema::parse_and_validate(format!("{known}{text}"), path)
        .map_err(|wrong| format!("{} is no schema: {wrong}", path.display()))?;
    let mut said = String::new();
    let mut valid = 0;
    for (name, document) in shopify::documents() {
        let file = format!("{name}.graphql");
        match apollo_compiler::ExecutableDocument::parse_and_validate(&schema, *document, file) {
            Ok(_) => valid += 1,
            Err(wrong) => said.push_str(&format!("{name}: NOT VALID\n{wrong}\n")),
        }
    }
    let all = shopify::documents().len();
    said.push_str(&format!("{valid} of {all} documents are valid in {}\n", path.display()));
    Ok((said, valid == all && all > 0))
}

/// Signs the vectors of a file as we do.
fn sign(path: &Path) -> Result<String, String> {
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    shopify::recorded::sign_vectors(&std::fs::read_to_string(path).map_err(told)?)
}

/// Judges the folders of the platforms below the given one, or the given one itself by its name.
fn judge(reference: &Path) -> Result<Judged, String> {
    let mut judged = Judged::default();
    let below: Vec<(PathBuf, Reader)> = READERS
        .iter()
        .map(|(name, reader)| (reference.join(name), *reader))
        .filter(|(folder, _)| folder.is_dir())
        .collect();
    if !below.is_empty() {
        for (folder, reader) in below {
            judge_folder(reference, &folder, reader, &mut judged)?;
        }
        return Ok(judged);
    }
    let own = reference.file_name().unwrap_or_default();
    let named = READERS.iter().find(|(name, _)| own == std::ffi::OsStr::new(name));
    let reader = named.or(READERS.first()).map(|(_, reader)| *reader).ok_or("no platform reads samples")?;
    judge_folder(reference, reference, reader, &mut judged)?;
    Ok(judged)
}

fn judge_folder(above: &Path, folder: &Path, reader: Reader, judged: &mut Judged) -> Result<(), String> {
    for path in files(folder)? {
        let file = path.strip_prefix(above).unwrap_or(&path).to_string_lossy().into_owned();
        if path.file_name().is_some_and(|name| name == "README.md") {
            judged.skipped.push(file);
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let recordings = match String::from_utf8(bytes) {
            Ok(text) => reader(&file, &text),
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
    Ok(())
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
        assert_eq!(judged.skipped, ["woocommerce/captures/README.md"]);
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

    #[test]
    fn each_platform_reads_its_own_samples() {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("shopify");
        std::fs::create_dir_all(&shop).unwrap();
        let throttled =
            r#"{"body":{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]},"status":200}"#;
        std::fs::write(shop.join("throttled.json"), throttled).unwrap();
        for reference in [folder.path(), shop.as_path()] {
            let judged = judge(reference).unwrap();
            assert!(is_well(&judged) && table(&judged).contains("RateLimited"), "{}", table(&judged));
        }
    }

    #[test]
    fn a_schema_without_our_fields_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("small.graphql");
        std::fs::write(&file, "type Query { nothing: Int }").unwrap();
        let (said, well) = schema(&file).unwrap();
        assert!(!well && said.contains("shop: NOT VALID"), "{said}");
        std::fs::write(&file, "type Query {").unwrap();
        assert!(schema(&file).is_err());
    }
}
