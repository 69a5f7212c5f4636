//! Codes that are handed to people once: first passwords, and recovery codes.

use secret::{SecretCode, TokenDigest, Zeroizing};

use crate::error::Error;

/// 80 random bits.
const DIGITS: usize = 20;
const GROUP: usize = 5;

/// A new code, as it is shown: `01234-56789-abcde-f0123`.
pub(crate) fn readable() -> Result<Zeroizing<String>, Error> {
    let code = SecretCode::generate().map_err(|_| Error::Internal)?;
    let mut text = Zeroizing::new(String::with_capacity(DIGITS + DIGITS / GROUP));
    for (place, digit) in code.expose().chars().take(DIGITS).enumerate() {
        if place > 0 && place % GROUP == 0 {
            text.push('-');
        }
        text.push(digit);
    }
    Ok(text)
}

/// What is stored of a recovery code, however it was typed. `None` if it can be none.
pub(crate) fn digest(typed: &str) -> Option<TokenDigest> {
    let code: Zeroizing<String> = Zeroizing::new(
        typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase(),
    );
    (code.len() == DIGITS).then(|| TokenDigest::of(code.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_may_be_typed_in_any_way() {
        let (one, other) = (readable().unwrap(), readable().unwrap());
        assert_ne!(*one, *other);
        assert_eq!(one.len(), 23);
        let own = digest(&one);
        assert!(own.is_some());
        assert_eq!(digest(&format!(" {} ", one.to_uppercase().replace('-', " "))), own);
        assert_ne!(digest(&other), own);
        assert_eq!(digest("123456"), None);
    }
}
