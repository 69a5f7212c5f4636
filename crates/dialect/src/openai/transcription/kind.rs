//! What kind of sound a file holds: by its first bytes, else by its name, else by what the client
//! says.

use crate::media::{declared_mime, mime_of_name};

/// The media type as Gemini knows it; `None` if it is no sound.
pub(super) fn of(file: &[u8], name: Option<&str>, declared: Option<&str>) -> Option<String> {
    let by_name = || name.and_then(mime_of_name).map(str::to_owned);
    let by_client = || declared_mime(declared?);
    let kind = by_bytes(file).map(str::to_owned).or_else(by_name).or_else(by_client)?;
    sounding(&kind)
}

/// Files of these kinds may hold pictures too, but they were sent to be listened to.
fn sounding(kind: &str) -> Option<String> {
    match kind {
        "video/mp4" => Some("audio/mp4".to_owned()),
        "video/webm" => Some("audio/webm".to_owned()),
        "video/mpeg" => Some("audio/mp3".to_owned()),
        _ => kind.starts_with("audio/").then(|| kind.to_owned()),
    }
}

fn by_bytes(file: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| file.starts_with(magic);
    let form = |kind: &[u8]| file.get(8..12) == Some(kind);
    // The first eleven bits of a frame are set; two of the next say which layer it is.
    let frame = match file {
        [0xff, second, ..] if second & 0xe0 == 0xe0 => Some(second & 0x06),
        _ => None,
    };
    Some(match frame {
        Some(0) => "audio/aac",
        Some(2) => "audio/mp3",
        _ if starts(b"ID3") => "audio/mp3",
        _ if starts(b"RIFF") && form(b"WAVE") => "audio/wav",
        _ if starts(b"FORM") && (form(b"AIFF") || form(b"AIFC")) => "audio/aiff",
        _ if starts(b"fLaC") => "audio/flac",
        _ if starts(b"OggS") => "audio/ogg",
        _ if starts(b"\x1a\x45\xdf\xa3") => "audio/webm",
        _ if file.get(4..8) == Some(b"ftyp") => "audio/mp4",
        _ if starts(b"ADIF") => "audio/aac",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_go_before_the_name_and_the_name_before_the_client() {
        let check = |file: &[u8], name, declared, expected: Option<&str>| {
            let found = of(file, name, declared);
            assert_eq!(found.as_deref(), expected, "{file:?} {name:?} {declared:?}");
        };
        check(b"RIFF\0\0\0\0WAVEfmt ", Some("a.mp3"), None, Some("audio/wav"));
        check(b"\xff\xfb\x90\0", None, Some("audio/ogg"), Some("audio/mp3"));
        check(b"\xff\xf3\x90\0", None, None, Some("audio/mp3"));
        check(b"\xff\xf1\x50\0", None, None, Some("audio/aac"));
        check(b"\0\0\0\x20ftypM4A ", None, None, Some("audio/mp4"));
        check(b"????", Some("talk.M4A"), Some("audio/wav"), Some("audio/m4a"));
        check(b"????", Some("talk.webm"), None, Some("audio/webm"));
        check(b"????", Some("talk"), Some("audio/mpeg"), Some("audio/mp3"));
        check(b"????", Some("talk.mpeg"), None, Some("audio/mp3"));
        check(b"%PDF", Some("a.pdf"), Some("application/pdf"), None);
        check(b"????", None, Some("application/octet-stream"), None);
        check(b"", None, None, None);
    }
}
