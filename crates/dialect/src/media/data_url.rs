//! Data URLs.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::mime::normalise;
use crate::json::Text;

/// The header of a data URL may not be longer; the payload begins after it.
const MAX_HEADER_BYTES: usize = 512;

const SCHEME: &str = "data:";

/// What a data URL holds, in base64.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DataUrl<'a> {
    /// Lower case, without parameters; `None` where it says nothing.
    pub(crate) mime: Option<Cow<'a, str>>,
    pub(crate) data: Text<'a>,
}

/// Reads a data URL; `None` if the text is something else or broken.
pub(crate) fn data_url<'a>(url: &Text<'a>) -> Option<DataUrl<'a>> {
    let (header, data) = match url {
        Text::Verbatim(raw) => {
            let (header, data) = split(raw)?;
            (Text::Verbatim(header).decode(), Text::Verbatim(data))
        }
        Text::Dense(raw) => {
            let comma = comma(raw)?;
            let header = String::from_utf8_lossy(&raw[SCHEME.len()..comma]);
            (header, Text::Dense(&raw[comma + 1..]))
        }
        Text::Plain(Cow::Borrowed(text)) => {
            let (header, data) = split(text)?;
            (Cow::Borrowed(header), Text::from(data))
        }
        Text::Plain(Cow::Owned(text)) => {
            let (header, data) = split(text)?;
            (Cow::Owned(header.to_owned()), Text::from(data.to_owned()))
        }
    };
    let mut fields = header.split(';').map(str::trim);
    let mime = fields.next().and_then(normalise).map(|mime| Cow::Owned(mime.into_owned()));
    let data = if fields.any(|field| field.eq_ignore_ascii_case("base64")) {
        without_spaces(data)
    } else {
        Text::from(STANDARD.encode(percent_decode(&data.decode())))
    };
    Some(DataUrl { mime, data })
}

fn split(url: &str) -> Option<(&str, &str)> {
    let comma = comma(url.as_bytes())?;
    Some((&url[SCHEME.len()..comma], &url[comma + 1..]))
}

/// Where the header ends.
fn comma(url: &[u8]) -> Option<usize> {
    let rest = url.strip_prefix(SCHEME.as_bytes())?;
    let header = &rest[..rest.len().min(MAX_HEADER_BYTES)];
    Some(SCHEME.len() + memchr::memchr(b',', header)?)
}

/// Base64 without line breaks. Megabytes are only copied if there are any.
pub(crate) fn without_spaces(data: Text<'_>) -> Text<'_> {
    let spaced = match &data {
        Text::Dense(_) => false,
        // The only escape that base64 needs is none, and the only one that it bears is `\/`.
        Text::Verbatim(raw) => {
            let escaped_slash = |at| raw.as_bytes().get(at..at + 2) == Some(br"\/");
            memchr::memchr2_iter(b' ', b'\\', raw.as_bytes()).any(|at| !escaped_slash(at))
        }
        Text::Plain(text) => text.contains(|character: char| character.is_ascii_whitespace()),
    };
    if !spaced {
        return data;
    }
    let text = data.decode();
    Text::from(
        text.chars().filter(|character| !character.is_ascii_whitespace()).collect::<String>(),
    )
}

fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(value)) = (byte, hex) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<(String, String)> {
        let literal = serde_json::to_string(url).unwrap();
        let text: Text<'_> = serde_json::from_str(&literal).unwrap();
        let found = data_url(&text)?;
        Some((found.mime.unwrap_or_default().into_owned(), found.data.decode().into_owned()))
    }

    #[test]
    fn data_urls_of_all_kinds() {
        let pair = |mime: &str, data: &str| Some((mime.to_owned(), data.to_owned()));
        assert_eq!(read("data:image/jpg;base64,/9j/4AA="), pair("image/jpeg", "/9j/4AA="));
        assert_eq!(read("data:IMAGE/PNG;base64,iV\nBO Rw=="), pair("image/png", "iVBORw=="));
        assert_eq!(read("data:text/plain;charset=utf-8,a%20b%"), pair("text/plain", "YSBiJQ=="));
        assert_eq!(read("data:;base64,AAAA"), pair("", "AAAA"));
        assert_eq!(read("https://example.com/a,b"), None);
        assert_eq!(read("data:image/png;base64"), None);
    }

    #[test]
    fn escaped_slashes_are_carried_as_they_are() {
        let text: Text<'_> = serde_json::from_str(r#""data:image\/png;base64,\/9j\/""#).unwrap();
        let found = data_url(&text).unwrap();
        assert_eq!(found.mime.as_deref(), Some("image/png"));
        assert_eq!(found.data, Text::Verbatim(r"\/9j\/"));
    }
}
