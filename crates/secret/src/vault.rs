use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{MasterKey, hex};

/// Seals secrets for storage, and finds them again.
///
/// A sealed text is `v1:` and the base64 of nonce, ciphertext and tag of AES-256-GCM. The context
/// it was sealed for (`table:id:column`) is authenticated with it, so that a blob moved to another
/// row or column does not open.
///
/// Three independent keys are derived from the master key by HKDF-SHA256: one to seal, one for
/// fingerprints, one for the check value.
pub struct Vault {
    sealing: Zeroizing<[u8; KEY_BYTES]>,
    fingerprints: hmac::Key,
    check_value: String,
}

const KEY_BYTES: usize = 32;
const VERSION: &str = "v1:";

/// A secret could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret could not be sealed")]
pub struct SealError;

/// A stored text could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Not something that a [`Vault`] of this version wrote.
    #[error("is not a sealed secret")]
    Malformed,
    /// Sealed under another master key or for another place, or changed since.
    #[error("does not open: another master key, another place, or altered")]
    Rejected,
}

impl Vault {
    /// A vault whose keys are derived from `master`.
    pub fn new(master: &MasterKey) -> Self {
        let derive = |purpose| derive_key(master.to_text().as_bytes(), purpose);
        Self {
            sealing: derive(b"seal"),
            fingerprints: hmac::Key::new(hmac::HMAC_SHA256, derive(b"fingerprint").as_slice()),
            check_value: hex::encode(&derive(b"check")[..16]),
        }
    }

    /// Seals `plain` for the place that `context` names.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<String, SealError> {
        let mut body = plain.to_vec();
        let nonce = self
            .cipher()
            .and_then(|cipher| cipher.seal_in_place_append_tag(Aad::from(context), &mut body).ok())
            .ok_or(SealError)?;
        let mut sealed = VERSION.to_owned();
        STANDARD.encode_string([nonce.as_ref(), body.as_slice()].concat(), &mut sealed);
        Ok(sealed)
    }

    /// Opens what [`Vault::seal`] made for the same context.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let encoded = sealed.strip_prefix(VERSION).ok_or(OpenError::Malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| OpenError::Malformed)?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(OpenError::Malformed)?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = self
            .cipher()
            .and_then(|cipher| {
                cipher.open_in_place(Nonce::from(nonce), Aad::from(context), &mut body).ok()
            })
            .ok_or(OpenError::Rejected)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// The keyed hash by which a secret is found and duplicates are noticed without opening
    /// anything: 64 hexadecimal digits of HMAC-SHA256.
    pub fn fingerprint(&self, secret: &[u8]) -> String {
        hex::encode(hmac::sign(&self.fingerprints, secret).as_ref())
    }

    /// A value that depends on the master key alone: stored once, it tells a wrong master key
    /// before anything is read or written with it. Reveals nothing about the key.
    pub fn check_value(&self) -> String {
        self.check_value.clone()
    }

    /// `None` never happens: the key has the length that the cipher asks for.
    fn cipher(&self) -> Option<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, self.sealing.as_slice()).ok()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("check_value", &self.check_value)
            .finish_non_exhaustive()
    }
}

/// HKDF-SHA256 (RFC 5869) for the case that the output is exactly one block long, where the
/// expansion is one HMAC: unlike the general form, it cannot fail.
fn derive_key(secret: &[u8], purpose: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    const SALT: &[u8] = b"gemini-balance vault v1";
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SALT), secret);
    let mut expansion =
        hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref()));
    expansion.update(purpose);
    expansion.update(&[1]);
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    key.copy_from_slice(expansion.sign().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hkdf;
    use proptest::prelude::*;

    use super::*;

    fn vault(master: &str) -> Vault {
        Vault::new(&MasterKey::from_text(master).unwrap())
    }

    #[test]
    fn sealing_twice_gives_different_texts_that_both_open() {
        let vault = vault("correct horse battery");
        let first = vault.seal("keys:1:secret", b"AIza").unwrap();
        let second = vault.seal("keys:1:secret", b"AIza").unwrap();
        assert_ne!(first, second);
        for sealed in [first, second] {
            assert_eq!(vault.open("keys:1:secret", &sealed).unwrap().as_slice(), b"AIza");
        }
    }

    #[test]
    fn another_master_key_is_noticed() {
        let (right, wrong) = (vault("correct horse battery"), vault("correct horse batterie"));
        let sealed = right.seal("keys:1:secret", b"AIza").unwrap();
        assert_eq!(wrong.open("keys:1:secret", &sealed).unwrap_err(), OpenError::Rejected);
        assert_ne!(right.check_value(), wrong.check_value());
        assert_ne!(right.fingerprint(b"AIza"), wrong.fingerprint(b"AIza"));
        assert_eq!(right.check_value(), vault(" correct horse battery\n").check_value());
    }

    #[test]
    fn damaged_texts_are_refused() {
        let vault = vault("correct horse battery");
        let sealed = vault.seal("c", b"secret").unwrap();
        for text in ["", "v1:", "v1:AAAA", "v1:!!!!", "v2:AAAA", &sealed[3..]] {
            assert_eq!(vault.open("c", text).unwrap_err(), OpenError::Malformed, "{text}");
        }
        let shortened = format!("v1:{}", STANDARD.encode([0; NONCE_LEN + 15]));
        assert_eq!(vault.open("c", &shortened).unwrap_err(), OpenError::Rejected);
    }

    #[test]
    fn key_derivation_is_hkdf() {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"gemini-balance vault v1");
        let mut expected = [0; KEY_BYTES];
        salt.extract(b"master")
            .expand(&[b"seal"], hkdf::HKDF_SHA256)
            .unwrap()
            .fill(&mut expected)
            .unwrap();
        assert_eq!(derive_key(b"master", b"seal").as_slice(), expected);
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", vault("correct horse battery"));
        assert!(shown.starts_with("Vault { check_value: \""), "{shown}");
        assert!(shown.ends_with("\", .. }"), "{shown}");
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(context in ".{0,40}", plain: Vec<u8>) {
            let vault = vault("correct horse battery");
            let sealed = vault.seal(&context, &plain).unwrap();
            prop_assert_eq!(&*vault.open(&context, &sealed).unwrap(), &plain);
        }

        #[test]
        fn what_was_sealed_for_one_place_does_not_open_in_another(
            context in ".{0,40}", other in ".{0,40}", plain: Vec<u8>,
        ) {
            prop_assume!(context != other);
            let vault = vault("correct horse battery");
            let sealed = vault.seal(&context, &plain).unwrap();
            prop_assert_eq!(vault.open(&other, &sealed).unwrap_err(), OpenError::Rejected);
        }

        #[test]
        fn a_changed_bit_is_noticed(plain: Vec<u8>, position: prop::sample::Index, bit in 0..8_u8) {
            let vault = vault("correct horse battery");
            let sealed = vault.seal("c", &plain).unwrap();
            let mut bytes = STANDARD.decode(&sealed[3..]).unwrap();
            let index = position.index(bytes.len());
            bytes[index] ^= 1 << bit;
            let altered = format!("v1:{}", STANDARD.encode(bytes));
            prop_assert_eq!(vault.open("c", &altered).unwrap_err(), OpenError::Rejected);
        }
    }
}
