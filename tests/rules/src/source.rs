//! Rust as text with what is not code blanked out; every character keeps its place.

/// The text without its comments; strings stay.
pub fn without_comments(text: &str) -> String {
    blank(text, false)
}

/// The text without its comments and without what stands inside its strings.
pub fn code(text: &str) -> String {
    blank(text, true)
}

/// Attributes of a text, outer and inner: the line each begins on, and what stands between its brackets.
pub fn attributes(text: &str) -> Vec<(usize, String)> {
    let seen: Vec<char> = code(text).chars().collect();
    let kept: Vec<char> = without_comments(text).chars().collect();
    let mut found = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < seen.len() {
        let inner = usize::from(seen.get(at + 1) == Some(&'!'));
        if seen[at] == '\n' {
            line += 1;
        }
        if seen[at] == '#' && seen.get(at + 1 + inner) == Some(&'[') {
            let from = at + 2 + inner;
            let to = closing(&seen, from);
            found.push((line, kept[from..to].iter().collect::<String>().trim().to_owned()));
        }
        at += 1;
    }
    found
}

/// Words of a line of code: letters, digits and underscores that stand together.
pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn closing(seen: &[char], from: usize) -> usize {
    let mut depth = 1;
    for (at, c) in seen.iter().enumerate().skip(from) {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    seen.len()
}

fn blank(text: &str, strings_too: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let (taken, hidden) = if starts(rest, "//") {
            (rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()), true)
        } else if starts(rest, "/*") {
            (comment(rest), true)
        } else if let Some(length) = raw_string(&chars, at).or_else(|| string(rest)).or_else(|| letter(rest))
        {
            (length, strings_too)
        } else {
            (1, false)
        };
        for (place, c) in rest[..taken].iter().enumerate() {
            let edge = strings_too && (place == 0 || place + 1 == taken) && matches!(c, '"' | '\'' | 'r');
            out.push(if hidden && *c != '\n' && !edge { ' ' } else { *c });
        }
        at += taken;
    }
    out
}

fn starts(chars: &[char], with: &str) -> bool {
    with.chars().enumerate().all(|(place, c)| chars.get(place) == Some(&c))
}

/// Length of a block comment, which may hold others.
fn comment(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if starts(&rest[at..], "/*") {
            depth += 1;
            at += 2;
        } else if starts(&rest[at..], "*/") {
            depth -= 1;
            at += 2;
        } else {
            at += 1;
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Length of a string in double quotes.
fn string(rest: &[char]) -> Option<usize> {
    (rest.first() == Some(&'"')).then_some(())?;
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            '"' => return Some(at + 1),
            _ => at += 1,
        }
    }
    Some(rest.len())
}

/// Length of a raw string that begins here with its `r`; raw names like `r#type` are none.
fn raw_string(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    let inside_a_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    let lead = if inside_a_word { matches!(chars[at - 1], 'b' | 'c') } else { true };
    (lead && rest.first() == Some(&'r')).then_some(())?;
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    (rest.get(1 + hashes) == Some(&'"')).then_some(())?;
    let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = 2 + hashes;
    let close = (body..rest.len()).find(|place| starts(&rest[*place..], &end));
    Some(close.map_or(rest.len(), |place| place + end.len()))
}

/// Length of a character in single quotes; a lifetime is none.
fn letter(rest: &[char]) -> Option<usize> {
    (rest.first() == Some(&'\'')).then_some(())?;
    if rest.get(1) == Some(&'\\') {
        let close = rest.iter().skip(3).position(|c| *c == '\'')?;
        return Some(close + 4);
    }
    (rest.get(2) == Some(&'\'')).then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        let text = "let a = \"x // y\"; // z\n/* b /* c */ d */ let e = 'f';";
        assert_eq!(without_comments(text), "let a = \"x // y\";     \n                  let e = 'f';");
    }

    #[test]
    fn code_has_no_strings() {
        assert_eq!(code("f(\"todo!()\", 'x', b\"y\\\"z\")"), "f(\"       \", ' ', b\"    \")");
        assert_eq!(code("fn a<'b>(c: &'b str) {}"), "fn a<'b>(c: &'b str) {}");
        assert_eq!(code("let r#type = '\\'';").trim_end(), "let r#type = '  ';");
        let raw = code("let a = r#\"dbg!(\"1\")\"#; dbg!(2)");
        assert!(!raw.contains("dbg!(\"") && raw.ends_with("; dbg!(2)"), "{raw}");
        assert!(code("let br = br\"todo!()\"; x").ends_with("; x"));
    }

    #[test]
    fn places_are_kept() {
        let text = "a \"é\n\" // ü\nb 'ß' r\"ö\n\" c";
        for blanked in [code(text), without_comments(text)] {
            assert_eq!(blanked.chars().count(), text.chars().count());
            assert_eq!(blanked.lines().count(), text.lines().count());
        }
    }

    #[test]
    fn attributes_are_found_whole() {
        let text = "#![a]\n// #[no]\n#[b(\n  c = \"]\", d[0]\n)]\nfn x() { \"#[no]\"; }";
        assert_eq!(attributes(text), [(1, "a".into()), (3, "b(\n  c = \"]\", d[0]\n)".into())]);
    }
}
