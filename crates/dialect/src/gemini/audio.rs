//! Speech of an answer: pieces of it joined, with or without a file header.

use audio::wav;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// What a client wants the speech to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    let (mut all, mut rate, mut samples) = (Vec::new(), wav::RATE, true);
    for (mime, data) in pieces {
        let bytes = STANDARD.decode(data).ok()?;
        let file = wav::read(&bytes).filter(|_| format != AudioFormat::AsItIs);
        rate = file.map(|(rate, _)| rate).or(rate_of(mime)).unwrap_or(rate);
        samples &= file.is_some() || is_samples(mime);
        all.extend_from_slice(file.map_or(&bytes, |(_, samples)| samples));
    }
    if samples && format == AudioFormat::Wav {
        let mut file = wav::header(all.len(), rate).to_vec();
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
pub(crate) fn rate_of(mime: &str) -> Option<u32> {
    mime.split(';').find_map(|field| field.trim().strip_prefix("rate="))?.parse().ok()
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
        assert_eq!(wav::read(&bytes), Some((16_000, [1, 2, 3, 4].as_slice())));
        assert_eq!(joined([("audio/wav", file.as_str())], AudioFormat::Pcm).unwrap(), "AQIDBA==");
        assert_eq!(joined([("audio/wav", file.as_str())], AudioFormat::Wav).unwrap(), file);
        assert_eq!(joined([(L16, "AQI=")], AudioFormat::AsItIs).unwrap(), "AQI=");
    }

    #[test]
    fn other_types_and_broken_files_stay_as_they_are() {
        assert_eq!(joined([("audio/mp3", "SUQz")], AudioFormat::Wav).unwrap(), "SUQz");
        assert_eq!(joined([(L16, "?")], AudioFormat::Wav), None);
    }
}
