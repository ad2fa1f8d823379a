//! What waits for a person, in one sentence, where a hub would warn of each by itself.

use std::collections::BTreeMap;
use std::io::Write;

use domain::exception::ExceptionKind;
use ports::Ask;
use url::Url;

use super::Failure;
use crate::desk::Desk;

/// Questions that are read at a time.
const PAGE: u32 = 200;

/// Tells how many questions wait for a person, by kind, and where they can be seen, if the hub stays up; answers how
/// many there are.
pub(crate) async fn tell(
    desk: &Desk,
    seen_at: Option<&Url>,
    out: &mut (dyn Write + Send),
) -> Result<u64, Failure> {
    let mut kinds: BTreeMap<ExceptionKind, u64> = BTreeMap::new();
    let mut ask = Some(Ask::first(PAGE));
    while let Some(at) = ask {
        let page = desk.outside.journal.exceptions(&desk.org, false, &at).await?;
        for one in &page.items {
            *kinds.entry(one.kind).or_default() += 1;
        }
        ask = page.next.map(|next| Ask::after(PAGE, Some(next)));
    }
    match seen_at {
        Some(page) => writeln!(out, "{}; see {page}", sentence(&kinds))?,
        None => writeln!(out, "{}.", sentence(&kinds))?,
    }
    Ok(kinds.values().sum())
}

/// How many questions there are, the most frequent kind first.
fn sentence(kinds: &BTreeMap<ExceptionKind, u64>) -> String {
    let mut sorted: Vec<(ExceptionKind, u64)> = kinds.iter().map(|(kind, count)| (*kind, *count)).collect();
    sorted.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    let told: Vec<String> = sorted
        .iter()
        .map(|(kind, count)| {
            let (one, many) = words(*kind);
            format!("{count} {}", if *count == 1 { one } else { many })
        })
        .collect();
    match kinds.values().sum::<u64>() {
        0 => "No question waits for a person".to_owned(),
        1 => format!("1 question waits for a person: {}", told.join(", ")),
        all => format!("{all} questions wait for a person: {}", told.join(", ")),
    }
}

/// What a kind is called, of one and of many.
fn words(kind: ExceptionKind) -> (&'static str, &'static str) {
    match kind {
        ExceptionKind::MissingSku => ("variant without SKU", "variants without SKU"),
        ExceptionKind::DuplicateSku => {
            ("SKU that is there twice in a shop", "SKUs that are there twice in a shop")
        }
        ExceptionKind::AmbiguousSku => ("SKU that is not clear", "SKUs that are not clear"),
        ExceptionKind::CountDiffers => {
            ("count that differs between shops", "counts that differ between shops")
        }
        ExceptionKind::UnmatchedLine => ("order of something unmatched", "orders of something unmatched"),
        ExceptionKind::ParkedEvent => ("unreadable message", "unreadable messages"),
        ExceptionKind::Unexplained => ("number that no order explains", "numbers that no order explains"),
        ExceptionKind::WriteRefused => ("write that was refused", "writes that were refused"),
        ExceptionKind::SyncFailed => ("reading that failed", "readings that failed"),
        ExceptionKind::WebhooksMissing => {
            ("shop whose webhooks are missing", "shops whose webhooks are missing")
        }
        ExceptionKind::StoreHeld => ("shop that refuses its keys", "shops that refuse their keys"),
        ExceptionKind::StoreSetup => (
            "thing that a shop's set-up keeps from being followed",
            "things that shops' set-up keeps from being followed",
        ),
        ExceptionKind::FellToZero => ("shop that fell to zero", "shops that fell to zero"),
        ExceptionKind::RaisesHeld => ("shop whose raises are held", "shops whose raises are held"),
        ExceptionKind::UnpaidOrder => ("order that stands unpaid", "orders that stand unpaid"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_counted_by_kind() {
        let counted = |kinds: &[(ExceptionKind, u64)]| sentence(&kinds.iter().copied().collect());
        assert_eq!(counted(&[]), "No question waits for a person");
        let one = counted(&[(ExceptionKind::Unexplained, 1)]);
        assert_eq!(one, "1 question waits for a person: 1 number that no order explains");
        let many = [(ExceptionKind::DuplicateSku, 2), (ExceptionKind::MissingSku, 20)];
        let told =
            "22 questions wait for a person: 20 variants without SKU, 2 SKUs that are there twice in a shop";
        assert_eq!(counted(&many), told);
    }
}
