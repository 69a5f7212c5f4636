//! Strings that are mostly pictures in base64: long, and hardly ever with an escape.
//!
//! `serde_json` looks for characters that may not stand in a string eight bytes at a time, which is
//! half of the work of a request with a picture. As bytes it reads them far faster, and leaves that
//! check to us.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::Text;

/// Shorter texts are not worth a second way to hold them.
const DENSE_FROM: usize = 1024;

/// Reads a text that may be long.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
    deserializer.deserialize_bytes(BulkVisitor)
}

/// Reads a text that may be long, or missing.
pub(crate) fn option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Text<'de>>, D::Error> {
    Ok(Option::<Bulk<'de>>::deserialize(deserializer)?.map(|Bulk(text)| text))
}

/// Whether the text needs no escape in JSON.
pub(crate) fn is_plain(text: &str) -> bool {
    memchr::memchr2(b'"', b'\\', text.as_bytes()).is_none() && !has_control(text.as_bytes())
}

struct Bulk<'a>(Text<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Bulk<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Bulk)
    }
}

struct BulkVisitor;

impl<'de> Visitor<'de> for BulkVisitor {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    /// A string without escapes, as it stands in the body.
    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        if bytes.len() >= DENSE_FROM && is_dense(bytes) {
            return Ok(Text::Dense(bytes));
        }
        if has_control(bytes) {
            return Err(E::custom("control character found while parsing a string"));
        }
        simdutf8::basic::from_utf8(bytes).map(Text::Verbatim).map_err(E::custom)
    }

    /// A string that had escapes; halves of characters are still among them.
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Text::Plain(Cow::Owned(String::from_utf8_lossy(bytes).into_owned())))
    }
}

/// Whether there is a byte that may not stand in a JSON string.
fn has_control(bytes: &[u8]) -> bool {
    // The least byte of a block, without a way out of it: so many bytes are compared at once.
    let least = |block: &[u8]| block.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    bytes.chunks(4096).any(|block| least(block) < 0x20)
}

/// Whether all of it is ASCII above the blank.
fn is_dense(bytes: &[u8]) -> bool {
    let all_of = |block: &[u8]| {
        block.iter().fold((u8::MAX, 0), |(least, bits), byte| (least.min(*byte), bits | *byte))
    };
    bytes.chunks(4096).map(all_of).all(|(least, bits)| least > b' ' && bits.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &[u8]) -> Result<Option<Text<'_>>, serde_json::Error> {
        option(&mut serde_json::Deserializer::from_slice(json))
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        assert_eq!(read(br#""AA==""#).unwrap(), Some(Text::Verbatim("AA==")));
        assert_eq!(read("\"é\"".as_bytes()).unwrap(), Some(Text::Verbatim("é")));
        assert_eq!(read(b"null").unwrap(), None);
    }

    #[test]
    fn long_texts_without_blanks_are_taken_as_bytes() {
        let long = "A/+=".repeat(2000);
        let quoted = |text: &str| format!("\"{text}\"").into_bytes();
        assert_eq!(read(&quoted(&long)).unwrap(), Some(Text::Dense(long.as_bytes())));
        for other in ["é", " "] {
            let text = format!("{long}{other}");
            assert_eq!(read(&quoted(&text)).unwrap(), Some(Text::Verbatim(&text)));
        }
        assert!(read(&quoted(&format!("{long}\u{1}"))).is_err());
    }

    #[test]
    fn texts_with_escapes_are_decoded() {
        let text = |json: &[u8]| read(json).unwrap().unwrap().decode().into_owned();
        assert_eq!(text(br#""a\/b\u00e9\n""#), "a/bé\n");
        assert!(text(br#""a\ud83d""#).contains('\u{fffd}'));
    }

    #[test]
    fn what_may_not_stand_in_a_string_is_refused() {
        for broken in [&b"\"a\nb\""[..], b"\"\xff\"", b"\"a", b"[1]", b"12", b"{}"] {
            assert!(read(broken).is_err(), "{broken:?}");
        }
        let long = format!("\"{}\u{1}\"", "a".repeat(10_000));
        let error = read(long.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("control character"), "{error}");
        let error = read(b"12").unwrap_err().to_string();
        assert!(error.ends_with("expected a string at line 1 column 2"), "{error}");
    }

    #[test]
    fn plain_texts_need_no_escape() {
        assert!(is_plain("AB/é=") && is_plain(""));
        assert!(["\"", "\\", "a\n", "\u{1f}"].iter().all(|text| !is_plain(text)));
    }
}
