//! The seal: what it closes can be neither read nor exchanged by whoever reads or writes the table.
//!
//! AES-256-GCM under a key that is derived from one secret, with the place that the text belongs to as associated
//! data: what is moved to another store's row does not open there.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use rand::Rng as _;

/// Begins what is sealed in this way.
const FORM: u8 = 1;
/// What the key is for: another use of the same secret has another key.
const PURPOSE: &[u8] = b"storeloom credentials 1";
/// A secret that is shorter was not made for this.
const SHORTEST: usize = 32;

/// A key that seals and opens.
pub(crate) struct Seal(LessSafeKey);

impl Seal {
    /// The key of a secret text; none if it is too short to be one.
    pub(crate) fn of(secret: &str) -> Option<Self> {
        if secret.len() < SHORTEST {
            return None;
        }
        let salt = Salt::new(HKDF_SHA256, PURPOSE);
        let source = salt.extract(secret.as_bytes());
        let key: UnboundKey = source.expand(&[PURPOSE], &AES_256_GCM).ok()?.into();
        Some(Self(LessSafeKey::new(key)))
    }

    /// Seals a text for a place.
    pub(crate) fn close(&self, text: &str, place: &str) -> Option<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_LEN];
        rand::rng().fill(&mut nonce);
        let mut sealed = text.as_bytes().to_vec();
        let about = Aad::from(place.as_bytes());
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), about, &mut sealed).ok()?;
        let mut whole = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        whole.push(FORM);
        whole.extend_from_slice(&nonce);
        whole.append(&mut sealed);
        Some(whole)
    }

    /// Opens what was sealed with this key for this place.
    pub(crate) fn open(&self, sealed: &[u8], place: &str) -> Option<String> {
        let rest = sealed.strip_prefix(&[FORM])?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>()?;
        let mut text = rest.to_vec();
        let about = Aad::from(place.as_bytes());
        let length = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), about, &mut text).ok()?.len();
        text.truncate(length);
        String::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;

    const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

    #[test]
    fn what_was_sealed_opens_in_its_place_alone() {
        let seal = Seal::of(SECRET).unwrap();
        let sealed = seal.close("a token", "org/store").unwrap();
        assert_eq!(seal.open(&sealed, "org/store").as_deref(), Some("a token"));
        assert_eq!(seal.open(&sealed, "org/other"), None);
        assert_eq!(Seal::of(&SECRET.replace('a', "b")).unwrap().open(&sealed, "org/store"), None);
        assert_ne!(seal.close("a token", "org/store").unwrap(), sealed, "each has its own nonce");
        assert!(!sealed.windows(7).any(|part| part == b"a token"));
    }

    #[test]
    fn whatever_is_changed_does_not_open() {
        let seal = Seal::of(SECRET).unwrap();
        let sealed = seal.close("a token", "place").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 1;
            }
            assert_eq!(seal.open(&changed, "place"), None, "byte {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(seal.open(sealed.get(..length).unwrap(), "place"), None, "{length} bytes");
        }
    }

    #[test]
    fn a_short_secret_is_none() {
        assert!(Seal::of("short").is_none());
    }
}
