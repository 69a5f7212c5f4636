//! Data URLs and MIME types.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::json::Text;

/// The type that says nothing; Gemini refuses it.
const UNKNOWN: &str = "application/octet-stream";

/// The header of a data URL may not be longer; the payload begins after it.
const MAX_HEADER_BYTES: usize = 512;

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
    let rest = url.strip_prefix("data:")?;
    let header = &rest.as_bytes()[..rest.len().min(MAX_HEADER_BYTES)];
    let comma = memchr::memchr(b',', header)?;
    Some((&rest[..comma], &rest[comma + 1..]))
}

/// Base64 without line breaks. Megabytes are only copied if there are any.
pub(crate) fn without_spaces(data: Text<'_>) -> Text<'_> {
    let spaced = match &data {
        // The only escape that base64 needs is none, and the only one that it bears is `\/`.
        Text::Verbatim(raw) => {
            memchr::memchr(b' ', raw.as_bytes()).is_some()
                || memchr::memchr_iter(b'\\', raw.as_bytes())
                    .any(|at| raw.as_bytes().get(at + 1) != Some(&b'/'))
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

/// The name that Gemini knows a MIME type by; `None` for types that say nothing.
fn normalise(mime: &str) -> Option<Cow<'_, str>> {
    let known = match mime {
        "" | UNKNOWN => return None,
        "image/jpg" => "image/jpeg",
        "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "audio/wav",
        "audio/mpeg" => "audio/mp3",
        other => other,
    };
    if known.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(Cow::Owned(known.to_ascii_lowercase()));
    }
    Some(Cow::Borrowed(known))
}

/// The type that a client names, as Gemini calls it; `None` if it says nothing.
pub(crate) fn named_mime<'a>(mime: &Text<'a>) -> Option<Cow<'a, str>> {
    match mime.decode() {
        Cow::Borrowed(mime) => normalise(mime),
        Cow::Owned(mime) => normalise(&mime).map(|mime| Cow::Owned(mime.into_owned())),
    }
}

/// The type that a file's name promises.
pub(crate) fn mime_of_name(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "json" => "application/json",
        "rtf" => "application/rtf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "avif" => "image/avif",
        "wav" => "audio/wav",
        "mp3" => "audio/mp3",
        "aac" => "audio/aac",
        "ogg" | "oga" => "audio/ogg",
        "opus" => "audio/opus",
        "flac" => "audio/flac",
        "aif" | "aiff" => "audio/aiff",
        "m4a" => "audio/m4a",
        "mp4" | "m4v" => "video/mp4",
        "mpg" | "mpeg" => "video/mpeg",
        "mov" => "video/mov",
        "avi" => "video/avi",
        "webm" => "video/webm",
        "wmv" => "video/wmv",
        "3gp" | "3gpp" => "video/3gpp",
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "xml" => "text/xml",
        "md" | "markdown" => "text/markdown",
        "txt" | "log" | "yaml" | "yml" | "toml" | "ini" | "js" | "ts" | "jsx" | "tsx" | "py"
        | "rs" | "go" | "java" | "c" | "h" | "cpp" | "hpp" | "cs" | "rb" | "php" | "sh" | "sql" => {
            "text/plain"
        }
        _ => return None,
    })
}

/// The type that the first bytes (in base64) give away.
pub(crate) fn mime_of_bytes(data: &Text<'_>) -> Option<&'static str> {
    let head: String = match data {
        Text::Verbatim(raw) => raw.chars().filter(|byte| *byte != '\\').take(32).collect(),
        Text::Plain(text) => text.chars().take(32).collect(),
    };
    let whole = head.trim_end_matches('=').len() / 4 * 4;
    let bytes = STANDARD.decode(head.get(..whole)?).ok()?;
    let riff = |kind: &[u8]| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(kind);
    let brand = bytes.get(4..8).filter(|mark| *mark == b"ftyp").and_then(|_| bytes.get(8..12));
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    Some(match brand {
        Some(b"heic" | b"heix") => "image/heic",
        Some(b"mif1" | b"msf1") => "image/heif",
        Some(b"avif") => "image/avif",
        Some(b"M4A ") => "audio/m4a",
        Some(b"qt  ") => "video/mov",
        Some(_) => "video/mp4",
        None if starts(b"%PDF") => "application/pdf",
        None if starts(b"\x89PNG") => "image/png",
        None if starts(b"\xff\xd8\xff") => "image/jpeg",
        None if starts(b"GIF8") => "image/gif",
        None if riff(b"WEBP") => "image/webp",
        None if riff(b"WAVE") => "audio/wav",
        None if starts(b"ID3") || starts(b"\xff\xfb") => "audio/mp3",
        None if starts(b"fLaC") => "audio/flac",
        None if starts(b"OggS") => "audio/ogg",
        None if starts(b"\x1a\x45\xdf\xa3") => "video/webm",
        None => return None,
    })
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

    #[test]
    fn types_are_guessed_from_names_and_bytes() {
        assert_eq!(mime_of_name("a.b.PDF"), Some("application/pdf"));
        assert_eq!(mime_of_name("noextension"), None);
        assert_eq!(mime_of_bytes(&"JVBERi0xLjQK".into()), Some("application/pdf"));
        assert_eq!(mime_of_bytes(&"iVBORw0KGgo=".into()), Some("image/png"));
        assert_eq!(mime_of_bytes(&"UklGRiQAAABXQVZF".into()), Some("audio/wav"));
        assert_eq!(mime_of_bytes(&"AAAA".into()), None);
        assert_eq!(mime_of_bytes(&"!!!!".into()), None);
    }
}
