use std::borrow::Cow;
use std::ops::Range;

use crate::mask;
use crate::mask::{GAP, HEAD, TAIL};

/// Replaces by its [`mask()`] everything in `text` that looks like a credential:
///
/// * Google keys (`AIza…`, `AQ.…`), Google access tokens (`ya29.…`), our own tokens (`gk_…`, `gba_…`) and
///   OpenAI's (`sk-…`), wherever they stand;
/// * whatever follows `key=`, `access_token=`, `Bearer `, and `api_key` in its usual spellings with
///   a colon or an equals sign;
/// * the password of an address (`http://user:password@host`).
///
/// What is masked already stays as it is. Text without a credential is returned without a copy.
pub fn redact(text: &str) -> Cow<'_, str> {
    match redact_bytes(text.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(into_text(bytes)),
    }
}

/// [`redact()`] for bytes that need not be text.
pub fn redact_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut redacted = Vec::new();
    let mut copied = 0;
    while let Some(secret) = next_secret(bytes, copied) {
        redacted.extend_from_slice(&bytes[copied..secret.start]);
        copied = secret.end;
        redacted.extend_from_slice(mask(&String::from_utf8_lossy(&bytes[secret])).as_bytes());
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    redacted.extend_from_slice(&bytes[copied..]);
    Cow::Owned(redacted)
}

/// Redacted text as text again; masks are put in at character boundaries only.
pub(crate) fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The first credential that begins at or after `from`; never empty.
///
/// The search starts a little earlier: a label may have been taken for the end of the credential
/// before it.
fn next_secret(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    (from.saturating_sub(LONGEST_LABEL)..bytes.len())
        .find_map(|index| secret_at(bytes, index).filter(|secret| secret.start >= from))
}

const LONGEST_LABEL: usize = b"access_token=".len();

/// The credential that begins, or whose label begins, exactly at `index`.
fn secret_at(bytes: &[u8], index: usize) -> Option<Range<usize>> {
    match bytes[index] {
        b'A' | b'y' | b'g' | b's' => prefixed_token(bytes, index),
        b'k' | b'K' => value_of_key(bytes, index),
        b'a' => value_after(bytes, index, b"access_token="),
        b'b' | b'B' => value_after(bytes, index, b"bearer "),
        b':' => password(bytes, index),
        _ => None,
    }
}

/// How a kind of credential begins.
struct Prefix {
    text: &'static [u8],
    /// Fewer characters after the prefix are taken for prose.
    at_least: usize,
    /// The prefix ends common words (`risk-`), so it must not follow a letter or digit.
    begins_word: bool,
}

const PREFIXES: [Prefix; 6] = [
    Prefix { text: b"AIza", at_least: 20, begins_word: false },
    Prefix { text: b"AQ.", at_least: 10, begins_word: false },
    Prefix { text: b"ya29.", at_least: 10, begins_word: false },
    Prefix { text: b"gk_", at_least: 20, begins_word: false },
    Prefix { text: b"gba_", at_least: 20, begins_word: false },
    Prefix { text: b"sk-", at_least: 20, begins_word: true },
];

/// A credential known by its beginning, with all characters that any kind may contain: two glued
/// together are masked as one.
fn prefixed_token(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = &bytes[start..];
    let prefix = PREFIXES.iter().find(|prefix| rest.starts_with(prefix.text))?;
    if prefix.begins_word && start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let token = &rest[..rest.iter().take_while(|byte| is_part(byte)).count()];
    if token.len() < prefix.text.len() + prefix.at_least {
        return None;
    }
    let full_stops = token.iter().rev().take_while(|byte| **byte == b'.').count();
    Some(start..start + token.len() - full_stops)
}

/// The value of a field named `key` (with `=` only: `"key":` is in every second JSON document), or
/// of one whose name ends in `api key` in some spelling.
fn value_of_key(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    if !starts_with_ignoring_case(&bytes[start..], b"key") {
        return None;
    }
    let end = start + b"key".len();
    let name = &bytes[..start];
    let name = name.strip_suffix(b"_").or_else(|| name.strip_suffix(b"-")).unwrap_or(name);
    let is_api_key = name.len() >= 3 && name[name.len() - 3..].eq_ignore_ascii_case(b"api");
    if !is_api_key {
        return (bytes.get(end) == Some(&b'=')).then(|| value_at(bytes, end + 1)).flatten();
    }
    let separator = skip_quotes(bytes, end);
    match bytes.get(separator)? {
        b':' | b'=' => value_at(bytes, separator + 1),
        _ => None,
    }
}

/// The value behind `label`, whose letters may have either case.
fn value_after(bytes: &[u8], start: usize, label: &[u8]) -> Option<Range<usize>> {
    starts_with_ignoring_case(&bytes[start..], label)
        .then(|| value_at(bytes, start + label.len()))
        .flatten()
}

/// What stands between the colon and the last `@` of an address's authority, if `colon` is the one
/// of `://`.
fn password(bytes: &[u8], colon: usize) -> Option<Range<usize>> {
    let start = colon + b"://".len();
    if !bytes[colon..].starts_with(b"://") {
        return None;
    }
    let ends = |byte: &u8| ends_value(*byte) || matches!(byte, b'/' | b'?' | b'#');
    let rest = &bytes[start..];
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let at = authority.iter().rposition(|byte| *byte == b'@')?;
    let colon = authority[..at].iter().position(|byte| *byte == b':')?;
    hidden(bytes, start + colon + 1..start + at)
}

/// The value that begins at `index`, or behind the blanks and quotes there. If they were the end of
/// a JSON text, what follows is the punctuation of JSON and no value.
fn value_at(bytes: &[u8], index: usize) -> Option<Range<usize>> {
    let start = skip_quotes(bytes, index);
    let is_quoted = bytes.get(index..start)?.iter().any(|byte| matches!(byte, b'"' | b'\''));
    if is_quoted && matches!(bytes.get(start), Some(b'}' | b']' | b':')) {
        return None;
    }
    hidden(bytes, start..end_of_value(bytes, start))
}

/// `range`, unless nothing is in it or a mask is.
fn hidden(bytes: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    (!range.is_empty() && !is_mask(&bytes[range.clone()])).then_some(range)
}

fn end_of_value(bytes: &[u8], start: usize) -> usize {
    let length = bytes.iter().skip(start).position(|byte| ends_value(*byte));
    length.map_or(bytes.len(), |length| start + length)
}

/// Values have no blanks, quotes, commas or backslashes in them, and end where the next parameter
/// begins. A backslash belongs to an escape of the JSON around the value, which must not be cut.
fn ends_value(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || byte.is_ascii_control()
        || matches!(byte, b'&' | b'"' | b'\'' | b'`' | b',' | b'\\')
}

/// Is this what [`mask()`] makes, perhaps with a bracket or a full stop behind it?
fn is_mask(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    text.trim_end_matches(|letter: char| letter.is_ascii_punctuation())
        .split_once(GAP)
        .is_some_and(|(head, tail)| head.chars().count() <= HEAD && tail.chars().count() <= TAIL)
}

/// The index behind all blanks and quotes at `index`; quotes may be escaped, as in JSON within JSON.
fn skip_quotes(bytes: &[u8], mut index: usize) -> usize {
    loop {
        index += match bytes.get(index..).unwrap_or_default() {
            [b' ' | b'"' | b'\'', ..] => 1,
            [b'\\', b'"' | b'\'', ..] => 2,
            _ => return index,
        }
    }
}

fn starts_with_ignoring_case(bytes: &[u8], start: &[u8]) -> bool {
    bytes.get(..start.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests;
