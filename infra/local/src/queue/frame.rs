//! The records of a queue's log: a mark, a length, a checksum, and what happened.

/// Starts every frame. The last byte is the version; JSON never holds it, so no body can feign a frame.
const MARK: [u8; 4] = *b"SLQ\x01";
/// Mark, length and checksum.
const HEAD: usize = 12;
/// Where a message's number stands in its frame.
const NUMBER: usize = HEAD + 1;
/// No frame is longer: a longer length is damage.
const LONGEST: usize = 4 << 20;

const MESSAGE: u8 = 1;
const RECEIVED: u8 = 2;
const ACKED: u8 = 3;
const BEGUN: u8 = 4;
const DEAD: u8 = 5;
const GONE: u8 = 6;

/// A message as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent<'a> {
    /// Its number: grows with each message of the queue.
    pub(super) number: u64,
    /// When it was sent, in milliseconds.
    pub(super) at: i64,
    pub(super) group: &'a str,
    pub(super) name: &'a str,
    /// The message as JSON.
    pub(super) body: &'a [u8],
}

/// Something that happened to a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record<'a> {
    /// A message was sent.
    Message(Sent<'a>),
    /// A message was received for the `count`th time.
    Received { number: u64, count: u32 },
    /// A message was done.
    Acked { number: u64 },
    /// A log file was begun; later messages have this number or a higher one.
    Begun { number: u64 },
    /// A message was received too often.
    Dead { at: i64, count: u32, sent: Sent<'a> },
    /// A dead message was sent again or forgotten.
    Gone { number: u64 },
}

/// Appends a record as a frame.
pub(super) fn put(bytes: &mut Vec<u8>, record: &Record<'_>) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; HEAD]);
    match *record {
        Record::Message(sent) => {
            bytes.push(MESSAGE);
            put_sent(bytes, &sent);
        }
        Record::Received { number, count } => {
            bytes.push(RECEIVED);
            bytes.extend_from_slice(&number.to_le_bytes());
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        Record::Acked { number } => put_number(bytes, ACKED, number),
        Record::Begun { number } => put_number(bytes, BEGUN, number),
        Record::Gone { number } => put_number(bytes, GONE, number),
        Record::Dead { at, count, sent } => {
            bytes.push(DEAD);
            bytes.extend_from_slice(&at.to_le_bytes());
            bytes.extend_from_slice(&count.to_le_bytes());
            put_sent(bytes, &sent);
        }
    }
    if let Some(frame) = bytes.get_mut(start..) {
        seal(frame);
    }
}

fn put_number(bytes: &mut Vec<u8>, kind: u8, number: u64) {
    bytes.push(kind);
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put_sent(bytes: &mut Vec<u8>, sent: &Sent<'_>) {
    bytes.extend_from_slice(&sent.number.to_le_bytes());
    bytes.extend_from_slice(&sent.at.to_le_bytes());
    for text in [sent.group, sent.name] {
        bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(sent.body);
}

/// A message's frame without number and seal, its body of about `room` bytes written by `write` in place.
pub(super) fn open_message<E>(
    at: i64,
    group: &str,
    name: &str,
    room: usize,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let mut frame = Vec::with_capacity(room.saturating_add(HEAD + 192));
    frame.extend_from_slice(&[0; HEAD]);
    frame.push(MESSAGE);
    put_sent(&mut frame, &Sent { number: 0, at, group, name, body: &[] });
    write(&mut frame)?;
    Ok(frame)
}

/// Gives a message's frame its number and seals it.
pub(super) fn seal_message(frame: &mut [u8], number: u64) {
    if let Some(place) = frame.get_mut(NUMBER..NUMBER + 8) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    seal(frame);
}

fn seal(frame: &mut [u8]) {
    let Some((head, payload)) = frame.split_at_mut_checked(HEAD) else { return };
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
    let sum = checksum(&length, payload).to_le_bytes();
    for (slot, byte) in head.iter_mut().zip(MARK.into_iter().chain(length).chain(sum)) {
        *slot = byte;
    }
}

fn checksum(length: &[u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(length);
    hasher.update(payload);
    hasher.finalize()
}

/// Reads the frame that `bytes` start with, and its length; nothing if it is cut off or damaged.
pub(super) fn read(bytes: &[u8]) -> Option<(Record<'_>, usize)> {
    let rest = bytes.strip_prefix(&MARK)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let size = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|size| *size <= LONGEST)?;
    let payload = rest.get(..size)?;
    (checksum(length, payload) == u32::from_le_bytes(*sum)).then_some(())?;
    Some((read_payload(payload)?, HEAD.saturating_add(size)))
}

fn read_payload(payload: &[u8]) -> Option<Record<'_>> {
    let (kind, rest) = payload.split_first()?;
    match *kind {
        MESSAGE => Some(Record::Message(read_sent(rest)?)),
        DEAD => {
            let (at, rest) = rest.split_first_chunk::<8>()?;
            let (count, rest) = rest.split_first_chunk::<4>()?;
            let (at, count) = (i64::from_le_bytes(*at), u32::from_le_bytes(*count));
            Some(Record::Dead { at, count, sent: read_sent(rest)? })
        }
        kind => {
            let (number, rest) = rest.split_first_chunk::<8>()?;
            let number = u64::from_le_bytes(*number);
            match kind {
                ACKED => Some(Record::Acked { number }),
                BEGUN => Some(Record::Begun { number }),
                GONE => Some(Record::Gone { number }),
                RECEIVED => {
                    let (count, _) = rest.split_first_chunk::<4>()?;
                    Some(Record::Received { number, count: u32::from_le_bytes(*count) })
                }
                _ => None,
            }
        }
    }
}

fn read_sent(rest: &[u8]) -> Option<Sent<'_>> {
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (group, rest) = read_text(rest)?;
    let (name, body) = read_text(rest)?;
    Some(Sent { number: u64::from_le_bytes(*number), at: i64::from_le_bytes(*at), group, name, body })
}

fn read_text(rest: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

/// What reading a log found besides its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Scan {
    /// Where the last whole frame ends: what follows is a torn tail.
    pub(super) end: usize,
    /// Bytes between whole frames that are none: damage.
    pub(super) damaged: usize,
}

/// Reads all whole frames of a log, past damaged ones.
pub(super) fn scan<'a>(bytes: &'a [u8], mut each: impl FnMut(usize, usize, Record<'a>)) -> Scan {
    let mut found = Scan::default();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some((record, length)) = read(rest) {
            each(at, length, record);
            found.damaged = found.damaged.saturating_add(at.saturating_sub(found.end));
            at = at.saturating_add(length);
            found.end = at;
        } else {
            let next = rest.windows(MARK.len()).skip(1).position(|window| window == MARK);
            at = next.map_or(bytes.len(), |skipped| at.saturating_add(skipped).saturating_add(1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Record<'static>> {
        let sent = Sent { number: 7, at: -5, group: "g", name: "n\u{fc}", body: b"{\"v\":\"1\"}" };
        vec![
            Record::Begun { number: 7 },
            Record::Message(sent),
            Record::Received { number: 7, count: 3 },
            Record::Acked { number: 7 },
            Record::Dead { at: 9, count: 4, sent },
            Record::Gone { number: 7 },
        ]
    }

    #[test]
    fn every_record_is_read_as_it_was_written() {
        let mut bytes = Vec::new();
        for record in records() {
            put(&mut bytes, &record);
        }
        let mut seen = Vec::new();
        let found = scan(&bytes, |_, _, record| seen.push(record));
        assert_eq!((seen, found), (records(), Scan { end: bytes.len(), damaged: 0 }));
    }

    #[test]
    fn a_message_opened_and_sealed_is_the_message_put() {
        let mut put_whole = Vec::new();
        put(&mut put_whole, &records()[1]);
        let mut opened = open_message(-5, "g", "n\u{fc}", 9, |frame| {
            frame.extend_from_slice(b"{\"v\":\"1\"}");
            Ok::<_, ()>(())
        })
        .unwrap();
        seal_message(&mut opened, 7);
        assert_eq!(opened, put_whole);
    }

    #[test]
    fn one_flipped_byte_costs_its_own_record_alone() {
        let mut bytes = Vec::new();
        let mut starts = Vec::new();
        for record in records() {
            starts.push(bytes.len());
            put(&mut bytes, &record);
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            let hit = starts.iter().rposition(|start| *start <= at).unwrap();
            let mut seen = Vec::new();
            scan(&damaged, |_, _, record| seen.push(record));
            let mut expected = records();
            expected.remove(hit);
            assert_eq!(seen, expected, "byte {at}");
        }
    }
}
