//! Currency signs as the shop prints them.

const SIGNS: [(&str, &str, &str, &str); 9] = [
    ("GBP", "Pound sterling", "\u{a3}", "&pound;"),
    ("USD", "United States (US) dollar", "$", "&#36;"),
    ("EUR", "Euro", "\u{20ac}", "&euro;"),
    ("JPY", "Japanese yen", "\u{a5}", "&yen;"),
    ("KWD", "Kuwaiti dinar", "\u{62f}.\u{643}", "&#x62f;.&#x643;"),
    ("CHF", "Swiss franc", "CHF", "&#67;&#72;&#70;"),
    ("SEK", "Swedish krona", "kr", "&#107;&#114;"),
    ("PLN", "Polish z\u{142}oty", "z\u{142}", "&#122;&#322;"),
    ("AUD", "Australian dollar", "$", "&#36;"),
];

/// `£` for `GBP`; the code itself where the sign is not known here.
pub(crate) fn symbol(code: &str) -> &str {
    SIGNS.iter().find(|sign| sign.0 == code).map_or(code, |sign| sign.2)
}

/// `&pound;` for `GBP`.
pub(crate) fn entity(code: &str) -> &str {
    SIGNS.iter().find(|sign| sign.0 == code).map_or(code, |sign| sign.3)
}

/// `Pound sterling` for `GBP`.
pub(crate) fn name(code: &str) -> &str {
    SIGNS.iter().find(|sign| sign.0 == code).map_or(code, |sign| sign.1)
}
