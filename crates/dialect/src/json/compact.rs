//! Valid JSON without the whitespace between its tokens.

use std::borrow::Cow;

/// Removes insignificant whitespace from valid JSON; key order, numbers and escapes stay.
pub(crate) fn compact(json: &str) -> Cow<'_, str> {
    if memchr::memchr3(b' ', b'\n', b'\t', json.as_bytes()).is_none() {
        return Cow::Borrowed(json);
    }
    let mut kept = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(quote) = memchr::memchr(b'"', rest.as_bytes()) {
        let end = quote + 1 + string_length(&rest[quote + 1..]);
        push_without_spaces(&mut kept, &rest[..quote]);
        kept.push_str(&rest[quote..end]);
        rest = &rest[end..];
    }
    push_without_spaces(&mut kept, rest);
    Cow::Owned(kept)
}

/// Bytes up to and with the quote that ends the string.
fn string_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        if bytes[at + found] == b'"' {
            return at + found + 1;
        }
        at = (at + found + 2).min(bytes.len());
    }
    bytes.len()
}

fn push_without_spaces(kept: &mut String, tokens: &str) {
    kept.extend(tokens.chars().filter(|character| !character.is_ascii_whitespace()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_keep_their_spaces() {
        assert_eq!(
            compact("{ \"a b\" : [ 1 ,\n\t\"x \\\" \\\\\" , \"y\"] }"),
            r#"{"a b":[1,"x \" \\","y"]}"#
        );
        assert!(matches!(compact("{}"), Cow::Borrowed("{}")));
    }
}
