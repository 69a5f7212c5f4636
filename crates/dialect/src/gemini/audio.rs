//! Speech of an answer: pieces of it joined, with or without a file header.

use base64::{Engine, engine::general_purpose::STANDARD};

/// What Gemini speaks in where it does not say.
const RATE: u32 = 24_000;

/// What a client wants the speech to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AudioFormat {
    /// Whatever Gemini gives.
    #[default]
    AsItIs,
    /// A WAV file.
    Wav,
    /// Samples of 16 bits, without a header.
    Pcm,
}

/// Joins pieces of one speech, given as media type and base64, to base64 in that format. Types that
/// are no samples are joined as they are; `None` if a piece is no base64.
pub(crate) fn joined<'p>(
    pieces: impl IntoIterator<Item = (&'p str, &'p str)>,
    format: AudioFormat,
) -> Option<String> {
    let (mut all, mut rate, mut samples) = (Vec::new(), RATE, true);
    for (mime, data) in pieces {
        let bytes = STANDARD.decode(data).ok()?;
        let file = wav(&bytes).filter(|_| format != AudioFormat::AsItIs);
        rate = file.map(|(rate, _)| rate).or(rate_of(mime)).unwrap_or(rate);
        samples &= file.is_some() || is_samples(mime);
        all.extend_from_slice(file.map_or(&bytes, |(_, samples)| samples));
    }
    if samples && format == AudioFormat::Wav {
        let mut file = header(all.len(), rate).to_vec();
        file.append(&mut all);
        all = file;
    }
    Some(STANDARD.encode(all))
}

fn is_samples(mime: &str) -> bool {
    let kind = mime.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("audio/l16") || kind.eq_ignore_ascii_case("audio/pcm")
}

/// `24000` of `audio/L16;codec=pcm;rate=24000`.
fn rate_of(mime: &str) -> Option<u32> {
    mime.split(';').find_map(|field| field.trim().strip_prefix("rate="))?.parse().ok()
}

/// The rate and the samples of a WAV file.
fn wav(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut rest = bytes.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
    let mut rate = RATE;
    loop {
        let (name, length) = (rest.get(..4)?, rest.get(4..8)?);
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let body = &rest[8..];
        match name {
            b"fmt " => rate = u32::from_le_bytes(body.get(4..8)?.try_into().ok()?),
            // A file that was streamed does not know its length.
            b"data" => return Some((rate, &body[..length.min(body.len())])),
            _ => {}
        }
        // Chunks begin at even places.
        rest = body.get(length.checked_add(length % 2)?..)?;
    }
}

/// The header of a WAV file with one channel of 16 bits.
fn header(bytes: usize, rate: u32) -> [u8; 44] {
    let length = u32::try_from(bytes).unwrap_or(u32::MAX);
    let mut header = [0; 44];
    let fields: [(usize, &[u8]); 11] = [
        (0, b"RIFF"),
        (4, &length.saturating_add(36).to_le_bytes()),
        (8, b"WAVEfmt "),
        (16, &16_u32.to_le_bytes()),
        (20, &1_u16.to_le_bytes()),
        (22, &1_u16.to_le_bytes()),
        (24, &rate.to_le_bytes()),
        (28, &rate.saturating_mul(2).to_le_bytes()),
        (32, &[2, 0, 16, 0]),
        (36, b"data"),
        (40, &length.to_le_bytes()),
    ];
    for (at, bytes) in fields {
        header[at..at + bytes.len()].copy_from_slice(bytes);
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    const L16: &str = "audio/L16;codec=pcm;rate=16000";

    #[test]
    fn samples_become_a_file_and_samples_again() {
        let file = joined([(L16, "AQI="), (L16, "AwQ=")], AudioFormat::Wav).unwrap();
        let bytes = STANDARD.decode(&file).unwrap();
        assert_eq!(bytes.len(), 48);
        assert_eq!(wav(&bytes), Some((16_000, [1, 2, 3, 4].as_slice())));
        assert_eq!(joined([("audio/wav", file.as_str())], AudioFormat::Pcm).unwrap(), "AQIDBA==");
        assert_eq!(joined([("audio/wav", file.as_str())], AudioFormat::Wav).unwrap(), file);
        assert_eq!(joined([(L16, "AQI=")], AudioFormat::AsItIs).unwrap(), "AQI=");
    }

    #[test]
    fn other_types_and_broken_files_stay_as_they_are() {
        assert_eq!(joined([("audio/mp3", "SUQz")], AudioFormat::Wav).unwrap(), "SUQz");
        assert_eq!(joined([(L16, "?")], AudioFormat::Wav), None);
        for broken in [b"RIFF".as_slice(), b"RIFF0000WAVEdata", b"RIFF0000WAVEx   \xff\xff\xff\xff"]
        {
            assert_eq!(wav(broken), None);
        }
        let unknown = b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff\x01\x02";
        assert_eq!(wav(unknown), Some((RATE, [1, 2].as_slice())));
    }
}
