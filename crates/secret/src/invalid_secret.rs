use zeroize::Zeroizing;

/// Why a text cannot be a credential. Never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSecret {
    /// Nothing is left after trimming: an empty secret would equal every missing one.
    #[error("is empty")]
    Empty,
    /// Fewer bytes than needed to resist guessing.
    #[error("has {actual} characters, at least {minimum} are needed")]
    TooShort {
        /// Bytes given.
        actual: usize,
        /// Bytes needed.
        minimum: usize,
    },
    /// More bytes than any real credential has.
    #[error("is {actual} bytes long, at most {maximum} are accepted")]
    TooLong {
        /// Bytes given.
        actual: usize,
        /// Bytes accepted.
        maximum: usize,
    },
    /// A blank, a control character, a letter outside ASCII, or (in pool keys) list punctuation.
    #[error("has a character at position {position} that a credential cannot contain")]
    Character {
        /// Where, in bytes from 1, after trimming.
        position: usize,
    },
}

/// No credential in use is longer; a longer text is a pasted file.
const LONGEST: usize = 512;

/// The trimmed text, if every byte of it is visible ASCII and `allows` it.
pub(crate) fn parse_credential(
    text: &str,
    allows: fn(u8) -> bool,
) -> Result<Zeroizing<String>, InvalidSecret> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidSecret::Empty);
    }
    if text.len() > LONGEST {
        return Err(InvalidSecret::TooLong { actual: text.len(), maximum: LONGEST });
    }
    match text.bytes().position(|byte| !byte.is_ascii_graphic() || !allows(byte)) {
        Some(index) => Err(InvalidSecret::Character { position: index + 1 }),
        None => Ok(Zeroizing::new(text.to_owned())),
    }
}
