//! Texts from outside, made fit for a column.

use std::borrow::Cow;

use crate::StoreError;

/// The longest indexed text, in characters: MySQL indexes no more of four-byte characters.
pub(crate) const INDEXED: usize = 190;

/// The text if it fits; `field` names it in the error.
pub(crate) fn fitting<'t>(
    field: &'static str,
    text: &'t str,
    maximum: usize,
) -> Result<Cow<'t, str>, StoreError> {
    if text.len() > maximum && text.chars().count() > maximum {
        return Err(StoreError::TooLong { field, maximum });
    }
    Ok(without_nul(text))
}

/// The text, cut to so many characters: for what is only reported.
pub(crate) fn cut(text: &str, maximum: usize) -> Cow<'_, str> {
    let end = if text.len() <= maximum {
        text.len()
    } else {
        text.char_indices().nth(maximum).map_or(text.len(), |(index, _)| index)
    };
    without_nul(&text[..end])
}

/// PostgreSQL stores no NUL character.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(cut("grüße", 3), "grü");
        assert_eq!(cut("grüße", 5), "grüße");
        assert_eq!(cut("a\0b", 9), "a\u{fffd}b");
        assert!(fitting("name", "grüße", 5).is_ok());
        assert!(fitting("name", "grüße!", 5).is_err());
    }
}
