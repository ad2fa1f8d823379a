//! One file in a zip archive, stored as it is: what a function's code is uploaded as.

/// An archive that holds one file, which may be run.
pub fn archive(name: &str, bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).expect("a program of less than 4 GB");
    let length = u16::try_from(name.len()).expect("a short name");
    let sum = crc32fast::hash(bytes);
    // Version, flags, method (stored), time and date, checksum, both sizes, length of the name, no extras.
    let mut shared = Vec::new();
    for word in [20_u16, 0, 0, 0, 0x5b75] {
        shared.extend(word.to_le_bytes());
    }
    for word in [sum, size, size] {
        shared.extend(word.to_le_bytes());
    }
    shared.extend(length.to_le_bytes());
    shared.extend(0_u16.to_le_bytes());

    let mut out = b"PK\x03\x04".to_vec();
    out.extend(&shared);
    out.extend(name.as_bytes());
    out.extend(bytes);
    let directory = u32::try_from(out.len()).expect("an archive of less than 4 GB");
    out.extend(b"PK\x01\x02");
    // Made on Unix, so that the mode below counts.
    out.extend([20, 3]);
    out.extend(&shared);
    // No comment, the first disk, no attributes of its content; a file that its owner may run; at the beginning.
    out.extend([0; 6]);
    out.extend((0o100_755_u32 << 16).to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    out.extend(name.as_bytes());
    let length = u32::try_from(out.len()).expect("an archive of less than 4 GB") - directory;
    out.extend(b"PK\x05\x06");
    for word in [0_u16, 0, 1, 1] {
        out.extend(word.to_le_bytes());
    }
    out.extend(length.to_le_bytes());
    out.extend(directory.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    out
}
