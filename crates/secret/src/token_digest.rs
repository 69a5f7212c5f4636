use std::fmt;
use std::hash::{Hash, Hasher};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use crate::hex;

/// The SHA-256 of a client token: all that is stored of one, and what it is looked up by.
///
/// A fast hash is enough for the 160 random bits of our own tokens, and a slow one would let any
/// caller burn a core per request.
#[derive(Clone, Copy)]
pub struct TokenDigest([u8; SHA256_OUTPUT_LEN]);

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no digest: 64 hexadecimal digits are expected")]
pub struct InvalidDigest;

impl TokenDigest {
    /// The digest of a token's bytes as they came in a request.
    pub fn of(bytes: &[u8]) -> Self {
        let mut own = [0; SHA256_OUTPUT_LEN];
        own.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(own)
    }

    /// Reads what [`TokenDigest::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Result<Self, InvalidDigest> {
        hex::decode(text).map(Self).ok_or(InvalidDigest)
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }
}

/// In constant time.
impl PartialEq for TokenDigest {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for TokenDigest {}

impl Hash for TokenDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// The first digits only: the digest of a token that a person chose can be searched for.
impl fmt::Debug for TokenDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenDigest({}…)", hex::encode(&self.0[..4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sha_256_in_hex() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let digest = TokenDigest::of(b"abc");
        assert_eq!(digest.to_hex(), expected);
        assert_eq!(TokenDigest::from_hex(expected), Ok(digest));
        assert_eq!(format!("{digest:?}"), "TokenDigest(ba7816bf…)");
    }

    #[test]
    fn different_tokens_differ_and_other_texts_are_refused() {
        assert_ne!(TokenDigest::of(b"a"), TokenDigest::of(b"b"));
        assert_eq!(TokenDigest::from_hex("ba78"), Err(InvalidDigest));
    }
}
