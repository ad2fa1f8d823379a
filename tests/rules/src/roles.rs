//! Each function's role allows what the adapters that it is handed call, and nothing else.

use crate::findings::Findings;
use crate::house::House;
use crate::source;
use crate::template::{Resource, resources};
use std::collections::BTreeSet;

/// An adapter: how a function makes it, where its calls stand, and its list of actions with nothing left out.
struct Adapter {
    made_by: &'static str,
    folder: &'static str,
    /// The words behind it that make it do less, and the list that counts then.
    less: &'static [(&'static str, &'static str)],
}

const ADAPTERS: [Adapter; 5] = [
    Adapter { made_by: "table", folder: "shared/aws/src/table", less: &[("reading", "READING")] },
    Adapter {
        made_by: "vault",
        folder: "shared/aws/src/vault",
        less: &[("reading", "READING"), ("renewing", "READING")],
    },
    Adapter {
        made_by: "blobs",
        folder: "shared/aws/src/blobs",
        less: &[("putting", "PUTTING"), ("reading", "READING")],
    },
    Adapter { made_by: "queue", folder: "shared/aws/src/queue", less: &[] },
    Adapter { made_by: "schedules", folder: "shared/aws/src/schedules", less: &[] },
];
/// Makes the table on a desk and in tests; in AWS the template does.
const NOT_DEPLOYED: &str = "shared/aws/src/table/create.rs";
/// What every function may do: write its log and its trace.
const ALWAYS: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];
/// What the service that reads a queue for a function does in the function's role.
const READS_QUEUE: [&str; 4] =
    ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
/// Calls whose actions are not called like them.
const RENAMED: &[(&str, &[&str])] = &[
    ("send_message_batch", &["sqs:SendMessage"]),
    (
        "transact_write_items",
        &["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    ),
    ("get_object", &["s3:GetObject", "s3:ListBucket"]),
    ("create_schedule", &["iam:PassRole", "scheduler:CreateSchedule"]),
    ("update_schedule", &["iam:PassRole", "scheduler:UpdateSchedule"]),
];

/// An adapter's list of actions names what its source calls, both ways.
pub fn lists_are_what_is_called(house: &House) -> Findings {
    let mut findings = Findings::default();
    for adapter in &ADAPTERS {
        let Some(declared) = declared(house, adapter, "ACTIONS") else {
            findings.note(format!("{}: no list ACTIONS", adapter.folder));
            continue;
        };
        let service = declared.iter().find(|action| !action.starts_with("iam:")).map(String::as_str);
        let service = service.and_then(|action| action.split(':').next()).unwrap_or_default().to_owned();
        let called = called(house, adapter, &service);
        findings.met += called.len();
        for action in called.difference(&declared) {
            findings.note(format!("{}: {action} is called and not declared", adapter.folder));
        }
        for action in declared.difference(&called) {
            findings.note(format!("{}: {action} is declared and not called", adapter.folder));
        }
    }
    findings
}

/// A role allows what its function's adapters declare, both ways, and is open to nothing more.
pub fn roles(house: &House) -> Findings {
    let mut findings = Findings::default();
    let template = house.paper("template.yaml").map(|paper| resources(&paper.text)).unwrap_or_default();
    for function in template.iter().filter(|resource| resource.folder().is_some()) {
        findings.meet();
        let folder = function.folder().unwrap_or_default();
        let Some(main) = house.paper(&format!("functions/{folder}/src/main.rs")) else { continue };
        let role =
            function.value("Role").and_then(|role| role.strip_prefix("!GetAtt ")?.strip_suffix(".Arn"));
        let Some(role) = role.and_then(|name| template.iter().find(|resource| resource.name == name)) else {
            findings.note(format!("{}: it has no role of its own in the template", function.name));
            continue;
        };
        if template.iter().filter(|other| other.value("Role") == function.value("Role")).count() > 1 {
            findings.note(format!("{}: its role is another's, too", function.name));
        }
        for line in role.wide() {
            findings.note(format!("{}: open to everything: {line}", role.name));
        }
        let wanted = wanted(house, &main.text, function);
        let allowed: BTreeSet<String> = role.actions().into_iter().map(str::to_owned).collect();
        for action in wanted.difference(&allowed) {
            findings.note(format!("{}: {action} is missing: the code of {folder} calls it", role.name));
        }
        for action in allowed.difference(&wanted) {
            findings.note(format!("{}: {action} is too much: nothing in {folder} calls it", role.name));
        }
    }
    findings
}

fn wanted(house: &House, main: &str, function: &Resource) -> BTreeSet<String> {
    let mut wanted: BTreeSet<String> = ALWAYS.map(str::to_owned).into();
    if function.body.contains("Type: SQS") {
        wanted.extend(READS_QUEUE.map(str::to_owned));
    }
    let code: String = source::without_comments(main).split_whitespace().collect();
    for adapter in &ADAPTERS {
        for (at, made) in code.match_indices(&format!("place.{}(", adapter.made_by)) {
            let rest = &code[at + made.len()..];
            let behind = &rest[closing(rest)..];
            let less = adapter.less.iter().find(|(word, _)| behind.starts_with(&format!(").{word}()")));
            let list = less.map_or("ACTIONS", |(_, list)| list);
            wanted.extend(declared(house, adapter, list).unwrap_or_default());
        }
    }
    wanted
}

/// The place of the bracket that closes what was opened before the text.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    let ends = |(_, sign): &(usize, char)| {
        depth += match sign {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    };
    text.char_indices().find(ends).map_or(text.len(), |(place, _)| place)
}

fn papers_of<'a>(house: &'a House, adapter: &'a Adapter) -> impl Iterator<Item = &'a str> {
    let (file, folder) = (format!("{}.rs", adapter.folder), format!("{}/", adapter.folder));
    house
        .sources()
        .filter(move |paper| paper.path == file || paper.path.starts_with(&folder))
        .filter(|paper| paper.path != NOT_DEPLOYED)
        .map(|paper| paper.text.as_str())
}

/// The words of the list of this name in an adapter's source.
fn declared(house: &House, adapter: &Adapter, list: &str) -> Option<BTreeSet<String>> {
    let head = format!("pub const {list}: &[&str] =");
    let (_, rest) = papers_of(house, adapter).find_map(|text| text.split_once(&head))?;
    let (words, _) = rest.split_once("];")?;
    Some(
        words
            .split('"')
            .enumerate()
            .filter(|(place, _)| place % 2 == 1)
            .map(|(_, word)| word.to_owned())
            .collect(),
    )
}

/// The actions of the calls in an adapter's source: `client.put_object()` is `PutObject`.
fn called(house: &House, adapter: &Adapter, service: &str) -> BTreeSet<String> {
    let mut actions = BTreeSet::new();
    for text in papers_of(house, adapter) {
        let code: String = source::code(text).split_whitespace().collect();
        for (at, lead) in code.match_indices("client.") {
            let rest = &code[at + lead.len()..];
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !rest[name.len()..].starts_with("()") || name == "clone" {
                continue;
            }
            match RENAMED.iter().find(|(call, _)| *call == name) {
                Some((_, renamed)) => actions.extend(renamed.iter().map(|action| (*action).to_owned())),
                None => {
                    actions.insert(format!("{service}:{}", camel(&name)));
                }
            }
        }
    }
    actions
}

fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    name.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adapters_declare_what_they_call() {
        lists_are_what_is_called(&House::read()).settle();
    }

    #[test]
    fn roles_allow_what_is_called_and_nothing_else() {
        roles(&House::read()).settle();
    }

    /// The real tree with one text put in the place of another in one file.
    fn planted(path: &str, from: &str, to: &str) -> House {
        let mut house = House::read();
        let paper = house.papers.iter_mut().find(|paper| paper.path == path).unwrap();
        assert!(paper.text.contains(from), "{from} does not stand in {path}");
        paper.text = paper.text.replacen(from, to, 1);
        house
    }

    #[test]
    fn a_planted_wildcard_is_caught() {
        let found = roles(&planted("template.yaml", "\"sqs:SendMessage\"]", "\"sqs:*\"]")).wrong;
        assert!(found.iter().any(|wrong| wrong.contains("sqs:* is too much")), "{found:?}");
        let found = roles(&planted("template.yaml", "Action: [\"s3:PutObject\"]", "Action: [\"*:*\"]")).wrong;
        assert!(found.iter().any(|wrong| wrong.contains("*:* is too much")), "{found:?}");
        let open = planted(
            "template.yaml",
            "Resource: [!GetAtt Table.Arn, !Sub \"${Table.Arn}/index/listed\"]",
            "Resource: \"*\"",
        );
        let found = roles(&open).wrong;
        assert!(found.iter().any(|wrong| wrong.contains("open to everything")), "{found:?}");
    }

    #[test]
    fn a_planted_missing_action_is_caught() {
        let found = roles(&planted(
            "template.yaml",
            "\"secretsmanager:PutSecretValue\"",
            "\"secretsmanager:GetSecretValue\"",
        ))
        .wrong;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("secretsmanager:PutSecretValue is missing"), "{found:?}");
        let whole = ".blobs(place.blobs(set.need(\"BUCKET\")?).putting())";
        let handed = planted(
            "functions/webhook-shopify/src/main.rs",
            whole,
            ".blobs(place.blobs(set.need(\"BUCKET\")?))",
        );
        assert_eq!(roles(&handed).wrong.len(), 3, "{:?}", roles(&handed).wrong);
    }

    #[test]
    fn a_call_that_is_not_declared_is_caught() {
        let house = planted("shared/aws/src/queue.rs", ".send_message()", ".purge_queue()");
        let found = lists_are_what_is_called(&house).wrong;
        assert_eq!(found, ["shared/aws/src/queue: sqs:PurgeQueue is called and not declared"]);
        let house = planted(
            "shared/aws/src/vault.rs",
            "\"secretsmanager:CreateSecret\",",
            "\"secretsmanager:ListSecrets\",",
        );
        assert_eq!(lists_are_what_is_called(&house).wrong.len(), 2);
    }
}
