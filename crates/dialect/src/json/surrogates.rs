//! Halves of characters.
//!
//! A client that cuts texts by UTF-16 units leaves `\ud83d` without its other half. That is valid
//! JSON by the letter, but most parsers refuse it, and with it the whole body.

use memchr::memmem;

/// The same characters between quotes with U+FFFD for every lone half; `None` if there is none.
pub(crate) fn mend(raw: &str) -> Option<String> {
    let mut mended = String::new();
    let mut kept = 0;
    // A `\u` may be the end of `\\u`, so escapes are walked from the first backslash on; megabytes
    // of base64 have none.
    let mut at = memchr::memchr(b'\\', raw.as_bytes())?;
    memmem::find(&raw.as_bytes()[at..], b"\\u")?;
    while let Some(found) = memchr::memchr(b'\\', raw.as_bytes().get(at..)?) {
        let escape = at + found;
        at = match (unit(raw, escape), unit(raw, escape + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => escape + 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push_str(&raw[kept..escape]);
                mended.push_str("\\ufffd");
                kept = escape + 6;
                kept
            }
            (Some(_), _) => escape + 6,
            (None, _) => escape + 2,
        };
        if at >= raw.len() {
            break;
        }
    }
    if kept == 0 {
        return None;
    }
    mended.push_str(&raw[kept..]);
    Some(mended)
}

/// The UTF-16 unit of the `\uXXXX` that begins there.
fn unit(raw: &str, at: usize) -> Option<u16> {
    let digits = raw.get(at..at + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lone_halves_are_replaced() {
        assert_eq!(mend(r"plain \n \u003c \ud83d\ude00"), None);
        assert_eq!(mend(r"\\ud83d"), None);
        assert_eq!(mend(r"a\ud83d").as_deref(), Some(r"a\ufffd"));
        assert_eq!(
            mend(r"\ud83d\ud83d\ude00é\\\ude00!").as_deref(),
            Some(r"\ufffd\ud83d\ude00é\\\ufffd!")
        );
        assert_eq!(mend(r"\n\uD83Dx\u0041").as_deref(), Some(r"\n\ufffdx\u0041"));
    }
}
