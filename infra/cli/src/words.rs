//! Numbers, times and counts as people read them.

use jiff::Timestamp;

/// `1 order`, `2 orders`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
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

/// A change with its sign: `+3`, `-2`, `0`.
pub(crate) fn signed(number: &str) -> String {
    if number.starts_with('-') || number.chars().all(|sign| matches!(sign, '0' | '.')) {
        number.to_owned()
    } else {
        format!("+{number}")
    }
}

/// A rate given in tenths.
pub(crate) fn rate(tenths: u64) -> String {
    if tenths >= 1000 { format!("{}/s", tenths / 10) } else { format!("{}.{}/s", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_say_them() {
        let said: Vec<String> = [8, 60, 75, 3600, 7500, 400_000].map(lasting).into();
        assert_eq!(said, ["8 s", "1 min", "1 min 15 s", "1 h 0 min", "2 h 5 min", "4 d"]);
        assert_eq!([340, 1250, 61_000].map(millis), ["340 ms", "1.2 s", "1 min 1 s"]);
        let now = Timestamp::from_second(100_000).unwrap();
        let then = |second| ago(Timestamp::from_second(second).unwrap(), now);
        assert_eq!(
            [99_950, 99_000, 90_000, 0, 100_005].map(then),
            ["50 s ago", "16 min ago", "2 h ago", "1 d ago", "just now"]
        );
    }

    #[test]
    fn a_name_cannot_break_out_of_a_command() {
        let names = ["North", "https://a.example:80/x", "My shop", "a'; rm -r b; '", "$(x)", ""];
        assert_eq!(
            names.map(quoted),
            ["North", "https://a.example:80/x", "'My shop'", r"'a'\''; rm -r b; '\'''", "'$(x)'", "''"]
        );
    }

    #[test]
    fn changes_and_rates() {
        assert_eq!(["3", "-2", "0", "0.0"].map(signed), ["+3", "-2", "0", "0.0"]);
        assert_eq!([5, 125, 12_340].map(rate), ["0.5/s", "12.5/s", "1234/s"]);
        assert_eq!(
            (count(1, "order", "orders"), count(0, "order", "orders")),
            ("1 order".into(), "0 orders".into())
        );
    }
}
