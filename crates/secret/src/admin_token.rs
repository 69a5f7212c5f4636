use std::fmt;

use zeroize::Zeroizing;

use crate::{NoRandomness, TokenDigest, hex, mask, randomness};

/// 160 bits cannot be guessed.
const RANDOM_BYTES: usize = 20;

/// What a script proves itself with at the admin API.
///
/// Like a [`ClientToken`](crate::ClientToken) it cannot be printed, cloned or serialized, and only
/// its [`TokenDigest`] is stored.
pub struct AdminToken(Zeroizing<String>);

impl AdminToken {
    /// What every one begins with.
    pub const PREFIX: &str = "gba_";

    /// A new one: `gba_` and 160 random bits.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        randomness::fill(bytes.as_mut_slice())?;
        let digits = Zeroizing::new(hex::encode(bytes.as_slice()));
        Ok(Self(Zeroizing::new(format!("{}{}", Self::PREFIX, digits.as_str()))))
    }

    /// The token in clear: for showing it once to the person it was made for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The token as people may see it later, see [`mask()`].
    pub fn mask(&self) -> String {
        mask(&self.0)
    }

    /// What is stored, and compared with what callers send.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AdminToken({})", self.mask())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_distinct_and_do_not_show() {
        let (one, other) = (AdminToken::generate().unwrap(), AdminToken::generate().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 44);
        assert_eq!(one.digest(), TokenDigest::of(one.expose().as_bytes()));
        assert!(!format!("{one:?}").contains(&one.expose()[10..30]));
        assert!(!crate::redact(one.expose()).contains(&one.expose()[10..30]));
    }
}
