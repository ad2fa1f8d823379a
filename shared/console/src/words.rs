//! Numbers, times and commands as people read them.

use jiff::Timestamp;

/// `1 order`, `2 orders`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A number with its thousands apart: `12 480`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Seconds as people say them: `8 s`, `3 min`, `2 h 5 min`, `4 d`.
pub(crate) fn lasting(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Milliseconds as people say them: `340 ms`, `1.2 s`, `3 min`.
pub(crate) fn millis(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => lasting(millis / 1000),
    }
}

/// A rate given in tenths.
pub(crate) fn rate(tenths: u64) -> String {
    if tenths >= 1000 {
        format!("{}/s", grouped(tenths / 10))
    } else {
        format!("{}.{}/s", tenths / 10, tenths % 10)
    }
}

/// How long ago a time was.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    match u64::try_from(now.duration_since(then).as_secs()) {
        Ok(seconds @ 0..60) => format!("{seconds} s ago"),
        Ok(seconds @ 60..3600) => format!("{} min ago", seconds / 60),
        Ok(seconds @ 3600..86_400) => format!("{} h ago", seconds / 3600),
        Ok(seconds) => format!("{} d ago", seconds / 86_400),
        Err(_) => "just now".to_owned(),
    }
}

/// A word for a shell: as it is where it may be, otherwise in quotes that nothing inside can end.
pub(crate) fn quoted(text: &str) -> String {
    let plain =
        |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.' | '/' | ':' | '@');
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]
        );
        assert_eq!(
            [8, 60, 75, 7500, 400_000].map(lasting),
            ["8 s", "1 min", "1 min 15 s", "2 h 5 min", "4 d"]
        );
        assert_eq!([340, 1250, 61_000].map(millis), ["340 ms", "1.2 s", "1 min 1 s"]);
        assert_eq!([125, 12_340].map(rate), ["12.5/s", "1\u{202f}234/s"]);
        assert_eq!([1, 2].map(|number| count(number, "link", "links")), ["1 link", "2 links"]);
        let now = Timestamp::from_second(100_000).unwrap();
        let then = |second| ago(Timestamp::from_second(second).unwrap(), now);
        let said = [99_950, 99_000, 90_000, 0, 100_005].map(then);
        assert_eq!(said, ["50 s ago", "16 min ago", "2 h ago", "1 d ago", "just now"]);
    }

    #[test]
    fn a_name_cannot_break_out_of_a_command() {
        assert_eq!(
            ["North", "My shop", "a'b", "-x"].map(quoted),
            ["North", "'My shop'", r"'a'\''b'", "'-x'"]
        );
    }
}
