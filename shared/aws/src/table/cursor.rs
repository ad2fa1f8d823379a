//! Cursors: where a page ended, bound to the list it came from.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ports::Result;
use sha2::{Digest, Sha256};

use super::error::refused;
use super::{Row, s, text};

/// The letters of an organisation's id and the sign behind it.
const ORG_PREFIX: usize = 31;

/// Names a list without saying what it is.
fn scope(partition: &str, prefix: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(partition.as_bytes());
    hash.update([0]);
    hash.update(prefix.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize().iter().take(12).copied().collect::<Vec<u8>>())
}

/// A cursor after a row of a list. Lists of an index carry the row's own key too.
pub(crate) fn write(partition: &str, prefix: &str, row: &Row, index: bool) -> Result<String> {
    let mut parts = vec![scope(partition, prefix), text(row, "sk")?.to_owned()];
    if index {
        parts.push(text(row, "pk")?.to_owned());
        parts.push(text(row, "g1sk")?.to_owned());
    }
    Ok(URL_SAFE_NO_PAD.encode(super::document(&parts)?))
}

/// Reads a cursor of this very list as the key to start after.
pub(crate) fn read(op: &'static str, partition: &str, prefix: &str, text: &str, index: bool) -> Result<Row> {
    let foreign = || refused(op, "the cursor does not belong to this list: begin at its first page");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign())?;
    let parts: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
    let mut parts = parts.into_iter();
    if parts.next() != Some(scope(partition, prefix)) {
        return Err(foreign());
    }
    let sk = parts.next().ok_or_else(foreign)?;
    if !index {
        if !sk.starts_with(prefix) || parts.next().is_some() {
            return Err(foreign());
        }
        return Ok(Row::from([("pk".into(), s(partition)), ("sk".into(), s(sk))]));
    }
    let (Some(pk), Some(g1sk), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(foreign());
    };
    if pk.get(..ORG_PREFIX) != partition.get(..ORG_PREFIX) {
        return Err(foreign());
    }
    Ok(Row::from([
        ("pk".into(), s(pk)),
        ("sk".into(), s(sk)),
        ("g1pk".into(), s(partition)),
        ("g1sk".into(), s(g1sk)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: &str = "org_00000000000000000000000001#list#a";

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let row = Row::from([("pk".into(), s(ORG)), ("sk".into(), s("work#1"))]);
        let cursor = write(ORG, "work#", &row, false).unwrap();
        assert_eq!(read("t", ORG, "work#", &cursor, false).unwrap(), row);
        assert!(read("t", ORG, "due#", &cursor, false).is_err());
        assert!(read("t", "org_00000000000000000000000002#list#a", "work#", &cursor, false).is_err());
        assert!(read("t", ORG, "work#", &cursor, true).is_err());
        assert!(read("t", ORG, "work#", "", false).is_err());
        assert!(read("t", ORG, "work#", "!", false).is_err());
    }

    #[test]
    fn a_forged_cursor_cannot_name_another_merchants_row() {
        let other = "org_00000000000000000000000002#item#x";
        let row = Row::from([("pk".into(), s(other)), ("sk".into(), s("item")), ("g1sk".into(), s("sku"))]);
        let cursor = write(ORG, "", &row, true).unwrap();
        assert!(read("t", ORG, "", &cursor, true).is_err());
    }
}
