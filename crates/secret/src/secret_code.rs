use std::fmt;

use zeroize::Zeroizing;

use crate::{NoRandomness, TokenDigest, hex, randomness};

/// 128 bits cannot be guessed, and 32 digits can still be typed.
const RANDOM_BYTES: usize = 16;

/// A random secret that the gateway itself hands out: a session's cookie, a setup code.
///
/// Like a [`ClientToken`](crate::ClientToken) it cannot be printed, cloned or serialized, and only
/// its [`TokenDigest`] is stored.
pub struct SecretCode(Zeroizing<String>);

impl SecretCode {
    /// A new one: 128 random bits as 32 hexadecimal digits.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        randomness::fill(bytes.as_mut_slice())?;
        Ok(Self(Zeroizing::new(hex::encode(bytes.as_slice()))))
    }

    /// The code in clear: for handing it out once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored, and compared with what is presented.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for SecretCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_long_and_do_not_show() {
        let (one, other) = (SecretCode::generate().unwrap(), SecretCode::generate().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 32);
        assert_eq!(one.digest(), TokenDigest::of(one.expose().as_bytes()));
        assert!(!format!("{one:?}").contains(one.expose()));
    }
}
