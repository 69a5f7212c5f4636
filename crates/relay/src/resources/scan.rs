//! Which resources does a request name? Looked for in the bytes of its body, whatever the API and
//! the field, so that a body without any costs next to nothing.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::outline::{LONGEST_ADDRESS, Outline};

use super::name::{collections, is_id, is_id_byte, kind_of_root};

/// A request that names more is none that anybody means.
const MOST: usize = 1000;

/// Fields whose value is the last part of a name in `interactions`.
const INTERACTIONS: [&str; 2] = ["previous_interaction_id", "previousInteractionId"];

/// Finds those fields by the ends of their names.
static FIELDS: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| INTERACTIONS.map(|field| Finder::new(&format!("{field}\"")).into_owned()));

/// The body is no JSON that everybody reads alike, so what it names cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous;

/// The names that stand in a JSON body, each once: strings that are a name, or an address of Google's
/// API that ends with one. What is only a text for the model is none.
///
/// Google reads more than strict JSON, as strings in single quotes. Where that could hide a name,
/// the body is refused.
pub(crate) fn names(body: &[u8], outline: &Outline) -> Result<Vec<String>, Ambiguous> {
    let mut found = Vec::new();
    let fronts = || outline.fronts(body.len()).map(|front| front.range);
    if fronts().any(|front| has_escaped_letters(&body[front])) {
        // Rare, and anybody's trick to have a name overlooked.
        walk(None, &serde_json::from_slice(body).map_err(|_| Ambiguous)?, &mut found);
        return Ok(found);
    }
    for front in fronts() {
        for name in collections_in(body, front.clone()) {
            let (before, collection) = (&body[..name.start], &body[name.clone()]);
            let Some((name, quote)) = named(before, collection, &body[name.end..]) else {
                continue;
            };
            if quote == b'\'' {
                // Between single quotes within a string of strict JSON, where it names nothing.
                serde_json::from_slice::<IgnoredAny>(body).map_err(|_| Ambiguous)?;
            } else {
                push(Some(name), &mut found);
            }
        }
        for field in &*FIELDS {
            for hit in field.find_iter(&body[front.clone()]) {
                let after = &body[front.start + hit + field.needle().len()..];
                push(value_behind(after).map(|id| format!("interactions/{id}")), &mut found);
            }
        }
    }
    Ok(found)
}

/// Where collections with the slash behind them stand in a part of a body; the slash may be escaped.
///
/// Looked for by the slash, for that is rare in what people write.
fn collections_in(body: &[u8], front: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    memchr::memchr_iter(b'/', &body[front.clone()]).filter_map(move |slash| {
        let slash = front.start + slash;
        let before = &body[front.start..slash];
        let before = before.strip_suffix(b"\\").unwrap_or(before);
        let collection = collections().find(|name| before.ends_with(name.as_bytes()))?;
        let end = front.start + before.len();
        Some(end - collection.len()..slash + 1)
    })
}

fn push(name: Option<String>, found: &mut Vec<String>) {
    if let Some(name) = name
        && found.len() < MOST
        && kind_of_root(&name).is_some()
        && !found.contains(&name)
    {
        found.push(name);
    }
}

/// A name whose collection was found between these bytes, and the quotation mark before it.
fn named(before: &[u8], collection: &[u8], after: &[u8]) -> Option<(String, u8)> {
    let window = &before[before.len().saturating_sub(LONGEST_ADDRESS)..];
    let at = memchr::memrchr2(b'"', b'\'', window)?;
    let (ahead, quote, address) = (&window[..at], window[at], unescaped(&window[at + 1..])?);
    let backslashes = ahead.iter().rev().take_while(|byte| **byte == b'\\').count();
    if backslashes % 2 == 1 || !leads_to_google(&address) || is_text(ahead) {
        return None;
    }
    let length = after.iter().position(|byte| !is_id_byte(*byte))?;
    let end = *after.get(length)?;
    if end != quote && !matches!(end, b'/' | b':' | b'?' | b'\\') {
        return None;
    }
    let id = std::str::from_utf8(&after[..length]).ok()?;
    Some((format!("{}{id}", unescaped(collection)?), quote))
}

/// What stands before a name: nothing, or the beginning of an address of the API.
fn leads_to_google(address: &str) -> bool {
    let is_of_api = || {
        let scheme = address.starts_with("https://") || address.starts_with("http://");
        scheme && ["/v1beta/", "/v1/", "/v1alpha/"].iter().any(|end| address.ends_with(end))
    };
    address.is_empty() || is_of_api()
}

/// Whether the string that begins after `before` is the value of a field named `text`.
fn is_text(before: &[u8]) -> bool {
    let field = before.trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    field.is_some_and(|field| field.ends_with(b"\"text\""))
}

/// The string value of a field whose name has just ended.
fn value_behind(after: &[u8]) -> Option<&str> {
    let value = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"")?;
    let length = value.iter().position(|byte| !is_id_byte(*byte))?;
    let id = std::str::from_utf8(&value[..length]).ok()?;
    (value.get(length) == Some(&b'"') && is_id(id)).then_some(id)
}

fn unescaped(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(|text| text.replace("\\/", "/"))
}

/// Whether ASCII characters are written as `\u00…`.
fn has_escaped_letters(body: &[u8]) -> bool {
    let is_letter = |at: usize| body.get(at + 4).is_some_and(|digit| (b'2'..=b'7').contains(digit));
    memmem::find_iter(body, b"\\u00").any(is_letter)
}

/// The same for a body that was read.
fn walk(field: Option<&str>, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if field.is_some_and(|field| INTERACTIONS.contains(&field)) => {
            push(is_id(text).then(|| format!("interactions/{text}")), found);
        }
        Value::String(text) if field != Some("text") => {
            for collection in collections() {
                let collection = format!("{collection}/");
                if let Some(at) = text.find(&collection)
                    && leads_to_google(&text[..at])
                {
                    let id = &text[at + collection.len()..];
                    let length = id.bytes().position(|byte| !is_id_byte(byte)).unwrap_or(id.len());
                    push(Some(format!("{collection}{}", &id[..length])), found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(field, item, found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(field, value)| walk(Some(field), value, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(body: &[u8]) -> Result<Vec<String>, Ambiguous> {
        super::names(body, &Outline::of(body))
    }

    #[test]
    fn names_are_found_in_any_field() {
        let body = br#"{"contents":[{"parts":[
            {"fileData":{"mimeType":"text/plain","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc-1"}},
            {"file_data" : {"file_uri" : "files/b2"}},
            {"fileData":{"fileUri":"https:\/\/generativelanguage.googleapis.com\/v1\/files\/php:download?alt=media"}},
            {"fileData":{"fileUri":"files/b2"}}]}],
            "cachedContent":"cachedContents/c","previous_interaction_id" : "v1_x=",
            "tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/s","fileSearchStores/t/documents/d"]}}]}"#;
        assert_eq!(
            names(body).unwrap(),
            [
                "files/abc-1",
                "files/b2",
                "files/php",
                "cachedContents/c",
                "fileSearchStores/s",
                "fileSearchStores/t",
                "interactions/v1_x=",
            ]
        );
    }

    #[test]
    fn pictures_are_passed_over_and_what_follows_them_is_not() {
        let picture = "iVBO/files/x".repeat(1_000);
        let body = format!(
            r#"{{"parts":[{{"fileUri":"files/a"}},{{"data":"{picture}"}},{{"fileUri":"files/b"}}]}}"#
        );
        assert_eq!(names(body.as_bytes()).unwrap(), ["files/a", "files/b"]);
        assert_eq!(names(format!(r#"{{"data":"{picture}"#).as_bytes()).unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_said_is_no_name() {
        for body in [
            r#"{"parts":[{"text":"files/abc"}]}"#,
            r#"{"parts":[{"text" : "files/abc"}]}"#,
            r#"{"text":"see files/abc, or \"files/abc\" "}"#,
            r#"{"fileUri":"https://example.org/files/abc"}"#,
            r#"{"fileUri":"gs://bucket/v1beta/files/abc"}"#,
            r#"{"path":"src/files/abc"}"#,
            r#"{"uri":"files/"}"#,
            r#"{"previous_interaction_id":null}"#,
            r#"{"x":"files/abc"#,
            "",
            "files/abc",
        ] {
            assert!(
                names(body.as_bytes()).unwrap().is_empty(),
                "{body}: {:?}",
                names(body.as_bytes())
            );
        }
    }

    #[test]
    fn escapes_hide_nothing() {
        for body in [
            r#"{"fileUri":"\u0066iles/abc"}"#,
            r#"{"fileUri":"https:\/\/g\/v1beta\/fil\u0065s\u002fabc"}"#,
            r#"{"fileUri":"files\u002Fabc"}"#,
            r#"{"html":"\u003cb\u003e","fileUri":"files/abc"}"#,
        ] {
            assert_eq!(names(body.as_bytes()).unwrap(), ["files/abc"], "{body}");
        }
        let body = r#"{"text":"\u0066iles/abc","previous_interaction\u005fid":"x"}"#;
        assert_eq!(names(body.as_bytes()).unwrap(), ["interactions/x"]);
        let address = "https://generativelanguage.googleapis.com/v1beta/files/abc";
        let escaped = |byte: u8| format!("\\u{byte:04x}");
        let address = address.bytes().map(escaped).collect::<Vec<_>>().concat();
        let behind = "A".repeat(100_000);
        let body = format!(r#"{{"data":"{behind}","fileUri":"{address}"}}"#);
        assert_eq!(names(body.as_bytes()).unwrap(), ["files/abc"]);
        assert!(names("{\"text\":\"\\u00e9\"}".as_bytes()).unwrap().is_empty());
    }

    #[test]
    fn what_only_google_can_read_is_not_guessed() {
        for body in ["{'fileUri':'files/abc'}", r#"{fileUri:"\u0066iles/abc",}"#] {
            assert_eq!(names(body.as_bytes()), Err(Ambiguous), "{body}");
        }
        assert!(names(br#"{"text":"open('files/abc')"}"#).unwrap().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn both_ways_of_looking_find_the_same(
            names_in in proptest::collection::vec("(files|cachedContents|tunedModels)/[a-z0-9]{1,8}", 0..6),
            noise in "[ -~]{0,40}",
        ) {
            let parts: Vec<_> = names_in.iter().map(|name| serde_json::json!({"uri": name, "text": noise})).collect();
            let body = serde_json::json!({"parts": parts}).to_string();
            let mut walked = Vec::new();
            walk(None, &serde_json::from_str(&body).unwrap(), &mut walked);
            proptest::prop_assert_eq!(names(body.as_bytes()).unwrap(), walked);
        }
    }
}
