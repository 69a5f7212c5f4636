//! What a file is, by its first bytes.

/// The media type, under the name that Gemini has for it; `None` for everything that is not on this
/// list, such as SVG and HTML, which could be pages of somebody's intranet.
pub(crate) fn kind(bytes: &[u8]) -> Option<&'static str> {
    let tag = |at: usize| bytes.get(at..at + 4).unwrap_or_default();
    match (tag(0), tag(8)) {
        _ if tag(4) == b"ftyp" => Some(brand(tag(8))),
        (b"RIFF", b"WEBP") => Some("image/webp"),
        (b"RIFF", b"WAVE") => Some("audio/wav"),
        (b"RIFF", b"AVI ") => Some("video/avi"),
        (b"FORM", b"AIFF" | b"AIFC") => Some("audio/aiff"),
        _ => PREFIXES.iter().find(|(prefix, _)| bytes.starts_with(prefix)).map(|(_, kind)| *kind),
    }
}

/// The kinds of the ISO base media format.
fn brand(brand: &[u8]) -> &'static str {
    match brand {
        b"heic" | b"heix" | b"hevc" | b"hevx" => "image/heic",
        b"mif1" | b"msf1" => "image/heif",
        b"avif" | b"avis" => "image/avif",
        b"M4A " | b"M4B " => "audio/m4a",
        b"qt  " => "video/mov",
        _ if brand.starts_with(b"3g") => "video/3gpp",
        _ => "video/mp4",
    }
}

const PREFIXES: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"ID3", "audio/mp3"),
    (b"\xff\xfb", "audio/mp3"),
    (b"\xff\xfa", "audio/mp3"),
    (b"\xff\xf3", "audio/mp3"),
    (b"\xff\xf2", "audio/mp3"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/wmv"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let table: [(&[u8], Option<&str>); 16] = [
            (b"\x89PNG\r\n\x1a\n\0", Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\0\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"FORM\0\0\0\0AIFF", Some("audio/aiff")),
            (b"\0\0\0\x18ftypheic", Some("image/heic")),
            (b"\0\0\0\x18ftyp3gp5", Some("video/3gpp")),
            (b"\0\0\0\x18ftypisom", Some("video/mp4")),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"ID3\x04", Some("audio/mp3")),
            (b"", None),
            (b"RIFF", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"<!doctype html>", None),
            (b"{\"AccessKeyId\":\"\"}", None),
            (b"\x1f\x8b\x08", None),
        ];
        for (bytes, expected) in table {
            assert_eq!(kind(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
