//! The name under which the shop knows a write: the same write has the same one for ever.

use domain::WriteId;
use sha1::{Digest as _, Sha1};

/// The namespace of our names, made once.
const NAMESPACE: [u8; 16] =
    [0x5d, 0x0f, 0x2a, 0x6e, 0x91, 0x34, 0x4c, 0x7b, 0xa8, 0x16, 0x3e, 0xd2, 0x70, 0xb9, 0x45, 0xc1];

/// The idempotency key of a write, or of the `part` of it that is not the first attempt: a UUID of version 5.
pub(crate) fn key(write: &WriteId, part: &str) -> String {
    let gap = if part.is_empty() { "" } else { " " };
    uuid(&NAMESPACE, &format!("{write}{gap}{part}"))
}

/// The UUID of version 5 of a name.
fn uuid(namespace: &[u8; 16], name: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(namespace);
    hash.update(name.as_bytes());
    let mut bytes: Vec<u8> = hash.finalize().iter().copied().take(16).collect();
    for (at, byte) in bytes.iter_mut().enumerate() {
        match at {
            6 => *byte = (*byte & 0x0f) | 0x50,
            8 => *byte = (*byte & 0x3f) | 0x80,
            _ => {}
        }
    }
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let mut text = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_the_standard_says() {
        // The example of RFC 9562, appendix A.4: a name below the namespace of domain names.
        let domains =
            [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(uuid(&domains, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }

    #[test]
    fn a_write_has_the_same_key_for_ever() {
        let write = WriteId::derive(&["x"]);
        // Frozen: a write that was begun before an update is sent again after it.
        assert_eq!(key(&write, ""), FIRST);
        assert_ne!(key(&write, "again"), key(&write, ""));
        assert_ne!(key(&WriteId::derive(&["y"]), ""), key(&write, ""));
        for text in [key(&write, ""), key(&write, "again")] {
            assert_eq!((text.len(), text.as_bytes()[14]), (36, b'5'));
            assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{text}");
        }
    }

    const FIRST: &str = "d55fd153-7de2-50fd-9272-54679f7acf9f";
}
