//! Storing pages of records: a newer state replaces, the same only moves its mark, an older one stays out.
//!
//! A chunk of a page is read at once and written as one transaction, each row on the condition that it did
//! not move since. Where a row moved, the chunk is read again and made smaller, so that two writers of one
//! page get through.

use std::collections::HashMap;

use domain::{OrgId, StoreId};
use futures::{StreamExt, TryStreamExt};
use ports::{ErrorKind, PortError, Put, Result, Seen, Stored};

use super::record::Record;
use super::row;
use crate::Table;
use crate::table::{
    All, Key, MOST_ACTIONS, MOST_BYTES, Pause, Row, Write, count, document, key, maybe_moment, maybe_text,
    moment, n, s,
};

const OP: &str = "catalog.put";
/// So many chunks are written at once.
const AT_ONCE: usize = 4;

/// What to do about one record, given the row that stands.
struct Decision {
    answer: Put,
    writes: Vec<Write>,
}

pub(super) async fn put<R: Record>(
    table: &Table,
    org: &OrgId,
    store: &StoreId,
    records: &[R],
    seen: &Seen,
) -> Result<Vec<Put>> {
    let mut answers: HashMap<usize, Put> = HashMap::with_capacity(records.len());
    for wave in waves(records) {
        let chunks: Vec<Vec<usize>> = wave.chunks(MOST_ACTIONS).map(<[usize]>::to_vec).collect();
        let written: Vec<Vec<(usize, Put)>> = futures::stream::iter(chunks)
            .map(|chunk| put_chunk(table, (org, store), records, chunk, seen))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        answers.extend(written.into_iter().flatten());
    }
    (0..records.len())
        .map(|place| answers.remove(&place).ok_or_else(|| crowded("a record was left without an answer")))
        .collect()
}

fn crowded(why: &str) -> PortError {
    PortError::new(ErrorKind::Conflict, OP, why)
}

/// The places of the records, in waves that hold each id once: a page may show a record twice, and then the
/// later one meets the earlier.
fn waves<R: Record>(records: &[R]) -> Vec<Vec<usize>> {
    let mut times: HashMap<&str, usize> = HashMap::with_capacity(records.len());
    let mut waves: Vec<Vec<usize>> = Vec::new();
    for (place, record) in records.iter().enumerate() {
        let time = times.entry(record.id()).or_insert(0);
        match waves.get_mut(*time) {
            Some(wave) => wave.push(place),
            None => waves.push(vec![place]),
        }
        *time += 1;
    }
    waves
}

async fn put_chunk<R: Record>(
    table: &Table,
    (org, store): (&OrgId, &StoreId),
    records: &[R],
    mut left: Vec<usize>,
    seen: &Seen,
) -> Result<Vec<(usize, Put)>> {
    let mut answers = Vec::with_capacity(left.len());
    let mut most = MOST_ACTIONS;
    let mut pause = Pause::default();
    while !left.is_empty() {
        let looked_at: Vec<(usize, &R)> =
            left.iter().take(most).filter_map(|place| Some((*place, records.get(*place)?))).collect();
        let keys = looked_at.iter().map(|(_, record)| row::<R>(org, store, record.id())).collect();
        let standing = table.many(OP, keys).await?;

        let mut writes = Vec::new();
        let mut decided = Vec::new();
        let mut bytes = 0;
        for (place, record) in looked_at {
            let own = row::<R>(org, store, record.id());
            let decision = decide(org, store, record, standing.get(&own), &own, seen)?;
            let more: usize = decision.writes.iter().map(Write::bytes).sum();
            let full = writes.len() + decision.writes.len() > MOST_ACTIONS || bytes + more > MOST_BYTES;
            if full && !writes.is_empty() {
                break;
            }
            bytes += more;
            writes.extend(decision.writes);
            decided.push((place, decision.answer));
        }
        match table.all(OP, writes).await {
            Ok(All::Done) => {
                left.drain(..decided.len());
                answers.extend(decided);
            }
            Err(error) if error.kind != ErrorKind::Conflict || most == 1 => return Err(error),
            Ok(All::Refused(_)) | Err(_) => {
                most = (most / 2).max(1);
                if !pause.again().await {
                    return Err(crowded("others write these records all the time: try again"));
                }
            }
        }
    }
    Ok(answers)
}

/// What to do about a record. A full run's meeting brings a record back that was found gone before it, and so does a
/// newer state, whenever it was seen: workers' clocks differ.
fn decide<R: Record>(
    org: &OrgId,
    store: &StoreId,
    record: &R,
    standing: Option<&Row>,
    own: &Key,
    seen: &Seen,
) -> Result<Decision> {
    let content = document(record)?;
    let updated = moment(record.updated_at());
    let nothing = Row::new();
    let before = standing.unwrap_or(&nothing);
    let known = maybe_text(before, "updated");
    let stored = match known {
        Some(known) if known > updated.as_str() => Stored::Older,
        Some(known) if known == updated && maybe_text(before, "doc") == Some(&content) => Stored::Same,
        _ => Stored::Newer,
    };
    let met_before =
        seen.run.as_ref().is_some_and(|run| maybe_text(before, "seen_run") == Some(run.as_str()));
    let gone = maybe_moment(before, "gone_at")?;
    let back = match gone {
        Some(gone) => stored == Stored::Newer || seen.run.is_some() && seen.at > gone,
        None => false,
    };
    let answer = match stored {
        Stored::Same if back => Stored::Newer,
        stored => stored,
    };

    let product = record.product().filter(|_| stored == Stored::Newer);
    let named = product.filter(|product| {
        product.as_str() != record.id() && maybe_text(before, "product") != Some(product.as_str())
    });
    let name = named
        .map(|product| Write::put(Key::new(key::variants_of(org, store, product), record.id()), Row::new()));
    if standing.is_none() {
        let mut row = Row::from([
            ("rev".to_owned(), n(1_u64)),
            ("seen_at".to_owned(), s(moment(seen.at))),
            ("doc".to_owned(), s(content)),
            ("v".to_owned(), n(1_u64)),
            ("updated".to_owned(), s(&updated)),
        ]);
        row.extend(seen.run.as_ref().map(|run| ("seen_run".to_owned(), s(run.as_str()))));
        row.extend(product.map(|product| ("product".to_owned(), s(product))));
        let writes = [Write::put(own.clone(), row).if_new()].into_iter().chain(name).collect();
        return Ok(Decision { answer: Put { stored: answer, met_before }, writes });
    }

    let mut set = "SET #rev = :next, #seen_at = :seen_at".to_owned();
    let rev = count(before, "rev")?;
    let seen_at = maybe_moment(before, "seen_at")?.map_or(seen.at, |at| at.max(seen.at));
    let mut values = vec![(":next", n(rev + 1)), (":seen_at", s(moment(seen_at)))];
    if let Some(run) = &seen.run {
        set.push_str(", #seen_run = :run");
        values.push((":run", s(run.as_str())));
    }
    if stored == Stored::Newer {
        set.push_str(", #doc = :doc, #v = :v, #updated = :updated");
        values.extend([(":doc", s(content)), (":v", n(1_u64)), (":updated", s(&updated))]);
    }
    if let Some(product) = product {
        set.push_str(", #product = :product");
        values.push((":product", s(product)));
    }
    if back {
        set.push_str(" REMOVE #gone_at");
    }
    let mut write = Write::update(own.clone(), set);
    write = if rev == 0 {
        write.when("attribute_not_exists(#rev)")
    } else {
        values.push((":rev", n(rev)));
        write.when("#rev = :rev")
    };
    for (name, value) in values {
        write = write.with(name, value);
    }
    let writes = [write].into_iter().chain(name).collect();
    Ok(Decision { answer: Put { stored: answer, met_before }, writes })
}
