use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{InvalidSecret, NoRandomness, randomness};

const SHORTEST: usize = 16;
const RANDOM_BYTES: usize = 32;

/// What the [`Vault`](crate::Vault)'s keys are derived from: a text that an operator chose, or the
/// content of the key file.
pub struct MasterKey(Zeroizing<String>);

impl MasterKey {
    /// Accepts any trimmed text of at least 16 characters.
    pub fn from_text(text: &str) -> Result<Self, InvalidSecret> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(InvalidSecret::Empty),
            actual @ 1..SHORTEST => Err(InvalidSecret::TooShort { actual, minimum: SHORTEST }),
            _ => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }

    /// 256 random bits.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        randomness::fill(bytes.as_mut_slice())?;
        Ok(Self(Zeroizing::new(STANDARD.encode(bytes.as_slice()))))
    }

    /// The key in clear, for the key file; [`MasterKey::from_text`] reads it back.
    pub fn to_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_survives_its_file() {
        let key = MasterKey::generate().unwrap();
        assert_eq!(key.to_text().len(), 44);
        let read = MasterKey::from_text(&format!("{}\n", key.to_text())).unwrap();
        assert_eq!(read.to_text(), key.to_text());
        assert_ne!(MasterKey::generate().unwrap().to_text(), key.to_text());
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
    }

    #[test]
    fn short_texts_are_refused() {
        assert_eq!(MasterKey::from_text(" \n").unwrap_err(), InvalidSecret::Empty);
        assert_eq!(
            MasterKey::from_text("fifteen letters").unwrap_err(),
            InvalidSecret::TooShort { actual: 15, minimum: 16 }
        );
        assert!(MasterKey::from_text("sixteen letters!").is_ok());
    }
}
