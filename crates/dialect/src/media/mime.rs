//! Media types of what stands in a request, by what names it.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::json::Text;

/// The type that says nothing; Gemini refuses it.
const UNKNOWN: &str = "application/octet-stream";

/// The name that Gemini knows a MIME type by; `None` for types that say nothing.
pub(super) fn normalise(mime: &str) -> Option<Cow<'_, str>> {
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
pub(crate) fn named<'a>(mime: &Text<'a>) -> Option<Cow<'a, str>> {
    match mime.decode() {
        Cow::Borrowed(mime) => normalise(mime),
        Cow::Owned(mime) => normalise(&mime).map(|mime| Cow::Owned(mime.into_owned())),
    }
}

/// The type that a `Content-Type` header declares.
pub(crate) fn declared(header: &str) -> Option<String> {
    let mime = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    normalise(&mime).filter(|mime| mime.contains('/')).map(Cow::into_owned)
}

/// The type that the path of a URL promises.
pub(super) fn of_url(url: &str) -> Option<&'static str> {
    of_name(url.split(['?', '#']).next().unwrap_or_default())
}

/// The type that a file's name promises.
pub(crate) fn of_name(name: &str) -> Option<&'static str> {
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
pub(crate) fn of_bytes(data: &Text<'_>) -> Option<&'static str> {
    let head: String = match data {
        Text::Verbatim(raw) => raw.chars().filter(|byte| *byte != '\\').take(32).collect(),
        Text::Dense(raw) => raw.iter().take(32).map(|byte| char::from(*byte)).collect(),
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

    #[test]
    fn types_are_guessed_from_names_and_bytes() {
        assert_eq!(of_name("a.b.PDF"), Some("application/pdf"));
        assert_eq!(of_name("noextension"), None);
        assert_eq!(of_url("https://example.com/a.png?size=1.pdf#x"), Some("image/png"));
        assert_eq!(declared("IMAGE/JPG; charset=binary").as_deref(), Some("image/jpeg"));
        assert_eq!(declared("application/octet-stream"), None);
        assert_eq!(declared("nonsense"), None);
        assert_eq!(of_bytes(&"JVBERi0xLjQK".into()), Some("application/pdf"));
        assert_eq!(of_bytes(&"iVBORw0KGgo=".into()), Some("image/png"));
        assert_eq!(of_bytes(&"UklGRiQAAABXQVZF".into()), Some("audio/wav"));
        assert_eq!(of_bytes(&"AAAA".into()), None);
        assert_eq!(of_bytes(&"!!!!".into()), None);
    }
}
