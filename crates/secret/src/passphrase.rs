use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{InvalidSecret, MasterKey, NoRandomness, Vault, hex, randomness};

/// A shorter one can be guessed by whoever has the file.
const SHORTEST: usize = 12;

/// What deriving costs: 64 MiB and three passes, against whoever guesses.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;

const KEY_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// What a person types to seal what leaves the database, and to open it elsewhere.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

/// What makes the same passphrase another key in every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; SALT_BYTES]);

impl Passphrase {
    /// Accepts any text of at least 12 characters, without what surrounds it.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(InvalidSecret::Empty),
            actual @ 1..SHORTEST => Err(InvalidSecret::TooShort { actual, minimum: SHORTEST }),
            _ => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }

    /// The vault that it opens. Takes a tenth of a second and 64 MiB, on purpose; `None` if there
    /// is no such memory.
    pub fn vault(&self, salt: Salt) -> Option<Vault> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(KEY_BYTES)).ok()?;
        let mut derived = Zeroizing::new([0; KEY_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.as_bytes(), &salt.0, derived.as_mut_slice())
            .ok()?;
        let text = Zeroizing::new(STANDARD.encode(derived.as_slice()));
        Some(Vault::new(&MasterKey::from_text(&text).ok()?))
    }
}

impl Salt {
    /// A new one.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0; SALT_BYTES];
        randomness::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// As it is written beside what was sealed.
    pub fn to_text(self) -> String {
        hex::encode(&self.0)
    }

    /// Reads what [`Salt::to_text`] wrote.
    pub fn from_text(text: &str) -> Option<Self> {
        let digit = |index: usize| text.as_bytes().get(index).map(|byte| char::from(*byte));
        let mut bytes = [0; SALT_BYTES];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let high = digit(2 * index)?.to_digit(16)?;
            let low = digit(2 * index + 1)?.to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        (text.len() == 2 * SALT_BYTES).then_some(Self(bytes))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_and_salt_open_what_they_sealed() {
        let passphrase = Passphrase::parse(" correct horse battery \n").unwrap();
        let salt = Salt::generate().unwrap();
        let sealed = passphrase.vault(salt).unwrap().seal("c", b"secret").unwrap();
        let salt = Salt::from_text(&salt.to_text()).unwrap();
        let again = Passphrase::parse("correct horse battery").unwrap().vault(salt).unwrap();
        assert_eq!(again.open("c", &sealed).unwrap().as_slice(), b"secret");
        let other = Passphrase::parse("correct horse batterie").unwrap().vault(salt).unwrap();
        assert!(other.open("c", &sealed).is_err());
        assert_ne!(other.check_value(), again.check_value());
        let elsewhere = passphrase.vault(Salt::generate().unwrap()).unwrap();
        assert!(elsewhere.open("c", &sealed).is_err());
        assert_eq!(format!("{passphrase:?}"), "Passphrase(…)");
    }

    #[test]
    fn short_words_and_odd_salts_are_refused() {
        assert_eq!(
            Passphrase::parse("eleven char").unwrap_err(),
            InvalidSecret::TooShort { actual: 11, minimum: 12 }
        );
        assert_eq!(Passphrase::parse(" ").unwrap_err(), InvalidSecret::Empty);
        for text in ["", "00", "zz", &"0".repeat(31), &"0".repeat(33), &"ä".repeat(16)] {
            assert_eq!(Salt::from_text(text), None, "{text}");
        }
    }
}
