//! A string of a JSON body, kept as it stands there.

use std::{borrow::Cow, fmt};

use bytes::BufMut;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected},
};
use serde_json::value::RawValue;

/// A string that goes from one JSON body into another.
///
/// Both sides are JSON, so the characters between the quotes are copied with their escapes: megabytes
/// of prompt or picture are neither decoded nor encoded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text<'a> {
    /// What stood between the quotes, escapes untouched.
    Verbatim(&'a str),
    /// ASCII without quotes, backslashes, blanks and control characters, as base64 is. Most of a
    /// large body is this, so it is looked at once.
    Dense(&'a [u8]),
    /// Text without escapes, to be escaped when written.
    Plain(Cow<'a, str>),
}

impl<'a> Text<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Verbatim(text) => text.is_empty(),
            Self::Dense(text) => text.is_empty(),
            Self::Plain(text) => text.is_empty(),
        }
    }

    /// Its length if it is dense.
    pub(crate) fn dense_bytes(&self) -> usize {
        if let Self::Dense(text) = self { text.len() } else { 0 }
    }

    /// The text without escapes.
    pub(crate) fn decode(&self) -> Cow<'a, str> {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Verbatim(text) => unescape(text),
            Self::Dense(text) => String::from_utf8_lossy(text),
        }
    }

    /// Appends the JSON string, quotes included.
    pub(crate) fn write(&self, out: &mut impl BufMut) {
        match self {
            Self::Verbatim(text) => Text::Dense(text.as_bytes()).write(out),
            Self::Dense(text) => {
                out.put_u8(b'"');
                out.put_slice(text);
                out.put_u8(b'"');
            }
            Self::Plain(text) if super::bulk::is_plain(text) => Text::Verbatim(text).write(out),
            Self::Plain(text) => super::push(out, text),
        }
    }

    /// Appends what stands between the quotes, for joining several texts to one.
    pub(crate) fn write_inner(&self, out: &mut Vec<u8>) {
        match self {
            Self::Verbatim(text) => out.extend_from_slice(text.as_bytes()),
            Self::Dense(text) => out.extend_from_slice(text),
            Self::Plain(text) => {
                let start = out.len();
                super::push(out, text);
                // Without the quotes that serde put around it.
                out.remove(start);
                out.pop();
            }
        }
    }
}

fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let literal = format!("\"{text}\"");
    serde_json::from_str::<String>(&literal).map_or(Cow::Borrowed(text), Cow::Owned)
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Plain(Cow::Owned(text))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::Plain(Cow::Borrowed(text))
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Plain(text)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.decode())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inner) => Ok(match super::mend(inner) {
                Some(mended) => Self::Plain(unescape(&mended).into_owned().into()),
                None => Self::Verbatim(inner),
            }),
            None => Err(Error::invalid_type(kind_of(raw), &"a string")),
        }
    }
}

fn kind_of(raw: &str) -> Unexpected<'_> {
    match raw.as_bytes().first() {
        Some(b'{') => Unexpected::Map,
        Some(b'[') => Unexpected::Seq,
        Some(b't') => Unexpected::Bool(true),
        Some(b'f') => Unexpected::Bool(false),
        Some(b'n') => Unexpected::Unit,
        _ => Unexpected::Other("number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_copied_with_its_escapes() {
        let read: Vec<Option<Text<'_>>> =
            serde_json::from_str(r#"["plain", "a\n\u003c\"b", null, ""]"#).unwrap();
        let text = read[1].clone().unwrap();
        assert_eq!(text, Text::Verbatim(r#"a\n\u003c\"b"#));
        assert_eq!(text.decode(), "a\n<\"b");
        let mut out = Vec::new();
        text.write(&mut out);
        assert_eq!(out, br#""a\n\u003c\"b""#);
        assert_eq!(read[2], None);
        assert!(read[3].as_ref().unwrap().is_empty());
    }

    #[test]
    fn joins_verbatim_and_plain() {
        let mut out = Vec::new();
        Text::Verbatim(r"a\n").write_inner(&mut out);
        Text::from("\"b\"").write_inner(&mut out);
        assert_eq!(out, br#"a\n\"b\""#);
    }

    #[test]
    fn other_types_are_refused_by_name() {
        let error = serde_json::from_str::<Text<'_>>("12").unwrap_err();
        assert!(
            error.to_string().starts_with("invalid type: number, expected a string"),
            "{error}"
        );
    }

    #[test]
    fn a_lone_surrogate_does_not_stop_anything() {
        let text: Text<'_> = serde_json::from_str(r#""\ud83d!""#).unwrap();
        assert_eq!(text.decode(), "\u{fffd}!");
    }
}
