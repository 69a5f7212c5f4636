use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

use crate::invalid_secret::parse_credential;
use crate::{InvalidSecret, mask};

/// A key of the Gemini API, as an operator put it into the pool.
///
/// It has no `Display`, no `Clone` and no serialization, its `Debug` shows the mask, and its memory
/// is wiped on drop: share it as `Arc<PoolKey>`, and call [`PoolKey::expose`] only where it goes
/// into the upstream's header or into the [`Vault`](crate::Vault).
pub struct PoolKey(Zeroizing<String>);

impl PoolKey {
    /// Accepts any trimmed, visible ASCII text of at most 512 bytes without quotes, commas and
    /// backslashes.
    ///
    /// Google has changed the shape of its keys before (`AIza…`, `AQ.…`), so no prefix is asked
    /// for; the characters refused are what remains of a list that was pasted as one key.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        parse_credential(text, |byte| !matches!(byte, b'"' | b'\'' | b'`' | b',' | b'\\')).map(Self)
    }

    /// The key in clear.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The key as people may see it, see [`mask()`].
    pub fn mask(&self) -> String {
        mask(&self.0)
    }
}

/// In constant time for keys of equal length.
impl PartialEq for PoolKey {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl Eq for PoolKey {}

impl fmt::Debug for PoolKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PoolKey({})", self.mask())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_google_keys_and_unknown_kinds_are_accepted() {
        for text in ["AIzaSyCANARY0000000000000000000000000wxyz", "AQ.Ab8-x_y.z", "future/key+1="] {
            assert_eq!(PoolKey::parse(&format!("  {text}\n")).unwrap().expose(), text);
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_quoting_it() {
        let cases = [
            ("", InvalidSecret::Empty),
            (" \t\n", InvalidSecret::Empty),
            ("AIza one", InvalidSecret::Character { position: 5 }),
            ("\"AIza\"", InvalidSecret::Character { position: 1 }),
            ("AIza,AIzb", InvalidSecret::Character { position: 5 }),
            ("AIza\\n", InvalidSecret::Character { position: 5 }),
            ("AIzaé", InvalidSecret::Character { position: 5 }),
            ("AIza\u{7}x", InvalidSecret::Character { position: 5 }),
        ];
        for (text, expected) in cases {
            let error = PoolKey::parse(text).unwrap_err();
            assert_eq!(error, expected, "{text:?}");
            assert!(!error.to_string().contains("AIza"));
        }
        let long = "x".repeat(513);
        assert_eq!(
            PoolKey::parse(&long).unwrap_err(),
            InvalidSecret::TooLong { actual: 513, maximum: 512 }
        );
        assert!(PoolKey::parse(&long[..512]).is_ok());
    }

    #[test]
    fn debug_shows_the_mask() {
        let key = PoolKey::parse("AIzaSyCANARY0000000000000000000000000wxyz").unwrap();
        assert_eq!(format!("{key:?}"), "PoolKey(AIzaSy…wxyz)");
    }
}
